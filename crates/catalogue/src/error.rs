//! What can be wrong with a change, and with the log.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::limits;

/// Why a change or an order line is not taken; its text is for the shop's developer.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Longer than [`limits::LINE_BYTES_MAX`].
    #[error("the line is longer than {} bytes", limits::LINE_BYTES_MAX)]
    LineTooLong,
    /// No JSON object, or a field that nobody knows or that has another type.
    #[error("{0}")]
    Json(#[source] serde_json::Error),
    /// A field's value is not what it should be.
    #[error("{field}: {source}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A field that the operation does not have.
    #[error("unknown field {name:?} of {op}")]
    UnknownField {
        /// Its name.
        name: String,
        /// Of which operation.
        op: String,
    },
    /// An operation that nobody knows.
    #[error("unknown op {op:?}: there are upsert, patch, hide, unhide and delete")]
    UnknownOp {
        /// What was given.
        op: String,
    },
    /// A field that is needed.
    #[error("{field} is missing or empty")]
    Missing {
        /// Which field.
        field: &'static str,
    },
    /// Two names for one thing.
    #[error("sku and id are two names of the same field: give one")]
    SkuAndId,
    /// A patch that names nothing to change.
    #[error(
        "the patch changes nothing: give price, sale_price, prices, availability, stock or offer"
    )]
    EmptyPatch,
    /// A period without a price.
    #[error("sale_price_effective_date needs a sale_price beside it")]
    PeriodAlone,
    /// An offer that says its amount twice.
    #[error("the offer has price_off and percent_off: give one")]
    TwoAmounts,
    /// Not a key of a price list.
    #[error("prices: {key:?} is no key of a price list")]
    PriceListKey {
        /// What was given.
        key: String,
    },
    /// A word that is no availability.
    #[error(
        "availability {word:?} is unknown: there are in_stock, out_of_stock, preorder, backorder"
    )]
    UnknownAvailability {
        /// What was given.
        word: String,
    },
    /// A text or list beyond its limit.
    #[error("{field} is longer than {max}")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// Characters of a text, entries of a list.
        max: usize,
    },
    /// A number that cannot be.
    #[error("{field} must be between {min} and {max}")]
    OutOfRange {
        /// Which field.
        field: &'static str,
        /// The least it may be.
        min: u64,
        /// The most it may be.
        max: u64,
    },
    /// An identifier with a line break or the like.
    #[error("{field} has a control character")]
    ControlCharacter {
        /// Which field.
        field: &'static str,
    },
    /// An address that a browser cannot open.
    #[error("{field} must begin with https:// or http://")]
    NotALink {
        /// Which field.
        field: &'static str,
    },
    /// A key for repetitions of a wrong length.
    #[error("an idempotency key has 1 to {} bytes", limits::KEY_BYTES_MAX)]
    KeyLength,
}

/// Errors of the log. After one, the state is what it was before, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
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
    /// There is no room left; the log is as it was, and takes changes again once there is.
    #[error("the disk of {} is full: nothing was written; free space and send it again", path.display())]
    DiskFull {
        /// The file that could not grow.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody knows what is on the disk.
    #[error(
        "{} could not be made durable: no more is taken until the server is started anew, \
         which keeps what is whole; send again what was not acknowledged",
        path.display()
    )]
    Unusable {
        /// The file whose sync failed.
        path: PathBuf,
    },
    /// What was written is not there any more.
    #[error(
        "{} is damaged at byte {offset}: {what}. Put the file back from a backup; or move the \
         folder away, import the catalogue anew, and send the changes since then again",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// A record that a newer version wrote.
    #[error("{}: record {number} is of an unknown kind: use the version that wrote it", path.display())]
    UnknownRecord {
        /// Which file.
        path: PathBuf,
        /// Number of the record.
        number: u64,
        /// What could not be read.
        source: serde_json::Error,
    },
    /// Another process writes this log.
    #[error("{} is in use by another process: stop it first", dir.display())]
    InUse {
        /// The folder of the log.
        dir: PathBuf,
    },
    /// A request beyond [`limits::CHANGES_MAX`].
    #[error("a request has at most {} changes: split it", limits::CHANGES_MAX)]
    TooManyChanges,
    /// A request whose records are beyond [`limits::REQUEST_BYTES_MAX`].
    #[error("a request has at most {} bytes: split it", limits::REQUEST_BYTES_MAX)]
    RequestTooLarge,
    /// The same idempotency key came with another body.
    #[error("this idempotency key came with another body before: give each request its own")]
    KeyReused,
    /// A record could not be written as JSON.
    #[error("a record could not be written")]
    Json(#[from] serde_json::Error),
    /// The write failed for all requests that it gathered.
    #[error("{0}")]
    NotWritten(#[source] Arc<CatalogueError>),
    /// The writer has ended.
    #[error("the log is closed: start the server anew")]
    Closed,
    /// A snapshot could not be put in its place.
    #[error("{0}")]
    Durable(#[from] vitrine_durable::DurableError),
}

impl CatalogueError {
    /// For `map_err` on a call to the disk.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path, source }
            }
            _ => Self::Io { action, path, source },
        }
    }

    /// Whether the same request may succeed later without a change of it.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::DiskFull { .. } => true,
            Self::NotWritten(cause) => cause.is_disk_full(),
            _ => false,
        }
    }
}
