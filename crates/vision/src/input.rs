//! From a picture to what the network sees, as the published package does it.

use crate::resize::resized_part;
use crate::{PICTURE_SIDE, RgbView};

/// Mean of each channel of ImageNet, in parts of white.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// Standard deviation of each channel of ImageNet, in parts of white.
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// Scales a picture so that its shorter side is [`PICTURE_SIDE`], cuts the middle out, and
/// normalises each channel.
///
/// # Shapes
/// → \[224, 224, 3\], row-major.
///
/// # Source
/// README of efficientnet-lite-pytorch 0.1.0 (`Resize(224)`, `ToTensor`, `Normalize`), with
/// torchvision's `CenterCrop(224)`, without which only squares have the network's size.
pub fn network_input(view: &RgbView<'_>) -> Vec<f32> {
    let (width, height) = (view.width, view.height);
    let shorter = width.min(height);
    // The longer side is cut off behind the point, as torchvision does.
    let scaled = |side: usize| PICTURE_SIDE * side / shorter;
    let size = (scaled(width), scaled(height));
    let (left, top) = (middle(size.0), middle(size.1));
    let pixels = resized_part(
        view.pixels,
        (width, height),
        size,
        left..left + PICTURE_SIDE,
        top..top + PICTURE_SIDE,
    );
    let normal = |(at, value): (usize, u8)| {
        (f32::from(value) / 255.0 - MEAN[at % MEAN.len()]) / DEVIATION[at % MEAN.len()]
    };
    pixels.into_iter().enumerate().map(normal).collect()
}

/// Where the middle of a line begins: half of the rest, halves to even as Python rounds.
fn middle(side: usize) -> usize {
    let rest = side - PICTURE_SIDE;
    let half = rest / 2;
    half + usize::from(!rest.is_multiple_of(2) && !half.is_multiple_of(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_that_of_torchvision() {
        // int(round((side - 224) / 2.0)) in Python.
        let found: Vec<usize> = (224..232).map(middle).collect();
        assert_eq!(found, [0, 0, 1, 2, 2, 2, 3, 4]);
    }

    #[test]
    fn a_plain_picture_of_any_shape_is_plain() {
        for (width, height) in
            [(1, 1), (1, 900), (900, 1), (224, 224), (223, 500), (640, 480), (224, 448), (448, 224)]
        {
            let pixels = [10, 128, 255].repeat(width * height);
            let view = RgbView::new(width as u32, height as u32, &pixels).expect("a picture");
            let input = network_input(&view);
            assert_eq!(input.len(), PICTURE_SIDE * PICTURE_SIDE * 3);
            for pixel in input.chunks_exact(3) {
                assert_eq!(pixel, &input[..3]);
            }
            assert!((input[2] - (1.0 - 0.406) / 0.225).abs() < 1e-6);
        }
    }
}
