//! What the fuzz target checks, and what the corpus test of `vitrine-pictures` checks with
//! the same code: any bytes give a fault, or thumbnails within their limits.

use vitrine_pictures::Thumbnails;
use vitrine_pictures::limits::{
    LARGE_BYTES_MAX, PICTURE_PIXELS_MAX, SMALL_BYTES_MAX, THUMBHASH_BYTES_MAX,
};

/// Makes thumbnails; whether the bytes are a picture.
pub fn making(bytes: &[u8]) -> bool {
    let Ok(made) = Thumbnails::make(bytes) else { return false };
    assert!(u64::from(made.width) * u64::from(made.height) <= PICTURE_PIXELS_MAX);
    assert!(made.small.len() <= SMALL_BYTES_MAX);
    assert!(made.large.len() <= LARGE_BYTES_MAX);
    assert!(made.thumbhash.len() <= THUMBHASH_BYTES_MAX);
    true
}
