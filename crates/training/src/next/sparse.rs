//! An item-to-item matrix of which the strongest weights are kept.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_ranking::{Neighbours, PastPurchase};

use super::{Recency, Scorer};
use crate::TrainingError;

/// For each item that was taken some weights of items that are scored, applied to a faded
/// history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SparseItems {
    rows: Neighbours,
    recency: Recency,
}

impl SparseItems {
    /// The `n_kept` weights of each row that are furthest from 0.
    ///
    /// # Shapes
    /// `weights` \[n_items · n_items\]: row of the item that was taken.
    pub(super) fn strongest(
        weights: &[f32],
        n_items: usize,
        n_kept: usize,
        recency: Recency,
    ) -> Self {
        let row = |row: &[f32]| -> Vec<(u32, f32)> {
            let weights = (0..).zip(row.iter().copied()).filter(|(_, weight)| *weight != 0.0);
            strongest(weights.collect(), n_kept)
        };
        let rows = weights.par_chunks_exact(n_items.max(1)).map(row).collect();
        Self { rows: Neighbours::from_lists(rows), recency }
    }

    /// Rows of (item that is scored, weight).
    pub(super) fn of_rows(rows: Vec<Vec<(u32, f32)>>, recency: Recency) -> Self {
        let n_kept = usize::MAX;
        let rows = rows.into_iter().map(|row| strongest(row, n_kept)).collect();
        Self { rows: Neighbours::from_lists(rows), recency }
    }

    /// A copy that keeps the `n_kept` strongest weights of each row.
    pub fn thinned(&self, n_kept: usize) -> Self {
        Self { rows: thinned(&self.rows, n_kept), recency: self.recency }
    }
}

/// The weights of a row that are furthest from 0, the furthest first.
fn strongest(mut row: Vec<(u32, f32)>, n_kept: usize) -> Vec<(u32, f32)> {
    row.sort_unstable_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    row.truncate(n_kept);
    row
}

/// Lists that end after their first `n_kept` items.
pub(crate) fn thinned(lists: &Neighbours, n_kept: usize) -> Neighbours {
    let list = |item: usize| lists.of(item as u32).take(n_kept).collect();
    Neighbours::from_lists((0..lists.n_items()).map(list).collect())
}

impl Scorer for SparseItems {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let n_items = self.rows.n_items();
        let mut scores = vec![0.0; histories.len() * n_items];
        scores.par_chunks_exact_mut(n_items).zip(histories).for_each(|(scores, history)| {
            for (item, weight) in newest_weights(self.recency, history) {
                self.rows.add_to(item, weight, scores);
            }
        });
        Ok(scores)
    }
}

/// The weight of each item of a history: an item that was taken twice counts once, by its
/// newest.
pub(super) fn newest_weights(recency: Recency, history: &[PastPurchase]) -> BTreeMap<u32, f32> {
    let mut weights: BTreeMap<u32, f32> = BTreeMap::new();
    for (item, weight) in recency.weigh(history) {
        weights.entry(item).or_insert(weight);
    }
    weights
}
