//! Opinions as they are written down, and the cards of which they hold.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use vitrine_domain::ItemId;

use crate::log::encode_entry;
use crate::opinions::{Opinion, OpinionKind, PriceSeen};
use crate::session::Session;
use crate::state::State;
use crate::{Change, ItemCard, Recorded, StoreName};

/// A card of which the shopper has said something that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct CardSince {
    /// The card.
    pub card: ItemCard,
    /// Since when, in milliseconds since 1970-01-01 UTC.
    pub since_ms: i64,
}

impl State {
    /// The newest first; cards that neither the catalogue nor the log knows any more are left
    /// out.
    pub fn cards_since(&self, standing: BTreeMap<ItemId, &Opinion>) -> Vec<CardSince> {
        let card = |(item, of): (ItemId, &Opinion)| {
            Some(CardSince { card: self.item(item)?, since_ms: of.at_ms })
        };
        let mut cards: Vec<CardSince> = standing.into_iter().filter_map(card).collect();
        vitrine_domain::sorting::sort_by_key(&mut cards, |of| (Reverse(of.since_ms), of.card.id));
        cards
    }
}

impl Session {
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
