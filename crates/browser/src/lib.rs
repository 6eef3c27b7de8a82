//! Adapters between the session and the browser, in a page or in a worker: fetch, IndexedDB,
//! clock, tab, and words and pictures as the platform writes them; and the Studio's client.
//! Empty on any other target.
#![cfg(target_arch = "wasm32")]
#![deny(missing_docs)]

mod camera;
mod cipher;
mod clock;
mod fetch;
pub mod format;
mod globals;
mod indexed_db;
pub mod photo_urls;
mod picture_pixels;
mod sealed_record;
mod sealing_keys;
mod storage;
pub mod studio;
mod tab;
mod tab_texts;
mod takeover;
mod turn;
mod turns;
mod webcrypto;

use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::Function;
use vitrine_session::{Adapters, LoneTab, MemoryStorage, Storage, Tab, Transport};

pub use camera::{Camera, CameraFault};
pub use cipher::BrowserCipher;
pub use clock::BrowserClock;
pub use fetch::FetchTransport;
pub use picture_pixels::{ChosenPicture, PICTURE_FILE_BYTES_MAX, PixelFault};
pub use storage::IndexedDbStorage;
pub use tab::BrowserTab;
pub use turn::turn;

/// The adapters of this tab. Where the browser refuses its storage (private windows do) or
/// cannot encrypt (pages without https), everything is kept in memory, and
/// [`vitrine_session::Status::durability`] says why.
pub async fn adapters() -> Adapters {
    match IndexedDbStorage::open().await {
        Ok(storage) => {
            let tab = BrowserTab::open(storage.sealing_keys()).await;
            adapters_on(Rc::new(storage), Rc::new(tab))
        }
        // Tabs without a common log have nothing to tell each other.
        Err(error) => adapters_in_memory(&error.to_string()),
    }
}

/// The adapters of a worker, which asks the server at `origin` by CORS. `kept` are the texts
/// that the page has kept, by key; `tell` is called with a key and its new text, or with the key
/// alone where it is forgotten.
pub async fn worker_adapters(
    origin: &str,
    kept: BTreeMap<String, String>,
    tell: Function,
) -> Adapters {
    let transport: Rc<dyn Transport> = Rc::new(FetchTransport::of_server(origin));
    let clock = Rc::new(BrowserClock);
    match IndexedDbStorage::open().await {
        Ok(storage) => {
            let tab = BrowserTab::of_worker(storage.sealing_keys(), kept, tell).await;
            Adapters { transport, storage: Rc::new(storage), clock, tab: Rc::new(tab) }
        }
        Err(error) => Adapters {
            transport,
            storage: Rc::new(MemoryStorage::new(error.to_string())),
            clock,
            tab: Rc::new(LoneTab::default()),
        },
    }
}

/// Adapters that keep nothing and see nothing of what this browser's shopper
/// did: for the Studio, whose shoppers are made up. `reason` is shown as why.
pub fn adapters_in_memory(reason: &str) -> Adapters {
    adapters_on(Rc::new(MemoryStorage::new(reason)), Rc::new(LoneTab::default()))
}

fn adapters_on(storage: Rc<dyn Storage>, tab: Rc<dyn Tab>) -> Adapters {
    let transport = Rc::new(FetchTransport::same_origin());
    Adapters { transport, storage, clock: Rc::new(BrowserClock), tab }
}
