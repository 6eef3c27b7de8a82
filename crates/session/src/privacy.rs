//! What the shopper can see and undo.

use serde::Serialize;

use crate::opinions::Opinion;
use crate::recent::META_RECENT;
use crate::rules::META_SPONSORED;
use crate::session::Session;
use crate::transfer::DOCUMENT_FORMAT;
use crate::{Change, DeviceEvent, LedgerEntry, PrivacySummary, SessionError, Settings, StoreName};

/// The document that [`Session::export`] writes.
#[derive(Serialize)]
struct Export<'a> {
    /// Format of this document.
    format: u16,
    exported_at_ms: i64,
    settings: Settings,
    events: &'a [DeviceEvent],
    opinions: &'a [Opinion],
    /// The last searches, newest first.
    searches: &'a [String],
}

impl Session {
    /// What is on this device about the shopper.
    pub async fn privacy(&self) -> PrivacySummary {
        let usage = self.inner.adapters.storage.usage().await;
        let requests = self.ledger();
        let mut state = self.inner.state.borrow_mut();
        let stores = state.health.take(usage);
        let events = &state.log.events;
        let times = events.iter().map(|event| event.at_ms);
        PrivacySummary {
            events: state.log.counts(),
            first_and_last_at_ms: times.clone().min().zip(times.max()),
            n_searches: state.searches.len(),
            n_items_logged: state.log.items().len() as u32,
            stores,
            n_requests: requests.len(),
            bytes_sent_and_received: requests.iter().fold((0, 0), |(sent, received), entry| {
                (sent + entry.bytes_sent, received + entry.bytes_received)
            }),
            pinned: state.pairs.active().map(|pair| pair.versions()),
            settings: state.settings.clone(),
            durability: self.inner.adapters.storage.durability(),
            n_dropped: u64::from(state.health.n_dropped) + self.inner.adapters.storage.n_unopened(),
        }
    }

    /// Every request made, oldest first, earlier visits included (at most
    /// [`crate::LEDGER_ENTRIES_MAX`]).
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.inner.ledger.entries()
    }

    /// Log, last searches and settings as a JSON document for the shopper to keep.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn export(&self) -> Result<String, SessionError> {
        let state = self.inner.state.borrow();
        let export = Export {
            format: DOCUMENT_FORMAT,
            exported_at_ms: self.inner.adapters.clock.now_ms(),
            settings: state.settings.clone(),
            events: &state.log.events,
            opinions: &state.log.opinions,
            searches: &state.searches,
        };
        Ok(serde_json::to_string_pretty(&export)?)
    }

    /// Forgets the shopper: log, kept cards, derived state, ledger, the last searches and
    /// the answers to searches, which sponsored cards were shown, what was handed to a checkout, and that a newcomer's choice was
    /// answered, in this tab and in others. The public catalogue and the settings stay; the feed
    /// is in popularity order again.
    ///
    /// # Errors
    /// When a store could not be emptied; memory is emptied nevertheless, and
    /// calling again tries the stores again.
    pub async fn delete_all(&self) -> Result<(), SessionError> {
        let _in_order = self.inner.log_lock.lock().await;
        let mut result = Ok(());
        for store in [StoreName::Events, StoreName::Cards, StoreName::Ledger] {
            let cleared = self.inner.adapters.storage.clear(store).await;
            result = result.and(cleared);
        }
        let keys = [META_RECENT.to_owned(), META_SPONSORED.to_owned()];
        result = result.and(self.inner.adapters.storage.remove(StoreName::Meta, &keys).await);
        let had_answered = self.inner.state.borrow().settings.starters_answered;
        self.forget();
        self.note_write(&result);
        if had_answered {
            self.store_settings().await;
        }
        // Memory is empty even where a store is not; the other tabs' is, too.
        self.inner.adapters.tab.tell(Change::Deleted);
        Ok(result?)
    }

    /// Forgets in memory what was deleted from the stores; whoever calls it holds
    /// the lock of the log.
    pub(crate) fn forget(&self) {
        self.inner.ledger.clear();
        self.inner.replies.forget();
        self.end_conversation();
        self.inner.state.borrow_mut().forget();
        self.forget_handed_over();
        self.keep_basket();
    }
}
