//! The shop's own pictures as addresses that an `<img>` takes. They are made of bytes that
//! every browser has synced: none of them is a request.

use std::cell::RefCell;

use js_sys::{Array, Uint8Array};
use vitrine_session::{PhotoSize, Session};
use web_sys::{Blob, BlobPropertyBag, Url};

/// Most addresses that are kept; then all are made anew as they are asked for.
const URLS_MAX: usize = 1_500;

/// Addresses of pictures, sorted by what they are of.
type Urls = Vec<((u32, PhotoSize), String)>;

thread_local! {
    static URLS: RefCell<Urls> = const { RefCell::new(Vec::new()) };
}

/// Address of a picture that is on the device, in the size asked for or the other one; `None`
/// while it is not here. It holds as long as the page or worker that asked.
pub fn url(session: &Session, id: u32, size: PhotoSize) -> Option<String> {
    let key = (id, size);
    let place = URLS.with_borrow(|urls| urls.binary_search_by_key(&key, |(key, _)| *key));
    if let Ok(place) = place {
        return URLS.with_borrow(|urls| Some(urls.get(place)?.1.clone()));
    }
    let url = object_url(&session.photo(id, size)?)?;
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

/// Address of a picture in WebP that nobody else keeps; whoever asks gives it back.
pub fn object_url(webp: &[u8]) -> Option<String> {
    let options = BlobPropertyBag::new();
    options.set_type("image/webp");
    let parts = Array::of1(&Uint8Array::from(webp));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}
