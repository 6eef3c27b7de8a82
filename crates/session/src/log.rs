//! The event log: the truth about the shopper, from which all else is derived.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use vitrine_domain::{ContentHash, Event, EventKind, ItemId};

use crate::{Basket, BasketLine, ItemCard};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is in the log on the device.
    Logged,
    /// The device's storage refused ([`crate::Status::storage_error`]): the
    /// event counts until the tab closes.
    InMemoryOnly,
    /// Recording is paused: nothing was logged. The basket still works until
    /// the tab closes.
    Paused,
}

/// Card and code of a logged item, kept so that a delisting does not erase
/// what the shopper did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptCard {
    /// The card as it was last seen.
    pub card: ItemCard,
    /// The base that `code` belongs to; `None` when there was no model.
    pub base: Option<ContentHash>,
    /// Item code, `[64]`; empty when there was no model.
    pub code: Vec<i8>,
}

/// The log in memory.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Oldest first, in the order of storage.
    pub events: Vec<Event>,
    /// Basket events while recording is paused: never stored, never ranked by.
    pub unlogged: Vec<Event>,
    /// Kept cards of logged items.
    pub kept: BTreeMap<ItemId, KeptCard>,
}

pub(crate) fn encode_event(event: &Event) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(event)
}

impl Log {
    /// Reads stored entries; returns how many could not be read and were left out.
    pub fn load(&mut self, entries: &[Vec<u8>]) -> u32 {
        let mut n_unreadable = 0;
        for entry in entries {
            match serde_json::from_slice(entry) {
                Ok(event) => self.events.push(event),
                Err(_) => n_unreadable += 1,
            }
        }
        n_unreadable
    }

    /// Whether there is nothing to rank by.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Distinct logged items.
    pub fn items(&self) -> BTreeSet<ItemId> {
        self.events.iter().map(|event| event.item).collect()
    }

    /// Events by kind; every kind is listed.
    pub fn counts(&self) -> Vec<(EventKind, u32)> {
        let mut counts = BTreeMap::from(KINDS.map(|kind| (kind, 0)));
        for event in &self.events {
            *counts.entry(event.kind).or_default() += 1;
        }
        counts.into_iter().collect()
    }

    /// Items in the basket with how often they were added since they were last
    /// removed or bought, in the order of their first addition.
    pub fn in_basket(&self) -> Vec<(ItemId, u32)> {
        let mut lines: Vec<(ItemId, u32)> = Vec::new();
        for event in self.events.iter().chain(&self.unlogged) {
            let place = lines.iter().position(|(item, _)| *item == event.item);
            match (event.kind, place) {
                (EventKind::AddToCart, Some(at)) => lines[at].1 += 1,
                (EventKind::AddToCart, None) => lines.push((event.item, 1)),
                (EventKind::RemoveFromCart | EventKind::Purchase, Some(at)) => {
                    lines.remove(at);
                }
                _ => {}
            }
        }
        lines
    }
}

/// All kinds, in order.
pub(crate) const KINDS: [EventKind; EventKind::COUNT] =
    [EventKind::ViewItem, EventKind::AddToCart, EventKind::RemoveFromCart, EventKind::Purchase];

/// The basket as a page shows it; items without a card are left out.
pub(crate) fn basket(lines: &[(ItemId, u32)], card: impl Fn(ItemId) -> Option<ItemCard>) -> Basket {
    let mut basket = Basket::default();
    for &(item, quantity) in lines {
        let Some(card) = card(item) else { continue };
        basket.n_pieces += quantity;
        basket.total_minor += u64::from(card.price_minor) * u64::from(quantity);
        basket.lines.push(BasketLine { card, quantity });
    }
    basket
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(events: &[(EventKind, u64)]) -> Log {
        let event = |(at, &(kind, item)): (usize, &(EventKind, u64))| Event {
            kind,
            item: ItemId(item),
            at_ms: at as i64,
        };
        Log { events: events.iter().enumerate().map(event).collect(), ..Log::default() }
    }

    #[test]
    fn the_basket_follows_the_log() {
        use EventKind::{AddToCart, Purchase, RemoveFromCart, ViewItem};
        let log = log(&[
            (AddToCart, 1),
            (ViewItem, 2),
            (AddToCart, 3),
            (AddToCart, 1),
            (RemoveFromCart, 3),
            (AddToCart, 4),
            (Purchase, 4),
            (AddToCart, 3),
        ]);
        assert_eq!(log.in_basket(), [(ItemId(1), 2), (ItemId(3), 1)]);
    }

    #[test]
    fn events_survive_storage_and_rubbish_is_left_out() {
        let written = log(&[(EventKind::Purchase, 7), (EventKind::ViewItem, 8)]);
        let mut entries: Vec<Vec<u8>> =
            written.events.iter().map(|e| encode_event(e).expect("writable")).collect();
        entries.insert(1, b"{\"kind\":\"levitate\"}".to_vec());
        let mut read = Log::default();
        assert_eq!(read.load(&entries), 1);
        assert_eq!(read.events, written.events);
        assert_eq!(read.counts()[EventKind::Purchase as usize], (EventKind::Purchase, 1));
    }
}
