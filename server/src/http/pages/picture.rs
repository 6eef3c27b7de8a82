//! The picture of a product's page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vitrine_wire::{Card, CatalogueRows, content_hash};

use super::document::Frame;
use crate::http::front::html;

/// The synced picture of 320 pixels, as a part of the page: it asks for nothing. Without one the
/// smaller, or the pictogram.
pub fn main_picture(rows: &CatalogueRows, card: &Card) -> String {
    let large = card.photos.first().and_then(|id| {
        let at = rows.photos.binary_search_by_key(id, |photo| photo.id).ok()?;
        rows.photos.get(at)
    });
    match large {
        Some(photo) => format!(
            "<div class=\"gallery\"><div class=\"picture photo\"><img alt=\"\" \
             src=\"data:image/webp;base64,{}\"></div></div>",
            STANDARD.encode(&photo.webp)
        ),
        None => html::picture(rows, card),
    }
}

/// Where programs get the largest pictures of a product, the main one first.
pub fn addresses(frame: &Frame<'_>, card: &Card) -> Vec<String> {
    let thumbnails = card.photos.iter().filter_map(|id| frame.rows.thumbnail(*id));
    let path = |webp: &[u8]| format!("/v1/pictures/{}", content_hash(webp));
    thumbnails.map(|photo| frame.url(&path(&photo.webp))).collect()
}
