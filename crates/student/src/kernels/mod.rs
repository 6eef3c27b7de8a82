//! The few inner loops that cost time, with one reference and faster twins.
//!
//! | kernel | scalar | simd128 (WASM) | x86 (AVX2, AVX-512) |
//! |---|---|---|---|
//! | [`gemm`], [`layer_norm`], [`attend`] | yes | yes | compiled wider |
//! | [`scores_i8`] | yes | yes | yes |
//!
//! Sums run over the same lanes in the same order everywhere and nothing is
//! fused into one rounding, so that all twins give the same bits: what the
//! server measures is what the browser shows.

pub mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
#[cfg(target_arch = "x86_64")]
mod x86;

/// Whether a product replaces what is in the output or is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accumulate {
    /// y = x·W
    No,
    /// y = y + x·W
    Yes,
}

/// y (+)= x·W.
///
/// # Shapes
/// `x` `[rows, k]`, `w` `[k, n]`, `y` `[rows, n]`, row-major; n a multiple of 16.
///
/// # Panics
/// When the lengths do not fit `(k, n)`.
pub fn gemm(x: &[f32], w: &[f32], y: &mut [f32], (k, n): (usize, usize), accumulate: Accumulate) {
    let rows = x.len() / k;
    assert!(
        n.is_multiple_of(16) && x.len() == rows * k && w.len() == k * n && y.len() == rows * n,
        "shapes of a product do not fit"
    );
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    simd128::gemm(x, w, y, (k, n), accumulate);
    #[cfg(target_arch = "x86_64")]
    x86::gemm(x, w, y, (k, n), accumulate);
    #[cfg(not(any(
        all(target_arch = "wasm32", target_feature = "simd128"),
        target_arch = "x86_64"
    )))]
    scalar::gemm(x, w, y, (k, n), accumulate);
}

/// Layer normalisation of one row of 64 values with gain and bias.
///
/// # Shapes
/// All: \[64\].
pub fn layer_norm(x: &[f32], gain: &[f32], bias: &[f32], out: &mut [f32]) {
    scalar::layer_norm(x, gain, bias, out);
}

/// Causal attention of one query over the keys and values up to it, 4 heads of 16.
///
/// # Shapes
/// `query` and `out` `[64]`; `keys` and `values` `[n, 64]`, n from 1 to 64.
pub fn attend(query: &[f32], keys: &[f32], values: &[f32], out: &mut [f32]) {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    simd128::attend(query, keys, values, out);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    scalar::attend(query, keys, values, out);
}

/// max(0, x) in place; 0 for what is not a number.
///
/// # Shapes
/// `x`: \[n\].
pub fn relu(x: &mut [f32]) {
    x.iter_mut().for_each(|value| *value = scalar::positive(*value));
}

/// Exact dot products of one query with every row of `codes`.
///
/// # Shapes
/// `codes` `[n, dim]`, `query` `[dim]`, `out` `[n]`; dim a multiple of 16 and
/// at most 65,536, so that no sum overflows.
///
/// # Panics
/// When the lengths do not fit.
pub fn scores_i8(codes: &[i8], query: &[i8], out: &mut [i32]) {
    let dim = query.len();
    assert!(
        dim > 0 && dim.is_multiple_of(16) && dim <= 1 << 16 && codes.len() == out.len() * dim,
        "shapes of a scan do not fit"
    );
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    simd128::scores_i8(codes, query, out);
    #[cfg(target_arch = "x86_64")]
    x86::scores_i8(codes, query, out);
    #[cfg(not(any(
        all(target_arch = "wasm32", target_feature = "simd128"),
        target_arch = "x86_64"
    )))]
    scalar::scores_i8(codes, query, out);
}
