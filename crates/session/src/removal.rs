//! Taking events out of the log: what is derived from it is then as if they had never been.

use vitrine_domain::ItemId;

use crate::session::Session;
use crate::subject::{EventsOf, ProfileSubject};
use crate::{Change, DeviceEvent, SessionError, StoreName};

impl Session {
    /// Deletes one event; of several that are equal, the oldest. Feed, basket and what was
    /// learned are then as if it had never been, in this tab and in others. Returns whether
    /// there was such an event.
    ///
    /// # Errors
    /// When the storage refuses; then the event stays, and deleting it can be tried again.
    pub async fn forget_event(&self, event: &DeviceEvent) -> Result<bool, SessionError> {
        let _in_order = self.inner.log_lock.lock().await;
        let mut is_found = false;
        let n_removed = self
            .remove_events(|other| {
                let is_it = !is_found && other == event;
                is_found |= is_it;
                is_it
            })
            .await?;
        Ok(n_removed > 0)
    }

    /// Deletes all events that a part of the profile is made from, as
    /// [`Session::forget_event`] does; how many they were.
    ///
    /// # Errors
    /// When the storage refuses; then all of them stay.
    pub async fn forget_about(&self, subject: &ProfileSubject) -> Result<usize, SessionError> {
        let _in_order = self.inner.log_lock.lock().await;
        let events = {
            let state = self.inner.state.borrow();
            EventsOf::new(subject, &state.log, state.facts())
        };
        self.remove_events(|event| events.has(event)).await
    }

    /// Removes events from storage and memory; whoever calls it holds the lock of the log.
    async fn remove_events(
        &self,
        mut goes: impl FnMut(&DeviceEvent) -> bool,
    ) -> Result<usize, SessionError> {
        let storage = &self.inner.adapters.storage;
        let entries = storage.entries(StoreName::Events).await?;
        let mut is_going = |entry: &Vec<u8>| {
            serde_json::from_slice(entry).is_ok_and(|event: DeviceEvent| goes(&event))
        };
        let (going, staying): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| is_going(entry));
        if !going.is_empty() {
            let removed = storage.exchange(StoreName::Events, &going, &[]).await;
            self.note_write(&removed);
            removed?;
        }
        let (n_removed, cards) = {
            let mut state = self.inner.state.borrow_mut();
            state.log.load_again(&staying);
            let n_removed = going.len() + state.log.remove_unstored(&mut goes);
            (n_removed, state.log.prune_kept())
        };
        if !cards.is_empty() {
            let keys: Vec<String> = cards.iter().map(ItemId::to_string).collect();
            let removed = storage.remove(StoreName::Cards, &keys).await;
            self.note_write(&removed);
        }
        if n_removed > 0 {
            self.load_kept().await;
            self.derive_anew();
            self.inner.adapters.tab.tell(Change::Log);
        }
        Ok(n_removed)
    }
}
