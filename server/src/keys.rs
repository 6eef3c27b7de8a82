//! API keys of the shop's own systems: who may push what, and how fast.
//!
//! A key is 256 random bits, shown once. The file keeps its SHA-256 hash: a plain hash is
//! enough, since nobody can try 2²⁵⁶ keys. A server that runs takes up a changed file
//! within [`REFRESH_MS`].

mod bucket;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use bucket::Bucket;

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

/// A key begins so, that a leaked one is recognised as what it is.
const PREFIX: &str = "vitrine_";
const SECRET_BYTES: usize = 32;
const FORMAT: u32 = 1;

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
    /// Push order lines.
    #[serde(rename = "orders:write")]
    #[value(name = "orders:write")]
    OrdersWrite,
}

impl KeyScope {
    /// As the command line and the file write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CatalogueWrite => "catalogue:write",
            Self::CatalogueRead => "catalogue:read",
            Self::OrdersWrite => "orders:write",
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

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: u32,
    keys: Vec<KeyEntry>,
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

/// The keys of a data folder, by name.
///
/// # Errors
/// [`KeysError::Io`], [`KeysError::NotKeys`].
pub fn list(data_dir: &Path) -> Result<Vec<KeyEntry>, KeysError> {
    read(&data_dir.join(FILE))
}

/// Makes a key and returns it: it is kept nowhere. Another of the same name is refused.
///
/// # Errors
/// [`KeysError::Name`], [`KeysError::Taken`], [`KeysError::TooMany`], and as [`list`].
pub fn add(
    data_dir: &Path,
    name: &str,
    scopes: &[KeyScope],
    requests_per_second: u32,
    created_seconds: u64,
) -> Result<String, KeysError> {
    let is_named = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !(1..=NAME_CHARS_MAX).contains(&name.len()) || !name.chars().all(is_named) {
        return Err(KeysError::Name { name: name.to_owned() });
    }
    let token = format!("{PREFIX}{}", hexadecimal(&random()?));
    change(data_dir, |keys| {
        if keys.iter().any(|key| key.name == name) {
            return Err(KeysError::Taken { name: name.to_owned() });
        }
        if keys.len() >= KEYS_MAX {
            return Err(KeysError::TooMany);
        }
        let mut scopes = scopes.to_vec();
        scopes.sort_by_key(|scope| scope.name());
        scopes.dedup();
        keys.push(KeyEntry {
            name: name.to_owned(),
            scopes,
            requests_per_second,
            created_seconds,
            sha256: hash_of(&token),
        });
        keys.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(())
    })?;
    Ok(token)
}

/// Forgets a key; requests with it are refused from then on.
///
/// # Errors
/// [`KeysError::NoSuchKey`], and as [`list`].
pub fn revoke(data_dir: &Path, name: &str) -> Result<(), KeysError> {
    change(data_dir, |keys| {
        let n_before = keys.len();
        keys.retain(|key| key.name != name);
        if keys.len() == n_before {
            return Err(KeysError::NoSuchKey { name: name.to_owned() });
        }
        Ok(())
    })
}

/// Reads, changes and writes the file while no other process does.
fn change(
    data_dir: &Path,
    work: impl FnOnce(&mut Vec<KeyEntry>) -> Result<(), KeysError>,
) -> Result<(), KeysError> {
    fs::create_dir_all(data_dir).map_err(failed("create", data_dir))?;
    let lock_path = data_dir.join("keys.LOCK");
    let lock = vitrine_durable::create_private(&lock_path)?;
    lock.lock().map_err(failed("lock", &lock_path))?;
    let path = data_dir.join(FILE);
    let mut file = KeyFile { format: FORMAT, keys: read(&path)? };
    work(&mut file.keys)?;
    let json = serde_json::to_vec_pretty(&file)
        .map_err(|source| KeysError::NotKeys { path: path.clone(), source })?;
    Ok(vitrine_durable::write_private(&path, &json)?)
}

fn read(path: &Path) -> Result<Vec<KeyEntry>, KeysError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed("read", path)(source)),
    };
    let not_keys = |source| KeysError::NotKeys { path: path.to_owned(), source };
    let file: KeyFile = serde_json::from_slice(&bytes).map_err(not_keys)?;
    if file.format != FORMAT {
        let unknown = format!("format {} is unknown", file.format);
        return Err(not_keys(serde::de::Error::custom(unknown)));
    }
    Ok(file.keys)
}

fn hash_of(token: &str) -> String {
    hexadecimal(&Sha256::digest(token))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of the system's random generator.
fn random() -> Result<[u8; SECRET_BYTES], KeysError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; SECRET_BYTES];
    let read = File::open(source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(failed("read", source))?;
    Ok(bytes)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeysError {
    let path = path.to_owned();
    move |source| KeysError::Io { action, path, source }
}
