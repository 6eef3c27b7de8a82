//! What is taken by those who took the same: two steps over the graph of shoppers and items,
//! with nothing learned.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_ranking::{PastPurchase, PurchaseLog, RankingError};

use super::shoppers::most;
use super::{Recency, Scorer};
use crate::TrainingError;

/// How what was taken fades.
const RECENCY: Recency = Recency { decay: 0.8, baskets_max: 20 };

/// An item with a weight.
type Weighted = (u32, f32);

/// From the items of a history to who took them, and from those to what they took: an edge
/// weighs 1 / √(degree of the shopper · degree of the item), so that neither those who take
/// everything nor what everyone takes decides.
///
/// # Source
/// The propagation of LightGCN (X. He et al., SIGIR 2020) without its training.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TwoHop {
    /// Edges of each shopper, by item.
    shoppers: Vec<Vec<Weighted>>,
    n_items: usize,
    /// Edges of each item, by shopper.
    #[serde(skip)]
    of_item: Arc<Vec<Vec<Weighted>>>,
}

impl TwoHop {
    /// Reads a log.
    pub fn fit(log: &PurchaseLog) -> Self {
        let distinct = |n: usize| {
            let mut items: Vec<u32> = log.of(n).iter().map(|entry| entry.item_idx).collect();
            items.sort_unstable();
            items.dedup();
            items
        };
        let taken: Vec<Vec<u32>> = (0..log.n_shoppers()).into_par_iter().map(distinct).collect();
        let mut degrees = vec![0u32; log.n_items()];
        taken.iter().flatten().for_each(|item| degrees[*item as usize] += 1);
        let edges = |items: &Vec<u32>| -> Vec<Weighted> {
            let edge = |item: &u32| {
                let degree = degrees[*item as usize] as f32 * items.len() as f32;
                (*item, degree.sqrt().recip())
            };
            items.iter().map(edge).collect()
        };
        Self::assemble(taken.iter().map(edges).collect(), log.n_items())
    }

    fn assemble(shoppers: Vec<Vec<Weighted>>, n_items: usize) -> Self {
        let mut of_item = vec![Vec::new(); n_items];
        for (n, items) in (0..).zip(&shoppers) {
            items.iter().for_each(|(item, weight)| of_item[*item as usize].push((n, *weight)));
        }
        Self { shoppers, n_items, of_item: of_item.into() }
    }

    /// A copy that knows of each shopper the `n_kept` edges of the largest weight.
    pub fn thinned(&self, n_kept: usize) -> Self {
        let shoppers = self.shoppers.iter().map(|items| most(items, n_kept)).collect();
        Self::assemble(shoppers, self.n_items)
    }

    /// Adds to a model that was read from disk what is derived of its edges.
    ///
    /// # Errors
    /// When an item is not in the list.
    pub(crate) fn restored(self) -> Result<Self, TrainingError> {
        let n_items = self.n_items;
        let mut items = self.shoppers.iter().flatten().map(|(item, _)| *item);
        match items.find(|item| *item as usize >= n_items) {
            Some(item_idx) => Err(RankingError::OutOfRange { item_idx, n_items }.into()),
            None => Ok(Self::assemble(self.shoppers, n_items)),
        }
    }

    fn score_one(&self, history: &[PastPurchase], scores: &mut [f32]) {
        let mut near = vec![0.0f32; self.shoppers.len()];
        for (item, weight) in RECENCY.weigh(history) {
            for (shopper, edge) in &self.of_item[item as usize] {
                near[*shopper as usize] += weight * edge;
            }
        }
        for (items, near) in self.shoppers.iter().zip(near).filter(|(_, near)| *near > 0.0) {
            for (item, edge) in items {
                scores[*item as usize] += near * edge;
            }
        }
    }
}

impl Scorer for TwoHop {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let mut scores = vec![0.0; histories.len() * self.n_items];
        let rows = scores.par_chunks_mut(self.n_items.max(1)).zip(histories);
        rows.for_each(|(row, history)| self.score_one(history, row));
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_lead_to_what_the_same_shoppers_took() {
        // 0 and 1 were taken by one, 0 and 2 by one who took 3 as well.
        let log = PurchaseLog::of_sequences(4, &[vec![0, 1], vec![0, 2, 3]]).expect("in range");
        let two_hop = TwoHop::fit(&log);
        let asked = PurchaseLog::of_sequences(4, &[vec![0]]).expect("in range");
        let scores = two_hop.score(&[asked.of(0), &[]], 0).expect("scored");
        // 0 → the first (1/√(2·2)) → 1 (1/√(1·2)); 0 → the second (1/√(2·3)) → 2 (1/√(1·3)).
        let expected = [0.25 + 1.0 / 6.0, 0.5 / 2f32.sqrt(), 1.0 / 18f32.sqrt()];
        assert!(scores.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{scores:?}");
        assert_eq!(scores[2], scores[3]);
        assert!(scores[4..].iter().all(|score| *score == 0.0));
        let bytes = postcard::to_stdvec(&two_hop.thinned(1)).expect("plain data");
        let read: TwoHop = postcard::from_bytes(&bytes).expect("as written");
        let read = read.restored().expect("in range").score(&[asked.of(0)], 0).expect("scored");
        assert_eq!(read, two_hop.thinned(1).score(&[asked.of(0)], 0).expect("scored"));
    }
}
