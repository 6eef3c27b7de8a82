//! WebAssembly SIMD128 twins of the reference kernels: same lanes, same
//! order, no fused multiply-add (relaxed SIMD is not used), so the same bits.
#![allow(unsafe_code, reason = "vector loads and stores through pointers")]

use core::arch::wasm32::{
    f32x4_add, f32x4_mul, f32x4_splat, i16x8_extend_high_i8x16, i16x8_extend_low_i8x16, i32x4_add,
    i32x4_dot_i16x8, i32x4_extract_lane, i32x4_splat, v128, v128_load, v128_load32_splat,
    v128_store,
};

use super::{Accumulate, scalar};
use crate::layout::{CODE_DIM, HEAD_DIM, N_HEADS, WINDOW_MAX};

/// Values of one register.
const LANES: usize = 4;
/// Twin of [`super::gemm`], whose checks of the lengths it relies on.
///
/// Tiles of 4 rows × 8 columns, 2 × 16 and 1 × 32 keep 8 sums, which with
/// their operands fit the 16 registers that engines have on x86-64.
///
/// # Shapes
/// As [`super::gemm`].
pub fn gemm(x: &[f32], w: &[f32], y: &mut [f32], (k, n): (usize, usize), accumulate: Accumulate) {
    let rows = x.len() / k;
    let mut i = 0;
    while i < rows {
        let n_rows = match rows - i {
            1 => 1,
            2 | 3 => 2,
            _ => 4,
        };
        let (x, y) = (&x[i * k..][..n_rows * k], &mut y[i * n..][..n_rows * n]);
        match n_rows {
            4 => tile::<4, 2>(x, w, y, (k, n), accumulate),
            2 => tile::<2, 4>(x, w, y, (k, n), accumulate),
            _ if n.is_multiple_of(32) => tile::<1, 8>(x, w, y, (k, n), accumulate),
            _ => tile::<1, 4>(x, w, y, (k, n), accumulate),
        }
        i += n_rows;
    }
}

/// R rows against C registers of columns at a time.
#[inline(always)]
fn tile<const R: usize, const C: usize>(
    x: &[f32],
    w: &[f32],
    y: &mut [f32],
    (k, n): (usize, usize),
    accumulate: Accumulate,
) {
    let columns = C * LANES;
    assert!(x.len() == R * k && w.len() == k * n && y.len() == R * n && n.is_multiple_of(columns));
    for j in (0..n).step_by(columns) {
        let mut sums = [[f32x4_splat(0.0); C]; R];
        for t in 0..k {
            // SAFETY: t < k and j + 4·C <= n, so all loads end inside `w`, and
            // r·k + t < R·k stays inside `x`; the lengths were just asserted.
            unsafe {
                let row = w.as_ptr().add(t * n + j);
                let right: [v128; C] = std::array::from_fn(|q| load(row.add(q * LANES)));
                for (r, sums) in sums.iter_mut().enumerate() {
                    let left = v128_load32_splat(x.as_ptr().add(r * k + t).cast());
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = f32x4_add(*sum, f32x4_mul(left, right));
                    }
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            for (q, sum) in sums.iter().enumerate() {
                let at = r * n + j + q * LANES;
                // SAFETY: r < R and j + 4·C <= n, so `at + 4` is at most R·n, the length of `y`.
                unsafe {
                    let out = y.as_mut_ptr().add(at);
                    let value = match accumulate {
                        Accumulate::No => *sum,
                        Accumulate::Yes => f32x4_add(load(out), *sum),
                    };
                    v128_store(out.cast(), value);
                }
            }
        }
    }
}

/// # Safety
/// Four values can be read from `from` on; no alignment is needed.
#[inline(always)]
unsafe fn load(from: *const f32) -> v128 {
    // SAFETY: by this function's contract.
    unsafe { v128_load(from.cast()) }
}

/// The four registers of one head.
#[inline(always)]
fn load_head(head: &[f32; HEAD_DIM]) -> [v128; HEAD_DIM / LANES] {
    // SAFETY: q·4 + 4 is at most 16, the length of the array.
    std::array::from_fn(|q| unsafe { load(head.as_ptr().add(q * LANES)) })
}

#[inline(always)]
fn head_of(row: &[f32], head: usize) -> &[f32; HEAD_DIM] {
    row[head * HEAD_DIM..].first_chunk().expect("a row holds all heads")
}

#[inline(always)]
fn lanes_of(value: v128) -> [f32; LANES] {
    let mut lanes = [0.0; LANES];
    // SAFETY: the array holds exactly one register.
    unsafe { v128_store(lanes.as_mut_ptr().cast(), value) };
    lanes
}

/// Twin of [`super::attend`].
///
/// # Shapes
/// As [`super::attend`].
pub fn attend(query: &[f32], keys: &[f32], values: &[f32], out: &mut [f32]) {
    let mut weights = [0.0f32; WINDOW_MAX];
    let weights = &mut weights[..keys.len() / CODE_DIM];
    for head in 0..N_HEADS {
        let query = load_head(head_of(query, head));
        for (weight, key) in weights.iter_mut().zip(keys.chunks_exact(CODE_DIM)) {
            let key = load_head(head_of(key, head));
            let mut sum = f32x4_splat(0.0);
            for (q, k) in query.into_iter().zip(key) {
                sum = f32x4_add(sum, f32x4_mul(q, k));
            }
            *weight = scalar::sum_lanes(lanes_of(sum)) * 0.25;
        }
        scalar::softmax(weights);
        let mut sums = [f32x4_splat(0.0); HEAD_DIM / LANES];
        for (weight, value) in weights.iter().zip(values.chunks_exact(CODE_DIM)) {
            let weight = f32x4_splat(*weight);
            for (sum, value) in sums.iter_mut().zip(load_head(head_of(value, head))) {
                *sum = f32x4_add(*sum, f32x4_mul(weight, value));
            }
        }
        for (out, sum) in out[head * HEAD_DIM..].chunks_exact_mut(LANES).zip(sums) {
            out.copy_from_slice(&lanes_of(sum));
        }
    }
}

/// Twin of [`super::scores_i8`], whose checks of the lengths it relies on.
///
/// # Shapes
/// As [`super::scores_i8`].
pub fn scores_i8(codes: &[i8], query: &[i8], out: &mut [i32]) {
    let dim = query.len();
    let mut rows = codes.chunks_exact(4 * dim);
    let mut scores = out.chunks_exact_mut(4);
    for (rows, scores) in rows.by_ref().zip(scores.by_ref()) {
        rows_i8::<4>(rows, query, scores);
    }
    let rest = rows.remainder().chunks_exact(dim);
    for (row, score) in rest.zip(scores.into_remainder().chunks_exact_mut(1)) {
        rows_i8::<1>(row, query, score);
    }
}

#[inline(always)]
fn rows_i8<const R: usize>(codes: &[i8], query: &[i8], out: &mut [i32]) {
    let dim = query.len();
    assert!(codes.len() == R * dim && out.len() == R && dim.is_multiple_of(16));
    let mut sums = [i32x4_splat(0); R];
    for t in (0..dim).step_by(16) {
        // SAFETY: t + 16 <= dim, the length of `query`.
        let q = unsafe { v128_load(query.as_ptr().add(t).cast()) };
        let (q_low, q_high) = (i16x8_extend_low_i8x16(q), i16x8_extend_high_i8x16(q));
        for (r, sum) in sums.iter_mut().enumerate() {
            // SAFETY: r < R and t + 16 <= dim, so the load ends inside `codes`.
            let c = unsafe { v128_load(codes.as_ptr().add(r * dim + t).cast()) };
            *sum = i32x4_add(*sum, i32x4_dot_i16x8(q_low, i16x8_extend_low_i8x16(c)));
            *sum = i32x4_add(*sum, i32x4_dot_i16x8(q_high, i16x8_extend_high_i8x16(c)));
        }
    }
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = i32x4_extract_lane::<0>(sum)
            + i32x4_extract_lane::<1>(sum)
            + i32x4_extract_lane::<2>(sum)
            + i32x4_extract_lane::<3>(sum);
    }
}
