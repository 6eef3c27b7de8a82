//! Principal directions of the text vectors, and codes along them.
//!
//! Source: orthogonal (subspace) iteration, Golub and Van Loan, "Matrix
//! Computations", 4th ed., section 8.2.4.

use rayon::prelude::*;

use super::centre::dot;
use crate::TEXT_DIM;

/// Vectors that the directions are estimated from, spread over the catalogue.
const SAMPLE_MAX: usize = 16_384;
/// Vectors of one partial covariance; their order of summation is fixed, so
/// that a catalogue always gives the same codes.
const CHUNK_ROWS: usize = 1_024;
/// Enough for directions good to rank by; they need not be exact eigenvectors,
/// only orthonormal and of nearly the largest variance.
const ITERATIONS: usize = 12;
/// Least variance of vectors that differ, for a length of 1. Rounding makes a thousandth
/// of it of equal ones.
const VARIANCE_MIN: f32 = 1e-10;

/// An orthonormal basis of the strongest directions.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Rotation {
    /// \[384\]
    mean: Vec<f32>,
    /// Rows are directions. \[dim, 384\]
    basis: Vec<f32>,
    dim: usize,
}

impl Rotation {
    /// Vectors that do not differ have no directions; their basis is zero.
    ///
    /// # Shapes
    /// `parts`: unit vectors, \[n, 384\] each.
    pub(super) fn fit(parts: &[&[f32]], dim: usize) -> Self {
        let rows = || parts.iter().flat_map(|vectors| vectors.chunks_exact(TEXT_DIM));
        let step = rows().count().div_ceil(SAMPLE_MAX).max(1);
        let sample: Vec<&[f32]> = rows().step_by(step).collect();
        let mean = mean(&sample);
        let Some(covariance) = covariance(&sample, &mean) else {
            return Self { mean, basis: vec![0.0; dim * TEXT_DIM], dim };
        };
        let mut basis = start_basis(dim);
        orthonormalise(&mut basis);
        for _ in 0..ITERATIONS {
            // The covariance is symmetric: its rows are its columns.
            basis = basis
                .par_chunks_exact(TEXT_DIM)
                .flat_map_iter(|direction| {
                    covariance.chunks_exact(TEXT_DIM).map(|row| dot(row, direction))
                })
                .collect();
            orthonormalise(&mut basis);
        }
        Self { mean, basis, dim }
    }

    /// Whether it has `dim` directions of finite numbers.
    pub(super) fn is_of(&self, dim: usize) -> bool {
        self.dim == dim
            && self.mean.len() == TEXT_DIM
            && self.basis.len() == dim * TEXT_DIM
            && self.basis.iter().chain(&self.mean).all(|value| value.is_finite())
    }

    /// The middle of the vectors that it was made from. \[384\]
    pub(super) fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// A query \[384\] along the directions \[dim\].
    pub(super) fn project(&self, vector: &[f32]) -> Vec<f32> {
        self.basis.chunks_exact(TEXT_DIM).map(|direction| dot(direction, vector)).collect()
    }

    /// Vectors \[n, 384\], centred, along the directions \[n, dim\].
    pub(super) fn project_centred(&self, vectors: &[f32]) -> Vec<f32> {
        let origin = self.project(&self.mean);
        let projected: Vec<f32> = vectors
            .par_chunks_exact(TEXT_DIM)
            .flat_map_iter(|vector| {
                self.project(vector).into_iter().zip(&origin).map(|(value, origin)| value - origin)
            })
            .collect();
        debug_assert_eq!(projected.len(), vectors.len() / TEXT_DIM * self.dim);
        projected
    }
}

fn mean(sample: &[&[f32]]) -> Vec<f32> {
    let mut sums = vec![0.0f64; TEXT_DIM];
    for vector in sample {
        for (sum, value) in sums.iter_mut().zip(*vector) {
            *sum += f64::from(*value);
        }
    }
    let n_rows = sample.len().max(1) as f64;
    sums.into_iter().map(|sum| (sum / n_rows) as f32).collect()
}

/// Outer products of the centred vectors, added up and divided by the trace \[384, 384\]:
/// unscaled, vectors that hardly differ give numbers so small that a processor takes a
/// hundred times as long to multiply them. `None` where the vectors do not differ.
fn covariance(sample: &[&[f32]], mean: &[f32]) -> Option<Vec<f32>> {
    let partial: Vec<Vec<f32>> = sample
        .par_chunks(CHUNK_ROWS)
        .map(|chunk| {
            let mut sums = vec![0.0f32; TEXT_DIM * TEXT_DIM];
            for vector in chunk {
                let centred: Vec<f32> =
                    vector.iter().zip(mean).map(|(value, mean)| value - mean).collect();
                for (row, &factor) in sums.chunks_exact_mut(TEXT_DIM).zip(&centred) {
                    for (sum, value) in row.iter_mut().zip(&centred) {
                        *sum += factor * value;
                    }
                }
            }
            sums
        })
        .collect();
    let mut total = vec![0.0f32; TEXT_DIM * TEXT_DIM];
    for sums in partial {
        for (total, sum) in total.iter_mut().zip(sums) {
            *total += sum;
        }
    }
    let trace: f32 = (0..TEXT_DIM).map(|i| total[i * TEXT_DIM + i]).sum();
    if trace <= VARIANCE_MIN * sample.len() as f32 {
        return None;
    }
    total.iter_mut().for_each(|value| *value /= trace);
    Some(total)
}

/// Fixed numbers between −1 and 1, the same on every machine.
fn start_basis(dim: usize) -> Vec<f32> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    (0..dim * TEXT_DIM)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u32 << 23) as f32 - 1.0
        })
        .collect()
}

/// Modified Gram–Schmidt over the rows. A row that depends on those before it
/// becomes zero: the sample has fewer directions, and that one codes nothing.
fn orthonormalise(basis: &mut [f32]) {
    let n_rows = basis.len() / TEXT_DIM;
    for i in 0..n_rows {
        let (done, rest) = basis.split_at_mut(i * TEXT_DIM);
        let row = &mut rest[..TEXT_DIM];
        let norm_before = dot(row, row).sqrt();
        for other in done.chunks_exact(TEXT_DIM) {
            let overlap = dot(other, row);
            for (value, other) in row.iter_mut().zip(other) {
                *value -= overlap * other;
            }
        }
        let norm = dot(row, row).sqrt();
        let factor = if norm > norm_before * 1e-5 { norm.recip() } else { 0.0 };
        row.iter_mut().for_each(|value| *value *= factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors whose variance falls from dimension to dimension.
    fn sloped(n_rows: usize) -> Vec<f32> {
        start_basis(n_rows)
            .chunks_exact(TEXT_DIM)
            .flat_map(|row| (0..TEXT_DIM).map(|i| row[i] * 0.5f32.powi(i as i32 / 4) + 0.3))
            .collect()
    }

    fn unit(n_rows: usize) -> Vec<f32> {
        let mut vectors = sloped(n_rows);
        for row in vectors.chunks_exact_mut(TEXT_DIM) {
            let norm = dot(row, row).sqrt();
            row.iter_mut().for_each(|value| *value /= norm);
        }
        vectors
    }

    #[test]
    fn equal_vectors_have_no_directions_and_nearly_equal_ones_have() {
        let equal = unit(1).repeat(3_000);
        assert!(Rotation::fit(&[&equal], 16).basis.iter().all(|value| *value == 0.0));
        let near: Vec<f32> =
            equal.iter().zip(sloped(3_000)).map(|(equal, own)| equal + 1e-4 * own).collect();
        let rotation = Rotation::fit(&[&near], 16);
        let norms: Vec<f32> = rotation
            .basis
            .chunks_exact(TEXT_DIM)
            .map(|direction| dot(direction, direction))
            .collect();
        assert!(norms.iter().all(|norm| (norm - 1.0).abs() < 1e-3), "{norms:?}");
    }

    #[test]
    fn vectors_in_parts_are_one_sample() {
        let vectors = sloped(300);
        let (a, b) = vectors.split_at(100 * TEXT_DIM);
        let [whole, parts] =
            [Rotation::fit(&[&vectors], 16), Rotation::fit(&[a, b], 16)].map(|fit| fit.basis);
        assert_eq!(whole, parts);
    }

    #[test]
    fn the_basis_is_orthonormal() {
        let rotation = Rotation::fit(&[&sloped(500)], 16);
        let rows: Vec<&[f32]> = rotation.basis.chunks_exact(TEXT_DIM).collect();
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot(a, b) - expected).abs() < 1e-3, "{i} {j} {}", dot(a, b));
            }
        }
    }

    #[test]
    fn the_directions_hold_the_variance() {
        let vectors = sloped(500);
        let rotation = Rotation::fit(&[&vectors], 16);
        let origin = rotation.project(&rotation.mean);
        let (mut kept, mut all) = (0.0, 0.0);
        for vector in vectors.chunks_exact(TEXT_DIM) {
            let centred: Vec<f32> =
                vector.iter().zip(&rotation.mean).map(|(value, mean)| value - mean).collect();
            all += dot(&centred, &centred);
            kept += rotation
                .project(vector)
                .iter()
                .zip(&origin)
                .map(|(value, origin)| (value - origin).powi(2))
                .sum::<f32>();
        }
        // Sixteen dimensions hold 1 − 1/4⁴ of it.
        assert!(kept / all > 0.99, "{}", kept / all);
    }

    #[test]
    fn few_or_equal_vectors_give_finite_codes() {
        for vectors in [vec![], sloped(1), sloped(3), unit(1).repeat(5), unit(3).repeat(500)] {
            let rotation = Rotation::fit(&[&vectors], 64);
            let is_fast = |value: &f32| *value == 0.0 || value.is_normal();
            assert!(rotation.basis.iter().all(is_fast));
            let projected = rotation.project_centred(&vectors);
            assert_eq!(projected.len(), vectors.len() / TEXT_DIM * 64);
            assert!(projected.iter().all(|value| value.is_finite()));
        }
    }
}
