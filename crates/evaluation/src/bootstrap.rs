//! Percentile bootstrap over shoppers: plain, paired difference, paired ratio.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::EvaluationError;

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The estimate on the whole sample.
    pub mean: f64,
    /// 2.5th percentile of the resamples.
    pub lower: f64,
    /// 97.5th percentile of the resamples.
    pub upper: f64,
}

const TAIL: f64 = 0.025;

/// Interval of the mean of one value a shopper.
///
/// # Errors
/// [`EvaluationError::Empty`] without values.
pub fn mean_interval(
    values: &[f64],
    seed: u64,
    n_resamples: usize,
) -> Result<Interval, EvaluationError> {
    resample(values, values, seed, n_resamples, |sum, _, n| sum / n)
}

/// Interval of mean(a) − mean(b), shoppers drawn in pairs.
///
/// # Errors
/// [`EvaluationError::Unpaired`], [`EvaluationError::Empty`].
pub fn difference_interval(
    a: &[f64],
    b: &[f64],
    seed: u64,
    n_resamples: usize,
) -> Result<Interval, EvaluationError> {
    resample(a, b, seed, n_resamples, |sum_a, sum_b, n| (sum_a - sum_b) / n)
}

/// Interval of mean(a) / mean(b), shoppers drawn in pairs. Resamples in which b
/// sums to zero count as ratio 0, so that an empty denominator never flatters a.
///
/// # Errors
/// [`EvaluationError::Unpaired`], [`EvaluationError::Empty`].
pub fn ratio_interval(
    a: &[f64],
    b: &[f64],
    seed: u64,
    n_resamples: usize,
) -> Result<Interval, EvaluationError> {
    let ratio = |sum_a: f64, sum_b: f64, _| if sum_b == 0.0 { 0.0 } else { sum_a / sum_b };
    resample(a, b, seed, n_resamples, ratio)
}

fn resample(
    a: &[f64],
    b: &[f64],
    seed: u64,
    n_resamples: usize,
    statistic: impl Fn(f64, f64, f64) -> f64,
) -> Result<Interval, EvaluationError> {
    if a.len() != b.len() {
        return Err(EvaluationError::Unpaired { left: a.len(), right: b.len() });
    }
    if a.is_empty() {
        return Err(EvaluationError::Empty);
    }
    let n = a.len() as f64;
    let mean = statistic(a.iter().sum(), b.iter().sum(), n);
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut draws: Vec<f64> = (0..n_resamples)
        .map(|_| {
            let (mut sum_a, mut sum_b) = (0.0, 0.0);
            for _ in 0..a.len() {
                let shopper = rng.random_range(0..a.len());
                sum_a += a[shopper];
                sum_b += b[shopper];
            }
            statistic(sum_a, sum_b, n)
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    let percentile = |share: f64| {
        let position = share * draws.len().saturating_sub(1) as f64;
        draws.get(position.round() as usize).copied().unwrap_or(mean)
    };
    Ok(Interval { mean, lower: percentile(TAIL), upper: percentile(1.0 - TAIL) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, proptest};

    use super::*;

    fn sample(n: usize) -> Vec<f64> {
        let mut rng = SmallRng::seed_from_u64(7);
        (0..n).map(|_| rng.random::<f64>()).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let values = sample(200);
        assert_eq!(mean_interval(&values, 3, 500), mean_interval(&values, 3, 500));
        assert_ne!(mean_interval(&values, 3, 500), mean_interval(&values, 4, 500));
    }

    #[test]
    fn the_width_is_that_of_the_normal_approximation() {
        // Uniform(0, 1): standard error of the mean of 1,000 is 0.00913.
        let interval = mean_interval(&sample(1_000), 1, 2_000).expect("values");
        let half = (interval.upper - interval.lower) / 2.0;
        assert!((half - 1.96 * 0.00913).abs() < 0.002, "{half}");
    }

    #[test]
    fn pairing_removes_what_both_share() {
        let a = sample(500);
        let b: Vec<f64> = a.iter().map(|value| value * 0.9).collect();
        let ratio = ratio_interval(&b, &a, 5, 500).expect("pairs");
        assert!((ratio.lower - 0.9).abs() < 1e-9 && (ratio.upper - 0.9).abs() < 1e-9);
        let gap = difference_interval(&a, &b, 5, 500).expect("pairs");
        assert!(gap.lower > 0.0);
    }

    #[test]
    fn bad_samples_are_refused() {
        let unpaired = EvaluationError::Unpaired { left: 1, right: 2 };
        assert_eq!(ratio_interval(&[1.0], &[1.0, 2.0], 0, 10), Err(unpaired));
        assert_eq!(mean_interval(&[], 0, 10), Err(EvaluationError::Empty));
        let zero = ratio_interval(&[1.0, 1.0], &[0.0, 0.0], 0, 10).expect("defined");
        assert_eq!(zero.mean, 0.0);
    }

    proptest! {
        #[test]
        fn the_estimate_lies_between_its_bounds(
            values in prop::collection::vec(0f64..1.0, 30..80), seed in 0u64..50,
        ) {
            let interval = mean_interval(&values, seed, 400).expect("values");
            prop_assert!(interval.lower <= interval.mean && interval.mean <= interval.upper);
        }
    }
}
