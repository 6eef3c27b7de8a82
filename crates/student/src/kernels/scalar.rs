//! The reference kernels: plain Rust, written in the lane order of 4-wide SIMD.

use super::Accumulate;
use crate::layout::{CODE_DIM, HEAD_DIM, LN_EPS, N_HEADS, WINDOW_MAX};
use crate::math;

const LANES: usize = 4;

/// Twin of [`super::gemm`].
///
/// # Shapes
/// As [`super::gemm`].
#[inline(always)]
pub fn gemm(x: &[f32], w: &[f32], y: &mut [f32], (k, n): (usize, usize), accumulate: Accumulate) {
    let mut x_tiles = x.chunks_exact(4 * k);
    let mut y_tiles = y.chunks_exact_mut(4 * n);
    for (x, y) in x_tiles.by_ref().zip(y_tiles.by_ref()) {
        tile::<4, 16>(x, w, y, (k, n), accumulate);
    }
    let rest = x_tiles.remainder().chunks_exact(k);
    for (x, y) in rest.zip(y_tiles.into_remainder().chunks_exact_mut(n)) {
        if n.is_multiple_of(32) {
            tile::<1, 32>(x, w, y, (k, n), accumulate);
        } else {
            tile::<1, 16>(x, w, y, (k, n), accumulate);
        }
    }
}

/// R rows against C columns at a time, the sums in registers.
#[inline(always)]
fn tile<const R: usize, const C: usize>(
    x: &[f32],
    w: &[f32],
    y: &mut [f32],
    (k, n): (usize, usize),
    accumulate: Accumulate,
) {
    for j in (0..n).step_by(C) {
        let mut sums = [[0.0f32; C]; R];
        for t in 0..k {
            let row: &[f32; C] = w[t * n + j..].first_chunk().expect("C divides n");
            for (r, sums) in sums.iter_mut().enumerate() {
                let value = x[r * k + t];
                for (sum, w) in sums.iter_mut().zip(row) {
                    *sum += value * w;
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let out = &mut y[r * n + j..][..C];
            match accumulate {
                Accumulate::No => out.copy_from_slice(sums),
                Accumulate::Yes => out.iter_mut().zip(sums).for_each(|(y, sum)| *y += sum),
            }
        }
    }
}

/// The order in which four lanes are added up, everywhere.
#[inline(always)]
pub fn sum_lanes(lanes: [f32; LANES]) -> f32 {
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

/// max(0, x), written so that every compiler makes one instruction of four of
/// them: `f32::max` costs a browser as much as the product before it.
#[inline(always)]
pub fn positive(x: f32) -> f32 {
    if x > 0.0 { x } else { 0.0 }
}

/// Twin of [`super::layer_norm`].
///
/// # Shapes
/// As [`super::layer_norm`].
pub fn layer_norm(x: &[f32], gain: &[f32], bias: &[f32], out: &mut [f32]) {
    let mut sums = [0.0; LANES];
    for chunk in x.chunks_exact(LANES) {
        sums.iter_mut().zip(chunk).for_each(|(sum, value)| *sum += value);
    }
    let mean = sum_lanes(sums) * (1.0 / CODE_DIM as f32);
    let mut squares = [0.0; LANES];
    for chunk in x.chunks_exact(LANES) {
        squares.iter_mut().zip(chunk).for_each(|(sum, v)| *sum += (v - mean) * (v - mean));
    }
    let inverse = 1.0 / (sum_lanes(squares) * (1.0 / CODE_DIM as f32) + LN_EPS).sqrt();
    for (((out, value), gain), bias) in out.iter_mut().zip(x).zip(gain).zip(bias) {
        *out = (value - mean) * inverse * gain + bias;
    }
}

/// Turns logits into weights of the softmax, in place.
///
/// # Shapes
/// \[n\], n ≥ 1.
pub fn softmax(logits: &mut [f32]) {
    let mut largest = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = logits.as_chunks::<LANES>();
    for chunk in chunks.iter().map(<[f32; LANES]>::as_slice).chain([rest]) {
        largest.iter_mut().zip(chunk).for_each(|(a, b)| *a = larger(*a, *b));
    }
    let largest = larger(larger(largest[0], largest[1]), larger(largest[2], largest[3]));
    let mut sums = [0.0; LANES];
    let (chunks, rest) = logits.as_chunks_mut::<LANES>();
    for chunk in chunks {
        *chunk = chunk.map(|value| math::exp_f32(value - largest));
        sums.iter_mut().zip(chunk).for_each(|(sum, value)| *sum += *value);
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *value = math::exp_f32(*value - largest);
        *sum += *value;
    }
    let inverse = 1.0 / sum_lanes(sums);
    logits.iter_mut().for_each(|value| *value *= inverse);
}

fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// Twin of [`super::attend`].
///
/// # Shapes
/// As [`super::attend`].
pub fn attend(query: &[f32], keys: &[f32], values: &[f32], out: &mut [f32]) {
    let mut weights = [0.0f32; WINDOW_MAX];
    let weights = &mut weights[..keys.len() / CODE_DIM];
    for head in 0..N_HEADS {
        let columns = head * HEAD_DIM..(head + 1) * HEAD_DIM;
        let q = &query[columns.clone()];
        for (weight, key) in weights.iter_mut().zip(keys.chunks_exact(CODE_DIM)) {
            let mut lanes = [0.0; LANES];
            let key = &key[columns.clone()];
            for (q, k) in q.chunks_exact(LANES).zip(key.chunks_exact(LANES)) {
                lanes.iter_mut().zip(q).zip(k).for_each(|((sum, q), k)| *sum += q * k);
            }
            *weight = sum_lanes(lanes) * 0.25;
        }
        softmax(weights);
        let out = &mut out[columns.clone()];
        out.fill(0.0);
        for (weight, value) in weights.iter().zip(values.chunks_exact(CODE_DIM)) {
            out.iter_mut().zip(&value[columns.clone()]).for_each(|(o, v)| *o += weight * v);
        }
    }
}

/// Exact dot product of two rows of i8.
///
/// # Shapes
/// `a`, `b`: \[n\].
#[inline(always)]
pub fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

/// Twin of [`super::scores_i8`].
///
/// # Shapes
/// As [`super::scores_i8`].
#[inline(always)]
pub fn scores_i8(codes: &[i8], query: &[i8], out: &mut [i32]) {
    for (score, row) in out.iter_mut().zip(codes.chunks_exact(query.len())) {
        *score = dot_i8(row, query);
    }
}
