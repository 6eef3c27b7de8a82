//! What is made of one picture: two WebP thumbnails and a placeholder.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use serde::{Deserialize, Serialize};

use crate::decode::{Decoded, Undecoded};
use crate::limits::{LARGE_BYTES_MAX, LARGE_SIDE, SMALL_BYTES_MAX, SMALL_SIDE};
use crate::scale::{Linear, fitted};
use crate::{ContentFault, PictureHash};

const SMALL: Coding =
    Coding { quality: 58.0, bytes_max: SMALL_BYTES_MAX, effort: 6, is_chroma_sharp: true };
const LARGE: Coding = Coding { quality: 54.0, bytes_max: LARGE_BYTES_MAX, ..SMALL };
/// What the quality is multiplied by when a thumbnail has too many bytes.
const QUALITY_STEP: f32 = 0.7;
/// Below this the quality is no more lowered, but the thumbnail made smaller.
const QUALITY_MIN: f32 = 4.0;

/// How a picture is written as WebP.
pub(crate) struct Coding {
    /// 0 to 100, where that is not too many bytes.
    pub(crate) quality: f32,
    pub(crate) bytes_max: usize,
    /// libwebp's, 0 to 6. Thumbnails are made once and sent to everybody.
    pub(crate) effort: i32,
    /// Whether edges of colour are kept sharp, which takes time.
    pub(crate) is_chroma_sharp: bool,
}

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
        Ok(Self::of(&Undecoded::open(bytes)?.decode()?))
    }

    /// What the larger picture is called.
    pub fn larger_name(&self) -> PictureHash {
        PictureHash::of(&self.small)
    }

    pub(crate) fn of(picture: &Decoded) -> Self {
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
        Self {
            width,
            height,
            thumbhash: placeholder(&small),
            small: encode(&small, &SMALL),
            large: encode(&large, &LARGE),
        }
    }
}

/// The picture as it is to be seen.
pub(crate) fn upright(
    linear: &Linear,
    (width, height): (u32, u32),
    orientation: Orientation,
) -> RgbImage {
    let pixels = RgbImage::from_raw(width, height, linear.to_srgb());
    let mut image = DynamicImage::from(pixels.unwrap_or_default());
    image.apply_orientation(orientation);
    image.into_rgb8()
}

fn placeholder(small: &RgbImage) -> Vec<u8> {
    let rgba: Vec<u8> = small.pixels().flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
    thumbhash::rgba_to_thumb_hash(small.width() as usize, small.height() as usize, &rgba)
}

/// WebP within its bytes: at lower quality, then with fewer pixels, until it fits.
pub(crate) fn encode(image: &RgbImage, coding: &Coding) -> Vec<u8> {
    let mut quality_now = coding.quality;
    while quality_now >= QUALITY_MIN {
        let bytes = webp(image, quality_now, coding);
        if bytes.len() <= coding.bytes_max {
            return bytes;
        }
        quality_now *= QUALITY_STEP;
    }
    let side = image.width().max(image.height()) * 3 / 4;
    let smaller = fitted(image.width(), image.height(), side);
    let linear = Linear::read(&DynamicImage::from(image.clone()), side).fit(smaller);
    let pixels = RgbImage::from_raw(smaller.0, smaller.1, linear.to_srgb());
    encode(&pixels.unwrap_or_default(), coding)
}

fn webp(image: &RgbImage, quality: f32, coding: &Coding) -> Vec<u8> {
    let mut config = webp::WebPConfig::new().expect("the bindings are of this libwebp");
    config.quality = quality;
    config.method = coding.effort;
    config.use_sharp_yuv = i32::from(coding.is_chroma_sharp);
    config.thread_level = 0;
    let encoder = webp::Encoder::from_rgb(image.as_raw(), image.width(), image.height());
    let encoded = encoder.encode_advanced(&config);
    encoded.expect("libwebp takes every picture of a thumbnail's size").to_vec()
}
