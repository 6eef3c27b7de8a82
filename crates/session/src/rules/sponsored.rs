//! Which sponsored cards were shown on this device today, so that they stay few. It is kept where
//! the shopper agreed to be remembered, else in this tab; nothing else follows from it, and it
//! is never sent. How often something was shown is not counted.

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;
use vitrine_rules::SPONSORED_PER_DAY_MAX;

use crate::session::Session;
use crate::{StoreName, Tile};

/// Key of the cards in [`StoreName::Meta`].
pub(crate) const META_SPONSORED: &str = "sponsored-today";

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
    is_new: bool,
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

    fn add(&mut self, cards: impl IntoIterator<Item = ItemId>) {
        for card in cards {
            if self.cards.len() < SPONSORED_PER_DAY_MAX && !self.cards.contains(&card) {
                self.cards.push(card);
                self.is_new = true;
            }
        }
    }
}

impl Session {
    /// Notes in this tab which sponsored cards a list shows.
    pub(crate) fn note_sponsored(&self, shown: impl IntoIterator<Item = ItemId>) {
        let now_ms = self.inner.adapters.clock.now_ms();
        let mut shown = shown.into_iter().peekable();
        if shown.peek().is_some() {
            let mut state = self.inner.state.borrow_mut();
            let mut today = state.sponsored.on(now_ms);
            today.add(shown);
            state.sponsored = today;
        }
    }

    /// Keeps what was noted on the device, where that may be.
    pub(crate) async fn keep_sponsored(&self) {
        let bytes = {
            let state = self.inner.state.borrow();
            let is_kept = state.sponsored.is_new && state.may_record();
            match is_kept.then(|| serde_json::to_vec(&state.sponsored)) {
                Some(Ok(bytes)) => bytes,
                _ => return,
            }
        };
        let put = self.inner.adapters.storage.put(StoreName::Meta, META_SPONSORED, &bytes).await;
        if put.is_ok() {
            self.inner.state.borrow_mut().sponsored.is_new = false;
        }
        self.note_write(&put);
    }

    /// Reads what was kept, of this or another tab.
    pub(crate) async fn read_sponsored(&self) {
        let keys = [META_SPONSORED.to_owned()];
        let read = self.inner.adapters.storage.get(StoreName::Meta, &keys).await;
        let stored = read.ok().and_then(|mut values| values.pop().flatten());
        let Some(stored) =
            stored.and_then(|bytes| serde_json::from_slice::<SponsoredDay>(&bytes).ok())
        else {
            return;
        };
        let now_ms = self.inner.adapters.clock.now_ms();
        let mut state = self.inner.state.borrow_mut();
        let mut today = stored.on(now_ms);
        today.cards.truncate(SPONSORED_PER_DAY_MAX);
        today.add(state.sponsored.on(now_ms).cards);
        state.sponsored = today;
    }
}

/// The sponsored ones of some tiles.
pub(crate) fn sponsored_of(tiles: &[Tile]) -> impl Iterator<Item = ItemId> {
    let is_sponsored = |tile: &&Tile| tile.placed.as_ref().is_some_and(|by| by.is_sponsored());
    tiles.iter().filter(is_sponsored).map(|tile| tile.card.id)
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
