//! A picture's pixels, for whoever computes with them.

use image::{DynamicImage, RgbaImage};

use crate::ContentFault;
use crate::decode::{Decoded, Undecoded};

const CHANNELS: usize = 3;

/// A picture as it is to be seen: upright, over white, sRGB of eight bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PicturePixels {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// \[height, width, 3\]
    pub rgb: Vec<u8>,
}

impl PicturePixels {
    /// Decodes the bytes of a JPEG, PNG, WebP or GIF; of an animation its first frame.
    ///
    /// # Errors
    /// Every [`ContentFault`]; limits are checked before memory is taken.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentFault> {
        let Decoded { mut pixels, orientation } = Undecoded::open(bytes)?.decode()?;
        pixels.apply_orientation(orientation);
        let (width, height) = (pixels.width(), pixels.height());
        let rgb = match pixels {
            DynamicImage::ImageRgb8(rgb) => rgb.into_raw(),
            other if other.color().has_alpha() => {
                return Ok(Self::over_white(&other.into_rgba8()));
            }
            other => other.into_rgb8().into_raw(),
        };
        Ok(Self { width, height, rgb })
    }

    /// A picture with transparency as it is to be seen: over white.
    pub fn over_white(picture: &RgbaImage) -> Self {
        let mut rgb = Vec::with_capacity(picture.as_raw().len() / 4 * CHANNELS);
        for pixel in picture.pixels() {
            let [red, green, blue, alpha] = pixel.0.map(u32::from);
            let over = |value: u32| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
            rgb.extend([over(red), over(green), over(blue)]);
        }
        Self { width: picture.width(), height: picture.height(), rgb }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgba};

    use super::*;

    fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn what_is_transparent_is_white() {
        let shirt = RgbaImage::from_fn(3, 1, |x, _| Rgba([200, 0, 100, [0, 51, 255][x as usize]]));
        let found = PicturePixels::decode(&png(shirt)).unwrap();
        assert_eq!((found.width, found.height), (3, 1));
        assert_eq!(found.rgb, [255, 255, 255, 244, 204, 224, 200, 0, 100]);
    }

    #[test]
    fn grey_pictures_have_three_channels_and_others_are_as_they_are() {
        let grey = image::GrayImage::from_pixel(2, 2, image::Luma([7]));
        assert_eq!(PicturePixels::decode(&png(grey)).unwrap().rgb, [7; 12]);
        let rgb = image::RgbImage::from_fn(4, 3, |x, y| image::Rgb([x as u8, y as u8, 9]));
        assert_eq!(PicturePixels::decode(&png(rgb.clone())).unwrap().rgb, rgb.into_raw());
    }

    #[test]
    fn what_is_no_picture_is_a_fault() {
        assert_eq!(PicturePixels::decode(b"<html>"), Err(ContentFault::NotAPicture));
    }
}
