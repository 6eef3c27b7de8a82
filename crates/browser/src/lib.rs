//! Adapters between the session and the browser: fetch, IndexedDB, clock, tab; and
//! the Studio's client. Empty on any other target.
#![cfg(target_arch = "wasm32")]
#![deny(missing_docs)]

mod cipher;
mod clock;
mod fetch;
mod indexed_db;
pub mod studio;
mod tab;
mod turn;

use std::rc::Rc;

use vitrine_session::{Adapters, LoneTab, MemoryStorage, Storage, Tab};

pub use cipher::BrowserCipher;
pub use clock::BrowserClock;
pub use fetch::FetchTransport;
pub use indexed_db::IndexedDbStorage;
pub use tab::BrowserTab;
pub use turn::turn;

/// The adapters of this tab. Where the browser refuses its storage (private
/// windows do), everything is kept in memory, and
/// [`vitrine_session::Status::durability`] says why.
pub async fn adapters() -> Adapters {
    match IndexedDbStorage::open().await {
        Ok(storage) => adapters_on(Rc::new(storage), Rc::new(BrowserTab::new())),
        // Tabs without a common log have nothing to tell each other.
        Err(error) => adapters_in_memory(&error.to_string()),
    }
}

/// Adapters that keep nothing and see nothing of what this browser's shopper
/// did: for the Studio, whose shoppers are made up. `reason` is shown as why.
pub fn adapters_in_memory(reason: &str) -> Adapters {
    adapters_on(Rc::new(MemoryStorage::new(reason)), Rc::new(LoneTab::default()))
}

fn adapters_on(storage: Rc<dyn Storage>, tab: Rc<dyn Tab>) -> Adapters {
    Adapters { transport: Rc::new(FetchTransport), storage, clock: Rc::new(BrowserClock), tab }
}
