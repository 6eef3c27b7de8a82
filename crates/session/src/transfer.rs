//! The shopper's data as an encrypted file, to be moved to another device by hand.
//!
//! Layout: [`HEADER_LEN`] bytes of header (magic, version, rounds, salt, nonce), the sealed
//! JSON of [`Session::export`], and the BLAKE3 hash of both, so that damage is told from a wrong
//! passphrase. The header is authenticated with the rest.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Deserialize;
use vitrine_wire::content_hash;

use crate::log::encode_entry;
use crate::opinions::Opinion;
use crate::session::Session;
use crate::{Change, DeviceEvent, SessionError, StorageError, StoreName};

/// Rounds of PBKDF2-HMAC-SHA-256, as OWASP advises for it (Password Storage Cheat Sheet, 2023).
pub const PASSPHRASE_ROUNDS: u32 = 600_000;
/// More rounds than this are not worked off: the file, not its owner, says how many.
const ROUNDS_MAX: u32 = 10_000_000;
/// Characters of a passphrase at least.
pub const PASSPHRASE_CHARS_MIN: usize = 10;
/// Bytes of a file at most.
pub const TRANSFER_BYTES_MAX: usize = 16 << 20;

const MAGIC: &[u8; 7] = b"vitrine";
const VERSION: u8 = 1;
const SALT_LEN: usize = 16;
const NONCE_LEN: usize = 12;
const HASH_LEN: usize = 32;
const HEADER_LEN: usize = MAGIC.len() + 1 + 4 + SALT_LEN + NONCE_LEN;
/// Format of the document within, which is that of [`Session::export`].
pub(crate) const DOCUMENT_FORMAT: u16 = 1;

/// From what a key is made, and what it is used with.
#[derive(Clone, Copy, Debug)]
pub struct SealTerms<'a> {
    /// Of the shopper.
    pub passphrase: &'a str,
    /// Rounds of PBKDF2-HMAC-SHA-256.
    pub rounds: u32,
    /// 16 bytes.
    pub salt: &'a [u8],
    /// 12 bytes, never used twice with a key.
    pub nonce: &'a [u8],
    /// Authenticated, not encrypted.
    pub header: &'a [u8],
}

/// Cryptography of the platform: AES-256-GCM under a key that PBKDF2-HMAC-SHA-256 derives.
#[async_trait(?Send)]
pub trait FileCipher {
    /// Fills `bytes` from a source that is fit for keys.
    ///
    /// # Errors
    /// When the platform has none.
    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), TransferError>;

    /// Encrypts, and appends the tag of 16 bytes.
    ///
    /// # Errors
    /// When the platform cannot.
    async fn seal(&self, terms: SealTerms<'_>, plain: &[u8]) -> Result<Vec<u8>, TransferError>;

    /// Undoes [`FileCipher::seal`].
    ///
    /// # Errors
    /// [`TransferError::WrongPassphrase`] when the tag is another.
    async fn open(&self, terms: SealTerms<'_>, sealed: &[u8]) -> Result<Vec<u8>, TransferError>;
}

/// Why a file could not be written or taken up. Nothing on the device has changed.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The passphrase is too easy to guess.
    #[error("the passphrase is too short: use at least {} characters", PASSPHRASE_CHARS_MIN)]
    ShortPassphrase,
    /// The file is another.
    #[error("this is not a file that a shop has exported: choose the one that you saved")]
    OtherFile,
    /// A newer release wrote it.
    #[error("the file is of a newer version ({0}): reload the shop on this device and try again")]
    NewerVersion(u16),
    /// Bytes are missing or changed.
    #[error("the file is damaged: copy it again, or export it again")]
    Damaged,
    /// The key does not fit.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// More than [`TRANSFER_BYTES_MAX`].
    #[error("there are more than {} MB to move: delete older entries first", TRANSFER_BYTES_MAX >> 20)]
    TooLarge,
    /// Nothing may be recorded on this device.
    #[error("nothing may be stored about you here: agree to that first, then try again")]
    NoConsent,
    /// The platform's cryptography failed.
    #[error("this browser cannot encrypt here ({0}): open the shop over https")]
    Platform(String),
    /// The session could not read or write.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<StorageError> for TransferError {
    fn from(error: StorageError) -> Self {
        Self::Session(error.into())
    }
}

/// What is read of the document within.
#[derive(Deserialize)]
struct Document {
    events: Vec<DeviceEvent>,
    #[serde(default)]
    opinions: Vec<Opinion>,
}

impl Session {
    /// Log and settings as a file that only the passphrase opens. Sends nothing.
    ///
    /// # Errors
    /// When the passphrase is too short, the log too large, or the platform cannot encrypt.
    pub async fn export_sealed(
        &self,
        cipher: &dyn FileCipher,
        passphrase: &str,
    ) -> Result<Vec<u8>, TransferError> {
        if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(TransferError::ShortPassphrase);
        }
        let plain = self.export()?;
        if plain.len() > TRANSFER_BYTES_MAX - HEADER_LEN - HASH_LEN - 16 {
            return Err(TransferError::TooLarge);
        }
        let mut random = [0; SALT_LEN + NONCE_LEN];
        cipher.fill_random(&mut random)?;
        let mut file = [MAGIC, &[VERSION][..], &PASSPHRASE_ROUNDS.to_le_bytes(), &random].concat();
        let terms = Header::read(&file)?.terms(passphrase);
        let sealed = cipher.seal(terms, plain.as_bytes()).await?;
        file.extend(sealed);
        let hash = content_hash(&file);
        file.extend(hash.0);
        Ok(file)
    }

    /// Adds what an exported file has to the log of this device: an event or opinion that is
    /// here already counts once. Settings stay those of this device. Returns how many entries
    /// are new.
    ///
    /// # Errors
    /// See [`TransferError`]; then nothing has changed.
    pub async fn import_sealed(
        &self,
        cipher: &dyn FileCipher,
        passphrase: &str,
        file: &[u8],
    ) -> Result<usize, TransferError> {
        if file.len() > TRANSFER_BYTES_MAX {
            return Err(TransferError::TooLarge);
        }
        if !self.inner.state.borrow().has_consent() {
            return Err(TransferError::NoConsent);
        }
        let header = Header::read(file)?;
        let (body, hash) = file
            .split_at_checked(file.len() - HASH_LEN.min(file.len()))
            .filter(|(body, _)| body.len() >= HEADER_LEN)
            .ok_or(TransferError::Damaged)?;
        if content_hash(body).0 != hash || header.rounds > ROUNDS_MAX {
            return Err(TransferError::Damaged);
        }
        let plain = cipher.open(header.terms(passphrase), &body[HEADER_LEN..]).await?;
        let value: serde_json::Value =
            serde_json::from_slice(&plain).map_err(|_| TransferError::Damaged)?;
        let format = value["format"].as_u64().and_then(|n| u16::try_from(n).ok()).unwrap_or(0);
        if format > DOCUMENT_FORMAT {
            return Err(TransferError::NewerVersion(format));
        }
        let document: Document =
            serde_json::from_value(value).map_err(|_| TransferError::Damaged)?;
        self.merge(document).await
    }

    /// Adds the entries of a document that the log does not have, all in the order of time.
    async fn merge(&self, document: Document) -> Result<usize, TransferError> {
        let _in_order = self.inner.log_lock.lock().await;
        let storage = &self.inner.adapters.storage;
        let own = storage.entries(StoreName::Events).await?;
        let mut n_own: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for entry in &own {
            *n_own.entry(rewritten(entry)).or_default() += 1;
        }
        let events = document.events.iter().map(|event| Ok((event.at_ms, encode_entry(event)?)));
        let opinions = document.opinions.iter().map(|of| Ok((of.at_ms, encode_entry(of)?)));
        let mut new = events.chain(opinions).collect::<Result<Vec<_>, StorageError>>()?;
        new.retain(|(_, entry)| match n_own.get_mut(entry) {
            Some(n) if *n > 0 => {
                *n -= 1;
                false
            }
            _ => true,
        });
        let n_new = new.len();
        if n_new == 0 {
            return Ok(0);
        }
        // What cannot be read stays at the beginning: a newer release may know what it is.
        let timed = own.iter().map(|entry| (at_ms(entry), entry.clone()));
        let mut all: Vec<(i64, Vec<u8>)> = timed.chain(new).collect();
        vitrine_domain::sorting::sort_by_key(&mut all, |(at_ms, _)| *at_ms);
        let all: Vec<Vec<u8>> = all.into_iter().map(|(_, entry)| entry).collect();
        let exchanged = storage.exchange(StoreName::Events, &own, &all).await;
        self.note_write(&exchanged);
        exchanged?;
        self.inner.state.borrow_mut().log.load_again(&all);
        let items = self.inner.state.borrow().log.items_kept();
        for item in items {
            self.keep_card(item).await;
        }
        self.derive_anew();
        self.inner.adapters.tab.tell(Change::Log);
        Ok(n_new)
    }
}

/// An entry as this release writes it, so that it compares with those of another device.
fn rewritten(entry: &[u8]) -> Vec<u8> {
    let event = serde_json::from_slice::<DeviceEvent>(entry).ok();
    let written = match event {
        Some(event) => encode_entry(&event).ok(),
        None => serde_json::from_slice::<Opinion>(entry).ok().and_then(|of| encode_entry(&of).ok()),
    };
    written.unwrap_or_else(|| entry.to_vec())
}

fn at_ms(entry: &[u8]) -> i64 {
    /// What every entry has.
    #[derive(Deserialize)]
    struct Timed {
        at_ms: i64,
    }
    serde_json::from_slice::<Timed>(entry).map_or(i64::MIN, |timed| timed.at_ms)
}

/// The header of a file.
struct Header<'a> {
    bytes: &'a [u8],
    rounds: u32,
    salt: &'a [u8],
    nonce: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(file: &'a [u8]) -> Result<Self, TransferError> {
        let rest = file.strip_prefix(MAGIC.as_slice()).ok_or(TransferError::OtherFile)?;
        match rest.first() {
            Some(&VERSION) => {}
            Some(&version) if version > VERSION => {
                return Err(TransferError::NewerVersion(version.into()));
            }
            _ => return Err(TransferError::Damaged),
        }
        let bytes = file.get(..HEADER_LEN).ok_or(TransferError::Damaged)?;
        let (rounds, rest) = rest[1..].split_first_chunk::<4>().ok_or(TransferError::Damaged)?;
        let (salt, rest) = rest.split_at(SALT_LEN);
        Ok(Self { bytes, rounds: u32::from_le_bytes(*rounds), salt, nonce: &rest[..NONCE_LEN] })
    }

    fn terms(&self, passphrase: &'a str) -> SealTerms<'a> {
        let Self { bytes, rounds, salt, nonce } = *self;
        SealTerms { passphrase, rounds, salt, nonce, header: bytes }
    }
}
