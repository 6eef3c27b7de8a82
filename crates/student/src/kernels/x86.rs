//! Wider twins for servers and native tests, chosen at run time.
//!
//! The f32 loops are the reference compiled for 8 lanes: only the width
//! changes, nothing is fused, so the bits stay the same. The integer scan is
//! exact in any order and has loops of its own.
#![allow(unsafe_code, reason = "vector loads through pointers and calls of detected features")]

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_add_epi32, _mm_hadd_epi32, _mm_loadu_si128, _mm_storeu_si128,
    _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepi8_epi16, _mm256_extracti128_si256,
    _mm256_madd_epi16, _mm256_setzero_si256, _mm512_castsi512_si256, _mm512_dpbusd_epi32,
    _mm512_extracti64x4_epi64, _mm512_loadu_si512, _mm512_set1_epi8, _mm512_setzero_si512,
    _mm512_xor_si512,
};

use super::{Accumulate, scalar};

/// Twin of [`super::gemm`].
///
/// # Shapes
/// As [`super::gemm`].
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

/// Rows scored together, sharing the loads of the query.
const ROWS: usize = 4;

/// Twin of [`super::scores_i8`].
///
/// # Shapes
/// As [`super::scores_i8`].
pub fn scores_i8(codes: &[i8], query: &[i8], out: &mut [i32]) {
    let vnni = is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512bw");
    if !is_x86_feature_detected!("avx2") {
        return scalar::scores_i8(codes, query, out);
    }
    let dim = query.len();
    let n_tiled = out.len() / ROWS * ROWS;
    let (tiled, rest) = codes.split_at(n_tiled * dim);
    let (tiled_out, rest_out) = out.split_at_mut(n_tiled);
    if vnni && dim.is_multiple_of(64) {
        // SAFETY: AVX-512 VNNI and BW were just detected.
        unsafe { tiles_vnni(tiled, query, tiled_out) }
    } else {
        // SAFETY: AVX2 was just detected.
        unsafe { tiles_avx2(tiled, query, tiled_out) }
    }
    scalar::scores_i8(rest, query, rest_out);
}

/// Codes widened to i16, multiplied and added in pairs.
#[target_feature(enable = "avx2")]
fn tiles_avx2(codes: &[i8], query: &[i8], out: &mut [i32]) {
    let dim = query.len();
    assert!(codes.len() == out.len() * dim && dim.is_multiple_of(16));
    for (rows, out) in codes.chunks_exact(ROWS * dim).zip(out.chunks_exact_mut(ROWS)) {
        let mut sums = [_mm256_setzero_si256(); ROWS];
        for t in (0..dim).step_by(16) {
            // SAFETY: t + 16 <= dim, so the load ends inside `query`.
            let q = unsafe { _mm_loadu_si128(query.as_ptr().add(t).cast()) };
            let q = _mm256_cvtepi8_epi16(q);
            for (r, sum) in sums.iter_mut().enumerate() {
                // SAFETY: r < 4 and t + 16 <= dim, so the load ends inside `rows`.
                let c = unsafe { _mm_loadu_si128(rows.as_ptr().add(r * dim + t).cast()) };
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(q, _mm256_cvtepi8_epi16(c)));
            }
        }
        store(add_up(sums.map(|sum| halves(sum))), out);
    }
}

/// u8 × i8 products with codes shifted by 128, whose part is taken off again.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vnni")]
fn tiles_vnni(codes: &[i8], query: &[i8], out: &mut [i32]) {
    let dim = query.len();
    assert!(codes.len() == out.len() * dim && dim.is_multiple_of(64));
    let shift = 128 * query.iter().map(|q| i32::from(*q)).sum::<i32>();
    let sign = _mm512_set1_epi8(-128);
    for (rows, out) in codes.chunks_exact(ROWS * dim).zip(out.chunks_exact_mut(ROWS)) {
        let mut sums = [_mm512_setzero_si512(); ROWS];
        for t in (0..dim).step_by(64) {
            // SAFETY: t + 64 <= dim, so the load ends inside `query`.
            let q: __m512i = unsafe { _mm512_loadu_si512(query.as_ptr().add(t).cast()) };
            for (r, sum) in sums.iter_mut().enumerate() {
                // SAFETY: r < 4 and t + 64 <= dim, so the load ends inside `rows`.
                let c = unsafe { _mm512_loadu_si512(rows.as_ptr().add(r * dim + t).cast()) };
                *sum = _mm512_dpbusd_epi32(*sum, _mm512_xor_si512(c, sign), q);
            }
        }
        let sums = sums.map(|sum| {
            let high = _mm512_extracti64x4_epi64::<1>(sum);
            halves(_mm256_add_epi32(_mm512_castsi512_si256(sum), high))
        });
        store(add_up(sums), out);
        out.iter_mut().for_each(|score| *score -= shift);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn halves(sum: __m256i) -> __m128i {
    _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum))
}

/// The four sums of four registers, in order.
#[inline]
#[target_feature(enable = "avx2")]
fn add_up([a, b, c, d]: [__m128i; ROWS]) -> __m128i {
    _mm_hadd_epi32(_mm_hadd_epi32(a, b), _mm_hadd_epi32(c, d))
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(sums: __m128i, out: &mut [i32]) {
    let out: &mut [i32; ROWS] = out.try_into().expect("four scores");
    // SAFETY: the array holds exactly one register.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), sums) }
}
