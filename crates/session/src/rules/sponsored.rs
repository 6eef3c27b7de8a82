//! Noting which sponsored cards were shown on this device today. That is kept where the shopper
//! agreed to be remembered, else in this tab; nothing else follows from it, and it is never sent.

use vitrine_domain::ItemId;

use crate::session::Session;
use crate::sponsored_day::SponsoredDay;
use crate::state::State;
use crate::{StoreName, Tile};

/// Key of the cards in [`StoreName::Meta`].
pub(crate) const META_SPONSORED: &str = "sponsored-today";

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
        let is_new = |state: &State| state.sponsored.is_new && state.may_record();
        if !is_new(&self.inner.state.borrow()) {
            return;
        }
        // Another tab may have shown others.
        self.read_sponsored().await;
        let bytes = serde_json::to_vec(&self.inner.state.borrow().sponsored);
        let Ok(bytes) = bytes else { return };
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
        today.add(state.sponsored.on(now_ms).seen().iter().copied());
        state.sponsored = today;
    }
}

/// The sponsored ones of some tiles.
pub(crate) fn sponsored_of(tiles: &[Tile]) -> impl Iterator<Item = ItemId> {
    let is_sponsored = |tile: &&Tile| tile.placed.as_ref().is_some_and(|by| by.is_sponsored());
    tiles.iter().filter(is_sponsored).map(|tile| tile.card.id)
}
