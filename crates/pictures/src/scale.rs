//! Makes a picture smaller, in linear light: a mean over whole blocks of pixels first,
//! Lanczos for the rest.
//!
//! The eye adds light, so a mean of sRGB numbers is too dark where light and dark are mixed.

use std::f64::consts::PI;
use std::sync::LazyLock;

use image::DynamicImage;

/// Lobes of the Lanczos window.
const LOBES: f64 = 3.0;
/// The block mean leaves at least this many times the pixels that Lanczos gives, so
/// that Lanczos decides what is sharp.
const SOURCE_PIXELS_A_PIXEL: u32 = 2;
const CHANNELS: usize = 3;

/// Intensity of each sRGB number, from 0 to 1 (IEC 61966-2-1).
static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|number| {
        let v = number as f64 / 255.0;
        (if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }) as f32
    })
});

/// The sRGB number of each intensity, in steps of 1/65535.
static SRGB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let of = |step: u32| {
        let v = f64::from(step) / 65_535.0;
        let v = if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        (v * 255.0).round() as u8
    };
    (0..=65_535).map(of).collect()
});

/// A picture of linear intensities, red, green and blue. \[height, width, 3\]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Linear {
    width: usize,
    height: usize,
    /// What the whole width and height are in these pixels: the last block of a block
    /// mean can be a part of one.
    extent: (f64, f64),
    pixels: Vec<f32>,
}

/// Width and height of a picture whose longer side is at most `side`; never enlarged.
pub(crate) fn fitted(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= side {
        return (width, height);
    }
    let of = |part: u32| {
        let rounded =
            (u64::from(part) * u64::from(side) + u64::from(longer) / 2) / u64::from(longer);
        (rounded as u32).max(1)
    };
    (of(width), of(height))
}

impl Linear {
    /// The picture over white, in a size from which [`Self::fit`] makes one with
    /// `side` pixels on the longer side.
    pub(crate) fn read(image: &DynamicImage, side: u32) -> Self {
        Self::read_at_least(image, side * SOURCE_PIXELS_A_PIXEL)
    }

    /// The picture over white, with `side` to twice as many pixels on the longer side, or
    /// as many as it has.
    pub(crate) fn read_at_least(image: &DynamicImage, side: u32) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let block = (image.width().max(image.height()) / side).max(1);
        let block = block as usize;
        let (columns, rows) = (width.div_ceil(block), height.div_ceil(block));
        let mut pixels = vec![0.0; rows * columns * CHANNELS];
        let mut line = vec![0; width * CHANNELS];
        for y in 0..height {
            over_white(image, y, &mut line);
            let out = &mut pixels[y / block * columns * CHANNELS..][..columns * CHANNELS];
            for (sum, run) in out.chunks_exact_mut(CHANNELS).zip(line.chunks(block * CHANNELS)) {
                for rgb in run.chunks_exact(CHANNELS) {
                    for (sum, &number) in sum.iter_mut().zip(rgb) {
                        *sum += LINEAR[usize::from(number)];
                    }
                }
            }
        }
        let length = |at: usize, whole: usize| block.min(whole - at * block) as f32;
        for (at, mean) in pixels.chunks_exact_mut(CHANNELS).enumerate() {
            let n = length(at % columns, width) * length(at / columns, height);
            mean.iter_mut().for_each(|sum| *sum /= n);
        }
        let extent = (width as f64 / block as f64, height as f64 / block as f64);
        Self { width: columns, height: rows, extent, pixels }
    }

    /// The picture in another, smaller size.
    pub(crate) fn fit(&self, (width, height): (u32, u32)) -> Self {
        let (width, height) = (width as usize, height as usize);
        let upright = self.fit_rows(height);
        upright.fit_columns(width)
    }

    fn fit_rows(&self, height: usize) -> Self {
        if height == self.height {
            return self.clone();
        }
        let row = self.width * CHANNELS;
        let mut pixels = vec![0.0; height * row];
        for (out, taps) in
            pixels.chunks_exact_mut(row).zip(taps(self.height, self.extent.1, height))
        {
            for (weight, from) in
                taps.weights.iter().zip(self.pixels[taps.first * row..].chunks(row))
            {
                for (sum, number) in out.iter_mut().zip(from) {
                    *sum += weight * number;
                }
            }
        }
        Self { height, extent: (self.extent.0, height as f64), pixels, ..*self }
    }

    fn fit_columns(&self, width: usize) -> Self {
        if width == self.width {
            return self.clone();
        }
        let all = taps(self.width, self.extent.0, width);
        let mut pixels = Vec::with_capacity(width * self.height * CHANNELS);
        for row in self.pixels.chunks_exact(self.width * CHANNELS) {
            for taps in &all {
                let mut rgb = [0.0f32; CHANNELS];
                let from = row[taps.first * CHANNELS..].chunks_exact(CHANNELS);
                for (weight, from) in taps.weights.iter().zip(from) {
                    rgb.iter_mut().zip(from).for_each(|(sum, number)| *sum += weight * number);
                }
                pixels.extend_from_slice(&rgb);
            }
        }
        Self { width, extent: (width as f64, self.extent.1), pixels, ..*self }
    }

    /// The picture in sRGB. \[height, width, 3\]
    pub(crate) fn to_srgb(&self) -> Vec<u8> {
        let of = |v: &f32| SRGB[(v.clamp(0.0, 1.0) * 65_535.0 + 0.5) as usize];
        self.pixels.iter().map(of).collect()
    }
}

/// What one pixel of the result is made of.
struct Taps {
    /// The first source pixel.
    first: usize,
    /// Weights of it and of those after it; they sum to 1.
    weights: Vec<f32>,
}

/// Taps of each of `n_out` pixels that lie evenly over `extent` of `n_in` pixels.
fn taps(n_in: usize, extent: f64, n_out: usize) -> Vec<Taps> {
    let scale = extent / n_out as f64;
    let window = scale.max(1.0);
    let reach = LOBES * window;
    let taps = |out: usize| {
        let centre = (out as f64 + 0.5) * scale;
        let first = (centre - reach).floor().max(0.0) as usize;
        let end = ((centre + reach).ceil() as usize).min(n_in);
        let weights: Vec<f64> =
            (first..end).map(|at| lanczos((at as f64 + 0.5 - centre) / window)).collect();
        let sum: f64 = weights.iter().sum();
        Taps { first, weights: weights.iter().map(|weight| (weight / sum) as f32).collect() }
    };
    (0..n_out).map(taps).collect()
}

fn lanczos(x: f64) -> f64 {
    if x.abs() < 1e-9 {
        return 1.0;
    }
    if x.abs() >= LOBES {
        return 0.0;
    }
    let x = PI * x;
    LOBES * x.sin() * (x / LOBES).sin() / (x * x)
}

/// Row `y` in sRGB with eight bits, on a white ground. `line` \[width, 3\]
fn over_white(image: &DynamicImage, y: usize, line: &mut [u8]) {
    let width = image.width() as usize;
    match image {
        DynamicImage::ImageRgb8(image) => {
            line.copy_from_slice(&image.as_raw()[y * width * 3..][..width * 3]);
        }
        DynamicImage::ImageLuma8(image) => {
            blend::<1>(&image.as_raw()[y * width..][..width], line);
        }
        DynamicImage::ImageLumaA8(image) => {
            blend::<2>(&image.as_raw()[y * width * 2..][..width * 2], line);
        }
        DynamicImage::ImageRgba8(image) => {
            blend::<4>(&image.as_raw()[y * width * 4..][..width * 4], line);
        }
        // Sixteen bits a channel.
        other => {
            for (x, out) in line.chunks_exact_mut(CHANNELS).enumerate() {
                use image::GenericImageView as _;
                blend::<4>(&other.get_pixel(x as u32, y as u32).0, out);
            }
        }
    }
}

/// Pixels of `N` channels on white, as browsers do it: in sRGB numbers.
fn blend<const N: usize>(from: &[u8], line: &mut [u8]) {
    let has_alpha = N.is_multiple_of(2);
    for (pixel, out) in from.chunks_exact(N).zip(line.chunks_exact_mut(CHANNELS)) {
        let alpha = if has_alpha { u32::from(pixel[N - 1]) } else { 255 };
        for (channel, out) in out.iter_mut().enumerate() {
            let number = u32::from(if N < 3 { pixel[0] } else { pixel[channel] });
            *out = ((number * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayAlphaImage, RgbImage};

    #[test]
    fn sizes_keep_their_ratio_and_never_grow() {
        assert_eq!(fitted(640, 480, 320), (320, 240));
        assert_eq!(fitted(480, 640, 320), (240, 320));
        assert_eq!(fitted(50, 20, 96), (50, 20));
        assert_eq!(fitted(10_000, 3, 96), (96, 1));
    }

    #[test]
    fn one_colour_stays_that_colour_at_every_size() {
        for (width, height) in [(1, 1), (97, 5), (321, 323), (1_999, 1_001), (5_000, 1)] {
            let image =
                DynamicImage::from(RgbImage::from_pixel(width, height, image::Rgb([200, 30, 90])));
            let size = fitted(width, height, 320);
            let small = Linear::read(&image, 320).fit(size);
            assert_eq!((small.width as u32, small.height as u32), size);
            assert!(small.to_srgb().chunks(3).all(|rgb| rgb == [200, 30, 90]), "{width}×{height}");
        }
    }

    /// Black and white in a fine pattern is half the light: 188 in sRGB, not 128.
    #[test]
    fn a_fine_pattern_becomes_the_mean_of_its_light() {
        let pattern = RgbImage::from_fn(1_280, 1_280, |x, y| {
            image::Rgb([if (x + y) % 2 == 0 { 255 } else { 0 }; 3])
        });
        let small = Linear::read(&pattern.into(), 320).fit((320, 320)).to_srgb();
        assert!(small.iter().all(|number| (187..=189).contains(number)), "{:?}", &small[..9]);
    }

    #[test]
    fn a_gradient_stays_in_place() {
        let gradient = RgbImage::from_fn(1_000, 10, |x, _| image::Rgb([(x * 255 / 999) as u8; 3]));
        let small = Linear::read(&gradient.into(), 96).fit((96, 1)).to_srgb();
        for (x, rgb) in small.chunks(3).enumerate() {
            let expected = (x as f64 + 0.5) / 96.0 * 255.0;
            assert!((f64::from(rgb[0]) - expected).abs() < 3.0, "{x}: {rgb:?}, {expected}");
        }
    }

    #[test]
    fn what_is_transparent_is_white() {
        let image = GrayAlphaImage::from_fn(2, 1, |x, _| image::LumaA([0, x as u8 * 255]));
        let pixels = Linear::read(&image.into(), 96).to_srgb();
        assert_eq!(pixels, [255, 255, 255, 0, 0, 0]);
    }
}
