//! What stands for a picture until it is on the device: its blur, from the ThumbHash of at
//! most 25 bytes that every card carries.

use std::f32::consts::PI;

/// Longer side of a blurred picture, in pixels.
const SIDE: usize = 32;
/// Most coefficients of a channel along one side.
const COEFFICIENTS_MAX: usize = 7;
/// Coefficients of a colour channel along each side.
const COEFFICIENTS_COLOUR: usize = 3;
/// Quantised colours come out pale; the format has readers make them this much stronger.
const SATURATION: f32 = 1.25;
const HEADER_BYTES: usize = 5;
const BMP_HEADER_BYTES: usize = 54;

/// A blurred picture.
///
/// # Shapes
/// `pixels` is `[height, width, 3]`: red, green and blue in sRGB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlurredPicture {
    /// Width in pixels, at most 32.
    pub width: usize,
    /// Height in pixels, at most 32.
    pub height: usize,
    /// Rows from the top.
    pub pixels: Vec<u8>,
}

impl BlurredPicture {
    /// Reads a ThumbHash; `None` where it is empty, cut off, or one with transparency, which
    /// no shop publishes.
    ///
    /// # Source
    /// Evan Wallace, ThumbHash, `thumbHashToRGBA`, <https://evanw.github.io/thumbhash/>.
    pub fn decode(thumbhash: &[u8]) -> Option<Self> {
        let (header, rest) = thumbhash.split_first_chunk::<HEADER_BYTES>()?;
        let bits = header.iter().rev().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        let part = |shift: u32, n_bits: u32| (bits >> shift & ((1 << n_bits) - 1)) as f32;
        if part(23, 1) > 0.0 {
            return None;
        }
        let is_landscape = part(39, 1) > 0.0;
        let shorter = part(24, 3) as usize;
        let longer = COEFFICIENTS_MAX;
        if !(1..=longer).contains(&shorter) {
            return None;
        }
        let (nx, ny) = if is_landscape { (longer, shorter) } else { (shorter, longer) };
        let side = |n: usize| ((SIDE * n) as f32 / longer as f32 + 0.5) as usize;
        let (width, height) = (side(nx), side(ny));

        let mut nibbles = rest.iter().flat_map(|byte| [byte & 15, byte >> 4]);
        let mut channel = |mean, scale, nx, ny| Channel::read(&mut nibbles, mean, scale, nx, ny);
        let colour = COEFFICIENTS_COLOUR;
        let l = channel(part(0, 6) / 63.0, part(18, 5) / 31.0, nx.max(3), ny.max(3))?;
        let scale = |shift| part(shift, 6) / 63.0 * SATURATION;
        let p = channel(part(6, 6) / 31.5 - 1.0, scale(27), colour, colour)?;
        let q = channel(part(12, 6) / 31.5 - 1.0, scale(33), colour, colour)?;

        let mut pixels = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            let fy = cosines(y, height);
            for x in 0..width {
                let fx = cosines(x, width);
                let [l, p, q] = [&l, &p, &q].map(|channel| channel.at(&fx, &fy));
                let blue = l - 2.0 / 3.0 * p;
                let red = (3.0 * l - blue + q) / 2.0;
                let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0) as u8;
                pixels.extend([byte(red), byte(red - q), byte(blue)]);
            }
        }
        Some(Self { width, height, pixels })
    }

    /// The picture as a file that every browser shows: a bitmap without compression.
    ///
    /// # Source
    /// Microsoft, Bitmap Storage, `BITMAPFILEHEADER` and `BITMAPINFOHEADER`.
    pub fn to_bmp(&self) -> Vec<u8> {
        let row_bytes = (self.width * 3).next_multiple_of(4);
        let file_bytes = BMP_HEADER_BYTES + row_bytes * self.height;
        let mut bmp = b"BM".to_vec();
        // Size of the file, reserved, where pixels begin; size of the second header.
        for number in [file_bytes, 0, BMP_HEADER_BYTES, 40, self.width, self.height] {
            bmp.extend((number as u32).to_le_bytes());
        }
        // One plane, 24 bits a pixel; no compression, and nothing else is said.
        bmp.extend([1, 0, 24, 0]);
        bmp.resize(BMP_HEADER_BYTES, 0);
        for row in self.pixels.chunks_exact(self.width * 3).rev() {
            let end = bmp.len() + row_bytes;
            bmp.extend(row.chunks_exact(3).flat_map(|rgb| [rgb[2], rgb[1], rgb[0]]));
            bmp.resize(end, 0);
        }
        bmp
    }
}

/// One channel as a sum of cosines.
struct Channel {
    mean: f32,
    /// Frequency along the width and the height, and its strength.
    waves: Vec<(usize, usize, f32)>,
}

impl Channel {
    /// Takes the coefficients of the triangle below `nx` and `ny`, four bits each; `None`
    /// where there are too few.
    fn read(
        nibbles: &mut impl Iterator<Item = u8>,
        mean: f32,
        scale: f32,
        nx: usize,
        ny: usize,
    ) -> Option<Self> {
        let mut waves = Vec::new();
        for cy in 0..ny {
            for cx in (0..nx).filter(|cx| cx + cy > 0 && cx * ny < nx * (ny - cy)) {
                let strength = (f32::from(nibbles.next()?) / 7.5 - 1.0) * scale;
                waves.push((cx, cy, 2.0 * strength));
            }
        }
        Some(Self { mean, waves })
    }

    fn at(&self, fx: &[f32; COEFFICIENTS_MAX], fy: &[f32; COEFFICIENTS_MAX]) -> f32 {
        let wave = |&(cx, cy, strength): &(usize, usize, f32)| strength * fx[cx] * fy[cy];
        self.mean + self.waves.iter().map(wave).sum::<f32>()
    }
}

/// Each frequency's cosine at pixel `at` of `n`: that of the first by its series, the others by
/// Chebyshev's recurrence, so that the page need not carry a library for `cos`.
fn cosines(at: usize, n: usize) -> [f32; COEFFICIENTS_MAX] {
    let angle = PI / n as f32 * (at as f32 + 0.5);
    // The series is for the first quarter; the second mirrors it.
    let (x, sign) = if angle > PI / 2.0 { (PI - angle, -1.0) } else { (angle, 1.0) };
    let term = |sum: f32, k: usize| 1.0 - sum * x * x / ((2 * k - 1) * 2 * k) as f32;
    let first = sign * (1..=6).rev().fold(1.0, term);
    let mut all = [1.0, first, 0.0, 0.0, 0.0, 0.0, 0.0];
    for c in 2..COEFFICIENTS_MAX {
        all[c] = 2.0 * first * all[c - 1] - all[c - 2];
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A smooth picture, red to the right, blue to the bottom. \[height, width, 4\]
    fn picture(width: usize, height: usize) -> Vec<u8> {
        let pixel = |at: usize| {
            let (x, y) = (at % width, at / width);
            [(x * 200 / width + 40) as u8, 90, (y * 180 / height + 30) as u8, 255]
        };
        (0..width * height).flat_map(pixel).collect()
    }

    #[test]
    fn a_decoded_picture_is_near_the_one_that_was_encoded() {
        for (width, height) in [(96, 72), (72, 96), (96, 96), (96, 20), (20, 96)] {
            let rgba = picture(width, height);
            let hash = thumbhash::rgba_to_thumb_hash(width, height, &rgba);
            let blurred = BlurredPicture::decode(&hash).unwrap();
            assert_eq!(blurred.width.max(blurred.height), SIDE, "{width}×{height}");
            let ratio = blurred.width as f32 / blurred.height as f32;
            let expected = width as f32 / height as f32;
            assert!(ratio / expected < 3.0 && expected / ratio < 3.0, "{ratio}, {expected}");
            let mut error_sum = 0.0;
            for (at, rgb) in blurred.pixels.chunks_exact(3).enumerate() {
                let x = (at % blurred.width) * width / blurred.width;
                let y = (at / blurred.width) * height / blurred.height;
                let there = &rgba[(y * width + x) * 4..][..3];
                let error: i32 =
                    rgb.iter().zip(there).map(|(a, b)| (*a as i32 - *b as i32).abs()).sum();
                error_sum += error as f32 / 3.0;
            }
            let mean = error_sum / (blurred.width * blurred.height) as f32;
            assert!(mean < 14.0, "{width}×{height}: off by {mean} of 255");
        }
    }

    #[test]
    fn pixels_are_those_of_the_reference() {
        for (width, height) in [(96, 72), (60, 96), (96, 96)] {
            let hash = thumbhash::rgba_to_thumb_hash(width, height, &picture(width, height));
            let (w, h, rgba) = thumbhash::thumb_hash_to_rgba(&hash).unwrap();
            let blurred = BlurredPicture::decode(&hash).unwrap();
            assert_eq!((blurred.width, blurred.height), (w, h));
            for (ours, theirs) in blurred.pixels.chunks_exact(3).zip(rgba.chunks_exact(4)) {
                assert!(ours.iter().zip(theirs).all(|(a, b)| a.abs_diff(*b) <= 1));
            }
        }
    }

    #[test]
    fn a_bitmap_has_its_rows_from_the_bottom_and_padded() {
        let pixels = vec![1, 2, 3, 4, 5, 6];
        let bmp = BlurredPicture { width: 1, height: 2, pixels }.to_bmp();
        assert_eq!(bmp.len(), 62);
        assert_eq!((&bmp[..2], bmp[2], bmp[10], bmp[18], bmp[22]), (&b"BM"[..], 62, 54, 1, 2));
        assert_eq!(bmp[BMP_HEADER_BYTES..], [6, 5, 4, 0, 3, 2, 1, 0]);
    }

    #[test]
    fn what_is_no_opaque_thumbhash_has_no_picture() {
        assert_eq!(BlurredPicture::decode(&[]), None);
        let hash = thumbhash::rgba_to_thumb_hash(96, 72, &picture(96, 72));
        for n in 0..hash.len() {
            assert_eq!(BlurredPicture::decode(&hash[..n]), None, "{n} bytes");
        }
        let glass = thumbhash::rgba_to_thumb_hash(2, 2, &[10, 20, 30, 100].repeat(4));
        assert_eq!(BlurredPicture::decode(&glass), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..30)) {
            if let Some(blurred) = BlurredPicture::decode(&bytes) {
                prop_assert_eq!(blurred.pixels.len(), blurred.width * blurred.height * 3);
                prop_assert!(blurred.width.max(blurred.height) == SIDE);
            }
        }
    }
}
