//! The shop's own pictures as addresses that an `<img>` takes. They are made of bytes that
//! every browser has synced: none of them is a request.

use leptos::prelude::*;
use vitrine_browser::photo_urls;
use vitrine_session::{BlurredPicture, PhotoSize, Session};
use web_sys::Url;

/// The pictures that are on the device. Whatever draws products provides it.
#[derive(Clone, Copy)]
pub struct Photos {
    session: StoredValue<Session, LocalStorage>,
    /// Changes whenever more have arrived.
    arrived: Signal<u64>,
}

impl Photos {
    /// Pictures of a session; `arrived` is how many bytes of it are synced.
    pub fn new(session: Session, arrived: Signal<u64>) -> Self {
        Self { session: StoredValue::new_local(session), arrived }
    }

    /// Address of a picture, once it is here; followed by whoever asks.
    pub fn url(&self, id: u32, size: PhotoSize) -> Option<String> {
        self.arrived.track();
        self.session.with_value(|session| photo_urls::url(session, id, size))
    }
}

/// A larger picture that came from the server. Its address is given back when it is dropped.
pub struct LargerPhoto {
    /// Which picture it is.
    pub id: u32,
    url: String,
}

impl LargerPhoto {
    /// `None` where the browser gives no address.
    pub fn new(id: u32, webp: &[u8]) -> Option<Self> {
        Some(Self { id, url: photo_urls::object_url(webp)? })
    }

    /// What an `<img>` takes.
    pub fn url(&self) -> String {
        self.url.clone()
    }
}

impl Drop for LargerPhoto {
    fn drop(&mut self) {
        // What is drawn already stays drawn.
        let _ = Url::revoke_object_url(&self.url);
    }
}

/// The blur of a picture by its ThumbHash, as a `background-image`; `None` without one.
/// It is in the address itself: nothing is kept, and nothing need be given back.
pub fn blurred(thumbhash: &[u8]) -> Option<String> {
    let bmp = BlurredPicture::decode(thumbhash)?.to_bmp();
    let bytes: String = bmp.into_iter().map(char::from).collect();
    let base64 = window().btoa(&bytes).ok()?;
    Some(format!("url(data:image/bmp;base64,{base64})"))
}
