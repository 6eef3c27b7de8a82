//! Cards that the shopper does not want to see: said, listed, and taken back.

use vitrine_domain::ItemId;

use crate::log::encode_entry;
use crate::opinions::{Opinion, OpinionKind, PriceSeen};
use crate::session::Session;
use crate::{Change, ItemCard, Recorded, StoreName};

/// A card that the shopper does not want to see.
#[derive(Clone, Debug, PartialEq)]
pub struct UnwantedCard {
    /// The card.
    pub card: ItemCard,
    /// Since when, in milliseconds since 1970-01-01 UTC.
    pub since_ms: i64,
}

impl Session {
    /// Leaves a card out of the feed and of carousels from now on, on this device. Sends
    /// nothing, and changes no score: cards like it stay where they are. While recording is
    /// paused it holds until the tab closes.
    pub async fn not_interested(&self, item: ItemId) -> Recorded {
        self.say(OpinionKind::NotInterested, item, None).await
    }

    /// Takes [`Session::not_interested`] back.
    pub async fn interested_again(&self, item: ItemId) -> Recorded {
        self.say(OpinionKind::InterestedAgain, item, None).await
    }

    /// Cards that the shopper does not want to see, the newest first. One that neither the
    /// catalogue nor the log knows any more is left out, as it is from every list.
    pub fn unwanted(&self) -> Vec<UnwantedCard> {
        let state = self.inner.state.borrow();
        let card = |(item, since_ms)| Some(UnwantedCard { card: state.item(item)?, since_ms });
        let mut cards: Vec<UnwantedCard> =
            state.log.unwanted().into_iter().filter_map(card).collect();
        vitrine_domain::sorting::sort_by_key(&mut cards, |of| {
            (std::cmp::Reverse(of.since_ms), of.card.id)
        });
        cards
    }

    pub(crate) async fn say(
        &self,
        kind: OpinionKind,
        item: ItemId,
        price: Option<PriceSeen>,
    ) -> Recorded {
        let _in_order = self.inner.log_lock.lock().await;
        let at_ms = self.inner.adapters.clock.now_ms();
        let opinion = Opinion { kind, item, at_ms, price };
        if !self.inner.state.borrow().may_record() {
            self.inner.state.borrow_mut().log.push_opinion(opinion, false);
            return Recorded::Paused;
        }
        self.keep_card(item).await;
        let stored = match encode_entry(&opinion) {
            Ok(entry) => self.inner.adapters.storage.append(StoreName::Events, &[entry]).await,
            Err(error) => Err(error),
        };
        self.note_write(&stored);
        self.inner.state.borrow_mut().log.push_opinion(opinion, stored.is_ok());
        if stored.is_err() {
            return Recorded::InMemoryOnly;
        }
        self.inner.adapters.tab.tell(Change::Log);
        Recorded::Logged
    }
}
