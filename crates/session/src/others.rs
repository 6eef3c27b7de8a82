//! The other tabs of the shop on this device: one log for all of them.

use std::rc::Rc;

use crate::log::Difference;
use crate::session::{META_SETTINGS, Session};
use crate::tab::Heard;
use crate::{Change, Settings, StoreName};

impl Session {
    /// Calls `heard` when another tab has changed what is on the device, and
    /// where that may have been missed: the page then calls
    /// [`Session::catch_up`].
    pub fn listen(&self, heard: Heard) {
        self.inner.adapters.tab.listen(heard);
    }

    /// Reads what another tab has changed. Returns whether anything was new.
    pub async fn catch_up(&self, change: Change) -> bool {
        match change {
            Change::Log => self.read_log_again().await,
            Change::Settings => {
                let has_searches = self.read_searches().await;
                self.read_settings_again().await || has_searches
            }
            Change::Deleted => {
                let _in_order = self.inner.log_lock.lock().await;
                self.unstore_searches().await;
                self.forget();
                true
            }
        }
    }

    async fn read_log_again(&self) -> bool {
        let _in_order = self.inner.log_lock.lock().await;
        let entries = self.inner.adapters.storage.entries(StoreName::Events).await;
        let difference = {
            let mut state = self.inner.state.borrow_mut();
            match entries {
                Ok(entries) => state.log.load_again(&entries),
                Err(error) => {
                    state.health.storage_error = Some(error);
                    Difference::None
                }
            }
        };
        if difference == Difference::None {
            return false;
        }
        let shopper_of = || {
            let state = self.inner.state.borrow();
            state.ranking.personal.as_ref().map(|personal| Rc::clone(&personal.shopper))
        };
        let before = shopper_of();
        self.load_kept().await;
        let is_same = match (before, shopper_of()) {
            (Some(before), Some(now)) => Rc::ptr_eq(&before, &now),
            (before, now) => before.is_none() && now.is_none(),
        };
        if !is_same {
            // It was derived anew meanwhile, of the log as it is.
            self.derive_anew();
        } else if let Difference::Longer(n_new) = difference {
            let mut state = self.inner.state.borrow_mut();
            let n_known = state.log.events.len() - n_new;
            let new = state.log.events[n_known..].to_vec();
            new.iter().for_each(|event| state.derive(event));
        }
        if difference == Difference::Other {
            // Their cards were deleted with the events.
            self.inner.state.borrow_mut().log.prune_kept();
            self.derive_anew();
        }
        true
    }

    async fn read_settings_again(&self) -> bool {
        let keys = [META_SETTINGS.to_owned()];
        let read = self.inner.adapters.storage.get(StoreName::Meta, &keys).await;
        let stored = read.ok().and_then(|mut values| values.pop().flatten());
        let settings = stored.and_then(|bytes| serde_json::from_slice::<Settings>(&bytes).ok());
        let Some(settings) = settings else {
            return false;
        };
        if self.inner.state.borrow().settings.consent != settings.consent {
            // What the other tab had in its basket.
            self.read_log_again().await;
        }
        let before = {
            let _in_order = self.inner.log_lock.lock().await;
            let basket = self.lines();
            let before = {
                let mut state = self.inner.state.borrow_mut();
                std::mem::replace(&mut state.settings, settings.clone())
            };
            if before.consent != settings.consent {
                self.take_answer(basket).await;
            } else if before.learns != settings.learns {
                self.derive_anew();
            }
            before
        };
        if before.backend != settings.backend {
            self.choose_backend().await;
        }
        before != settings
    }
}
