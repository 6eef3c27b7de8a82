//! The sponsored cards that a device showed in a day, so that they stay few. How often one was
//! shown is not counted.

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;
use vitrine_rules::SPONSORED_PER_DAY_MAX;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The sponsored cards of one day, in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SponsoredDay {
    /// Days since 1970-01-01.
    day: i64,
    /// Each once, at most [`SPONSORED_PER_DAY_MAX`].
    cards: Vec<ItemId>,
    /// Whether the storage does not have all of them.
    #[serde(skip)]
    pub is_new: bool,
}

impl SponsoredDay {
    /// As it is at a moment: none of another day.
    pub fn on(&self, now_ms: i64) -> Self {
        let day = now_ms.div_euclid(DAY_MS);
        if self.day == day { self.clone() } else { Self { day, ..Self::default() } }
    }

    /// How many cards may be added today.
    pub fn n_left(&self) -> usize {
        SPONSORED_PER_DAY_MAX.saturating_sub(self.cards.len())
    }

    /// Those that were shown today.
    pub fn seen(&self) -> &[ItemId] {
        &self.cards
    }

    /// Adds cards, as far as there is room.
    pub fn add(&mut self, cards: impl IntoIterator<Item = ItemId>) {
        for card in cards {
            if self.cards.len() < SPONSORED_PER_DAY_MAX && !self.cards.contains(&card) {
                self.cards.push(card);
                self.is_new = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_few_sponsored_cards_and_the_next_has_its_own() {
        let mut today = SponsoredDay::default().on(3 * DAY_MS);
        assert_eq!(today.n_left(), SPONSORED_PER_DAY_MAX);
        today.add([ItemId(1), ItemId(2), ItemId(1)]);
        assert_eq!(
            (today.n_left(), today.seen()),
            (SPONSORED_PER_DAY_MAX - 2, &[ItemId(1), ItemId(2)][..])
        );
        today.add((10..100).map(ItemId));
        assert_eq!((today.n_left(), today.seen().len()), (0, SPONSORED_PER_DAY_MAX));
        assert_eq!(today.on(4 * DAY_MS - 1), today);
        assert!(today.on(4 * DAY_MS).seen().is_empty());
    }
}
