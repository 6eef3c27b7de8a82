//! Reciprocal rank fusion: many rankings become one.

use std::collections::HashMap;

use vitrine_domain::{CandidateSource, ItemId, by_score_then_id};

use crate::{RecallHit, SourceRank};

/// Damps the first ranks: rank r of a source is worth 1 / (`RRF_K` + r). The
/// value of the paper, which found the result to depend little on it.
pub const RRF_K: f32 = 60.0;

/// One source's items with its own scores, best first, no item twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Which source.
    pub source: CandidateSource,
    /// Its items and scores.
    pub items: Vec<(ItemId, f32)>,
}

/// Sums 1 / ([`RRF_K`] + rank) over the rankings that have an item; best
/// first, ties by id.
///
/// # Source
/// Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms Condorcet
/// and individual Rank Learning Methods", SIGIR 2009.
pub fn fuse(rankings: &[Ranking]) -> Vec<RecallHit> {
    let n_items_max = rankings.iter().map(|ranking| ranking.items.len()).sum();
    let mut position_of: HashMap<ItemId, usize> = HashMap::with_capacity(n_items_max);
    let mut hits: Vec<RecallHit> = Vec::with_capacity(n_items_max);
    for ranking in rankings {
        for (rank, &(item, score)) in (1u32..).zip(&ranking.items) {
            let position = *position_of.entry(item).or_insert_with(|| {
                hits.push(RecallHit { item, score: 0.0, sources: Vec::new() });
                hits.len() - 1
            });
            let hit = &mut hits[position];
            hit.score += 1.0 / (RRF_K + rank as f32);
            hit.sources.push(SourceRank { source: ranking.source, rank, score });
        }
    }
    hits.sort_unstable_by(|a, b| by_score_then_id((a.score, a.item), (b.score, b.item)));
    hits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranking(source: CandidateSource, ids: &[u64]) -> Ranking {
        Ranking { source, items: ids.iter().map(|&id| (ItemId(id), 1.0)).collect() }
    }

    #[test]
    fn what_both_sources_find_comes_first_and_ties_go_by_id() {
        let fused = fuse(&[
            ranking(CandidateSource::Lexical, &[5, 1, 3]),
            ranking(CandidateSource::Semantic, &[4, 3]),
        ]);
        let ids: Vec<u64> = fused.iter().map(|hit| hit.item.0).collect();
        assert_eq!(ids, [3, 4, 5, 1]);
        assert_eq!(fused[0].score, 1.0 / 63.0 + 1.0 / 62.0);
        let ranks: Vec<u32> = fused[0].sources.iter().map(|source| source.rank).collect();
        assert_eq!(ranks, [3, 2]);
    }

    proptest! {
        #[test]
        fn fusion_keeps_every_item_once_and_one_ranking_as_it_is(
            ids in prop::collection::hash_set(0u64..50, 0..30),
            others in prop::collection::hash_set(0u64..50, 0..30),
        ) {
            let ids: Vec<u64> = ids.into_iter().collect();
            let others: Vec<u64> = others.into_iter().collect();
            let alone = fuse(&[ranking(CandidateSource::Lexical, &ids)]);
            let found: Vec<u64> = alone.iter().map(|hit| hit.item.0).collect();
            prop_assert_eq!(&found, &ids);

            let both = fuse(&[
                ranking(CandidateSource::Lexical, &ids),
                ranking(CandidateSource::Semantic, &others),
            ]);
            let found: std::collections::BTreeSet<u64> =
                both.iter().map(|hit| hit.item.0).collect();
            prop_assert_eq!(found.len(), both.len());
            prop_assert_eq!(found, ids.into_iter().chain(others).collect());
        }
    }
}
