//! What can go wrong with the files of rules.

use std::io;
use std::path::{Path, PathBuf};

use vitrine_durable::DurableError;

use super::FILE_BYTES_MAX;
use super::files::DraftFile;

/// Errors of the files of rules.
#[derive(Debug, thiserror::Error)]
pub enum RuleStoreError {
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
    /// A file could not be written.
    #[error(transparent)]
    Durable(#[from] DurableError),
    /// A file is none of rules, or one of a newer program.
    #[error("{} is damaged: put it back from a backup, or {instead}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What else can be done.
        instead: &'static str,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// More than is kept.
    #[error("{n_bytes} bytes as they are kept, {FILE_BYTES_MAX} at most")]
    TooLarge {
        /// How many bytes.
        n_bytes: u64,
    },
    /// Somebody else saved the draft meanwhile; it is as they left it.
    #[error("somebody else has saved the draft since")]
    Conflict(Box<DraftFile>),
    /// No version has this number, or not any more.
    #[error("no version {number} of the rules is kept")]
    NoSuchVersion {
        /// Which number.
        number: u64,
    },
}

impl RuleStoreError {
    /// For `map_err` on a call to the disk.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Whether there is no space left.
    pub fn is_disk_full(&self) -> bool {
        let source = match self {
            Self::Io { source, .. } | Self::Durable(DurableError::Io { source, .. }) => source,
            _ => return false,
        };
        source.kind() == io::ErrorKind::StorageFull
    }
}
