//! Larger pictures: one WebP of a picture for whoever asks for it, beside the thumbnails that
//! everybody gets. Each is a file in the cache's folder, called by the hash of the small
//! thumbnail, so that a browser that has the thumbnail knows the name without a byte more.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::decode::Decoded;
use crate::limits::{LARGER_BYTES_MAX, LARGER_SIDE};
use crate::scale::{Linear, fitted};
use crate::thumbnails::{Coding, encode, upright};
use crate::{PictureError, PictureHash};

/// Effort 4 and plain chroma: at effort 6 a picture of this size takes some four times as
/// long, and few of them are ever asked for.
const CODING: Coding =
    Coding { quality: 74.0, bytes_max: LARGER_BYTES_MAX, effort: 4, is_chroma_sharp: false };
const FOLDER: &str = "larger";

/// Makes the larger picture: lossy WebP, upright and over white, never enlarged, without
/// metadata.
pub(crate) fn make(picture: &Decoded) -> Vec<u8> {
    let size = fitted(picture.pixels.width(), picture.pixels.height(), LARGER_SIDE);
    // Twice the size, as thumbnails are read in, would be 200 MB of linear light.
    let linear = Linear::read_at_least(&picture.pixels, LARGER_SIDE).fit(size);
    encode(&upright(&linear, size, picture.orientation), &CODING)
}

/// Where the cache in `cache_dir` has the larger picture whose small thumbnail has this hash.
/// Read the file without the cache's lock: it is written whole or not at all.
pub fn larger_picture_file(cache_dir: &Path, small: PictureHash) -> PathBuf {
    cache_dir.join(FOLDER).join(format!("{small}.webp"))
}

/// # Errors
/// The disk refuses.
pub(crate) fn write(cache_dir: &Path, small: PictureHash, webp: &[u8]) -> Result<(), PictureError> {
    let file = larger_picture_file(cache_dir, small);
    let folder = cache_dir.join(FOLDER);
    fs::create_dir_all(&folder).map_err(PictureError::io(&folder))?;
    Ok(vitrine_durable::write(&file, webp)?)
}

/// Removes all larger pictures but these.
///
/// # Errors
/// The disk refuses.
pub(crate) fn retain(cache_dir: &Path, kept: &HashSet<PictureHash>) -> Result<(), PictureError> {
    let folder = cache_dir.join(FOLDER);
    if !folder.exists() {
        return Ok(());
    }
    let names: HashSet<OsString> =
        kept.iter().map(|small| format!("{small}.webp").into()).collect();
    for entry in fs::read_dir(&folder).map_err(PictureError::io(&folder))? {
        let entry = entry.map_err(PictureError::io(&folder))?;
        if !names.contains(&entry.file_name()) {
            fs::remove_file(entry.path()).map_err(PictureError::io(&entry.path()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use image::metadata::Orientation;
    use image::{DynamicImage, Rgb, RgbImage};

    use super::*;

    fn decoded(width: u32, height: u32, orientation: Orientation) -> Decoded {
        let noise = |x: u32, y: u32| {
            let hash = (x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b)).rotate_left(13);
            let [red, green, blue, _] = hash.wrapping_mul(0xc2b2_ae35).to_le_bytes();
            Rgb([red, green, blue])
        };
        let pixels = DynamicImage::from(RgbImage::from_fn(width, height, noise));
        Decoded { pixels, orientation }
    }

    #[test]
    fn a_larger_picture_keeps_to_its_limits_and_is_upright() {
        for (width, height, orientation, expected) in [
            (1_500, 900, Orientation::NoTransforms, (1_024, 614)),
            (1_100, 200, Orientation::Rotate90, (186, 1_024)),
            (300, 200, Orientation::NoTransforms, (300, 200)),
        ] {
            let webp = make(&decoded(width, height, orientation));
            assert!(webp.len() <= LARGER_BYTES_MAX, "{} bytes", webp.len());
            let image = image::load_from_memory(&webp).unwrap();
            let (w, h) = (image.width(), image.height());
            // Noise does not fit at any quality, so that it is made smaller.
            assert!(w <= expected.0 && h <= expected.1 && w * 2 > expected.0, "{w}×{h}");
            let ratio = f64::from(w) / f64::from(h) * f64::from(expected.1) / f64::from(expected.0);
            assert!((0.97..1.03).contains(&ratio), "{w}×{h}");
        }
    }
}
