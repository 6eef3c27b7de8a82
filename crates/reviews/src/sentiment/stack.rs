//! Weights of what the parts of a model say.

use vitrine_optim::{Derivatives, NewtonConfig, NotPositiveDefinite, newton};

const NEWTON: NewtonConfig = NewtonConfig { n_steps_max: 40, gain_min: 1e-10, step_min: 1e-7 };
/// Ridge of the constant: next to none.
const RIDGE_BIAS: f64 = 1e-3;
const SCALE_MIN: f64 = 1e-6;

/// A logistic regression over standardised scores.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stack {
    /// Of each score, and of the constant at the end, on scores as they come. `[n + 1]`
    pub weights: Vec<f32>,
}

impl Stack {
    /// # Shapes
    /// `scores` `[n_rows][n]`, `labels` `[n_rows]`.
    ///
    /// # Errors
    /// The scores are not finite.
    pub fn fit(
        scores: &[&[f32]],
        labels: &[bool],
        ridge: f64,
    ) -> Result<Self, NotPositiveDefinite> {
        let n = scores.first().map_or(0, |row| row.len());
        let count = scores.len().max(1) as f64;
        let mean_of = |i: usize| scores.iter().map(|row| f64::from(row[i])).sum::<f64>() / count;
        let means: Vec<f64> = (0..n).map(mean_of).collect();
        let scale_of = |i: usize| {
            let squares =
                scores.iter().map(|row| (f64::from(row[i]) - means[i]).powi(2)).sum::<f64>();
            (squares / count).sqrt().max(SCALE_MIN)
        };
        let scales: Vec<f64> = (0..n).map(scale_of).collect();
        let rows: Vec<Vec<f64>> = scores
            .iter()
            .map(|row| {
                let scaled = (0..n).map(|i| (f64::from(row[i]) - means[i]) / scales[i]);
                scaled.chain([1.0]).collect()
            })
            .collect();
        let found = newton(vec![0.0; n + 1], NEWTON, |at| loss(&rows, labels, ridge, at))?;
        let mut weights: Vec<f32> = (0..n).map(|i| (found[i] / scales[i]) as f32).collect();
        let shift: f64 = (0..n).map(|i| found[i] * means[i] / scales[i]).sum();
        weights.push((found[n] - shift) as f32);
        Ok(Self { weights })
    }

    /// Probability of true.
    pub fn probability(&self, scores: &[f32]) -> f32 {
        let sum: f32 = scores.iter().zip(&self.weights).map(|(x, w)| x * w).sum();
        let odds = sum + self.weights.last().copied().unwrap_or(0.0);
        1.0 / (1.0 + (-odds).exp())
    }
}

fn loss(rows: &[Vec<f64>], labels: &[bool], ridge: f64, at: &[f64]) -> Derivatives {
    let n = at.len();
    let mut sum = Derivatives::zeros(n);
    for (row, label) in rows.iter().zip(labels) {
        let odds: f64 = row.iter().zip(at).map(|(x, w)| x * w).sum();
        let (p, truth) = (1.0 / (1.0 + (-odds).exp()), f64::from(u8::from(*label)));
        sum.value += odds.max(0.0) + (-odds.abs()).exp().ln_1p() - truth * odds;
        let curvature = p * (1.0 - p);
        for (i, x) in row.iter().enumerate() {
            sum.gradient[i] += (p - truth) * x;
            let hessian = &mut sum.hessian[i * n..][..n];
            hessian.iter_mut().zip(row).for_each(|(h, y)| *h += curvature * x * y);
        }
    }
    for (i, weight) in at.iter().enumerate() {
        let ridge = if i + 1 == n { RIDGE_BIAS } else { ridge };
        sum.value += 0.5 * ridge * weight * weight;
        sum.gradient[i] += ridge * weight;
        sum.hessian[i * n + i] += ridge;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_shares_and_noise_has_no_weight() {
        let row = |i: usize| vec![(i % 4) as f32 * 10.0, ((i * 7919) % 13) as f32];
        let rows: Vec<Vec<f32>> = (0..4_000).map(row).collect();
        // True in 1 of 4, 2 of 4 … of the rows with each first score.
        let labels: Vec<bool> = (0..4_000).map(|i| (i / 4) % 4 <= i % 4).collect();
        let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let stack = Stack::fit(&rows, &labels, 1e-3).unwrap();
        let told = stack.probability(&[10.0, 6.0]);
        assert!((told - 0.5).abs() < 0.08, "{told}");
        assert!(stack.probability(&[30.0, 6.0]) > 0.9);
        assert!(stack.weights[1].abs() < 0.01, "{:?}", stack.weights);
    }
}
