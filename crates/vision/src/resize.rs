//! Scaling as Pillow does it, to the bit: the published network was trained and is used with
//! pictures that Pillow scaled.
//!
//! Source: `Resample.c` of Pillow: a triangle filter that widens with the factor, in fixed
//! point, columns of a row first, then rows, each rounded to eight bits.

use std::ops::Range;

/// Bits behind the point of a coefficient: what 32 bits hold besides a pixel and two to spare.
const PRECISION_BITS: u32 = 32 - 8 - 2;
const CHANNELS: usize = 3;

/// What one pixel is a weighted sum of.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

/// Weights of each output pixel in `out` of a line of `n_in` that is scaled to `n_out`.
fn taps(n_in: usize, n_out: usize, out: Range<usize>) -> Vec<Taps> {
    let scale = n_in as f64 / n_out as f64;
    let support = scale.max(1.0);
    let inverse = support.recip();
    let of = |at: usize| {
        let centre = (at as f64 + 0.5) * scale;
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(n_in);
        let weight = |x: usize| {
            let away = ((x as f64 - centre + 0.5) * inverse).abs();
            if away < 1.0 { 1.0 - away } else { 0.0 }
        };
        let weights: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let fixed = |weight: &f64| {
            let weight = if sum == 0.0 { *weight } else { weight / sum };
            (weight * f64::from(1u32 << PRECISION_BITS) + 0.5) as i32
        };
        Taps { first, weights: weights.iter().map(fixed).collect() }
    };
    out.map(of).collect()
}

/// The part of a scaled picture that lies in `columns` and `rows`.
///
/// # Shapes
/// `pixels` \[height, width, 3\] → \[rows, columns, 3\] of `size_out`.
pub(crate) fn resized_part(
    pixels: &[u8],
    (width, height): (usize, usize),
    size_out: (usize, usize),
    columns: Range<usize>,
    rows: Range<usize>,
) -> Vec<u8> {
    let (n_columns, n_rows) = (columns.len(), rows.len());
    let is_high = size_out.1 == height;
    let down = if is_high { Vec::new() } else { taps(height, size_out.1, rows.clone()) };
    let first_row = down.first().map_or(rows.start, |taps| taps.first);
    let end_row = down.last().map_or(rows.end, |taps| taps.first + taps.weights.len());
    let across = (size_out.0 != width).then(|| taps(width, size_out.0, columns.clone()));
    let mut narrow = vec![0; (end_row - first_row) * n_columns * CHANNELS];
    for (y, out) in (first_row..end_row).zip(narrow.chunks_exact_mut(n_columns * CHANNELS)) {
        let line = &pixels[y * width * CHANNELS..][..width * CHANNELS];
        match &across {
            None => out.copy_from_slice(&line[columns.start * CHANNELS..columns.end * CHANNELS]),
            Some(across) => scale_line(line, across, out),
        }
    }
    if is_high {
        return narrow;
    }
    let mut out = vec![0; n_rows * n_columns * CHANNELS];
    for (taps, out) in down.iter().zip(out.chunks_exact_mut(n_columns * CHANNELS)) {
        let from = (taps.first - first_row) * n_columns * CHANNELS;
        let lines = narrow[from..].chunks_exact(n_columns * CHANNELS);
        let mut sums = vec![1i32 << (PRECISION_BITS - 1); out.len()];
        for (line, weight) in lines.zip(&taps.weights) {
            sums.iter_mut().zip(line).for_each(|(sum, x)| *sum += i32::from(*x) * weight);
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = rounded(sum));
    }
    out
}

fn scale_line(line: &[u8], across: &[Taps], out: &mut [u8]) {
    for (taps, out) in across.iter().zip(out.chunks_exact_mut(CHANNELS)) {
        let mut sums = [1i32 << (PRECISION_BITS - 1); CHANNELS];
        let pixels = line[taps.first * CHANNELS..].chunks_exact(CHANNELS);
        for (pixel, weight) in pixels.zip(&taps.weights) {
            sums.iter_mut().zip(pixel).for_each(|(sum, x)| *sum += i32::from(*x) * weight);
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = rounded(sum));
    }
}

fn rounded(sum: i32) -> u8 {
    (sum >> PRECISION_BITS).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize) -> Vec<u8> {
        (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| [(x * 7 + y * 13) % 256, (x * x + y) % 256, (x ^ y) * 5 % 256])
            .map(|value| value as u8)
            .collect()
    }

    /// Made by Pillow 12 of the picture above: `Image.fromarray(a).resize(size, 2)`.
    #[test]
    fn pixels_are_those_of_pillow() {
        let smaller = resized_part(&picture(9, 7), (9, 7), (4, 3), 0..4, 0..3);
        assert_eq!(smaller, PILLOW_4_3);
        let larger = resized_part(&picture(3, 2), (3, 2), (5, 4), 0..5, 0..4);
        assert_eq!(larger, PILLOW_5_4);
    }

    #[test]
    fn a_part_is_cut_out_of_the_whole() {
        let pixels = picture(61, 47);
        let whole = resized_part(&pixels, (61, 47), (29, 22), 0..29, 0..22);
        let as_it_is = resized_part(&pixels, (61, 47), (61, 47), 0..61, 40..42);
        assert_eq!(as_it_is, pixels[40 * 61 * CHANNELS..42 * 61 * CHANNELS]);
        let part = resized_part(&pixels, (61, 47), (29, 22), 5..21, 3..19);
        for (y, line) in part.chunks_exact(16 * CHANNELS).enumerate() {
            let from = ((y + 3) * 29 + 5) * CHANNELS;
            assert_eq!(line, &whole[from..][..16 * CHANNELS]);
        }
    }

    const PILLOW_4_3: [u8; 36] = [
        17, 2, 6, 31, 10, 13, 47, 28, 26, 61, 53, 36, 45, 4, 14, 59, 12, 15, 75, 30, 22, 89, 55,
        33, 73, 6, 27, 87, 14, 23, 103, 32, 8, 117, 57, 30,
    ];
    const PILLOW_5_4: [u8; 60] = [
        0, 0, 0, 3, 0, 2, 7, 1, 5, 11, 3, 8, 14, 4, 10, 3, 0, 1, 6, 0, 2, 10, 1, 4, 14, 3, 8, 17,
        4, 11, 10, 1, 4, 13, 1, 3, 17, 2, 1, 21, 4, 9, 24, 5, 14, 13, 1, 5, 16, 1, 3, 20, 2, 0, 24,
        4, 9, 27, 5, 15,
    ];
}
