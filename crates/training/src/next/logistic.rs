//! Logistic regression with few inputs and many rows.

use rayon::prelude::*;

use super::dense::invert_small;
use crate::TrainingError;

/// Steps of Newton's method: it converges in fewer than ten.
const STEPS: usize = 25;
/// A step smaller than this changes nothing any more.
const STEP_MIN: f64 = 1e-7;
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
    let n = start.len();
    let mut weights = start.to_vec();
    let mut at = Moments::of(inputs, is_true, &weights, start, ridge);
    for _ in 0..STEPS {
        invert_small(&mut at.hessian, n)
            .map_err(|row| TrainingError::NotPositiveDefinite { row })?;
        let step = |row: &[f64]| row.iter().zip(&at.gradient).map(|(h, g)| h * g).sum::<f64>();
        let mut steps: Vec<f64> = at.hessian.chunks_exact(n).map(step).collect();
        // Far from the answer a whole step may lead away from it.
        let next = loop {
            let moved: Vec<f64> = weights.iter().zip(&steps).map(|(w, step)| w - step).collect();
            let next = Moments::of(inputs, is_true, &moved, start, ridge);
            if next.loss <= at.loss || steps.iter().all(|step| step.abs() < STEP_MIN) {
                weights = moved;
                break next;
            }
            steps.iter_mut().for_each(|step| *step *= 0.5);
        };
        at = next;
        if steps.iter().all(|step| step.abs() < STEP_MIN) {
            break;
        }
    }
    Ok(weights)
}

/// Log-odds of a row.
pub fn log_odds(row: impl IntoIterator<Item = f32>, weights: &[f64]) -> f64 {
    row.into_iter().zip(weights).map(|(x, weight)| f64::from(x) * weight).sum()
}

/// −ln of the likelihood with its pull, its gradient and Hessian.
struct Moments {
    loss: f64,
    gradient: Vec<f64>,
    /// \[n · n\]
    hessian: Vec<f64>,
}

impl Moments {
    fn of(inputs: &[f32], is_true: &[bool], weights: &[f64], start: &[f64], ridge: f64) -> Self {
        let n = weights.len();
        let parts: Vec<Self> = inputs
            .par_chunks(ROWS_AT_ONCE * n)
            .zip(is_true.par_chunks(ROWS_AT_ONCE))
            .map(|(rows, labels)| Self::of_rows(rows, labels, weights))
            .collect();
        let mut sum = Self { loss: 0.0, gradient: vec![0.0; n], hessian: vec![0.0; n * n] };
        for part in parts {
            sum.loss += part.loss;
            sum.gradient.iter_mut().zip(part.gradient).for_each(|(sum, x)| *sum += x);
            sum.hessian.iter_mut().zip(part.hessian).for_each(|(sum, x)| *sum += x);
        }
        for i in 0..n {
            let away = weights[i] - start[i];
            sum.loss += 0.5 * ridge * away * away;
            sum.gradient[i] += ridge * away;
            sum.hessian[i * n + i] += ridge;
        }
        sum
    }

    fn of_rows(rows: &[f32], labels: &[bool], weights: &[f64]) -> Self {
        let n = weights.len();
        let mut sum = Self { loss: 0.0, gradient: vec![0.0; n], hessian: vec![0.0; n * n] };
        for (row, label) in rows.chunks_exact(n).zip(labels) {
            let odds = log_odds(row.iter().copied(), weights);
            let truth = f64::from(u8::from(*label));
            let p = 1.0 / (1.0 + (-odds).exp());
            sum.loss += odds.max(0.0) + (-odds.abs()).exp().ln_1p() - truth * odds;
            for (i, x) in row.iter().enumerate() {
                sum.gradient[i] += (p - truth) * f64::from(*x);
                let factor = p * (1.0 - p) * f64::from(*x);
                let of_row = &mut sum.hessian[i * n..][..n];
                of_row.iter_mut().zip(row).for_each(|(sum, y)| *sum += factor * f64::from(*y));
            }
        }
        sum
    }
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
