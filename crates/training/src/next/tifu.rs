//! TIFU-KNN: what a shopper takes again and again, and what the nearest shoppers take.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_ranking::{PastPurchase, PurchaseLog};

use super::Scorer;
use super::shoppers::most;
use crate::TrainingError;

/// Decays and neighbours of [`TifuKnn`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TifuKnnConfig {
    /// Groups that the baskets of a shopper are divided into, oldest first.
    pub n_groups: usize,
    /// How much a basket keeps of its weight with each newer one of its group.
    pub basket_decay: f32,
    /// How much a group keeps of its weight with each newer one.
    pub group_decay: f32,
    /// Nearest shoppers that count.
    pub n_neighbours: usize,
    /// Share of the shopper's own vector; the rest is the neighbours' mean.
    pub own_share: f32,
}

impl Default for TifuKnnConfig {
    /// Tuned on the validation window of a supermarket year.
    fn default() -> Self {
        Self { n_groups: 7, basket_decay: 0.9, group_decay: 0.7, n_neighbours: 100, own_share: 0.5 }
    }
}

/// An item with a weight.
type Weighted = (u32, f32);

/// The strongest simple model of next baskets.
///
/// # Source
/// H. Hu et al., "Modeling personalized item frequency information for next-basket
/// recommendation", SIGIR 2020.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TifuKnn {
    /// Vector of each shopper, by item.
    shoppers: Vec<Vec<Weighted>>,
    /// Squared length of each shopper's vector.
    squares: Vec<f32>,
    /// Shoppers of each item, with their weight.
    of_item: Vec<Vec<Weighted>>,
    config: TifuKnnConfig,
}

impl TifuKnn {
    /// Reads a log.
    pub fn fit(log: &PurchaseLog, config: TifuKnnConfig) -> Self {
        let shoppers: Vec<Vec<Weighted>> =
            (0..log.n_shoppers()).into_par_iter().map(|n| vector(log.of(n), &config)).collect();
        Self::assemble(shoppers, log.n_items(), config)
    }

    fn assemble(shoppers: Vec<Vec<Weighted>>, n_items: usize, config: TifuKnnConfig) -> Self {
        let mut of_item = vec![Vec::new(); n_items];
        for (n, items) in (0..).zip(&shoppers) {
            items.iter().for_each(|(item, weight)| of_item[*item as usize].push((n, *weight)));
        }
        let squares = shoppers.iter().map(|items| square(items)).collect();
        Self { shoppers, squares, of_item, config }
    }

    /// A copy that knows of each shopper the `n_kept` items with the largest weights.
    pub fn thinned(&self, n_kept: usize) -> Self {
        let shoppers = self.shoppers.iter().map(|items| most(items, n_kept)).collect();
        Self::assemble(shoppers, self.of_item.len(), self.config)
    }

    fn score_one(&self, history: &[PastPurchase], scores: &mut [f32]) {
        let own = vector(history, &self.config);
        let mut products = vec![0.0f32; self.shoppers.len()];
        for (item, weight) in &own {
            for (shopper, theirs) in &self.of_item[*item as usize] {
                products[*shopper as usize] += weight * theirs;
            }
        }
        // |a − b|² without the asked one's length, which is the same for all.
        let mut nearest: Vec<(u32, f32)> = (0..)
            .zip(self.squares.iter().zip(&products))
            .map(|(shopper, (square, product))| (shopper, square - 2.0 * product))
            .collect();
        let order = |a: &(u32, f32), b: &(u32, f32)| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0));
        let n = self.config.n_neighbours.min(nearest.len());
        if n > 0 && nearest.len() > n {
            nearest.select_nth_unstable_by(n - 1, order);
        }
        nearest.truncate(n);
        // In this order, so that sums of floats do not depend on the selection.
        nearest.sort_unstable_by(order);
        let theirs = (1.0 - self.config.own_share) / n.max(1) as f32;
        for (shopper, _) in nearest {
            for (item, weight) in &self.shoppers[shopper as usize] {
                scores[*item as usize] += theirs * weight;
            }
        }
        for (item, weight) in own {
            scores[item as usize] += self.config.own_share * weight;
        }
    }
}

/// Weights by item: the mean over groups of baskets of the mean over the baskets of a
/// group, older ones of both fading.
fn vector(history: &[PastPurchase], config: &TifuKnnConfig) -> Vec<Weighted> {
    let baskets: Vec<&[PastPurchase]> = history.chunk_by(|a, b| a.basket == b.basket).collect();
    if baskets.is_empty() {
        return Vec::new();
    }
    let size = baskets.len().div_ceil(config.n_groups.max(1));
    // The oldest group is the one that may be short.
    let mut groups: Vec<&[&[PastPurchase]]> = baskets.rchunks(size).collect();
    groups.reverse();
    let mut sums: BTreeMap<u32, f32> = BTreeMap::new();
    for (age, group) in groups.iter().rev().enumerate() {
        let group_weight = config.group_decay.powi(age as i32) / groups.len() as f32;
        for (age, basket) in group.iter().rev().enumerate() {
            let weight = group_weight * config.basket_decay.powi(age as i32) / group.len() as f32;
            basket.iter().for_each(|entry| *sums.entry(entry.item_idx).or_default() += weight);
        }
    }
    sums.into_iter().collect()
}

fn square(items: &[Weighted]) -> f32 {
    items.iter().map(|(_, weight)| weight * weight).sum()
}

impl Scorer for TifuKnn {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let n_items = self.of_item.len();
        let mut scores = vec![0.0; histories.len() * n_items];
        let rows = scores.par_chunks_exact_mut(n_items).zip(histories);
        rows.for_each(|(row, history)| self.score_one(history, row));
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_of_a_hand_worked_history() {
        // Three baskets in two groups of at most two: {0}, then {0, 1} and {2}.
        let entry = |basket, item_idx| PastPurchase { at_seconds: 0, basket, item_idx };
        let history = [entry(0, 0), entry(1, 0), entry(1, 1), entry(2, 2)];
        let config = TifuKnnConfig {
            n_groups: 2,
            basket_decay: 0.5,
            group_decay: 0.25,
            ..TifuKnnConfig::default()
        };
        let newer = [0.5 * 0.5 / 2.0, 0.5 / 2.0];
        let older = 0.25 / 2.0;
        assert_eq!(
            vector(&history, &config),
            [(0, older + newer[0]), (1, newer[0]), (2, newer[1])]
        );
        assert!(vector(&[], &config).is_empty());
    }

    #[test]
    fn own_habits_and_those_of_the_nearest_add_up() {
        // Even shoppers take 0, 1 and 2, odd ones 3, 4 and 5.
        let sequences: Vec<Vec<u32>> =
            (0..20u32).map(|n| [0, 1, 2].map(|i| i + 3 * (n % 2)).to_vec()).collect();
        let log = PurchaseLog::of_sequences(6, &sequences).expect("in range");
        let config = TifuKnnConfig { n_neighbours: 5, ..TifuKnnConfig::default() };
        let knn = TifuKnn::fit(&log, config);
        let asked = PurchaseLog::of_sequences(6, &[vec![0, 1]]).expect("in range");
        let scores = knn.score(&[asked.of(0)], 0).expect("scores");
        assert!(scores[2] > 0.0 && scores[0] > scores[2], "{scores:?}");
        assert!(scores[3..].iter().all(|score| *score == 0.0), "{scores:?}");
    }
}
