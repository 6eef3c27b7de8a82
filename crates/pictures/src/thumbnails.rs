//! What is made of one picture: two WebP thumbnails and a placeholder.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use serde::{Deserialize, Serialize};

use crate::ContentFault;
use crate::decode::{Decoded, Undecoded};
use crate::limits::{LARGE_BYTES_MAX, LARGE_SIDE, SMALL_BYTES_MAX, SMALL_SIDE};
use crate::scale::{Linear, fitted};

/// WebP quality of a small thumbnail, 0 to 100.
const SMALL_QUALITY: f32 = 58.0;
/// WebP quality of a large thumbnail, 0 to 100.
const LARGE_QUALITY: f32 = 54.0;
/// What the quality is multiplied by when a thumbnail has too many bytes.
const QUALITY_STEP: f32 = 0.7;
/// Below this the quality is no more lowered, but the thumbnail made smaller.
const QUALITY_MIN: f32 = 4.0;
/// libwebp's effort, 0 to 6: the bytes are made once and sent to everybody.
const EFFORT: i32 = 6;

/// Thumbnails of a picture. Nothing of its metadata is in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumbnails {
    /// Width of the picture as it is shown, in pixels.
    pub width: u32,
    /// Height of the picture as it is shown, in pixels.
    pub height: u32,
    /// Lossy WebP, longer side at most [`SMALL_SIDE`], at most [`SMALL_BYTES_MAX`].
    pub small: Vec<u8>,
    /// Lossy WebP, longer side at most [`LARGE_SIDE`], at most [`LARGE_BYTES_MAX`].
    pub large: Vec<u8>,
    /// ThumbHash, at most [`crate::limits::THUMBHASH_BYTES_MAX`].
    pub thumbhash: Vec<u8>,
}

impl Thumbnails {
    /// Makes the thumbnails of a picture, upright and over white. The same bytes give
    /// the same thumbnails.
    ///
    /// # Errors
    /// Every [`ContentFault`]; limits are checked before memory is taken.
    pub fn make(bytes: &[u8]) -> Result<Self, ContentFault> {
        Self::of(&Undecoded::open(bytes)?.decode()?)
    }

    pub(crate) fn of(picture: &Decoded) -> Result<Self, ContentFault> {
        let stored = (picture.pixels.width(), picture.pixels.height());
        let linear = Linear::read(&picture.pixels, LARGE_SIDE);
        let large = linear.fit(fitted(stored.0, stored.1, LARGE_SIDE));
        let small_size = fitted(stored.0, stored.1, SMALL_SIDE);
        let small = upright(&large.fit(small_size), small_size, picture.orientation);
        let large_size = fitted(stored.0, stored.1, LARGE_SIDE);
        let large = upright(&large, large_size, picture.orientation);
        let is_turned = matches!(
            picture.orientation,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        );
        let (width, height) = if is_turned { (stored.1, stored.0) } else { stored };
        Ok(Self {
            width,
            height,
            thumbhash: placeholder(&small),
            small: encode(&small, SMALL_QUALITY, SMALL_BYTES_MAX),
            large: encode(&large, LARGE_QUALITY, LARGE_BYTES_MAX),
        })
    }
}

fn upright(linear: &Linear, (width, height): (u32, u32), orientation: Orientation) -> RgbImage {
    let pixels = RgbImage::from_raw(width, height, linear.to_srgb());
    let mut image = DynamicImage::from(pixels.unwrap_or_default());
    image.apply_orientation(orientation);
    image.into_rgb8()
}

fn placeholder(small: &RgbImage) -> Vec<u8> {
    let rgba: Vec<u8> = small.pixels().flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
    thumbhash::rgba_to_thumb_hash(small.width() as usize, small.height() as usize, &rgba)
}

/// WebP of at most `bytes_max`: at lower quality, then with fewer pixels, until it fits.
fn encode(image: &RgbImage, quality: f32, bytes_max: usize) -> Vec<u8> {
    let mut quality_now = quality;
    while quality_now >= QUALITY_MIN {
        let bytes = webp(image, quality_now);
        if bytes.len() <= bytes_max {
            return bytes;
        }
        quality_now *= QUALITY_STEP;
    }
    let side = image.width().max(image.height()) * 3 / 4;
    let smaller = fitted(image.width(), image.height(), side);
    let linear = Linear::read(&DynamicImage::from(image.clone()), side).fit(smaller);
    let pixels = RgbImage::from_raw(smaller.0, smaller.1, linear.to_srgb());
    encode(&pixels.unwrap_or_default(), quality, bytes_max)
}

fn webp(image: &RgbImage, quality: f32) -> Vec<u8> {
    let mut config = webp::WebPConfig::new().expect("the bindings are of this libwebp");
    config.quality = quality;
    config.method = EFFORT;
    config.use_sharp_yuv = 1;
    config.thread_level = 0;
    let encoder = webp::Encoder::from_rgb(image.as_raw(), image.width(), image.height());
    let encoded = encoder.encode_advanced(&config);
    encoded.expect("libwebp takes every picture of a thumbnail's size").to_vec()
}
