//! The file of the keys: read, and changed by one process at a time.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{FILE, KEYS_MAX, KeyEntry, KeyScope, KeysError, NAME_CHARS_MAX};

/// A key begins so, that a leaked one is recognised as what it is.
pub(super) const PREFIX: &str = "vitrine_";
pub(super) const SECRET_BYTES: usize = 32;
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: u32,
    keys: Vec<KeyEntry>,
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

pub(super) fn read(path: &Path) -> Result<Vec<KeyEntry>, KeysError> {
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

pub(super) fn hash_of(token: &str) -> String {
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
