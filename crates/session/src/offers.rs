//! Places of the feed that are kept for offers and for what hardly anyone has bought yet: explicit
//! steps after scoring, like diversity.

use vitrine_domain::sorting::sort_by;
use vitrine_domain::{ItemId, by_score_then_id};
use vitrine_rules::Diversity;
use vitrine_student::explore;

use crate::select::Scored;

/// Of so many neighbouring places, one may go to an offer.
pub const OFFER_EVERY: usize = 8;
/// An offer is moved up only if, by its own score, it is among so many best: the
/// floor below which nothing is promoted.
pub const OFFER_FLOOR_PLACE: usize = 120;

/// Gives the last of every [`OFFER_EVERY`] places to the best offer that has no earlier
/// one, unless an offer is among those places anyway. No score is changed; an offer below
/// the floor stays where it is, and the rule for categories holds. Returns what was moved.
///
/// `all` are the scored candidates that `chosen` was made of.
pub(crate) fn place_offers(
    chosen: &mut Vec<Scored>,
    mut all: Vec<Scored>,
    quota: Diversity,
    is_on_offer: impl Fn(u32) -> bool,
) -> Vec<ItemId> {
    sort_by(&mut all, |a, b| by_score_then_id((a.score, a.item), (b.score, b.item)));
    all.truncate(OFFER_FLOOR_PLACE);
    let offers: Vec<Scored> = all.into_iter().filter(|s| is_on_offer(s.index)).collect();
    let is_on_offer = |s: &Scored| is_on_offer(s.index);
    explore::place(chosen, OFFER_EVERY, offers, |s| s.item, is_on_offer, has_room(quota))
}

/// Whether the rule for categories leaves room for a card at a place.
fn has_room(quota: Diversity) -> impl Fn(&[Scored], usize, &Scored) -> bool {
    let of_places = usize::from(quota.of_places.max(1));
    move |chosen, place, card| {
        let block = place / of_places * of_places;
        let same = chosen[block..].iter().take(of_places).filter(|s| s.group == card.group);
        same.filter(|s| s.item != card.item).count() < usize::from(quota.most_of_a_category)
    }
}

/// Gives the last of every `every` places to the best card without a past, where none has
/// one anyway; the rule for categories holds. Returns what was moved.
pub(crate) fn place_unexplored(
    chosen: &mut Vec<Scored>,
    mut all: Vec<Scored>,
    every: usize,
    quota: Diversity,
    is_unexplored: impl Fn(u32) -> bool,
) -> Vec<ItemId> {
    all.retain(|s| is_unexplored(s.index));
    sort_by(&mut all, |a, b| by_score_then_id((a.score, a.item), (b.score, b.item)));
    let is_unexplored = |s: &Scored| is_unexplored(s.index);
    explore::place(chosen, every, all, |s| s.item, is_unexplored, has_room(quota))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::select::{FEED_QUOTA, SELECT_BLOCK, diversify};

    /// 200 candidates, best first, of twenty categories.
    fn scored() -> Vec<Scored> {
        let one = |i: u32| Scored {
            index: i,
            item: ItemId(u64::from(i)),
            score: 1.0 - i as f32 / 200.0,
            group: (0, (i % 20) as u16),
        };
        (0..200).map(one).collect()
    }

    fn placed(is_on_offer: impl Fn(u32) -> bool) -> (Vec<u32>, Vec<u64>) {
        let mut chosen = diversify(scored(), 40, FEED_QUOTA);
        let promoted = place_offers(&mut chosen, scored(), FEED_QUOTA, is_on_offer);
        (chosen.iter().map(|s| s.index).collect(), promoted.iter().map(|item| item.0).collect())
    }

    #[test]
    fn one_place_of_eight_goes_to_the_best_offers() {
        let (chosen, promoted) = placed(|index| (50..53).contains(&index));
        assert_eq!(promoted, [50, 51, 52]);
        assert_eq!((chosen[7], chosen[15], chosen[23]), (50, 51, 52));
        assert_eq!(chosen[..7], [0, 1, 2, 3, 4, 5, 6], "the others keep their order");
        assert_eq!(chosen.len(), 40);
        let distinct: HashSet<&u32> = chosen.iter().collect();
        assert_eq!(distinct.len(), 40);
    }

    #[test]
    fn nothing_below_the_floor_is_promoted() {
        let (chosen, promoted) = placed(|index| index as usize >= OFFER_FLOOR_PLACE);
        assert!(promoted.is_empty());
        assert_eq!(chosen, (0..40).collect::<Vec<u32>>());
    }

    #[test]
    fn where_an_offer_is_anyway_none_is_moved_up() {
        let (chosen, promoted) = placed(|index| index % 8 == 3);
        assert!(promoted.is_empty());
        assert_eq!(chosen, (0..40).collect::<Vec<u32>>());
    }

    #[test]
    fn the_rule_for_categories_holds() {
        // Four of category 1 are among the first twenty; the only offers are of it, too.
        let mut all = scored();
        all.iter_mut().filter(|s| s.index < 4 || s.index == 60).for_each(|s| s.group = (0, 99));
        let mut chosen = diversify(all.clone(), 40, FEED_QUOTA);
        let promoted = place_offers(&mut chosen, all, FEED_QUOTA, |index| index == 60);
        assert_eq!(promoted, [ItemId(60)]);
        let place = chosen.iter().position(|s| s.index == 60).expect("promoted");
        assert!(place >= SELECT_BLOCK, "{place}");
    }

    #[test]
    fn one_place_of_twenty_goes_to_what_has_no_past() {
        let mut chosen = diversify(scored(), 40, FEED_QUOTA);
        let placed = place_unexplored(&mut chosen, scored(), 20, FEED_QUOTA, |index| index >= 100);
        assert_eq!(placed, [ItemId(100), ItemId(101)]);
        assert_eq!((chosen[19].index, chosen[39].index), (100, 101));
        // Where nothing has a past, nothing is moved.
        let mut chosen = diversify(scored(), 40, FEED_QUOTA);
        assert!(place_unexplored(&mut chosen, scored(), 20, FEED_QUOTA, |_| true).is_empty());
    }
}
