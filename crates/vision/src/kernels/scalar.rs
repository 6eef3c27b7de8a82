//! The reference: plain loops, from which the compiler makes vectors.

use super::{DepthwiseShape, Finish, PANEL, inside};

/// Rows of a tile.
const ROWS: usize = 4;
const SIX: f32 = 6.0;

/// Reference of [`super::product`]: each output is x₀w₀ + x₁w₁ + … in this order, from 0.
///
/// # Shapes
/// As [`super::product`].
pub fn product(x: &[f32], panels: &[f32], y: &mut [f32], k: usize, finish: Finish<'_>) {
    let n = finish.scales.len();
    let (x_tiles, y_tiles) = (x.chunks(ROWS * k), y.chunks_mut(ROWS * n));
    for (x, y) in x_tiles.zip(y_tiles) {
        if x.len() == ROWS * k {
            tile::<ROWS>(x, panels, y, k, finish);
        } else {
            let rows = x.chunks_exact(k).zip(y.chunks_exact_mut(n));
            rows.for_each(|(x, y)| tile::<1>(x, panels, y, k, finish));
        }
    }
}

#[inline(always)]
fn tile<const R: usize>(x: &[f32], panels: &[f32], y: &mut [f32], k: usize, finish: Finish<'_>) {
    let n = finish.scales.len();
    let rows: [&[f32]; R] = std::array::from_fn(|r| &x[r * k..][..k]);
    for (p, panel) in panels.chunks_exact(k * PANEL).enumerate() {
        let mut sums = [[0.0f32; PANEL]; R];
        for (t, weights) in panel.as_chunks::<PANEL>().0.iter().enumerate() {
            for (sums, row) in sums.iter_mut().zip(&rows) {
                let factor = row[t];
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += factor * weight;
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            finished(sums, p, finish, &mut y[r * n + p * PANEL..][..PANEL]);
        }
    }
}

/// Reference of [`super::depthwise`]: each output is a sum over the kernel's positions row by
/// row, from 0.
///
/// # Shapes
/// As [`super::depthwise`].
pub fn depthwise(
    x: &[f32],
    weights: &[f32],
    y: &mut [f32],
    shape: DepthwiseShape,
    finish: Finish<'_>,
) {
    let n = shape.n;
    for (at, out) in y.chunks_exact_mut(n).enumerate() {
        let (first_row, end_row, from_row) = inside(at / shape.side_out, shape);
        let (first, end, from) = inside(at % shape.side_out, shape);
        for (p, out) in out.as_chunks_mut::<PANEL>().0.iter_mut().enumerate() {
            let mut sums = [0.0f32; PANEL];
            for row in first_row..end_row {
                let line = (from_row + row - first_row) * shape.side_in + from;
                for column in first..end {
                    let pixel = &x[(line + column - first) * n + p * PANEL..][..PANEL];
                    let weight = &weights[(row * shape.kernel + column) * n + p * PANEL..][..PANEL];
                    for ((sum, x), weight) in sums.iter_mut().zip(pixel).zip(weight) {
                        *sum += x * weight;
                    }
                }
            }
            finished(&sums, p, finish, out);
        }
    }
}

#[inline(always)]
fn finished(sums: &[f32; PANEL], panel: usize, finish: Finish<'_>, out: &mut [f32]) {
    let at = panel * PANEL;
    let (scales, biases) = (&finish.scales[at..][..PANEL], &finish.biases[at..][..PANEL]);
    for (((out, sum), scale), bias) in out.iter_mut().zip(sums).zip(scales).zip(biases) {
        let value = sum * scale + bias;
        *out = if finish.is_rectified { rectified(value) } else { value };
    }
}

/// Cut at 0 and 6; 0 for what is not a number.
#[inline(always)]
fn rectified(value: f32) -> f32 {
    let positive = if value > 0.0 { value } else { 0.0 };
    if positive < SIX { positive } else { SIX }
}
