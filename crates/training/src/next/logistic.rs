//! Logistic regression with few inputs and many rows.

use rayon::prelude::*;

use vitrine_optim::{Derivatives, NewtonConfig, newton};

use crate::TrainingError;

/// It converges in fewer than ten steps.
const CONFIG: NewtonConfig = NewtonConfig { n_steps_max: 25, gain_min: 0.0, step_min: 1e-7 };
/// Rows of one partial sum; sums are added in order, so that cores do not matter.
const ROWS_AT_ONCE: usize = 4_096;

/// Weights under which the labels are likeliest, pulled towards `start`.
///
/// # Shapes
/// `inputs` \[rows · n\], `is_true` \[rows\], `start` \[n\] → \[n\].
///
/// # Errors
/// [`TrainingError::NotPositiveDefinite`] for inputs that are not finite.
///
/// # Source
/// Newton's method: McCullagh and Nelder, Generalized linear models (1989).
pub fn fit(
    inputs: &[f32],
    is_true: &[bool],
    start: &[f64],
    ridge: f64,
) -> Result<Vec<f64>, TrainingError> {
    let at = |weights: &[f64]| {
        let parts: Vec<Derivatives> = inputs
            .par_chunks(ROWS_AT_ONCE * start.len())
            .zip(is_true.par_chunks(ROWS_AT_ONCE))
            .map(|(rows, labels)| of_rows(rows, labels, weights))
            .collect();
        let mut sum = Derivatives::zeros(start.len());
        parts.iter().for_each(|part| sum.add(part));
        sum.add_ridge(ridge, weights, start);
        sum
    };
    Ok(newton(start.to_vec(), CONFIG, at)?)
}

/// Log-odds of a row.
///
/// # Shapes
/// `row` \[n\], `weights` \[n\].
pub fn log_odds(row: impl IntoIterator<Item = f32>, weights: &[f64]) -> f64 {
    row.into_iter().zip(weights).map(|(x, weight)| f64::from(x) * weight).sum()
}

/// −ln of the likelihood of some labels.
fn of_rows(rows: &[f32], labels: &[bool], weights: &[f64]) -> Derivatives {
    let n = weights.len();
    let mut sum = Derivatives::zeros(n);
    for (row, label) in rows.chunks_exact(n).zip(labels) {
        let odds = log_odds(row.iter().copied(), weights);
        let truth = f64::from(u8::from(*label));
        let p = 1.0 / (1.0 + (-odds).exp());
        sum.value += odds.max(0.0) + (-odds.abs()).exp().ln_1p() - truth * odds;
        for (i, x) in row.iter().enumerate() {
            sum.gradient[i] += (p - truth) * f64::from(*x);
            let factor = p * (1.0 - p) * f64::from(*x);
            let of_row = &mut sum.hessian[i * n..][..n];
            of_row.iter_mut().zip(row).for_each(|(sum, y)| *sum += factor * f64::from(*y));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn the_weights_that_made_the_labels_are_found() {
        let truth = [-1.0, 2.0, 0.5];
        let mut rng = SmallRng::seed_from_u64(1);
        let mut inputs = Vec::new();
        let mut labels = Vec::new();
        for _ in 0..40_000 {
            let row = [1.0, rng.random::<f32>() * 2.0 - 1.0, rng.random::<f32>() * 4.0 - 2.0];
            let p = 1.0 / (1.0 + (-log_odds(row, &truth)).exp());
            labels.push(rng.random::<f64>() < p);
            inputs.extend(row);
        }
        let found = fit(&inputs, &labels, &[0.0; 3], 1e-3).expect("finite");
        for (found, truth) in found.iter().zip(truth) {
            assert!((found - truth).abs() < 0.08, "{found} for {truth}");
        }
        // From far away, where a whole step of Newton's would overshoot.
        let far = fit(&inputs, &labels, &[20.0, -30.0, 9.0], 1e-6).expect("finite");
        assert!(far.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-2), "{far:?} {found:?}");
        let pulled = fit(&inputs, &labels, &[0.0, 1.0, 0.0], 1e9).expect("finite");
        assert!((pulled[1] - 1.0).abs() < 1e-3, "nothing is stronger than this pull");
    }
}
