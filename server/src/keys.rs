//! API keys of the shop's own systems: who may push what, and how fast.
//!
//! A key is 256 random bits, shown once. The file keeps its SHA-256 hash: a plain hash is
//! enough, since nobody can try 2²⁵⁶ keys. A server that runs takes up a changed file
//! within [`REFRESH_MS`].

mod bucket;
mod file;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use bucket::Bucket;
use file::{hash_of, read};

pub use file::{add, list, revoke};

/// File of the keys in the data folder.
pub const FILE: &str = "keys.json";
/// How long a running server may know an older file, in milliseconds.
pub const REFRESH_MS: u64 = 1_000;
/// Longest name of a key, in characters.
pub const NAME_CHARS_MAX: usize = 64;
/// Most keys of a shop.
pub const KEYS_MAX: usize = 1_000;
/// Requests a second of a key that was made without a rate.
pub const REQUESTS_PER_SECOND: u32 = 100;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ValueEnum)]
pub enum KeyScope {
    /// Push changes of products.
    #[serde(rename = "catalogue:write")]
    #[value(name = "catalogue:write")]
    CatalogueWrite,
    /// Read what is known of products, unlisted ones included.
    #[serde(rename = "catalogue:read")]
    #[value(name = "catalogue:read")]
    CatalogueRead,
    /// Ask what is written of published products.
    #[serde(rename = "catalogue:ask")]
    #[value(name = "catalogue:ask")]
    CatalogueAsk,
    /// Push order lines.
    #[serde(rename = "orders:write")]
    #[value(name = "orders:write")]
    OrdersWrite,
    /// Push reviews.
    #[serde(rename = "reviews:write")]
    #[value(name = "reviews:write")]
    ReviewsWrite,
}

impl KeyScope {
    /// As the command line and the file write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CatalogueWrite => "catalogue:write",
            Self::CatalogueRead => "catalogue:read",
            Self::CatalogueAsk => "catalogue:ask",
            Self::OrdersWrite => "orders:write",
            Self::ReviewsWrite => "reviews:write",
        }
    }
}

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<KeyScope>,
    /// Requests a second that it may make in the long run.
    pub requests_per_second: u32,
    /// When it was made, in seconds since 1970-01-01 UTC.
    pub created_seconds: u64,
    /// SHA-256 of the secret, in hexadecimal.
    pub sha256: String,
}

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// There is no such key, or not any more.
    #[error("the API key is unknown: `vitrine keys list` shows those that there are")]
    Unknown,
    /// The key is for something else.
    #[error("the API key {name:?} lacks the scope {}", scope.name())]
    Scope {
        /// Which key.
        name: String,
        /// What it would need.
        scope: KeyScope,
    },
    /// The key asks faster than it may.
    #[error("the API key {name:?} asks too often: try again in {retry_ms} ms")]
    TooOften {
        /// Which key.
        name: String,
        /// When there will be room, in milliseconds from now.
        retry_ms: u64,
    },
}

/// Errors of the file of keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The disk refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could not be written.
    #[error(transparent)]
    Durable(#[from] vitrine_durable::DurableError),
    /// The file is not one of keys.
    #[error("{} is no file of keys: put it back from a backup, or remove it and make new keys", path.display())]
    NotKeys {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A name that cannot be.
    #[error("{name:?} is no name of a key: it has 1 to {NAME_CHARS_MAX} letters, digits, - _ or .")]
    Name {
        /// What was given.
        name: String,
    },
    /// The name is taken.
    #[error("there is a key {name:?} already: revoke it first, or take another name")]
    Taken {
        /// Which name.
        name: String,
    },
    /// No key has this name.
    #[error("there is no key {name:?}: `vitrine keys list` shows those that there are")]
    NoSuchKey {
        /// Which name.
        name: String,
    },
    /// More than [`KEYS_MAX`].
    #[error("there are {KEYS_MAX} keys already: revoke some")]
    TooMany,
}

/// The keys of a data folder, as a running server uses them.
pub struct Keys {
    path: PathBuf,
    state: Mutex<Known>,
}

struct Known {
    keys: Vec<KeyEntry>,
    read_ms: u64,
    /// How much each key may still ask, by name.
    buckets: HashMap<String, Bucket>,
}

impl Keys {
    /// Reads the keys of a data folder; none when there is no file yet.
    ///
    /// # Errors
    /// [`KeysError::Io`], [`KeysError::NotKeys`].
    pub fn open(data_dir: &Path) -> Result<Self, KeysError> {
        let path = data_dir.join(FILE);
        let keys = read(&path)?;
        let known = Known { keys, read_ms: 0, buckets: HashMap::new() };
        Ok(Self { path, state: Mutex::new(known) })
    }

    /// The name of the key that a request presents, if it may do what it asks for now.
    /// The time it takes does not depend on which key it is or how much of it is right.
    ///
    /// `now_ms` counts from any fixed moment and never goes back.
    ///
    /// # Errors
    /// [`KeyRefusal`].
    pub fn authorise(
        &self,
        token: &str,
        scope: KeyScope,
        now_ms: u64,
    ) -> Result<String, KeyRefusal> {
        let mut known = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if now_ms.saturating_sub(known.read_ms) >= REFRESH_MS {
            known.read_ms = now_ms;
            self.refresh(&mut known);
        }
        let key = find(&known.keys, token).cloned().ok_or(KeyRefusal::Unknown)?;
        if !key.scopes.contains(&scope) {
            return Err(KeyRefusal::Scope { name: key.name, scope });
        }
        let rate = key.requests_per_second;
        let bucket = known.buckets.entry(key.name.clone()).or_insert(Bucket::full(rate, now_ms));
        match bucket.take(rate, now_ms) {
            Ok(()) => Ok(key.name),
            Err(retry_ms) => Err(KeyRefusal::TooOften { name: key.name, retry_ms }),
        }
    }

    /// A file that cannot be read leaves the keys as they were: a slip of a person must not
    /// lock the shop out. One that is gone revokes all.
    fn refresh(&self, known: &mut Known) {
        match read(&self.path) {
            Ok(keys) => {
                known.buckets.retain(|name, _| keys.iter().any(|key| key.name == *name));
                known.keys = keys;
            }
            Err(error) => tracing::warn!(%error, "the API keys stay as they were"),
        }
    }
}

/// The key of a token. All are compared, each in constant time.
fn find<'k>(keys: &'k [KeyEntry], token: &str) -> Option<&'k KeyEntry> {
    let presented = blake3::hash(hash_of(token).as_bytes());
    keys.iter().fold(None, |found, key| {
        // Equality of these hashes takes the same time wherever they differ.
        let is_same = blake3::hash(key.sha256.as_bytes()) == presented;
        if is_same { Some(key) } else { found }
    })
}
