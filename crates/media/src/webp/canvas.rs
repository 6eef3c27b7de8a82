//! The canvas on which the frames of an animation are laid.
//!
//! # Source
//! RFC 9649, section 2.7.1.1: disposal and blending of frames. The background is transparent, as
//! browsers show it, whatever colour the file names.

use image::{Rgba, RgbaImage};
use vitrine_pictures::PicturePixels;

/// Where a frame lies on the canvas, in pixels, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    /// What is transparent shows the canvas below it; else it makes the canvas transparent.
    pub(super) is_blended: bool,
    /// The place is transparent when the next frame comes.
    pub(super) is_cleared_after: bool,
}

impl Place {
    /// Each part has at most 25 bits.
    pub(super) fn right(self) -> u32 {
        self.x + self.width
    }

    pub(super) fn bottom(self) -> u32 {
        self.y + self.height
    }
}

/// What is seen at one moment.
pub(super) struct Canvas {
    pixels: RgbaImage,
    to_clear: Option<Place>,
}

impl Canvas {
    /// A transparent one.
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self { pixels: RgbaImage::new(width, height), to_clear: None }
    }

    /// Lays the next frame on the canvas. `frame` is as large as `place`, which lies within the
    /// canvas.
    pub(super) fn show(&mut self, place: Place, frame: &RgbaImage) {
        if let Some(cleared) = self.to_clear.take() {
            for y in cleared.y..cleared.bottom() {
                self.row(cleared, y).fill(0);
            }
        }
        for (y, from) in (place.y..).zip(frame.rows()) {
            let to = self.row(place, y).chunks_exact_mut(4);
            for (to, from) in to.zip(from) {
                if !place.is_blended || from.0[3] == u8::MAX {
                    to.copy_from_slice(&from.0);
                } else {
                    blend(to, *from);
                }
            }
        }
        self.to_clear = place.is_cleared_after.then_some(place);
    }

    pub(super) fn seen(&self) -> PicturePixels {
        PicturePixels::over_white(&self.pixels)
    }

    /// Bytes of the pixels of `place` in row `y` of the canvas.
    fn row(&mut self, place: Place, y: u32) -> &mut [u8] {
        let start = (y as usize * self.pixels.width() as usize + place.x as usize) * 4;
        &mut self.pixels.as_mut()[start..][..place.width as usize * 4]
    }
}

/// Lays a pixel that is not opaque over `to`; colours are not multiplied by their alpha.
fn blend(to: &mut [u8], Rgba(from): Rgba<u8>) {
    let above = u32::from(from[3]) * 255;
    let below = u32::from(to[3]) * (255 - u32::from(from[3]));
    let sum = above + below;
    if sum == 0 {
        return;
    }
    for (to, from) in to.iter_mut().zip(&from[..3]) {
        *to = ((u32::from(*from) * above + u32::from(*to) * below + sum / 2) / sum) as u8;
    }
    to[3] = ((sum + 127) / 255) as u8;
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEN: [u8; 4] = [0, 200, 0, 255];
    const HALF_RED: [u8; 4] = [200, 0, 0, 128];

    fn place(x: u32, is_blended: bool, is_cleared_after: bool) -> Place {
        Place { x, y: 0, width: 1, height: 1, is_blended, is_cleared_after }
    }

    fn pixel(colour: [u8; 4]) -> RgbaImage {
        RgbaImage::from_pixel(1, 1, Rgba(colour))
    }

    #[test]
    fn frames_are_blended_copied_and_cleared() {
        let mut canvas = Canvas::new(2, 1);
        canvas.show(place(0, true, false), &pixel(GREEN));
        canvas.show(place(0, true, true), &pixel(HALF_RED));
        assert_eq!(canvas.pixels.get_pixel(0, 0).0, [100, 100, 0, 255]);
        canvas.show(place(1, true, false), &pixel(HALF_RED));
        assert_eq!(canvas.pixels.get_pixel(0, 0).0, [0; 4], "cleared when the next one comes");
        assert_eq!(canvas.pixels.get_pixel(1, 0).0, HALF_RED, "on what is transparent");
        canvas.show(place(1, true, false), &pixel(GREEN));
        canvas.show(place(1, false, false), &pixel(HALF_RED));
        assert_eq!(canvas.pixels.get_pixel(1, 0).0, HALF_RED, "copied");
        canvas.show(place(0, true, false), &pixel([9, 9, 9, 0]));
        assert_eq!(canvas.pixels.get_pixel(0, 0).0, [0; 4], "nothing on nothing");
    }
}
