//! WebAssembly SIMD128 twins of the reference kernels: each lane does what the reference does
//! for one output, in its order, without fused multiply-add, so the bits are its bits.
#![allow(unsafe_code, reason = "vector loads and stores through pointers")]

use core::arch::wasm32::{
    f32x4_add, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, v128, v128_load, v128_load32_splat,
    v128_store,
};

use super::{DepthwiseShape, Finish, PANEL, inside};

/// Values of one register.
const LANES: usize = 4;
/// Registers of a panel.
const REGISTERS: usize = PANEL / LANES;
/// Rows of a tile: 4 × 2 registers of sums, and what they are made of, fit the 16 that
/// engines have on x86-64.
const ROWS: usize = 4;

/// Twin of [`super::product`], whose checks of the lengths it relies on.
///
/// # Shapes
/// As [`super::product`].
pub fn product(x: &[f32], panels: &[f32], y: &mut [f32], k: usize, finish: Finish<'_>) {
    let n = finish.scales.len();
    for (x, y) in x.chunks(ROWS * k).zip(y.chunks_mut(ROWS * n)) {
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
    assert!(x.len() == R * k && y.len() == R * n);
    for (p, panel) in panels.chunks_exact(k * PANEL).enumerate() {
        let mut sums = [[f32x4_splat(0.0); REGISTERS]; R];
        for t in 0..k {
            // SAFETY: t < k, so all loads end inside `panel`, whose length is 8·k, and r·k + t
            // is inside `x`, whose length was just asserted.
            unsafe {
                let from = panel.as_ptr().add(t * PANEL);
                let right: [v128; REGISTERS] = std::array::from_fn(|q| load(from.add(q * LANES)));
                for (r, sums) in sums.iter_mut().enumerate() {
                    let left = v128_load32_splat(x.as_ptr().add(r * k + t).cast());
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = f32x4_add(*sum, f32x4_mul(left, right));
                    }
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            finished(sums, p, finish, &mut y[r * n + p * PANEL..][..PANEL]);
        }
    }
}

/// Twin of [`super::depthwise`], whose checks of the lengths it relies on.
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
        for (p, out) in out.chunks_exact_mut(PANEL).enumerate() {
            let mut sums = [f32x4_splat(0.0); REGISTERS];
            for row in first_row..end_row {
                let line = (from_row + row - first_row) * shape.side_in + from;
                for column in first..end {
                    let pixel = &x[(line + column - first) * n + p * PANEL..][..PANEL];
                    let weight = &weights[(row * shape.kernel + column) * n + p * PANEL..][..PANEL];
                    for (q, sum) in sums.iter_mut().enumerate() {
                        // SAFETY: q·4 + 4 is at most 8, the length of both.
                        let (x, weight) = unsafe {
                            (
                                load(pixel.as_ptr().add(q * LANES)),
                                load(weight.as_ptr().add(q * LANES)),
                            )
                        };
                        *sum = f32x4_add(*sum, f32x4_mul(x, weight));
                    }
                }
            }
            finished(&sums, p, finish, out);
        }
    }
}

#[inline(always)]
fn finished(sums: &[v128; REGISTERS], panel: usize, finish: Finish<'_>, out: &mut [f32]) {
    let scales = &finish.scales[panel * PANEL..][..PANEL];
    let biases = &finish.biases[panel * PANEL..][..PANEL];
    assert!(out.len() == PANEL);
    for (q, sum) in sums.iter().enumerate() {
        // SAFETY: q·4 + 4 is at most 8, the length of all three.
        unsafe {
            let scale = load(scales.as_ptr().add(q * LANES));
            let bias = load(biases.as_ptr().add(q * LANES));
            let value = f32x4_add(f32x4_mul(*sum, scale), bias);
            let value = if finish.is_rectified { rectified(value) } else { value };
            v128_store(out.as_mut_ptr().add(q * LANES).cast(), value);
        }
    }
}

/// `pmax(a, b)` is b where a < b, else a, and `pmin(a, b)` is b where b < a, else a: as the
/// reference, also for what is not a number.
#[inline(always)]
fn rectified(value: v128) -> v128 {
    f32x4_pmin(f32x4_splat(6.0), f32x4_pmax(f32x4_splat(0.0), value))
}

/// # Safety
/// Four values can be read from `from` on; no alignment is needed.
#[inline(always)]
unsafe fn load(from: *const f32) -> v128 {
    // SAFETY: by this function's contract.
    unsafe { v128_load(from.cast()) }
}
