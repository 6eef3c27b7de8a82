//! Decoded pictures, by reference.

use crate::VisionError;

/// Most pixels of a picture.
pub const VIEW_PIXELS_MAX: u64 = 50_000_000;
/// Most pixels of a side, so that a scaled one can be counted in 32 bits.
const VIEW_SIDE_MAX: u32 = 1 << 16;

/// A decoded picture: sRGB of eight bits, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RgbView<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: &'a [u8],
}

impl<'a> RgbView<'a> {
    /// # Shapes
    /// `pixels` \[height, width, 3\].
    ///
    /// # Errors
    /// [`VisionError::PictureSize`].
    pub fn new(width: u32, height: u32, pixels: &'a [u8]) -> Result<Self, VisionError> {
        let n_pixels = u64::from(width) * u64::from(height);
        let needed = n_pixels.saturating_mul(3);
        let is_size =
            n_pixels > 0 && n_pixels <= VIEW_PIXELS_MAX && width.max(height) <= VIEW_SIDE_MAX;
        if !is_size || needed != pixels.len() as u64 {
            return Err(VisionError::PictureSize { width, height, needed, found: pixels.len() });
        }
        Ok(Self { width: width as usize, height: height as usize, pixels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let pixels = [0; 24];
        assert!(RgbView::new(4, 2, &pixels).is_ok());
        for (width, height) in [(0, 2), (4, 0), (4, 3), (u32::MAX, u32::MAX), (8, 2)] {
            let error = RgbView::new(width, height, &pixels).unwrap_err();
            assert!(matches!(error, VisionError::PictureSize { found: 24, .. }), "{error}");
        }
    }
}
