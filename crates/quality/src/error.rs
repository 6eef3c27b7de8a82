//! What ends an import. A bad row never does.

use std::io;
use std::path::PathBuf;

use vitrine_domain::ItemId;

/// A problem of the whole import.
#[derive(Debug, thiserror::Error)]
pub enum QualityError {
    /// Two different texts have the same id.
    #[error("cards {first:?} and {second:?} have the same id {id}: reword one of them in the feed")]
    IdCollision {
        /// The id both have.
        id: ItemId,
        /// Text of the first.
        first: String,
        /// Text of the second.
        second: String,
    },
    /// More cards than a catalogue may have.
    #[error("more than {max} cards: split the feed")]
    TooManyItems {
        /// The limit.
        max: usize,
    },
    /// A file could not be written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be made durable, or is not what was written.
    #[error(transparent)]
    Durable(#[from] vitrine_durable::DurableError),
    /// A key of another length than keys have.
    #[error("{} is no key: remove it, and the next import makes one", path.display())]
    NotAKey {
        /// Which file.
        path: PathBuf,
    },
    /// A file is not an interaction log, or one that was cut.
    #[error("{} is not a whole interaction log: import again", path.display())]
    NotALog {
        /// Which file.
        path: PathBuf,
    },
    /// Counts that do not add up: a defect of the import.
    #[error("{name}: read {read} rows, but kept {kept} and quarantined {quarantined}")]
    Unbalanced {
        /// Name of the source.
        name: String,
        /// Rows read.
        read: u64,
        /// Rows kept.
        kept: u64,
        /// Rows quarantined.
        quarantined: u64,
    },
}
