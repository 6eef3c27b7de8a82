//! How far signals spread among the items that come nearest to a query.

use vitrine_domain::limits;
use vitrine_domain::sorting::sort_by;

use super::matches::Matches;
use crate::{Signal, Signals};

/// Least spreads, each a small part of what is usual: where nearly all items that come near are
/// alike in a signal, its differences stay small.
const WORDS_SPREAD_MIN: f32 = 0.02;
const COVERAGE_SPREAD_MIN: f32 = 0.05;
const COSINE_SPREAD_MIN: f32 = 0.01;
/// Items that are nearest by words, and as many by meaning, among which coverage spreads.
const COVERAGE_DEPTH: usize = 200;

/// One standard deviation of each signal that is weighed against others.
pub(super) struct Scales {
    all_texts: f32,
    coverage: f32,
    cosine: f32,
}

impl Scales {
    /// Leaves signals as they are.
    pub(super) const NONE: Self = Self { all_texts: 1.0, coverage: 1.0, cosine: 1.0 };

    /// `meanings`: cosines of the `nearest` rows, which are best first and at most
    /// [`limits::RESCORE_MAX`].
    pub(super) fn new(
        matches: &Matches,
        meanings: Vec<f32>,
        nearest: &[(u32, f32)],
        n_listed: usize,
    ) -> Self {
        let by_words = best(matches.scores(), limits::RESCORE_MAX);
        let words = by_words.iter().take(COVERAGE_DEPTH).copied();
        let meaning = nearest.iter().take(COVERAGE_DEPTH).map(|(row, _)| *row);
        let mut rows: Vec<u32> = words.chain(meaning).collect();
        sort_by(&mut rows, Ord::cmp);
        rows.dedup();
        let mut scores: Vec<f32> = by_words.iter().map(|row| matches.score(*row)).collect();
        // Where few rows have a word, the rest of the best have a score of 0.
        scores.resize(limits::RESCORE_MAX.min(n_listed).max(scores.len()), 0.0);
        Self {
            all_texts: spread(scores, WORDS_SPREAD_MIN),
            coverage: spread(
                rows.iter().map(|row| matches.coverage.share(*row)).collect(),
                COVERAGE_SPREAD_MIN,
            ),
            cosine: spread(meanings, COSINE_SPREAD_MIN),
        }
    }

    /// Brings the signals of an item into these units.
    pub(super) fn apply(&self, signals: &mut Signals) {
        signals[Signal::AllTexts] /= self.all_texts;
        signals[Signal::Coverage] /= self.coverage;
        signals[Signal::Cosine] /= self.cosine;
    }
}

/// The rows of the largest scores above 0, best first, ties by row; at most `n_max`.
fn best(scores: &[f32], n_max: usize) -> Vec<u32> {
    let order = |a: &u32, b: &u32| {
        scores[*b as usize].total_cmp(&scores[*a as usize]).then_with(|| a.cmp(b))
    };
    let mut rows: Vec<u32> =
        (0u32..).zip(scores).filter(|(_, score)| **score > 0.0).map(|(row, _)| row).collect();
    if rows.len() > n_max {
        rows.select_nth_unstable_by(n_max, order);
        rows.truncate(n_max);
    }
    sort_by(&mut rows, order);
    rows
}

/// Standard deviation, at least `min`.
fn spread(values: Vec<f32>, min: f32) -> f32 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    let variance = values.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / n;
    (variance.sqrt() as f32).max(min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_come_first_and_ties_by_row() {
        assert_eq!(best(&[0.5, 2.0, 0.5, 3.0, 0.0], 3), [3, 1, 0]);
        assert_eq!(best(&[1.0, 0.0, 1.0], 10), [0, 2]);
        assert!(best(&[], 10).is_empty());
    }

    #[test]
    fn a_spread_is_a_standard_deviation_and_never_nothing() {
        assert!((spread(vec![1.0, 3.0], 0.1) - 1.0).abs() < 1e-6);
        assert_eq!(spread(vec![2.0; 5], 0.1), 0.1);
        assert_eq!(spread(Vec::new(), 0.1), 0.1);
    }
}
