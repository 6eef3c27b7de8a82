//! The tab that a session lives in: what outlives a reload of it, and the other tabs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use async_trait::async_trait;

/// What has changed on the device. It says nothing of the shopper: who hears it
/// reads the storage again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Something was added to the log, or taken out of it.
    Log,
    /// The settings, or the last searches.
    Settings,
    /// Everything about the shopper was deleted.
    Deleted,
}

/// Called with what another tab has changed.
pub type Heard = Rc<dyn Fn(Change)>;

/// A tab among the other tabs of the shop on this device.
///
/// Nothing of it leaves the device. Texts are kept as long as the tab is open,
/// reloads included, and no other tab sees them.
#[async_trait(?Send)]
pub trait Tab {
    /// Tells the other tabs what this one has changed, once it is in the storage.
    fn tell(&self, change: Change);

    /// Calls `heard` whenever another tab tells something, and where that may
    /// have been missed. Takes the place of an earlier listener.
    fn listen(&self, heard: Heard);

    /// The text kept under a key.
    fn kept(&self, key: &str) -> Option<String>;

    /// Keeps a text. Returns false where there is no room for it. It may take a moment until a
    /// reload finds it.
    fn keep(&self, key: &str, text: &str) -> bool;

    /// Keeps a text likewise, and is over when a reload finds it: for a page that is about to be
    /// left.
    async fn keep_stored(&self, key: &str, text: &str) -> bool {
        self.keep(key, text)
    }

    /// Forgets the text kept under a key.
    fn forget(&self, key: &str);
}

/// A tab without others, in memory: for personas, and where a platform has no tabs.
#[derive(Debug, Default)]
pub struct LoneTab {
    texts: RefCell<BTreeMap<String, String>>,
}

impl Tab for LoneTab {
    fn tell(&self, _change: Change) {}

    fn listen(&self, _heard: Heard) {}

    fn kept(&self, key: &str) -> Option<String> {
        self.texts.borrow().get(key).cloned()
    }

    fn keep(&self, key: &str, text: &str) -> bool {
        self.texts.borrow_mut().insert(key.to_owned(), text.to_owned());
        true
    }

    fn forget(&self, key: &str) {
        self.texts.borrow_mut().remove(key);
    }
}
