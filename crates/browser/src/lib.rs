//! Adapters between the session and the browser: fetch, IndexedDB, clock; and
//! the Studio's client. Empty on any other target.
#![cfg(target_arch = "wasm32")]
#![deny(missing_docs)]

mod clock;
mod fetch;
mod indexed_db;
pub mod studio;

use std::rc::Rc;

use vitrine_session::{Adapters, MemoryStorage, Storage};

pub use clock::BrowserClock;
pub use fetch::FetchTransport;
pub use indexed_db::IndexedDbStorage;

/// The adapters of this tab. Where the browser refuses its storage (private
/// windows do), everything is kept in memory, and
/// [`vitrine_session::Status::durability`] says why.
pub async fn adapters() -> Adapters {
    let storage: Rc<dyn Storage> = match IndexedDbStorage::open().await {
        Ok(storage) => Rc::new(storage),
        Err(error) => Rc::new(MemoryStorage::new(error.to_string())),
    };
    Adapters { transport: Rc::new(FetchTransport), storage, clock: Rc::new(BrowserClock) }
}

/// Adapters that keep nothing and see nothing of what this browser's shopper
/// did: for the Studio, whose shoppers are made up. `reason` is shown as why.
pub fn adapters_in_memory(reason: &str) -> Adapters {
    let storage = Rc::new(MemoryStorage::new(reason));
    Adapters { transport: Rc::new(FetchTransport), storage, clock: Rc::new(BrowserClock) }
}
