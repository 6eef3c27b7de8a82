//! Bytes of a picture to pixels, within limits that are checked before memory is taken.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::ContentFault;
use crate::limits::{DECODE_BYTES_MAX, PICTURE_PIXELS_MAX};
use crate::sniff::sniff;

/// Bytes a pixel of what a progressive JPEG or a frame on a canvas takes beside the
/// result: three channels of 16-bit coefficients.
const SCRATCH_BYTES_A_PIXEL: u64 = 6;

/// A picture whose header was read and found within the limits.
pub(crate) struct Undecoded<'a> {
    decoder: Box<dyn ImageDecoder + 'a>,
    /// Memory that decoding may take, in bytes.
    pub(crate) decode_bytes: u64,
}

/// Pixels as they lie in the file, and how they are to be turned.
pub(crate) struct Decoded {
    pub(crate) pixels: DynamicImage,
    pub(crate) orientation: Orientation,
}

impl<'a> Undecoded<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// Every [`ContentFault`].
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, ContentFault> {
        let format = sniff(bytes)?;
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(DECODE_BYTES_MAX);
        reader.limits(limits);
        let decoder = reader.into_decoder().map_err(|_| ContentFault::Damaged)?;
        let (width, height) = decoder.dimensions();
        let n_pixels = u64::from(width) * u64::from(height);
        if n_pixels == 0 {
            return Err(ContentFault::Damaged);
        }
        if n_pixels > PICTURE_PIXELS_MAX {
            return Err(ContentFault::TooManyPixels { width, height });
        }
        let scratch = if format == ImageFormat::Png { 0 } else { SCRATCH_BYTES_A_PIXEL * n_pixels };
        let decode_bytes = decoder.total_bytes().saturating_add(scratch);
        if decode_bytes > DECODE_BYTES_MAX {
            return Err(ContentFault::TooMuchMemory { width, height });
        }
        Ok(Self { decoder: Box::new(decoder), decode_bytes })
    }

    /// Reads the pixels; of an animation those of the first frame.
    ///
    /// # Errors
    /// [`ContentFault::Damaged`].
    pub(crate) fn decode(mut self) -> Result<Decoded, ContentFault> {
        // A broken note on orientation does not make the picture unreadable.
        let orientation = self.decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let pixels = DynamicImage::from_decoder(self.decoder).map_err(|_| ContentFault::Damaged)?;
        Ok(Decoded { pixels, orientation })
    }
}
