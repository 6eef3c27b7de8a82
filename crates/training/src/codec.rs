//! From a text vector to an item code: a learned linear map, starting from the
//! principal components of the catalogue's texts.

use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use vitrine_ranking::text::TEXT_DIM;
use vitrine_student::CODE_DIM;

/// Principal components that the map is learned in: they hold nearly all of the
/// variance, and a step costs a third of one over all 384.
pub const RANK: usize = 128;
const ITERATIONS: usize = 12;
/// Root mean square of the initial codes.
const CODE_RMS: f64 = 0.5;

/// Texts in the basis that the codec is learned in.
#[derive(Clone, Debug)]
pub struct TextBasis {
    /// Orthonormal, \[384, 128\].
    pub basis: Tensor,
    /// Vectors in that basis, \[n_items, 128\].
    pub coordinates: Tensor,
    /// First codec within the basis, \[128 · 64\]: the 64 first components,
    /// balanced so that weaker ones are heard.
    pub initial: Vec<f32>,
}

impl TextBasis {
    /// # Shapes
    /// `vectors` \[n_items, 384\].
    ///
    /// # Errors
    /// When shapes do not fit.
    ///
    /// # Source
    /// Subspace iteration: Golub and Van Loan, Matrix Computations, 8.2.4.
    pub fn new(vectors: &[f32], n_items: usize) -> Result<Self> {
        let vectors = Tensor::from_slice(vectors, (n_items, TEXT_DIM), &Device::Cpu)?;
        let centred = vectors.broadcast_sub(&vectors.mean_keepdim(0)?)?;
        let covariance = centred.t()?.matmul(&centred)?;
        let mut basis = start();
        for _ in 0..ITERATIONS {
            let current = Tensor::from_slice(&basis, (TEXT_DIM, RANK), &Device::Cpu)?;
            basis = covariance.matmul(&current)?.flatten_all()?.to_vec1()?;
            orthonormalise(&mut basis);
        }
        let basis = Tensor::from_vec(basis, (TEXT_DIM, RANK), &Device::Cpu)?;
        let spread = centred.matmul(&basis)?.sqr()?.mean(0)?.to_vec1::<f32>()?;
        let initial = initial(&spread);
        Ok(Self { coordinates: vectors.matmul(&basis)?, basis, initial })
    }

    /// What makes the coordinates' mean square 1: networks learn best from such.
    pub fn scale(&self) -> f32 {
        let mean_square = self.coordinates.sqr().and_then(|squares| squares.mean_all());
        let mean_square = mean_square.and_then(|mean| mean.to_scalar::<f32>()).unwrap_or(1.0);
        1.0 / mean_square.sqrt().max(1e-6)
    }

    /// The codec over whole text vectors, \[384, 64\].
    ///
    /// # Shapes
    /// \[128 · 64\] → \[384 · 64\].
    ///
    /// # Errors
    /// When `codec` is not \[128 · 64\].
    pub fn expand(&self, codec: &[f32]) -> Result<Vec<f32>> {
        let codec = Tensor::from_slice(codec, (RANK, CODE_DIM), &Device::Cpu)?;
        self.basis.matmul(&codec)?.flatten_all()?.to_vec1()
    }
}

/// A fixed, generic start: any that is not orthogonal to the answer will do.
fn start() -> Vec<f32> {
    let mut state = 1u32;
    (0..TEXT_DIM * RANK)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0 - 0.5
        })
        .collect()
}

/// Gram–Schmidt over columns, in f64, twice for stability.
fn orthonormalise(basis: &mut [f32]) {
    let mut columns: Vec<Vec<f64>> = (0..RANK)
        .map(|j| (0..TEXT_DIM).map(|i| f64::from(basis[i * RANK + j])).collect())
        .collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for j in 0..RANK {
        let (done, rest) = columns.split_at_mut(j);
        let column = &mut rest[0];
        for other in done.iter().chain(done.iter()) {
            let overlap = dot(other, column);
            column.iter_mut().zip(other).for_each(|(x, y)| *x -= overlap * y);
        }
        let norm = dot(column, column).sqrt().max(1e-30);
        column.iter_mut().for_each(|x| *x /= norm);
    }
    for (j, column) in columns.iter().enumerate() {
        (0..TEXT_DIM).for_each(|i| basis[i * RANK + j] = column[i] as f32);
    }
}

fn initial(spread: &[f32]) -> Vec<f32> {
    let gains: Vec<f64> =
        spread[..CODE_DIM].iter().map(|v| f64::from(*v).max(1e-9).powf(-0.25)).collect();
    let variance: f64 = gains.iter().zip(spread).map(|(gain, v)| gain * gain * f64::from(*v)).sum();
    let scale = CODE_RMS / (variance / CODE_DIM as f64).sqrt();
    let mut codec = vec![0.0; RANK * CODE_DIM];
    for (j, gain) in gains.iter().enumerate() {
        codec[j * CODE_DIM + j] = (gain * scale) as f32;
    }
    codec
}

/// Codes before rounding: f(text), and the residual of each card that has one.
///
/// # Shapes
/// `vectors` \[n, 384\], `codec` \[384, 64\] → \[n, 64\].
pub fn codes<'a>(
    vectors: &[f32],
    codec: &[f32],
    residual: impl Fn(usize) -> Option<&'a [f32; CODE_DIM]> + Sync,
) -> Vec<f32> {
    let code = |(i, vector): (usize, &[f32])| {
        let mut code = [0.0; CODE_DIM];
        for (x, row) in vector.iter().zip(codec.chunks_exact(CODE_DIM)) {
            code.iter_mut().zip(row).for_each(|(sum, w)| *sum += x * w);
        }
        if let Some(residual) = residual(i) {
            code.iter_mut().zip(residual).for_each(|(sum, r)| *sum += r);
        }
        code
    };
    vectors.par_chunks_exact(TEXT_DIM).enumerate().flat_map_iter(code).collect()
}

/// Rounds codes to i8, symmetric, half away from zero, clamped to ±127.
///
/// # Shapes
/// \[n\] → \[n\].
pub fn quantise(codes: &[f32], code_scale: f32) -> Vec<i8> {
    codes.iter().map(|c| (c / code_scale).round().clamp(-127.0, 127.0) as i8).collect()
}

/// The scale at which the largest code value becomes 127.
///
/// # Shapes
/// `codes`: \[n\].
pub fn code_scale(codes: &[f32]) -> f32 {
    let largest = codes.iter().fold(0.0f32, |most, c| most.max(c.abs()));
    (largest / 127.0).max(f32::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basis_is_orthonormal_and_keeps_the_variance() {
        // 500 vectors in 20 directions of falling strength.
        let n = 500;
        let mut state = 7u32;
        let mut unit = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0 - 0.5
        };
        let directions: Vec<f32> = (0..20 * TEXT_DIM).map(|_| unit()).collect();
        let mut vectors = vec![0.0; n * TEXT_DIM];
        for vector in vectors.chunks_exact_mut(TEXT_DIM) {
            for (d, direction) in directions.chunks_exact(TEXT_DIM).enumerate() {
                let factor = unit() / (d + 1) as f32;
                vector.iter_mut().zip(direction).for_each(|(x, y)| *x += factor * y);
            }
        }
        let text = TextBasis::new(&vectors, n).expect("shapes fit");
        let gram = text.basis.t().and_then(|t| t.matmul(&text.basis)).expect("square");
        for (i, row) in gram.to_vec2::<f32>().expect("rows").iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((value - expected).abs() < 1e-4, "{i},{j}: {value}");
            }
        }
        let norm = |values: &[f32]| values.iter().map(|x| x * x).sum::<f32>();
        let kept = text.coordinates.flatten_all().and_then(|t| t.to_vec1()).expect("values");
        assert!((norm(&kept) / norm(&vectors) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn rounding_is_symmetric_and_clamped() {
        assert_eq!(quantise(&[0.5, -0.5, 1.49, 300.0, -300.0], 1.0), [1, -1, 1, 127, -127]);
        assert_eq!(code_scale(&[0.1, -2.54, 1.0]), 2.54 / 127.0);
    }
}
