//! The two inner loops that cost time, each with a reference and a twin for WebAssembly.
//!
//! Each output is one sum over the same terms in the same order everywhere, and nothing is
//! fused into one rounding, so that the twins give the same bits.

pub mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

/// Channels that are computed together; every layer has a multiple of it.
pub const PANEL: usize = 8;

/// What becomes of a sum before it is written.
#[derive(Clone, Copy, Debug)]
pub struct Finish<'a> {
    /// What a sum is multiplied by. \[n\]
    pub scales: &'a [f32],
    /// What is added then. \[n\]
    pub biases: &'a [f32],
    /// Whether it is cut at 0 and 6; 0 for what is not a number.
    pub is_rectified: bool,
}

/// Shape of a depthwise convolution over squares.
#[derive(Clone, Copy, Debug)]
pub struct DepthwiseShape {
    /// Channels.
    pub n: usize,
    /// Side of the neighbourhood, in pixels.
    pub kernel: usize,
    /// Pixels between two neighbourhoods.
    pub stride: usize,
    /// Zeros before the first pixel.
    pub padding_before: usize,
    /// Side of the square before, in pixels.
    pub side_in: usize,
    /// Side of the square after, in pixels.
    pub side_out: usize,
}

/// y = finish(x · W).
///
/// # Shapes
/// `x` \[rows, k\], `panels` \[n / 8, k, 8\], `y` \[rows, n\]; n a multiple of [`PANEL`].
///
/// # Panics
/// When the lengths do not fit.
pub fn product(x: &[f32], panels: &[f32], y: &mut [f32], k: usize, finish: Finish<'_>) {
    let n = finish.scales.len();
    let rows = x.len() / k;
    assert!(
        n.is_multiple_of(PANEL)
            && finish.biases.len() == n
            && x.len() == rows * k
            && panels.len() == k * n
            && y.len() == rows * n,
        "shapes of a product do not fit"
    );
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    simd128::product(x, panels, y, k, finish);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    scalar::product(x, panels, y, k, finish);
}

/// y = finish(x ∗ W), each channel by itself. Neighbours outside the square are left out.
///
/// # Shapes
/// `x` \[side_in, side_in, n\], `weights` \[kernel, kernel, n\], `y` \[side_out, side_out, n\];
/// n a multiple of [`PANEL`].
///
/// # Panics
/// When the lengths do not fit.
pub fn depthwise(
    x: &[f32],
    weights: &[f32],
    y: &mut [f32],
    shape: DepthwiseShape,
    finish: Finish<'_>,
) {
    let n = shape.n;
    assert!(
        n.is_multiple_of(PANEL)
            && finish.scales.len() == n
            && finish.biases.len() == n
            && x.len() == shape.side_in * shape.side_in * n
            && weights.len() == shape.kernel * shape.kernel * n
            && y.len() == shape.side_out * shape.side_out * n,
        "shapes of a convolution do not fit"
    );
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    simd128::depthwise(x, weights, y, shape, finish);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    scalar::depthwise(x, weights, y, shape, finish);
}

/// Of one output, which positions of the kernel lie inside the square, and the first of them
/// in the square.
#[inline(always)]
pub(crate) fn inside(at: usize, shape: DepthwiseShape) -> (usize, usize, usize) {
    let start = at * shape.stride;
    let first = shape.padding_before.saturating_sub(start);
    let end = (shape.side_in + shape.padding_before).saturating_sub(start).min(shape.kernel);
    (first, end.max(first), (start + first).saturating_sub(shape.padding_before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbourhood_is_cut_at_the_edges() {
        let shape = DepthwiseShape {
            n: 8,
            kernel: 5,
            stride: 2,
            padding_before: 1,
            side_in: 6,
            side_out: 3,
        };
        assert_eq!([0, 1, 2].map(|at| inside(at, shape)), [(1, 5, 0), (0, 5, 1), (0, 3, 3)]);
    }
}
