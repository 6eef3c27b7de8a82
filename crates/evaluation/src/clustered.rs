//! Bootstrap over groups of cases, for statistics that are no mean of cases.

use std::collections::BTreeMap;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use vitrine_studio_api::Interval;

use crate::EvaluationError;
use crate::bootstrap::percentiles;

/// Interval of a statistic where cases of a group (reviews of a product) are drawn together.
///
/// # Shapes
/// `groups`: the group of each case. `statistic` is given how often each case is drawn, `[n]`.
///
/// # Errors
/// [`EvaluationError::Empty`] without cases.
///
/// # Source
/// Davison and Hinkley, "Bootstrap methods and their application" (1997), 3.8: whole groups drawn.
pub fn clustered_interval(
    groups: &[u32],
    seed: u64,
    n_resamples: usize,
    statistic: impl Fn(&[u32]) -> f64,
) -> Result<Interval, EvaluationError> {
    let mut cases_of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    groups.iter().enumerate().for_each(|(i, group)| cases_of.entry(*group).or_default().push(i));
    let cases_of: Vec<Vec<usize>> = cases_of.into_values().collect();
    if cases_of.is_empty() {
        return Err(EvaluationError::Empty);
    }
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut weights = vec![0_u32; groups.len()];
    let mut draw = || {
        weights.fill(0);
        for _ in 0..cases_of.len() {
            let drawn = &cases_of[rng.random_range(0..cases_of.len())];
            drawn.iter().for_each(|i| weights[*i] += 1);
        }
        statistic(&weights)
    };
    let draws = (0..n_resamples).map(|_| draw()).collect();
    Ok(percentiles(statistic(&vec![1; groups.len()]), draws))
}

/// Mean of values that are there several times; 0 where none is.
///
/// # Shapes
/// `values`, `weights` `[n]`.
pub fn weighted_mean(values: &[f64], weights: &[u32]) -> f64 {
    let n: u64 = weights.iter().map(|n| u64::from(*n)).sum();
    let sum: f64 = values.iter().zip(weights).map(|(x, n)| x * f64::from(*n)).sum();
    sum / n.max(1) as f64
}

/// Scores in order, so that the area under the curve of many resamples is fast.
#[derive(Clone, Debug)]
pub struct RankedScores {
    /// Cases by score, the lowest first.
    order: Vec<usize>,
    /// For each place in the order whether its score is that of the place before.
    is_tied: Vec<bool>,
    labels: Vec<bool>,
}

impl RankedScores {
    /// # Shapes
    /// `scores`, `labels` `[n]`.
    ///
    /// # Errors
    /// [`EvaluationError::Unpaired`].
    pub fn new(scores: &[f32], labels: &[bool]) -> Result<Self, EvaluationError> {
        if scores.len() != labels.len() {
            return Err(EvaluationError::Unpaired { left: scores.len(), right: labels.len() });
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(a.cmp(b)));
        let mut is_tied = vec![false; order.len()];
        for (place, pair) in order.windows(2).enumerate() {
            is_tied[place + 1] = scores[pair[0]] == scores[pair[1]];
        }
        Ok(Self { order, is_tied, labels: labels.to_vec() })
    }

    /// Share of pairs of a true and a false case in which the true one has the higher score, ties
    /// half; a half where there are no such pairs.
    ///
    /// # Shapes
    /// `weights`: how often each case is there, `[n]`.
    pub fn auc(&self, weights: &[u32]) -> f64 {
        let (mut below, mut wins) = (0.0_f64, 0.0_f64);
        let (mut tied_true, mut tied_false, mut n_true) = (0.0_f64, 0.0_f64, 0.0_f64);
        for (place, i) in self.order.iter().enumerate() {
            if !self.is_tied[place] {
                wins += tied_true * (below + 0.5 * tied_false);
                below += tied_false;
                (tied_true, tied_false) = (0.0, 0.0);
            }
            let weight = f64::from(weights[*i]);
            if self.labels[*i] {
                tied_true += weight;
                n_true += weight;
            } else {
                tied_false += weight;
            }
        }
        wins += tied_true * (below + 0.5 * tied_false);
        let n_pairs = n_true * (below + tied_false);
        if n_pairs == 0.0 { 0.5 } else { wins / n_pairs }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_area_is_the_share_of_ordered_pairs(
            cases in prop::collection::vec((0u8..6, any::<bool>(), 0u32..3), 2..40),
        ) {
            let scores: Vec<f32> = cases.iter().map(|case| f32::from(case.0)).collect();
            let labels: Vec<bool> = cases.iter().map(|case| case.1).collect();
            let weights: Vec<u32> = cases.iter().map(|case| case.2).collect();
            let (mut wins, mut n) = (0.0, 0.0);
            for (a, x, u) in cases.iter().filter(|case| case.1) {
                let _ = x;
                for (b, _, v) in cases.iter().filter(|case| !case.1) {
                    let pairs = f64::from(u * v);
                    n += pairs;
                    wins += pairs * if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 };
                }
            }
            let expected = if n == 0.0 { 0.5 } else { wins / n };
            let found = RankedScores::new(&scores, &labels).unwrap().auc(&weights);
            prop_assert!((found - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn groups_that_agree_within_make_a_wide_interval() {
        let values: Vec<f64> = (0..1_000).map(|i| f64::from(i / 100 % 2)).collect();
        let mean = |weights: &[u32]| weighted_mean(&values, weights);
        let by_case: Vec<u32> = (0..1_000).collect();
        let by_group: Vec<u32> = (0..1_000).map(|i| i / 100).collect();
        let [one, other] =
            [by_case, by_group].map(|groups| clustered_interval(&groups, 1, 500, mean).unwrap());
        let width = |interval: Interval| interval.upper - interval.lower;
        assert_eq!(one.mean, 0.5);
        assert!(width(other) > 5.0 * width(one), "{other:?} {one:?}");
        assert_eq!(clustered_interval(&[], 1, 5, mean), Err(EvaluationError::Empty));
    }
}
