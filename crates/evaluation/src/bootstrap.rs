//! Percentile bootstrap over shoppers: plain, paired difference, paired ratio.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use vitrine_studio_api::Interval;

use crate::EvaluationError;

const TAIL: f64 = 0.025;

/// Interval of the mean of one value a shopper.
///
/// # Shapes
/// `values`: \[n_shoppers\].
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
/// # Shapes
/// `a`, `b`: \[n_shoppers\], one value a shopper in the same order.
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
/// # Shapes
/// `a`, `b`: \[n_shoppers\], one value a shopper in the same order.
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

/// Means of several models on the same resamples of the same cases, for all
/// comparisons between them at the price of one.
pub struct Resampled {
    means: Vec<f64>,
    /// By model: one mean a resample.
    draws: Vec<Vec<f64>>,
}

impl Resampled {
    /// # Shapes
    /// `samples` \[models\]\[cases\], all of the same cases.
    ///
    /// # Errors
    /// [`EvaluationError::Unpaired`], [`EvaluationError::Empty`].
    pub fn new(
        samples: &[Vec<f64>],
        seed: u64,
        n_resamples: usize,
    ) -> Result<Self, EvaluationError> {
        let n = samples.first().map_or(0, Vec::len);
        if let Some(other) = samples.iter().find(|sample| sample.len() != n) {
            return Err(EvaluationError::Unpaired { left: n, right: other.len() });
        }
        if n == 0 {
            return Err(EvaluationError::Empty);
        }
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut draws = vec![Vec::with_capacity(n_resamples); samples.len()];
        for _ in 0..n_resamples {
            let mut sums = vec![0.0; samples.len()];
            for _ in 0..n {
                let case = rng.random_range(0..n);
                sums.iter_mut().zip(samples).for_each(|(sum, sample)| *sum += sample[case]);
            }
            draws.iter_mut().zip(sums).for_each(|(draws, sum)| draws.push(sum / n as f64));
        }
        let means = samples.iter().map(|sample| sample.iter().sum::<f64>() / n as f64).collect();
        Ok(Self { means, draws })
    }

    /// Mean of `a` minus mean of `b`.
    pub fn difference(&self, a: usize, b: usize) -> Interval {
        self.interval(a, b, |a, b| a - b)
    }

    /// Mean of `a` over mean of `b`; 0 where b is.
    pub fn ratio(&self, a: usize, b: usize) -> Interval {
        self.interval(a, b, |a, b| if b == 0.0 { 0.0 } else { a / b })
    }

    /// Two-sided: how often a resample has the sign that the difference has not,
    /// twice; never below one in the number of resamples.
    pub fn p_value(&self, a: usize, b: usize) -> f64 {
        let n = self.draws[a].len().max(1) as f64;
        let pairs = || self.draws[a].iter().zip(&self.draws[b]);
        let not_above = pairs().filter(|(a, b)| a <= b).count() as f64;
        let not_below = pairs().filter(|(a, b)| a >= b).count() as f64;
        (2.0 * not_above.min(not_below) / n).clamp(1.0 / n, 1.0)
    }

    fn interval(&self, a: usize, b: usize, statistic: fn(f64, f64) -> f64) -> Interval {
        let pairs = self.draws[a].iter().zip(&self.draws[b]);
        let draws = pairs.map(|(a, b)| statistic(*a, *b)).collect();
        percentiles(statistic(self.means[a], self.means[b]), draws)
    }
}

/// The middle 95 % of the draws.
pub(crate) fn percentiles(mean: f64, mut draws: Vec<f64>) -> Interval {
    draws.sort_by(f64::total_cmp);
    let percentile = |share: f64| {
        let position = share * draws.len().saturating_sub(1) as f64;
        draws.get(position.round() as usize).copied().unwrap_or(mean)
    };
    Interval { mean, lower: percentile(TAIL), upper: percentile(1.0 - TAIL) }
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
    let draws: Vec<f64> = (0..n_resamples)
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
    Ok(percentiles(mean, draws))
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
    fn many_models_on_shared_resamples_agree_with_one_pair() {
        let a = sample(500);
        let b: Vec<f64> = a.iter().map(|value| 0.9 * value + 0.02).collect();
        let both = Resampled::new(&[a.clone(), b.clone()], 5, 800).expect("pairs");
        let pair = difference_interval(&a, &b, 5, 800).expect("pairs");
        let shared = both.difference(0, 1);
        assert!((shared.lower - pair.lower).abs() < 1e-9 && shared.mean > 0.0);
        assert!(both.p_value(0, 1) < 0.01 && both.p_value(0, 0) == 1.0);
        assert!((both.ratio(1, 1).lower - 1.0).abs() < 1e-12);
        assert!(Resampled::new(&[a, vec![1.0]], 5, 10).is_err());
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
