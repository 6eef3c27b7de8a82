//! What the session needs from its surroundings: a network, a store, a clock, and
//! the tab it lives in ([`crate::Tab`]).
//!
//! All are single-threaded (`?Send`), because a browser tab is.

use std::fmt;
use std::future::ready;
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;

use crate::Tab;

/// The network, as little of it as the session needs.
///
/// Implementations send no cookie, credential or referrer, and follow the path
/// relative to the shop's own origin. The session never calls this directly:
/// every call goes through [`crate::Ledger`].
#[async_trait(?Send)]
pub trait Transport {
    /// GET of an absolute path ("/v1/manifest").
    ///
    /// # Errors
    /// When no answer arrived. A status of 400 and above is an answer.
    async fn get(&self, path: &str) -> Result<Response, TransportError>;

    /// POST of a JSON document to an absolute path.
    ///
    /// # Errors
    /// When no answer arrived. A status of 400 and above is an answer.
    async fn post_json(&self, path: &str, body: &str) -> Result<Response, TransportError>;

    /// Whether the platform announces that data is to be saved, or that the connection is
    /// slow: then fewer pictures are fetched.
    fn saves_data(&self) -> bool {
        false
    }
}

/// An HTTP answer, content encoding already undone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Decoded body.
    pub body: Vec<u8>,
    /// Bytes of the body as they crossed the network (compressed), when known.
    pub bytes_on_wire: Option<u64>,
}

/// No answer arrived.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer to {path}: {reason}")]
pub struct TransportError {
    /// What was asked for.
    pub path: String,
    /// What the platform says about it.
    pub reason: String,
}

/// The named stores of the device. The name is also that of the IndexedDB
/// object store; append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreName {
    /// Public shards, keyed by content hash.
    Shards,
    /// Manifest and settings, keyed by name.
    Meta,
    /// The shopper's event log, append-only.
    Events,
    /// Cards and codes of logged items, keyed by item.
    Cards,
    /// Every request made, append-only.
    Ledger,
}

impl StoreName {
    /// All stores.
    pub const ALL: [Self; 5] = [Self::Shards, Self::Meta, Self::Events, Self::Cards, Self::Ledger];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shards => "shards",
            Self::Meta => "meta",
            Self::Events => "events",
            Self::Cards => "cards",
            Self::Ledger => "ledger",
        }
    }
}

/// The device's own storage: bytes in named stores.
///
/// A store is used either by key (`get`, `put`, `remove`) or as an append-only
/// list (`append`, `entries`), never both. Calls may overlap; those of one
/// store take effect in the order in which they were started.
#[async_trait(?Send)]
pub trait Storage {
    /// The value of each key, in the keys' order; `None` where there is none.
    async fn get(
        &self,
        store: StoreName,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError>;

    /// Writes or replaces one value.
    async fn put(&self, store: StoreName, key: &str, value: &[u8]) -> Result<(), StorageError>;

    /// Removes values; keys that are not there are no error.
    async fn remove(&self, store: StoreName, keys: &[String]) -> Result<(), StorageError>;

    /// All keys of a store used by key, sorted.
    async fn keys(&self, store: StoreName) -> Result<Vec<String>, StorageError>;

    /// Appends values in order, all or none.
    async fn append(&self, store: StoreName, values: &[Vec<u8>]) -> Result<(), StorageError>;

    /// All values of an append-only store, oldest first.
    async fn entries(&self, store: StoreName) -> Result<Vec<Vec<u8>>, StorageError>;

    /// Removes values of an append-only store and appends others, all or none: for each of
    /// `removed` the oldest value that is equal to it, if there is one. What somebody else
    /// appends meanwhile stays.
    async fn exchange(
        &self,
        store: StoreName,
        removed: &[Vec<u8>],
        added: &[Vec<u8>],
    ) -> Result<(), StorageError>;

    /// Empties a store.
    async fn clear(&self, store: StoreName) -> Result<(), StorageError>;

    /// Values of the last readings that are there and could not be opened: they are left out of
    /// what is read, and stay. None where nothing is sealed.
    fn n_unopened(&self) -> u64 {
        0
    }

    /// How much each store holds.
    async fn usage(&self) -> Result<Vec<StoreUsage>, StorageError>;

    /// Whether what is written here survives the tab.
    fn durability(&self) -> Durability;
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreUsage {
    /// Which.
    pub store: StoreName,
    /// Values.
    pub n_entries: u64,
    /// Their size in bytes, keys left out.
    pub bytes: u64,
}

/// Whether stored data survives the tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Kept on the device.
    #[default]
    Persistent,
    /// Gone when the tab closes; says why.
    Volatile {
        /// Why nothing better is available, or that it was asked for.
        reason: String,
    },
}

/// Why the store refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The device has no room left for this site.
    #[error("the device's storage for this shop is full")]
    QuotaExceeded,
    /// Anything else the platform reports.
    #[error("the device's storage failed in {operation}: {reason}")]
    Failed {
        /// What was tried.
        operation: &'static str,
        /// What the platform says.
        reason: String,
    },
}

/// Time.
pub trait Clock {
    /// Milliseconds since 1970-01-01 UTC by the device's clock.
    fn now_ms(&self) -> i64;
    /// Milliseconds of a clock that never goes back; only differences mean anything.
    fn monotonic_ms(&self) -> f64;

    /// Lets the platform do what waits: in a page, what the shopper did and what is to be
    /// drawn. Long work asks for it every few milliseconds. Where nothing waits, it is over
    /// at once.
    fn turn(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(ready(()))
    }
}

/// What is injected into a session.
#[derive(Clone)]
pub struct Adapters {
    /// The network.
    pub transport: Rc<dyn Transport>,
    /// The store.
    pub storage: Rc<dyn Storage>,
    /// The clock.
    pub clock: Rc<dyn Clock>,
    /// The tab.
    pub tab: Rc<dyn Tab>,
}

impl fmt::Debug for Adapters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adapters").finish_non_exhaustive()
    }
}
