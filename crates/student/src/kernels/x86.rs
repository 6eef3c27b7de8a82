//! The reference loops compiled for wider registers, chosen at run time.
//!
//! Only the width changes: no fused multiply-add, so the bits stay those of
//! the reference.
#![allow(unsafe_code, reason = "calls of functions compiled for a feature that was just detected")]

use std::arch::is_x86_feature_detected;

use super::{Accumulate, scalar};

pub fn gemm(x: &[f32], w: &[f32], y: &mut [f32], shape: (usize, usize), accumulate: Accumulate) {
    if is_x86_feature_detected!("avx2") {
        // SAFETY: AVX2 was just detected.
        unsafe { gemm_avx2(x, w, y, shape, accumulate) }
    } else {
        scalar::gemm(x, w, y, shape, accumulate);
    }
}

#[target_feature(enable = "avx2")]
fn gemm_avx2(x: &[f32], w: &[f32], y: &mut [f32], shape: (usize, usize), accumulate: Accumulate) {
    scalar::gemm(x, w, y, shape, accumulate);
}

pub fn scores_i8(codes: &[i8], query: &[i8], out: &mut [i32]) {
    if is_x86_feature_detected!("avx2") {
        // SAFETY: AVX2 was just detected.
        unsafe { scores_i8_avx2(codes, query, out) }
    } else {
        scalar::scores_i8(codes, query, out);
    }
}

#[target_feature(enable = "avx2")]
fn scores_i8_avx2(codes: &[i8], query: &[i8], out: &mut [i32]) {
    scalar::scores_i8(codes, query, out);
}
