//! The explicit step that joins the personal order of a page with the found one.

use std::cmp::Reverse;
use vitrine_domain::sorting::{sort_by, sort_by_key};

use crate::Tile;

/// Damps the first places in [`fused`], as in reciprocal rank fusion.
const FUSION_RANK: f32 = 10.0;
/// How much more the found order counts than the personal one.
const FOUND_WEIGHT: f32 = 2.0;

/// The student's scalar 14 from a place among all results: 1 for the first,
/// falling as the reciprocal of the place.
pub(crate) fn server_score(place: usize) -> f32 {
    FUSION_RANK / (FUSION_RANK + place as f32)
}

/// Places of a page in their final order: reciprocal rank fusion of the found
/// order (weight [`FOUND_WEIGHT`]) and the personal one; ties as found. What leaves
/// fewer conditions unconfirmed comes first.
pub(crate) fn fused(scores: &[f32], tiles: &[Tile]) -> Vec<usize> {
    let mut personal: Vec<usize> = (0..scores.len()).collect();
    sort_by(&mut personal, |&a, &b| {
        let key = |place: usize| (scores[place], tiles[place].card.id);
        vitrine_domain::by_score_then_id(key(a), key(b))
    });
    let mut fusion = vec![0.0; scores.len()];
    for (rank, &place) in personal.iter().enumerate() {
        let reciprocal = |rank: usize| 1.0 / (FUSION_RANK + rank as f32);
        fusion[place] = FOUND_WEIGHT * reciprocal(place) + reciprocal(rank);
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    let n_doubts =
        |place: usize| tiles[place].found.as_ref().map_or(0, |found| found.unconfirmed.len());
    sort_by_key(&mut order, |&place| {
        (n_doubts(place), Reverse(OrderedScore(fusion[place])), place)
    });
    order
}

/// A finite score with a total order.
#[derive(Clone, Copy, PartialEq)]
struct OrderedScore(f32);

impl Eq for OrderedScore {}

impl Ord for OrderedScore {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for OrderedScore {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
