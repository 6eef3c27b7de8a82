//! Baselines that only count.

use rayon::prelude::*;

use serde::{Deserialize, Serialize};

use vitrine_ranking::cooccurrence::{self, CooccurrenceConfig, Together};
use vitrine_ranking::{Latent, Neighbours, PastPurchase, PurchaseLog};

use super::sparse::thinned;
use super::{Recency, Scorer};
use crate::TrainingError;

/// How often each item was taken, \[n_items\].
pub(crate) fn item_counts(log: &PurchaseLog) -> Vec<u32> {
    let mut counts = vec![0; log.n_items()];
    log.entries().iter().for_each(|entry| counts[entry.item_idx as usize] += 1);
    counts
}

/// What was taken most often, the same for everyone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PopRec {
    counts: Vec<f32>,
}

impl PopRec {
    /// Counts a log.
    pub fn fit(log: &PurchaseLog) -> Self {
        Self { counts: item_counts(log).into_iter().map(|count| count as f32).collect() }
    }
}

impl Scorer for PopRec {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        Ok(self.counts.repeat(histories.len()))
    }
}

/// What was taken most often lately, the same for everyone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecentPop {
    counts: Vec<f32>,
}

impl RecentPop {
    /// Counts the last `seconds` of a log; what was taken before breaks ties.
    pub fn fit(log: &PurchaseLog, seconds: i64) -> Self {
        let all = item_counts(log);
        let most = all.iter().copied().max().unwrap_or(0) as f32 + 1.0;
        let mut counts: Vec<f32> = all.into_iter().map(|count| count as f32 / most).collect();
        let from = log.last_seconds().unwrap_or(0).saturating_sub(seconds);
        for entry in log.entries().iter().filter(|entry| entry.at_seconds > from) {
            counts[entry.item_idx as usize] += 1.0;
        }
        Self { counts }
    }
}

impl Scorer for RecentPop {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        Ok(self.counts.repeat(histories.len()))
    }
}

/// What shoppers of the same taste took: factors of who took what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PureSvd {
    factors: Latent,
}

impl PureSvd {
    /// Factors of a log.
    pub fn fit(log: &PurchaseLog) -> Self {
        Self { factors: Latent::new(log) }
    }
}

impl Scorer for PureSvd {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let rows: Vec<Vec<f32>> =
            histories.par_iter().map(|history| self.factors.affinities(history)).collect();
        Ok(rows.concat())
    }
}

/// Age in baskets from which a decayed interaction may weigh less than popularity.
const AGE_TOLD: i32 = 50;

/// What this shopper took most often, newer baskets more; popularity breaks ties.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PersonalFrequency {
    popularity: Vec<f32>,
    recency: Recency,
}

impl PersonalFrequency {
    /// Counts a log; without fading every basket counts alike.
    pub fn fit(log: &PurchaseLog, recency: Recency) -> Self {
        let counts = item_counts(log);
        let most = counts.iter().copied().max().unwrap_or(0) as f32 + 1.0;
        // Less than the weight of any basket that can be told from nothing.
        let scale = recency.decay.powi(AGE_TOLD) / most;
        let popularity = counts.into_iter().map(|count| count as f32 * scale).collect();
        Self { popularity, recency }
    }
}

impl Scorer for PersonalFrequency {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let mut scores = self.popularity.repeat(histories.len());
        for (row, history) in scores.chunks_exact_mut(self.popularity.len()).zip(histories) {
            for (item, weight) in self.recency.weigh(history) {
                row[item as usize] += weight;
            }
        }
        Ok(scores)
    }
}

/// Exponents and memory of [`ItemKnn`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ItemKnnConfig {
    /// Exponent of the count of the item that was taken.
    pub exponent_from: f32,
    /// Exponent of the count of the item that is scored.
    pub exponent_to: f32,
    /// Nearest items of each item that count.
    pub n_neighbours: usize,
    /// How the history fades.
    pub recency: Recency,
}

impl Default for ItemKnnConfig {
    fn default() -> Self {
        let recency = Recency { decay: 0.7, baskets_max: 10 };
        Self { exponent_from: 0.5, exponent_to: 0.4, n_neighbours: usize::MAX, recency }
    }
}

/// Sum of co-occurrence similarities to what was taken, newer more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ItemKnn {
    neighbours: Neighbours,
    recency: Recency,
}

impl ItemKnn {
    /// Counts a log: every pair of one shopper, however rare.
    ///
    /// # Source
    /// Sarwar et al., Item-based collaborative filtering (2001); Deshpande and
    /// Karypis (2004) for the exponents.
    pub fn fit(log: &PurchaseLog, config: ItemKnnConfig) -> Self {
        let ItemKnnConfig { exponent_from, exponent_to, n_neighbours, recency } = config;
        let neighbours = cooccurrence::neighbours(
            log,
            &CooccurrenceConfig {
                together: Together::Shopper,
                exponent_from,
                exponent_to,
                buyers_min: 1,
                n_neighbours: n_neighbours.min(log.n_items()),
            },
        );
        Self { neighbours, recency }
    }

    /// A copy that keeps the `n_kept` nearest neighbours of each item.
    pub fn thinned(&self, n_kept: usize) -> Self {
        Self { neighbours: thinned(&self.neighbours, n_kept), recency: self.recency }
    }
}

impl Scorer for ItemKnn {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let n_items = self.neighbours.n_items();
        let mut scores = vec![0.0; histories.len() * n_items];
        scores.par_chunks_exact_mut(n_items).zip(histories).for_each(|(row, history)| {
            for (item, weight) in self.recency.weigh(history) {
                self.neighbours.add_to(item, weight, row);
            }
        });
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> PurchaseLog {
        let sequences = [vec![0, 1, 2], vec![0, 1], vec![3, 1], vec![2, 0, 0]];
        PurchaseLog::of_sequences(5, &sequences).expect("in range")
    }

    #[test]
    fn each_scores_by_what_it_is_named_after() {
        let log = log();
        let history = log.of(3);
        let popular = PopRec::fit(&log).score(&[history, &[]], 0).expect("counts");
        assert_eq!(popular, [4.0, 3.0, 2.0, 1.0, 0.0, 4.0, 3.0, 2.0, 1.0, 0.0]);
        let own =
            |recency| PersonalFrequency::fit(&log, recency).score(&[history], 0).expect("counts");
        assert_eq!(own(Recency::NONE), [2.8, 0.6, 1.4, 0.2, 0.0]);
        // Item 0 is in the two newest of three baskets, item 2 in the oldest.
        let faded = own(Recency { decay: 0.5, baskets_max: 10 });
        assert!((faded[0] - 1.5).abs() < 1e-6 && (faded[2] - 0.25).abs() < 1e-6);
        assert!(faded[1] > faded[3] && faded[3] > faded[4]);
    }

    #[test]
    fn lately_and_taste_score_by_what_they_are_named_after() {
        let log = log();
        // The newest entry of a sequence is at second 2: then 2 and 0 were taken.
        let lately = RecentPop::fit(&log, 1).score(&[&[]], 0).expect("counts");
        assert!((lately[0] - 1.8).abs() < 1e-6 && (lately[2] - 1.4).abs() < 1e-6, "{lately:?}");
        assert!(lately[1] < 1.0 && lately[4] == 0.0);
        // Two camps of shoppers, each with 60 items of its own.
        let camps: Vec<Vec<u32>> = (0..400u32)
            .map(|n| (0..8).map(|i| n % 2 * 60 + (n * 7 + i * i * 11) % 60).collect())
            .collect();
        let log = PurchaseLog::of_sequences(120, &camps).expect("in range");
        let taste = PureSvd::fit(&log).score(&[&log.of(0)[..3], &[]], 0).expect("scores");
        let mean = |scores: &[f32]| scores.iter().sum::<f32>() / scores.len() as f32;
        let (own, other) = (mean(&taste[..60]), mean(&taste[60..120]));
        assert!(own > 0.01 && own > 5.0 * other.abs(), "{own} {other}");
        assert!(taste[120..].iter().all(|score| *score == 0.0), "nothing is known of nobody");
    }

    #[test]
    fn neighbours_fade_with_the_age_of_the_basket() {
        let knn = ItemKnn::fit(&log(), ItemKnnConfig::default());
        let log = PurchaseLog::of_sequences(5, &[vec![3, 0]]).expect("in range");
        let scores = knn.score(&[log.of(0)], 0).expect("counts");
        // Item 1 (3 buyers) shares two buyers with 0 (3 buyers), one with 3 (1 buyer).
        let to = 3f32.powf(0.4);
        let expected = 2.0 / (3f32.sqrt() * to) + 0.7 * 1.0 / to;
        assert!((scores[1] - expected).abs() < 1e-6);
        assert_eq!((scores[4], scores[3]), (0.0, 0.0));
    }
}
