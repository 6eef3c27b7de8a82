//! Metrics of one ranked list with several binary targets.

use std::collections::HashSet;

/// Where a shopper's targets ended up in one ranking: all that the metrics need.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetRanks {
    /// 0-based ranks of the targets that were ranked at all, ascending; with
    /// half-counted ties they may end in a half.
    ranks: Vec<f64>,
    n_targets: usize,
}

fn sunk(score: f32) -> f32 {
    if score.is_finite() { score } else { f32::NEG_INFINITY }
}

/// A set of small indices.
struct Flags {
    flags: Vec<bool>,
    n: usize,
}

impl Flags {
    fn new(items: &[u32]) -> Self {
        let len = items.iter().copied().max().map_or(0, |most| most as usize + 1);
        let mut flags = vec![false; len];
        items.iter().for_each(|item| flags[*item as usize] = true);
        Self { n: flags.iter().filter(|flag| **flag).count(), flags }
    }

    fn contains(&self, item: u32) -> bool {
        self.flags.get(item as usize).copied().unwrap_or(false)
    }
}

impl TargetRanks {
    /// Ranks of `targets` when every item of the catalogue is ranked by score.
    ///
    /// Ties count against the model: a target stands behind every other item of
    /// equal score that is not itself a target. Non-finite scores sink.
    ///
    /// # Shapes
    /// `scores` \[n_items\]; `targets` are distinct indices below n_items, those
    /// beyond it count as not ranked.
    pub fn of_scores(scores: &[f32], targets: &[u32]) -> Self {
        Self::with_both_ties(scores, targets).0
    }

    /// The same, and the ranks with half-counted ties: in the middle of the others
    /// of equal score, the expectation of a random order.
    ///
    /// # Shapes
    /// As [`Self::of_scores`].
    pub fn with_both_ties(scores: &[f32], targets: &[u32]) -> (Self, Self) {
        let ranked = scores.iter().enumerate().map(|(item, &score)| (item as u32, score));
        Self::of_pairs(ranked, targets)
    }

    /// Ranks of `targets` when only `candidates` are ranked; a target that is no
    /// candidate is not found.
    ///
    /// # Shapes
    /// `candidates` and `scores` \[n\], candidates distinct.
    pub fn of_candidates(candidates: &[u32], scores: &[f32], targets: &[u32]) -> Self {
        let ranked = candidates.iter().copied().zip(scores.iter().copied());
        Self::of_pairs(ranked, targets).0
    }

    /// Ties against the model, and half-counted.
    fn of_pairs(pairs: impl Iterator<Item = (u32, f32)> + Clone, targets: &[u32]) -> (Self, Self) {
        let wanted = Flags::new(targets);
        let mut found: Vec<f32> = pairs
            .clone()
            .filter(|(item, _)| wanted.contains(*item))
            .map(|(_, score)| sunk(score))
            .collect();
        found.sort_by(|a, b| b.total_cmp(a));
        // Others at or above each target, and those at its score: counted once,
        // by binary search.
        let mut others_at = vec![0u32; found.len() + 1];
        let mut tied_at = vec![0u32; found.len() + 1];
        for (item, score) in pairs {
            let score = sunk(score);
            let first_not_above = found.partition_point(|&target| target > score);
            if first_not_above < found.len() && !wanted.contains(item) {
                others_at[first_not_above] += 1;
                tied_at[first_not_above] += u32::from(found[first_not_above] == score);
            }
        }
        let (mut others, mut tied) = (0, 0);
        let (mut against, mut half) = (Vec::new(), Vec::new());
        for position in 0..found.len() {
            others += others_at[position];
            if position == 0 || found[position] < found[position - 1] {
                tied = tied_at[position];
            }
            let rank = f64::from(others + position as u32);
            against.push(rank);
            half.push(rank - f64::from(tied) / 2.0);
        }
        let of = |ranks| Self { ranks, n_targets: wanted.n };
        (of(against), of(half))
    }

    /// The same targets in the ranking without `others`, none of which is a target.
    pub fn without(&self, others: &Self) -> Self {
        let above = |rank: f64| others.ranks.partition_point(|other| *other < rank) as f64;
        let ranks = self.ranks.iter().map(|rank| rank - above(*rank)).collect();
        Self { ranks, n_targets: self.n_targets }
    }

    /// How many targets there were.
    pub fn n_targets(&self) -> usize {
        self.n_targets
    }

    fn within(&self, k: usize) -> impl Iterator<Item = f64> + '_ {
        self.ranks.iter().copied().take_while(move |&rank| rank < k as f64)
    }

    /// Normalised discounted cumulative gain of the first `k`, binary gains, with
    /// the ideal over min(k, targets). 0 without targets.
    ///
    /// # Source
    /// Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002).
    pub fn ndcg(&self, k: usize) -> f64 {
        let discount = |rank: f64| 1.0 / (rank + 2.0).log2();
        let ideal: f64 = (0..self.n_targets.min(k)).map(|rank| discount(rank as f64)).sum();
        if ideal > 0.0 {
            self.within(k).map(discount).fold(0.0, |sum, gain| sum + gain) / ideal
        } else {
            0.0
        }
    }

    /// 1 if any target is among the first `k`, else 0.
    pub fn hit_rate(&self, k: usize) -> f64 {
        if self.within(k).next().is_some() { 1.0 } else { 0.0 }
    }

    /// Share of the targets among the first `k`. 0 without targets.
    pub fn recall(&self, k: usize) -> f64 {
        if self.n_targets == 0 {
            0.0
        } else {
            self.within(k).count() as f64 / self.n_targets as f64
        }
    }

    /// Reciprocal rank of the first target, 0 if none was ranked.
    pub fn reciprocal_rank(&self) -> f64 {
        self.ranks.first().map_or(0.0, |&rank| 1.0 / (rank + 1.0))
    }
}

/// The `k` best items: best first, ties by index, non-finite scores last.
///
/// # Shapes
/// `scores` \[n_items\] → at most k indices.
pub fn top_k(scores: &[f32], k: usize) -> Vec<u32> {
    // Best first; one that does not beat the last of a full list is passed by.
    let mut best: Vec<(f32, u32)> = Vec::with_capacity(k.min(scores.len()) + 1);
    for (item, score) in scores.iter().enumerate().map(|(i, score)| (i as u32, sunk(*score))) {
        if best.len() == k && best.last().is_none_or(|(last, _)| score <= *last) {
            continue;
        }
        let place = best.partition_point(|(other, _)| *other >= score);
        best.insert(place, (score, item));
        best.truncate(k);
    }
    best.into_iter().map(|(_, item)| item).collect()
}

/// Which part of the catalogue a model ever shows.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    seen: HashSet<u32>,
}

impl Coverage {
    /// Counts the items of one shown list.
    pub fn add(&mut self, shown: &[u32]) {
        self.seen.extend(shown);
    }

    /// Adds what another part of the run showed.
    pub fn merge(&mut self, other: Self) {
        self.seen.extend(other.seen);
    }

    /// Share of `n_items` that was shown to anyone.
    pub fn share(&self, n_items: usize) -> f64 {
        if n_items == 0 { 0.0 } else { self.seen.len() as f64 / n_items as f64 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ndcg_of_a_hand_worked_list() {
        // Order: 3, 1, 0, 2; targets 1 and 2 at ranks 1 and 3.
        let ranks = TargetRanks::of_scores(&[0.2, 0.3, 0.1, 0.9], &[1, 2]);
        let gained = 1.0 / 3f64.log2() + 1.0 / 5f64.log2();
        let ideal = 1.0 + 1.0 / 3f64.log2();
        assert!((ranks.ndcg(10) - gained / ideal).abs() < 1e-12);
        assert!((ranks.ndcg(1) - 0.0).abs() < 1e-12);
        assert!((ranks.recall(2) - 0.5).abs() < 1e-12);
        assert!((ranks.reciprocal_rank() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_constant_model_is_ranked_last() {
        let ranks = TargetRanks::of_scores(&[1.0; 50], &[0, 1]);
        assert_eq!(ranks.ndcg(10), 0.0);
        assert_eq!(ranks.recall(50), 1.0);
        assert_eq!(ranks.recall(49), 0.5);
    }

    #[test]
    fn half_counted_ties_put_a_target_into_their_middle() {
        // One above, four tied besides the two targets at ranks 1 + 2 and 2 + 2.
        let scores = [2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0];
        let (against, half) = TargetRanks::with_both_ties(&scores, &[1, 2]);
        assert_eq!((against.reciprocal_rank(), half.reciprocal_rank()), (1.0 / 6.0, 1.0 / 4.0));
        assert_eq!((half.recall(4), half.recall(5)), (0.5, 1.0));
    }

    #[test]
    fn what_is_not_a_candidate_is_not_found() {
        let ranks = TargetRanks::of_candidates(&[7, 9], &[0.1, 0.2], &[9, 4]);
        assert_eq!(ranks.n_targets(), 2);
        assert_eq!(ranks.recall(10), 0.5);
        assert_eq!(ranks.hit_rate(1), 1.0);
    }

    #[test]
    fn not_a_number_sinks() {
        assert_eq!(top_k(&[f32::NAN, 0.0, f32::INFINITY, 1.0], 2), [3, 1]);
        let ranks = TargetRanks::of_scores(&[f32::NAN, 0.0, 1.0], &[0]);
        assert_eq!(ranks.recall(2), 0.0);
    }

    proptest! {
        #[test]
        fn leaving_cards_out_is_ranking_the_rest(
            order in Just((0u32..40).collect::<Vec<u32>>()).prop_shuffle(),
            left_out in 1u32..20,
        ) {
            // Distinct scores; targets 30 and up, cards below `left_out` left out.
            let mut scores = vec![0.0; 40];
            (0..40).for_each(|rank| scores[order[rank] as usize] = -(rank as f32));
            let others: Vec<u32> = (0..left_out).collect();
            let targets: Vec<u32> = (30..40).collect();
            let rest: Vec<u32> = (left_out..40).collect();
            let rest_scores: Vec<f32> = rest.iter().map(|i| scores[*i as usize]).collect();
            let masked = TargetRanks::of_scores(&scores, &targets)
                .without(&TargetRanks::of_scores(&scores, &others));
            prop_assert_eq!(masked, TargetRanks::of_candidates(&rest, &rest_scores, &targets));
        }

        #[test]
        fn ranks_agree_with_a_stable_sort_against_the_model(
            scores in prop::collection::vec(0u8..6, 1..60),
            picks in prop::collection::hash_set(0u32..60, 1..8),
        ) {
            let scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
            let targets: Vec<u32> = picks.into_iter().collect();
            let mut order: Vec<u32> = (0..scores.len() as u32).collect();
            order.sort_by(|a, b| {
                scores[*b as usize].total_cmp(&scores[*a as usize])
                    .then(targets.contains(a).cmp(&targets.contains(b)))
            });
            let expected: Vec<f64> = (0..order.len())
                .filter(|&rank| targets.contains(&order[rank])).map(|rank| rank as f64).collect();
            prop_assert_eq!(TargetRanks::of_scores(&scores, &targets).ranks, expected);
        }

        #[test]
        fn metrics_stay_within_bounds_and_grow_with_k(
            scores in prop::collection::vec(-1f32..1.0, 1..80),
            target in 0u32..80,
            k in 1usize..40,
        ) {
            let ranks = TargetRanks::of_scores(&scores, &[target, target / 2]);
            for value in [ranks.ndcg(k), ranks.recall(k), ranks.hit_rate(k), ranks.reciprocal_rank()] {
                prop_assert!((0.0..=1.0 + 1e-12).contains(&value));
            }
            prop_assert!(ranks.recall(k) <= ranks.recall(k + 1));
        }

        #[test]
        fn top_k_is_the_head_of_the_full_order(
            scores in prop::collection::vec(0u8..9, 0..60), k in 0usize..70,
        ) {
            let scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
            let full = top_k(&scores, scores.len());
            prop_assert_eq!(&top_k(&scores, k)[..], &full[..k.min(full.len())]);
        }
    }
}
