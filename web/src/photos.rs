//! The shop's own pictures as addresses that an `<img>` takes. They are made of bytes that
//! every browser has synced: none of them is a request.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use vitrine_session::{PhotoSize, Session};
use web_sys::{Blob, BlobPropertyBag, Url};

/// Most addresses that are kept; then all are made anew as they are asked for.
const URLS_MAX: usize = 1_500;

/// What an address was made of.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Photo(u32, PhotoSize),
    Placeholder(Vec<u8>),
}

thread_local! {
    static URLS: RefCell<HashMap<Key, String>> = RefCell::default();
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
        kept(Key::Photo(id, size), || {
            self.arrived.track();
            let webp = self.session.with_value(|session| session.photo(id, size))?;
            object_url(&webp, "image/webp")
        })
    }
}

/// Address of what a ThumbHash shows: the picture in a few blurred colours.
pub fn placeholder_url(thumbhash: &[u8]) -> Option<String> {
    kept(Key::Placeholder(thumbhash.to_vec()), || {
        let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(thumbhash).ok()?;
        object_url(&bitmap(width, height, &rgba), "image/bmp")
    })
}

fn kept(key: Key, make: impl FnOnce() -> Option<String>) -> Option<String> {
    let known = URLS.with_borrow(|urls| urls.get(&key).cloned());
    if known.is_some() {
        return known;
    }
    let url = make()?;
    URLS.with_borrow_mut(|urls| {
        if urls.len() >= URLS_MAX {
            // What is drawn already stays drawn.
            urls.drain().for_each(|(_, url)| drop(Url::revoke_object_url(&url)));
        }
        urls.insert(key, url.clone());
    });
    Some(url)
}

fn object_url(bytes: &[u8], mime: &str) -> Option<String> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}

/// A BMP file of 24 bits a pixel; `rgba` is `[height, width, 4]`, drawn over white.
fn bitmap(width: usize, height: usize, rgba: &[u8]) -> Vec<u8> {
    const HEADER_BYTES: usize = 54;
    let padding = (4 - width * 3 % 4) % 4;
    let bytes = (HEADER_BYTES + (width * 3 + padding) * height) as u32;
    let mut file = b"BM".to_vec();
    file.extend(bytes.to_le_bytes());
    for word in [0, HEADER_BYTES as u32, 40, width as u32, height as u32] {
        file.extend(word.to_le_bytes());
    }
    file.extend([1, 0, 24, 0]);
    file.extend([0; 24]);
    for row in rgba.chunks_exact(width * 4).rev() {
        for pixel in row.as_chunks::<4>().0 {
            let over_white = |channel: u8| {
                let alpha = u32::from(pixel[3]);
                ((u32::from(channel) * alpha + 255 * (255 - alpha)) / 255) as u8
            };
            file.extend([pixel[2], pixel[1], pixel[0]].map(over_white));
        }
        file.extend(&[0; 3][..padding]);
    }
    file
}
