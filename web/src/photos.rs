//! The shop's own pictures as addresses that an `<img>` takes. They are made of bytes that
//! every browser has synced: none of them is a request.

use std::cell::RefCell;

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use vitrine_session::{PhotoSize, Session};
use web_sys::{Blob, BlobPropertyBag, Url};

/// Most addresses that are kept; then all are made anew as they are asked for.
const URLS_MAX: usize = 1_500;

/// Addresses of pictures, sorted by what they are of.
type Urls = Vec<((u32, PhotoSize), String)>;

thread_local! {
    static URLS: RefCell<Urls> = const { RefCell::new(Vec::new()) };
}

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
        let key = (id, size);
        let place = URLS.with_borrow(|urls| urls.binary_search_by_key(&key, |(key, _)| *key));
        if let Ok(place) = place {
            return URLS.with_borrow(|urls| Some(urls.get(place)?.1.clone()));
        }
        let webp = self.session.with_value(|session| session.photo(id, size))?;
        let url = object_url(&webp)?;
        URLS.with_borrow_mut(|urls| {
            if urls.len() >= URLS_MAX {
                // What is drawn already stays drawn.
                urls.drain(..).for_each(|(_, url)| drop(Url::revoke_object_url(&url)));
            }
            let place = urls.partition_point(|(other, _)| *other < key);
            urls.insert(place, (key, url.clone()));
        });
        Some(url)
    }
}

/// The mean colour of a picture by its ThumbHash (`#rrggbb`), which is what the first bits
/// of one say; `None` without a ThumbHash.
///
/// # Source
/// Evan Wallace, ThumbHash, `thumbHashToAverageRGBA`, <https://evanw.github.io/thumbhash/>.
pub fn mean_color(thumbhash: &[u8]) -> Option<String> {
    let &[a, b, c, ..] = thumbhash else { return None };
    let header = u32::from(a) | u32::from(b) << 8 | u32::from(c) << 16;
    let part = |shift: u32| f32::from((header >> shift & 63) as u8);
    let (l, p, q) = (part(0) / 63.0, part(6) / 31.5 - 1.0, part(12) / 31.5 - 1.0);
    let blue = l - 2.0 / 3.0 * p;
    let red = (3.0 * l - blue + q) / 2.0;
    let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0) as u8;
    Some(format!("#{:02x}{:02x}{:02x}", byte(red), byte(red - q), byte(blue)))
}

fn object_url(webp: &[u8]) -> Option<String> {
    let options = BlobPropertyBag::new();
    options.set_type("image/webp");
    let parts = Array::of1(&Uint8Array::from(webp));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}
