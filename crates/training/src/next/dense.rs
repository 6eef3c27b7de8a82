//! The inverse of a large symmetric positive definite matrix.

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use crate::TrainingError;

/// Columns that are swept at once.
const BLOCK: usize = 256;
/// Rows of one matrix product: bounds the memory of its result.
const STRIP: usize = 1_024;

/// Replaces a symmetric positive definite matrix by its inverse, in place, with
/// n³ multiplications and additions, nearly all of them in matrix products.
///
/// # Shapes
/// `matrix` \[n · n\]; only its lower triangle is read.
///
/// # Errors
/// [`TrainingError::NotPositiveDefinite`]; when a tensor operation fails.
///
/// # Source
/// The sweep operator by blocks: Goodnight, A tutorial on the sweep operator (1979).
pub fn invert(matrix: &mut [f32], n: usize) -> Result<(), TrainingError> {
    for from in (0..n).step_by(BLOCK) {
        sweep(matrix, n, from, n.min(from + BLOCK))?;
    }
    // Swept by all its columns, a matrix has become minus its inverse.
    matrix.par_iter_mut().for_each(|value| *value = -*value);
    mirror(matrix, n);
    Ok(())
}

/// A_ij ← A_ij − A_iK·P·A_Kj, A_iK ← A_iK·P, A_KK ← −P, with P = A_KK⁻¹ and K the
/// columns `from..to`; in the lower triangle.
fn sweep(matrix: &mut [f32], n: usize, from: usize, to: usize) -> Result<(), TrainingError> {
    let width = to - from;
    let at = |matrix: &[f32], i: usize, k: usize| {
        if i >= k { matrix[i * n + k] } else { matrix[k * n + i] }
    };
    let mut pivot: Vec<f64> = (from..to)
        .flat_map(|i| (from..to).map(move |k| (i, k)))
        .map(|(i, k)| f64::from(at(matrix, i, k)))
        .collect();
    invert_small(&mut pivot, width)
        .map_err(|i| TrainingError::NotPositiveDefinite { row: from + i })?;
    let pivot: Vec<f32> = pivot.into_iter().map(|x| x as f32).collect();
    let columns: Vec<f32> = (0..n)
        .flat_map(|i| (from..to).map(move |k| (i, k)))
        .map(|(i, k)| at(matrix, i, k))
        .collect();
    let columns = Tensor::from_vec(columns, (n, width), &Device::Cpu)?;
    let pivot_tensor = Tensor::from_slice(&pivot, (width, width), &Device::Cpu)?;
    let scaled = columns.matmul(&pivot_tensor)?;
    let transposed = columns.t()?;
    for (strip, rows) in matrix.chunks_mut(STRIP * n).enumerate() {
        let first = strip * STRIP;
        let n_rows = rows.len() / n;
        let end = first + n_rows;
        let update = scaled.narrow(0, first, n_rows)?.matmul(&transposed.narrow(1, 0, end)?)?;
        let update = update.flatten_all()?.to_vec1::<f32>()?;
        rows.par_chunks_mut(n).zip(update.par_chunks(end)).for_each(|(row, update)| {
            row.iter_mut().zip(update).for_each(|(x, u)| *x -= u);
        });
    }
    let scaled = scaled.flatten_all()?.to_vec1::<f32>()?;
    for (i, row) in scaled.chunks_exact(width).enumerate() {
        for (k, value) in (from..to).zip(row) {
            match i {
                i if i < from => matrix[k * n + i] = *value,
                i if i < to => matrix[i * n + k] = -pivot[(i - from) * width + (k - from)],
                i => matrix[i * n + k] = *value,
            }
        }
    }
    Ok(())
}

/// Gauss–Jordan in f64; the row whose pivot is not positive as an error.
pub(super) fn invert_small(a: &mut [f64], n: usize) -> Result<(), usize> {
    for k in 0..n {
        let pivot = a[k * n + k];
        if pivot.is_nan() || pivot <= 0.0 {
            return Err(k);
        }
        a[k * n + k] = 1.0;
        a[k * n..][..n].iter_mut().for_each(|x| *x /= pivot);
        let row = a[k * n..][..n].to_vec();
        for i in (0..n).filter(|i| *i != k) {
            let factor = std::mem::take(&mut a[i * n + k]);
            a[i * n..][..n].iter_mut().zip(&row).for_each(|(x, r)| *x -= factor * r);
        }
    }
    Ok(())
}

fn mirror(matrix: &mut [f32], n: usize) {
    // By tiles, so that both sides stay in the cache.
    const TILE: usize = 64;
    for i0 in (0..n).step_by(TILE) {
        for j0 in (0..=i0).step_by(TILE) {
            for i in i0..n.min(i0 + TILE) {
                for j in j0..i.min(j0 + TILE) {
                    matrix[j * n + i] = matrix[i * n + j];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn the_product_with_the_inverse_is_the_identity() {
        // Several blocks and strips, both with ragged ends.
        let n = STRIP + BLOCK + 37;
        let mut rng = SmallRng::seed_from_u64(1);
        let mut matrix = vec![0.0f32; n * n];
        for _ in 0..4_000 {
            let group: Vec<usize> = (0..6).map(|_| rng.random_range(0..n)).collect();
            group.iter().for_each(|i| group.iter().for_each(|j| matrix[i * n + j] += 1.0));
        }
        (0..n).for_each(|i| matrix[i * n + i] += 5.0);
        let mut inverse = matrix.clone();
        // Only the lower triangle may matter.
        (0..n).for_each(|i| inverse[i * n + i + 1..(i + 1) * n].fill(f32::NAN));
        invert(&mut inverse, n).expect("positive definite");
        let tensor =
            |values: Vec<f32>| Tensor::from_vec(values, (n, n), &Device::Cpu).expect("fits");
        let product = tensor(matrix).matmul(&tensor(inverse)).expect("shapes fit");
        let identity = Tensor::eye(n, candle_core::DType::F32, &Device::Cpu).expect("eye");
        let error = (product - identity).and_then(|e| e.abs()?.max_all()?.to_scalar::<f32>());
        assert!(error.expect("finite") < 1e-4);
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        let error = invert(&mut [1.0, 2.0, 2.0, 1.0], 2).expect_err("indefinite");
        assert!(matches!(error, TrainingError::NotPositiveDefinite { row: 1 }));
    }
}
