//! What flows from recall to ranking.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::ItemId;

/// Which source proposed a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateSource {
    /// Words of the query in the item's fields (BM25).
    Lexical,
    /// Nearness of meaning (vectors).
    Semantic,
    /// Popularity, overall or in a department.
    Popular,
    /// In the shopper's own log.
    History,
    /// Scan of item codes by the shopper's state.
    Scan,
}

/// An item with its final score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// The card.
    pub item: ItemId,
    /// Score; higher is better.
    pub score: f32,
}

/// Best first; non-finite scores sink; ties by id, so that an order is total
/// and the same everywhere.
pub fn by_score_then_id(a: (f32, ItemId), b: (f32, ItemId)) -> Ordering {
    let key = |score: f32| if score.is_finite() { score } else { f32::NEG_INFINITY };
    key(b.0).total_cmp(&key(a.0)).then_with(|| a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_total_and_sinks_what_is_not_finite() {
        let mut scored = [
            (f32::NAN, ItemId(1)),
            (1.0, ItemId(3)),
            (1.0, ItemId(2)),
            (f32::INFINITY, ItemId(0)),
            (2.0, ItemId(9)),
        ];
        scored.sort_by(|a, b| by_score_then_id(*a, *b));
        let ids: Vec<u64> = scored.iter().map(|(_, id)| id.0).collect();
        assert_eq!(ids, [9, 2, 3, 0, 1]);
    }
}
