//! The event log: the truth about the shopper, from which all else is derived.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use vitrine_domain::{ContentHash, Event, EventKind, ItemId};

use crate::opinions::{Opinion, OpinionKind, standing};
use crate::{ItemCard, Obstacle, StorageError, VariantView};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is in the log on the device.
    Logged,
    /// The device's storage refused ([`crate::Status::storage_error`]): the
    /// event counts until the tab closes.
    InMemoryOnly,
    /// Recording is paused, or not agreed to: nothing was logged. The basket still works until
    /// the tab closes.
    Paused,
    /// It cannot be bought: nothing was put into the basket.
    NotForSale(Obstacle),
}

/// An event as the device keeps it: which size or maker of the card it was
/// about is known here alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceEvent {
    /// What was done.
    pub kind: EventKind,
    /// With which card.
    pub item: ItemId,
    /// When, in milliseconds since 1970-01-01 UTC by the device's clock.
    pub at_ms: i64,
    /// Which of its variants, as it was at the time. `None` for a look at the
    /// card, in logs older than this field, and where only the card was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<VariantView>,
    /// How many pieces: put into the basket (`None` is one), taken out of it (`None` is all
    /// of the line), or bought (`None` is all of the line, in logs older than this).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<u32>,
}

impl DeviceEvent {
    /// What the student sees of it; `None` where one piece less says nothing of
    /// whether the shopper wants the item.
    pub fn ranked(&self) -> Option<Event> {
        let Self { kind, item, at_ms, .. } = *self;
        let is_less = kind == EventKind::RemoveFromCart && self.pieces.is_some();
        (!is_less).then_some(Event { kind, item, at_ms })
    }
}

impl From<Event> for DeviceEvent {
    fn from(Event { kind, item, at_ms }: Event) -> Self {
        Self { kind, item, at_ms, variant: None, pieces: None }
    }
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
    /// Oldest first, in the order of storage, then those that it refused.
    pub events: Vec<DeviceEvent>,
    /// How many of `events`, the last ones, the storage has refused.
    pub n_unstored: usize,
    /// Opinions, oldest first, in the order of storage.
    pub opinions: Vec<Opinion>,
    /// Opinions that the storage has refused, or was not asked to keep: they hold in this tab.
    pub opinions_unstored: Vec<Opinion>,
    /// Basket events while recording is paused: never stored, never ranked by.
    pub unlogged: Vec<DeviceEvent>,
    /// Kept cards of logged items.
    pub kept: BTreeMap<ItemId, KeptCard>,
}

/// How a log that was read again differs from the one in memory.
#[derive(Debug, PartialEq)]
pub(crate) enum Difference {
    None,
    /// In opinions alone: nothing that is derived from events.
    Opinions,
    /// So many events came after what was known.
    Longer(usize),
    /// Something else.
    Other,
}

/// An event or an opinion as the storage keeps it.
pub(crate) fn encode_entry(entry: &impl Serialize) -> Result<Vec<u8>, StorageError> {
    serde_json::to_vec(entry).map_err(|error| StorageError::Failed {
        operation: "writing an event",
        reason: error.to_string(),
    })
}

impl Log {
    /// Reads stored entries; returns how many could not be read and were left out.
    pub fn load(&mut self, entries: &[Vec<u8>]) -> u32 {
        let mut n_unreadable = 0;
        for entry in entries {
            match serde_json::from_slice(entry) {
                Ok(event) => self.events.push(event),
                Err(_) => match serde_json::from_slice(entry) {
                    Ok(opinion) => self.opinions.push(opinion),
                    Err(_) => n_unreadable += 1,
                },
            }
        }
        n_unreadable
    }

    /// Adds an event that the storage has taken or refused.
    pub fn push(&mut self, event: DeviceEvent, is_stored: bool) {
        if is_stored {
            self.events.insert(self.events.len() - self.n_unstored, event);
        } else {
            self.events.push(event);
            self.n_unstored += 1;
        }
    }

    /// Adds an opinion that the storage has taken or not.
    pub fn push_opinion(&mut self, opinion: Opinion, is_stored: bool) {
        let item = opinion.item;
        if is_stored {
            // The later word holds.
            self.opinions_unstored.retain(|earlier| earlier.item != item);
            self.opinions.push(opinion);
        } else {
            self.opinions_unstored.push(opinion);
        }
    }

    /// Cards that the shopper does not want to see, each with that word.
    pub fn unwanted(&self) -> BTreeMap<ItemId, &Opinion> {
        self.standing([OpinionKind::NotInterested, OpinionKind::InterestedAgain])
    }

    /// Cards on the wish list, each with the wish.
    pub fn wished(&self) -> BTreeMap<ItemId, &Opinion> {
        self.standing([OpinionKind::Wished, OpinionKind::WishedNoMore])
    }

    /// Cards that a newcomer chose, each with that word.
    pub fn chosen(&self) -> BTreeMap<ItemId, &Opinion> {
        self.standing([OpinionKind::Chosen, OpinionKind::ChosenNoMore])
    }

    fn standing(&self, kinds: [OpinionKind; 2]) -> BTreeMap<ItemId, &Opinion> {
        standing(self.opinions.iter().chain(&self.opinions_unstored), kinds)
    }

    /// What the student sees, oldest first.
    pub fn ranked(&self) -> impl Iterator<Item = Event> {
        self.events.iter().filter_map(DeviceEvent::ranked)
    }

    /// Takes the stored entries for the log, as another tab may have left them;
    /// what the storage has refused stays behind them.
    pub fn load_again(&mut self, entries: &[Vec<u8>]) -> Difference {
        let n_known = self.events.len() - self.n_unstored;
        let mut stored = Self::default();
        stored.load(entries);
        let has_new_opinions = stored.opinions != self.opinions;
        self.opinions = stored.opinions;
        if stored.events == self.events[..n_known] {
            return if has_new_opinions { Difference::Opinions } else { Difference::None };
        }
        let is_longer = self.n_unstored == 0 && stored.events.starts_with(&self.events);
        let unstored = self.events.split_off(n_known);
        self.events = stored.events;
        let n_new = self.events.len() - n_known.min(self.events.len());
        self.events.extend(unstored);
        if is_longer { Difference::Longer(n_new) } else { Difference::Other }
    }

    /// Drops what the storage has refused and `goes` names; how many events that were.
    pub fn remove_unstored(&mut self, goes: &mut impl FnMut(&DeviceEvent) -> bool) -> usize {
        let unstored = self.events.split_off(self.events.len() - self.n_unstored);
        let n_unstored = unstored.len();
        let n_stored = self.events.len();
        self.events.extend(unstored.into_iter().filter(|event| !goes(event)));
        self.n_unstored = self.events.len() - n_stored;
        n_unstored - self.n_unstored
    }

    /// Forgets the cards that no entry names any more; which they were.
    pub fn prune_kept(&mut self) -> Vec<ItemId> {
        let named = self.items_kept();
        let is_gone = |item: &&ItemId| !named.contains(item);
        let gone: Vec<ItemId> = self.kept.keys().filter(is_gone).copied().collect();
        gone.iter().for_each(|item| drop(self.kept.remove(item)));
        gone
    }

    /// Whether there is nothing to rank by.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Distinct items of events.
    pub fn items(&self) -> BTreeSet<ItemId> {
        self.events.iter().map(|event| event.item).collect()
    }

    /// Distinct items whose cards are kept: those of events and of opinions.
    pub fn items_kept(&self) -> BTreeSet<ItemId> {
        let opinions = self.opinions.iter().chain(&self.opinions_unstored);
        let of_opinions = opinions.map(|opinion| opinion.item);
        self.events.iter().map(|event| event.item).chain(of_opinions).collect()
    }

    /// Events by kind; every kind is listed.
    pub fn counts(&self) -> Vec<(EventKind, u32)> {
        let mut counts = BTreeMap::from(KINDS.map(|kind| (kind, 0)));
        for event in &self.events {
            *counts.entry(event.kind).or_default() += 1;
        }
        counts.into_iter().collect()
    }
}

/// All kinds, in order.
pub(crate) const KINDS: [EventKind; EventKind::COUNT] =
    [EventKind::ViewItem, EventKind::AddToCart, EventKind::RemoveFromCart, EventKind::Purchase];

#[cfg(test)]
mod tests {
    use super::*;

    fn events(events: &[(EventKind, u64)]) -> Vec<DeviceEvent> {
        let event = |(at, &(kind, item)): (usize, &(EventKind, u64))| {
            DeviceEvent::from(Event { kind, item: ItemId(item), at_ms: at as i64 })
        };
        events.iter().enumerate().map(event).collect()
    }

    fn encoded(events: &[DeviceEvent]) -> Vec<Vec<u8>> {
        events.iter().map(|event| encode_entry(event).expect("writable")).collect()
    }

    #[test]
    fn events_survive_storage_and_rubbish_is_left_out() {
        let mut written = events(&[(EventKind::Purchase, 7), (EventKind::ViewItem, 8)]);
        written[0].variant = Some(VariantView { sku: "s".into(), ..VariantView::default() });
        written[0].pieces = Some(2);
        let mut entries = encoded(&written);
        entries.insert(1, b"{\"kind\":\"levitate\"}".to_vec());
        let mut read = Log::default();
        assert_eq!(read.load(&entries), 1);
        assert_eq!(read.events, written);
        assert_eq!(read.counts()[EventKind::Purchase as usize], (EventKind::Purchase, 1));
    }

    #[test]
    fn logs_that_know_no_variants_are_read() {
        let old = br#"{"kind":"add_to_cart","item":"0000000000000007","at_ms":5}"#;
        let mut log = Log::default();
        assert_eq!(log.load(&[old.to_vec()]), 0);
        let event = Event { kind: EventKind::AddToCart, item: ItemId(7), at_ms: 5 };
        assert_eq!(log.events, [DeviceEvent::from(event)]);
        assert_eq!(encoded(&log.events), [old.to_vec()], "and written as they were");
    }

    #[test]
    fn opinions_lie_among_events_and_the_last_word_counts() {
        use crate::opinions::OpinionKind::{InterestedAgain, NotInterested};
        let said = |kind, item, at_ms| Opinion { kind, item: ItemId(item), at_ms, price: None };
        let own = events(&[(EventKind::ViewItem, 1), (EventKind::ViewItem, 2)]);
        let opinions =
            [said(NotInterested, 1, 5), said(NotInterested, 2, 6), said(InterestedAgain, 1, 7)];
        let mut entries = encoded(&own);
        for opinion in &opinions {
            entries.insert(1, encode_entry(opinion).expect("writable"));
        }
        let mut log = Log::default();
        entries[1..4].reverse();
        assert_eq!(log.load(&entries), 0);
        assert_eq!((&log.events[..], &log.opinions[..]), (&own[..], &opinions[..]));
        assert_eq!(log.unwanted(), BTreeMap::from([(ItemId(2), &opinions[1])]));
        assert_eq!(log.ranked().count(), 2, "the student does not see them");

        let mut other = Log { events: own, ..Log::default() };
        assert_eq!(other.load_again(&entries), Difference::Opinions);
        assert_eq!(other.unwanted(), log.unwanted());
        other.push_opinion(said(NotInterested, 1, 8), false);
        assert_eq!(other.load_again(&entries), Difference::None);
        assert!(other.unwanted().contains_key(&ItemId(1)), "what was not stored still holds");
    }

    #[test]
    fn a_log_read_again_says_how_it_differs_and_keeps_what_was_refused() {
        use EventKind::{AddToCart, Purchase, ViewItem};
        let all = events(&[(ViewItem, 1), (AddToCart, 2), (Purchase, 3)]);
        let entries = encoded(&all);
        let log = |events: &[DeviceEvent]| Log { events: events.to_vec(), ..Log::default() };
        assert_eq!(log(&all).load_again(&entries), Difference::None);
        let mut shorter = log(&all[..1]);
        assert_eq!(shorter.load_again(&entries), Difference::Longer(2));
        assert_eq!(shorter.events, all);
        let mut other = log(&all[1..]);
        assert_eq!(other.load_again(&entries), Difference::Other);
        assert_eq!(other.events, all);
        assert_eq!(other.load_again(&[]), Difference::Other);
        assert!(other.events.is_empty());

        let mut refused = Log { n_unstored: 1, ..log(&all) };
        assert_eq!(refused.load_again(&entries[..2]), Difference::None);
        assert_eq!(refused.load_again(&entries[..1]), Difference::Other);
        assert_eq!(refused.events, [all[0].clone(), all[2].clone()]);
    }
}
