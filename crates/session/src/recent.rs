//! The last searches of this device, which its search box offers again. They are kept
//! here alone, go with everything else of the shopper, and no request carries them.

use vitrine_domain::limits::QUERY_CHARS_MAX;

use crate::session::Session;
use crate::{Change, StoreName};

/// Searches kept; the oldest goes first.
pub const RECENT_SEARCHES_MAX: usize = 8;
/// Key of the searches in [`StoreName::Meta`].
pub(crate) const META_RECENT: &str = "recent-searches";

impl Session {
    /// Keeps the words of a search as the newest. Nothing while recording is paused or
    /// the shopper has not agreed to it, and nothing of an empty or too long text.
    pub async fn note_search(&self, text: &str) {
        let text = text.trim();
        let may_record = self.inner.state.borrow().may_record();
        if may_record && !text.is_empty() && text.chars().count() <= QUERY_CHARS_MAX {
            self.change_searches(text, true).await;
        }
    }

    /// Forgets one of the searches.
    pub async fn forget_search(&self, text: &str) {
        self.change_searches(text, false).await;
    }

    /// The last searches, newest first: those that begin with `start`, in whatever case.
    pub fn recent_searches(&self, start: &str) -> Vec<String> {
        let start = start.trim_start().to_lowercase();
        let state = self.inner.state.borrow();
        let is_asked_for = |text: &&String| text.to_lowercase().starts_with(&start);
        let kept = state.searches.iter().filter(|_| state.has_consent());
        kept.filter(is_asked_for).cloned().collect()
    }

    async fn change_searches(&self, text: &str, is_kept: bool) {
        let _in_order = self.inner.log_lock.lock().await;
        self.read_searches().await;
        let searches = {
            let searches = &mut self.inner.state.borrow_mut().searches;
            searches.retain(|other| other.to_lowercase() != text.to_lowercase());
            if is_kept {
                searches.insert(0, text.to_owned());
                searches.truncate(RECENT_SEARCHES_MAX);
            }
            serde_json::to_vec(searches)
        };
        let Ok(bytes) = searches else { return };
        let put = self.inner.adapters.storage.put(StoreName::Meta, META_RECENT, &bytes).await;
        self.inner.state.borrow_mut().has_stored_searches = put.is_ok();
        self.note_write(&put);
        self.inner.adapters.tab.tell(Change::Settings);
    }

    /// Reads what is stored, as another tab may have left it. Returns whether that is new.
    pub(crate) async fn read_searches(&self) -> bool {
        let Some(stored) = self.stored_searches().await else { return false };
        let mut state = self.inner.state.borrow_mut();
        let searches = match stored {
            Some(searches) => searches,
            // Another tab has deleted them all.
            None if state.has_stored_searches => Vec::new(),
            // What could not be stored stays in this tab.
            None => return false,
        };
        state.has_stored_searches = !searches.is_empty();
        std::mem::replace(&mut state.searches, searches.clone()) != searches
    }

    /// Removes the searches that this tab stored when it had not heard yet that another one was
    /// deleting everything; whoever calls it holds the lock of the log. What somebody has
    /// searched for since is another list, and stays.
    pub(crate) async fn unstore_searches(&self) {
        let stored = self.stored_searches().await.flatten();
        if stored.is_some_and(|stored| stored == self.inner.state.borrow().searches) {
            let keys = [META_RECENT.to_owned()];
            let removed = self.inner.adapters.storage.remove(StoreName::Meta, &keys).await;
            self.note_write(&removed);
        }
    }

    /// `None` where the storage cannot be read, or has something else.
    async fn stored_searches(&self) -> Option<Option<Vec<String>>> {
        let keys = [META_RECENT.to_owned()];
        let read = self.inner.adapters.storage.get(StoreName::Meta, &keys).await;
        match read.ok()?.pop().flatten() {
            Some(bytes) => Some(Some(serde_json::from_slice(&bytes).ok()?)),
            None => Some(None),
        }
    }
}
