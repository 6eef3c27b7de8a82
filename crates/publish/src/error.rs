//! Why something could not be published or read back.

use std::io;
use std::path::PathBuf;

use vitrine_domain::{ContentHash, ItemId};
use vitrine_student::StudentError;
use vitrine_wire::WireError;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The disk refused.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
    /// A manifest that is on disk but cannot be read.
    #[error("manifest {number} is damaged")]
    ManifestDamaged {
        /// Its number.
        number: u64,
        /// What is wrong with it.
        source: WireError,
    },
    /// A shard that is on disk but is not what its name says.
    #[error("shard {hash} is damaged")]
    ShardDamaged {
        /// Its name.
        hash: ContentHash,
    },
    /// A shard with the right name that cannot be decoded.
    #[error("shard {hash} cannot be decoded")]
    ShardInvalid {
        /// Its name.
        hash: ContentHash,
        /// What is wrong with it.
        source: WireError,
    },
    /// Nothing has been published yet.
    #[error("nothing has been published yet")]
    Empty,
    /// No kept version is whole.
    #[error("no kept version is whole; the newest, {number}, fails")]
    NoneWhole {
        /// Number of the newest.
        number: u64,
        /// What is wrong with it.
        source: Box<PublishError>,
    },
    /// A version that is asked for is not kept.
    #[error("version {number} is not kept; these are: {kept:?}")]
    NotKept {
        /// The number.
        number: u64,
        /// Numbers of those kept, newest first.
        kept: Vec<u64>,
    },
    /// There is no whole version but the current one.
    #[error("there is no older version that is whole")]
    NothingOlder,
    /// Something else was published since this was prepared.
    #[error("prepared against version {prepared:?}, but {current:?} is current")]
    Conflict {
        /// The version that it was prepared against.
        prepared: Option<u64>,
        /// The current one.
        current: Option<u64>,
    },
    /// A catalogue without items.
    #[error("the catalogue has no items")]
    NoItems,
    /// An array of the input has the wrong length.
    #[error("{field} has {found} entries, expected {expected}")]
    Length {
        /// Which array.
        field: &'static str,
        /// What it should have.
        expected: usize,
        /// What it has.
        found: usize,
    },
    /// An index of the input is outside what it points into.
    #[error("{field} of item {item_idx} points at {found}, there are {len}")]
    Index {
        /// Which array.
        field: &'static str,
        /// Row of the input.
        item_idx: usize,
        /// The index.
        found: usize,
        /// How many there are.
        len: usize,
    },
    /// Two items with one id.
    #[error("item {0} is listed twice")]
    ItemTwice(ItemId),
    /// A catalogue comes with a model that no kept version has: a model becomes public
    /// through the gate alone.
    #[error("model {0} is in no kept version")]
    UnknownModel(u64),
    /// The model's codes are not those of the current catalogue's items.
    #[error("the model has no code for item {0} of the current catalogue")]
    CodeMissing(ItemId),
    /// What the first feed needs does not fit the budget, however small the head.
    #[error("the first feed needs {bytes} bytes, at most {bytes_max} are allowed")]
    HeadTooLarge {
        /// Compressed bytes of the smallest head tried.
        bytes: u64,
        /// The budget.
        bytes_max: u64,
    },
    /// The gate is closed.
    #[error("the gate refused the model: {}", failed.join("; "))]
    Gate {
        /// The conditions that do not hold.
        failed: Vec<String>,
    },
    /// The snapshot holds no model, so nothing can be served from it.
    #[error("the snapshot has no model")]
    NoModel,
    /// A document that may not be published.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The student's payload cannot be loaded.
    #[error(transparent)]
    Student(#[from] StudentError),
}

impl PublishError {
    /// For `map_err` on an IO call.
    pub(crate) fn io(
        action: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Whether stored files are to blame (damaged or missing), so that an older version
    /// may be whole and new files can replace them; false when the disk refuses.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::ManifestDamaged { .. }
            | Self::ShardDamaged { .. }
            | Self::ShardInvalid { .. }
            | Self::NoneWhole { .. } => true,
            Self::Wire(_) => true,
            _ => false,
        }
    }
}
