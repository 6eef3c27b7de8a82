//! What a shopper says of a card besides what they do with it: that they do not want to see
//! it. Entries of the log of their own: no ranking reads them, nothing is learned from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;

use crate::log::encode_entry;
use crate::session::Session;
use crate::{Change, ItemCard, Recorded, StoreName};

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpinionKind {
    /// The card is to be left out of the feed and of carousels.
    NotInterested,
    /// That no longer holds.
    InterestedAgain,
}

/// An entry of the log that is no event.
///
/// It lies in the same store, with a `kind` that no event has: a tab of a version that knows no
/// opinions passes it over, and counts it among the entries that it could not read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// What was said.
    pub kind: OpinionKind,
    /// Of which card.
    pub item: ItemId,
    /// When, in milliseconds since 1970-01-01 UTC by the device's clock.
    pub at_ms: i64,
}

/// A card that the shopper does not want to see.
#[derive(Clone, Debug, PartialEq)]
pub struct UnwantedCard {
    /// The card.
    pub card: ItemCard,
    /// Since when, in milliseconds since 1970-01-01 UTC.
    pub since_ms: i64,
}

/// Cards that opinions, oldest first, leave unwanted, with the time of the last word.
pub(crate) fn unwanted<'a>(opinions: impl Iterator<Item = &'a Opinion>) -> BTreeMap<ItemId, i64> {
    let mut unwanted = BTreeMap::new();
    for opinion in opinions {
        match opinion.kind {
            OpinionKind::NotInterested => unwanted.insert(opinion.item, opinion.at_ms),
            OpinionKind::InterestedAgain => unwanted.remove(&opinion.item),
        };
    }
    unwanted
}

impl Session {
    /// Leaves a card out of the feed and of carousels from now on, on this device. Sends
    /// nothing, and changes no score: cards like it stay where they are. While recording is
    /// paused it holds until the tab closes.
    pub async fn not_interested(&self, item: ItemId) -> Recorded {
        self.say(OpinionKind::NotInterested, item).await
    }

    /// Takes [`Session::not_interested`] back.
    pub async fn interested_again(&self, item: ItemId) -> Recorded {
        self.say(OpinionKind::InterestedAgain, item).await
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

    async fn say(&self, kind: OpinionKind, item: ItemId) -> Recorded {
        let _in_order = self.inner.log_lock.lock().await;
        let at_ms = self.inner.adapters.clock.now_ms();
        let opinion = Opinion { kind, item, at_ms };
        if self.inner.state.borrow().settings.paused {
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
