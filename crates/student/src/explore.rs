//! Places of a feed that are kept for a kind of card, by rank hardly ever there: an explicit
//! step after scoring, which changes no score.

use vitrine_domain::ItemId;

/// Gives the last of every `every` places to the best of `eligible` that has no earlier one,
/// unless a card of its kind is among those places anyway. Returns what was moved.
///
/// `eligible` are cards of the kind, best first; `has_room` is asked whether one may go to a
/// place.
///
/// # Panics
/// When `every` is 0.
pub fn place<T: Copy>(
    chosen: &mut Vec<T>,
    every: usize,
    mut eligible: Vec<T>,
    id: impl Fn(&T) -> ItemId,
    is_of_kind: impl Fn(&T) -> bool,
    has_room: impl Fn(&[T], usize, &T) -> bool,
) -> Vec<ItemId> {
    assert!(every > 0, "one of no places");
    let limit = chosen.len();
    let mut placed = Vec::new();
    for last in (every - 1..limit).step_by(every) {
        let is_earlier = |card: &T| chosen[..=last].iter().any(|other| id(other) == id(card));
        eligible.retain(|card| !is_earlier(card));
        if chosen[last + 1 - every..=last].iter().any(&is_of_kind) {
            continue;
        }
        let best = eligible.iter().find(|card| has_room(chosen, last, card)).copied();
        let Some(card) = best else { continue };
        chosen.retain(|other| id(other) != id(&card));
        chosen.insert(last, card);
        chosen.truncate(limit);
        placed.push(id(&card));
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(every: usize, kind: &[u64]) -> (Vec<u64>, Vec<ItemId>) {
        let mut chosen: Vec<u64> = (0..10).collect();
        let is_of_kind = |card: &u64| kind.contains(card);
        let placed = place(
            &mut chosen,
            every,
            kind.to_vec(),
            |card| ItemId(*card),
            is_of_kind,
            |_, _, _| true,
        );
        (chosen, placed)
    }

    #[test]
    fn the_last_of_every_so_many_places_goes_to_the_kind() {
        let (chosen, moved) = placed(5, &[30, 31, 32]);
        assert_eq!(chosen, [0, 1, 2, 3, 30, 4, 5, 6, 7, 31]);
        assert_eq!(moved, [ItemId(30), ItemId(31)]);
    }

    #[test]
    fn where_one_is_anyway_none_is_moved_and_none_stands_twice() {
        assert_eq!(placed(5, &[2]), ((0..10).collect(), vec![]));
        let (chosen, moved) = placed(5, &[9]);
        assert_eq!(chosen, [0, 1, 2, 3, 9, 4, 5, 6, 7, 8]);
        assert_eq!(moved, [ItemId(9)]);
        assert_eq!(placed(11, &[30]), ((0..10).collect(), vec![]), "too few places");
    }
}
