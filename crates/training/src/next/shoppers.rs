//! What shoppers with a similar history took.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_ranking::{PastPurchase, PurchaseLog};

use super::{Recency, Scorer};
use crate::TrainingError;

/// How many shoppers vote, and how histories fade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShopperKnnConfig {
    /// Nearest shoppers that vote.
    pub n_neighbours: usize,
    /// How a history fades, the asked one's and the neighbours'.
    pub recency: Recency,
}

impl Default for ShopperKnnConfig {
    fn default() -> Self {
        Self { n_neighbours: 200, recency: Recency { decay: 0.97, baskets_max: 200 } }
    }
}

/// An item with a weight.
type Weighted = (u32, f32);

/// Faded baskets of the nearest shoppers, by how near they are.
///
/// # Source
/// H. Hu et al., "Modeling personalized item frequency information for next-basket
/// recommendation" (TIFU-KNN), SIGIR 2020; here with inverse document frequencies,
/// as staples make everyone alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShopperKnn {
    /// What each shopper took, weights adding up to 1.
    shoppers: Vec<Vec<Weighted>>,
    /// Shoppers of each item, with their weight in a unit vector.
    of_item: Vec<Vec<Weighted>>,
    /// \[n_items\]
    rarity: Vec<f32>,
    config: ShopperKnnConfig,
}

impl ShopperKnn {
    /// Reads a log.
    pub fn fit(log: &PurchaseLog, config: ShopperKnnConfig) -> Self {
        let n_shoppers = log.n_shoppers();
        let shoppers: Vec<Vec<Weighted>> =
            (0..n_shoppers).into_par_iter().map(|n| faded(log.of(n), config.recency)).collect();
        let mut n_with = vec![0_u32; log.n_items()];
        shoppers.iter().flatten().for_each(|(item, _)| n_with[*item as usize] += 1);
        let rarity: Vec<f32> =
            n_with.iter().map(|n| ((1 + n_shoppers) as f32 / (1 + n) as f32).ln()).collect();
        Self::assemble(shoppers, rarity, config)
    }

    fn assemble(shoppers: Vec<Vec<Weighted>>, rarity: Vec<f32>, config: ShopperKnnConfig) -> Self {
        let mut of_item = vec![Vec::new(); rarity.len()];
        for (n, items) in (0..).zip(&shoppers) {
            for (item, weight) in unit(items, &rarity) {
                of_item[item as usize].push((n, weight));
            }
        }
        Self { shoppers, of_item, rarity, config }
    }

    /// A copy that knows of each shopper the `n_kept` items with the largest weights.
    pub fn thinned(&self, n_kept: usize) -> Self {
        let shoppers = self.shoppers.iter().map(|items| most(items, n_kept)).collect();
        Self::assemble(shoppers, self.rarity.clone(), self.config)
    }

    fn votes(&self, history: &[PastPurchase], scores: &mut [f32]) {
        let mut near = vec![0.0; self.shoppers.len()];
        for (item, weight) in unit(&faded(history, self.config.recency), &self.rarity) {
            for (shopper, theirs) in &self.of_item[item as usize] {
                near[*shopper as usize] += weight * theirs;
            }
        }
        let n = self.config.n_neighbours;
        let mut nearest: Vec<(u32, f32)> =
            (0..).zip(near).filter(|(_, cosine)| *cosine > 0.0).collect();
        let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if nearest.len() > n && n > 0 {
            nearest.select_nth_unstable_by(n - 1, order);
        }
        nearest.truncate(n);
        // In this order, so that sums of floats do not depend on the selection.
        nearest.sort_unstable_by(order);
        for (shopper, cosine) in nearest {
            for (item, weight) in &self.shoppers[shopper as usize] {
                scores[*item as usize] += cosine * weight;
            }
        }
    }
}

/// The items of the largest weights, ascending.
pub(super) fn most(items: &[Weighted], n_kept: usize) -> Vec<Weighted> {
    let mut items = items.to_vec();
    items.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    items.truncate(n_kept);
    items.sort_unstable_by_key(|(item, _)| *item);
    items
}

/// Items of a history by faded count, weights adding up to 1.
fn faded(history: &[PastPurchase], recency: Recency) -> Vec<Weighted> {
    let mut weights: BTreeMap<u32, f32> = BTreeMap::new();
    for (item, weight) in recency.weigh(history) {
        *weights.entry(item).or_default() += weight;
    }
    let sum: f32 = weights.values().sum();
    weights.into_iter().map(|(item, weight)| (item, weight / sum)).collect()
}

/// The same as a vector of length 1, rare items counting more.
fn unit(items: &[Weighted], rarity: &[f32]) -> Vec<Weighted> {
    let weighted = items.iter().map(|(item, weight)| (*item, weight * rarity[*item as usize]));
    let weighted: Vec<Weighted> = weighted.collect();
    let norm = weighted.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    if norm == 0.0 {
        return Vec::new();
    }
    weighted.into_iter().map(|(item, weight)| (item, weight / norm)).collect()
}

impl Scorer for ShopperKnn {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let n_items = self.rarity.len();
        let mut scores = vec![0.0; histories.len() * n_items];
        let rows = scores.par_chunks_exact_mut(n_items).zip(histories);
        rows.for_each(|(row, history)| self.votes(history, row));
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_the_same_says_what_comes_next() {
        // Even shoppers take 0, 1 and 2, odd ones 3, 4 and 5; everyone takes 6.
        let sequences: Vec<Vec<u32>> = (0..20u32)
            .map(|n| [0, 1, 2].map(|i| i + 3 * (n % 2)).into_iter().chain([6]).collect())
            .collect();
        let log = PurchaseLog::of_sequences(7, &sequences).expect("in range");
        let knn = ShopperKnn::fit(&log, ShopperKnnConfig::default());
        let asked = PurchaseLog::of_sequences(7, &[vec![0, 1], vec![4]]).expect("in range");
        let scores = knn.score(&[asked.of(0), asked.of(1), &[]], 0).expect("scores");
        let row = |n: usize| &scores[n * 7..][..7];
        assert!(row(0)[2] > 0.0 && row(0)[3..6].iter().all(|score| *score == 0.0));
        assert!(row(1)[3] > 0.0 && row(1)[0] == 0.0);
        assert!(row(2).iter().all(|score| *score == 0.0), "nothing is known of a new one");
    }
}
