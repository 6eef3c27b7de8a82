//! Selection: the explicit step after scoring. Scores never depend on the
//! batch; what may stand beside what is decided here, and only here.

use std::collections::HashMap;
use vitrine_domain::sorting::sort_by;

use vitrine_domain::{ItemId, by_score_then_id};
use vitrine_rules::Diversity;

/// Places that are filled under one quota.
pub const SELECT_BLOCK: usize = 20;
/// Most tiles of one category in a block.
pub const CATEGORY_TILES_MAX: usize = 4;
/// Both, where no rule of the shop says otherwise.
pub(crate) const FEED_QUOTA: Diversity =
    Diversity { most_of_a_category: CATEGORY_TILES_MAX as u16, of_places: SELECT_BLOCK as u16 };

/// A candidate with its score, before it becomes a tile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scored {
    /// Place in the catalogue.
    pub index: u32,
    pub item: ItemId,
    pub score: f32,
    /// Department and category, interned.
    pub group: (u16, u16),
}

/// Orders scored candidates for a page: best first (ties by id), but at most
/// a quota's number of a category in any of its blocks of places. One over the quota waits for the next block, where it comes before
/// all that scores less; when nothing else is left, the quota yields.
///
/// Deterministic, and used for the personal feed alone: popularity order and
/// search results are shown as they are.
pub(crate) fn diversify(mut waiting: Vec<Scored>, limit: usize, quota: Diversity) -> Vec<Scored> {
    sort_by(&mut waiting, |a, b| by_score_then_id((a.score, a.item), (b.score, b.item)));
    let mut chosen = Vec::with_capacity(limit.min(waiting.len()));
    while chosen.len() < limit && !waiting.is_empty() {
        let room = usize::from(quota.of_places.max(1)).min(limit - chosen.len());
        let most = usize::from(quota.most_of_a_category.max(1));
        waiting = fill_block(waiting, room, most, &mut chosen);
    }
    chosen
}

/// Moves up to `room` candidates to `chosen`, in order, under the quota; then,
/// if there is room left, those over the quota. Returns what waits on.
fn fill_block(
    waiting: Vec<Scored>,
    room: usize,
    most: usize,
    chosen: &mut Vec<Scored>,
) -> Vec<Scored> {
    let end = chosen.len() + room;
    let mut n_of: HashMap<(u16, u16), usize> = HashMap::new();
    let mut rest = Vec::with_capacity(waiting.len());
    for scored in waiting {
        let n = n_of.entry(scored.group).or_default();
        if chosen.len() < end && *n < most {
            *n += 1;
            chosen.push(scored);
        } else {
            rest.push(scored);
        }
    }
    let n_over = (end - chosen.len()).min(rest.len());
    chosen.extend(rest.drain(..n_over));
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(id: u64, category: u16, score: f32) -> Scored {
        Scored { index: id as u32, item: ItemId(id), score, group: (0, category) }
    }

    fn ids(chosen: &[Scored]) -> Vec<u64> {
        chosen.iter().map(|s| s.item.0).collect()
    }

    #[test]
    fn a_category_has_at_most_four_of_twenty_places() {
        let milk = (0..10).map(|i| scored(i, 100, 100.0 - i as f32));
        let others = (10..60).map(|i| scored(i, (i % 9) as u16, 50.0 - i as f32));
        let chosen = diversify(milk.chain(others).collect(), 30, FEED_QUOTA);
        let n_milk = |part: &[Scored]| part.iter().filter(|s| s.group.1 == 100).count();
        assert_eq!(n_milk(&chosen[..20]), 4);
        assert_eq!(ids(&chosen[..5]), [0, 1, 2, 3, 10]);
        assert_eq!(ids(&chosen[20..24]), [4, 5, 6, 7], "those over the quota come next");
        assert_eq!(chosen.len(), 30);
    }

    #[test]
    fn the_quota_yields_when_nothing_else_is_left() {
        let milk: Vec<Scored> = (0..10).map(|i| scored(i, 1, -(i as f32))).collect();
        assert_eq!(ids(&diversify(milk, 8, FEED_QUOTA)), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn nothing_is_lost_or_repeated_and_ties_go_by_id() {
        let all: Vec<Scored> =
            (0..77).rev().map(|i| scored(i, (i % 3) as u16, (i % 5) as f32)).collect();
        let mut chosen = ids(&diversify(all.clone(), 77, FEED_QUOTA));
        assert_eq!(chosen, ids(&diversify(all.into_iter().rev().collect(), 77, FEED_QUOTA)));
        assert_eq!(chosen[..2], [4, 9], "equal scores go by id");
        sort_by(&mut chosen, Ord::cmp);
        assert_eq!(chosen, (0..77).collect::<Vec<_>>());
    }

    #[test]
    fn scores_that_are_not_finite_sink() {
        let all = vec![scored(0, 0, f32::NAN), scored(1, 1, -1.0), scored(2, 2, f32::INFINITY)];
        assert_eq!(ids(&diversify(all, 3, FEED_QUOTA)), [1, 0, 2]);
    }
}
