//! Writing to the log: storage first, then memory, then what is derived.

use std::rc::Rc;

use vitrine_domain::{Event, EventKind, ItemId};

use crate::log::{KeptCard, basket, encode_event};
use crate::pair::Pair;
use crate::session::Session;
use crate::{Basket, ItemCard, Recorded, StorageError, Store};

impl Session {
    /// Logs what the shopper did with an item, now, on this device. Sends
    /// nothing. The next feed follows it.
    pub async fn record(&self, kind: EventKind, item: ItemId) -> Recorded {
        let _in_order = self.inner.log_lock.lock().await;
        let event = Event { kind, item, at_ms: self.inner.adapters.clock.now_ms() };
        if self.inner.state.borrow().settings.paused {
            if kind != EventKind::ViewItem {
                self.inner.state.borrow_mut().log.unlogged.push(event);
            }
            return Recorded::Paused;
        }
        self.keep_card(item).await;
        let stored = match encode_event(&event) {
            Ok(bytes) => self.inner.adapters.storage.append(Store::Events, &[bytes]).await,
            Err(error) => Err(StorageError::Failed {
                operation: "writing an event",
                reason: error.to_string(),
            }),
        };
        self.note_write(&stored);
        self.apply(event);
        if stored.is_ok() { Recorded::Logged } else { Recorded::InMemoryOnly }
    }

    /// Puts a stored event into memory and moves the derived state by one event.
    fn apply(&self, event: Event) {
        let mut state = self.inner.state.borrow_mut();
        let state = &mut *state;
        state.log.events.push(event);
        if let (Some(pair), Some(personal)) = (&state.active, &mut state.personal) {
            personal.append(pair, &state.log.kept, &event);
        }
    }

    /// Keeps card and code of an item that is about to be logged.
    async fn keep_card(&self, item: ItemId) {
        let kept = {
            let state = self.inner.state.borrow();
            if state.log.kept.contains_key(&item) {
                return;
            }
            let from_pair = state.active.as_ref().and_then(|pair| kept_from(pair, item));
            from_pair.or_else(|| state.found.get(&item).cloned())
        };
        if let Some(kept) = kept {
            self.put_kept(kept).await;
        }
    }

    /// Keeps the cards of all logged items that a new pair lists under another
    /// base than the kept code's.
    pub(crate) async fn keep_cards(&self, pair: &Rc<Pair>) {
        let base = pair.base();
        let stale: Vec<KeptCard> = {
            let state = self.inner.state.borrow();
            let is_current = |item: &ItemId| {
                state.log.kept.get(item).is_some_and(|kept| kept.base == base || base.is_none())
            };
            let items = state.log.items();
            items.iter().filter(|i| !is_current(i)).filter_map(|i| kept_from(pair, *i)).collect()
        };
        for kept in stale {
            self.put_kept(kept).await;
        }
    }

    async fn put_kept(&self, kept: KeptCard) {
        if let Ok(bytes) = serde_json::to_vec(&kept) {
            let key = kept.card.id.to_string();
            let put = self.inner.adapters.storage.put(Store::Cards, &key, &bytes).await;
            self.note_write(&put);
        }
        self.inner.state.borrow_mut().log.kept.insert(kept.card.id, kept);
    }

    /// The log, oldest first.
    pub fn history(&self) -> Vec<Event> {
        self.inner.state.borrow().log.events.clone()
    }

    /// The basket, as the log tells it.
    pub fn basket(&self) -> Basket {
        let lines = self.inner.state.borrow().log.in_basket();
        basket(&lines, |item| self.item(item))
    }

    /// A card: from the pinned catalogue, else from the last search reply, else
    /// as the shopper's own history remembers it.
    pub fn item(&self, id: ItemId) -> Option<ItemCard> {
        let state = self.inner.state.borrow();
        let listed = state.active.as_ref().and_then(|pair| pair.card_of(id));
        listed
            .or_else(|| Some(state.found.get(&id)?.card.clone()))
            .or_else(|| Some(ItemCard { listed: false, ..state.log.kept.get(&id)?.card.clone() }))
    }
}

fn kept_from(pair: &Pair, item: ItemId) -> Option<KeptCard> {
    let card = pair.card_of(item)?;
    let code = pair.code_of(item).map_or_else(Vec::new, <[i8]>::to_vec);
    Some(KeptCard { card, base: pair.base(), code })
}
