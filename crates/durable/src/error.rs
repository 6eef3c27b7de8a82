//! What can be wrong with a file on disk.

use std::io;
use std::path::{Path, PathBuf};

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum DurableError {
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
    /// The content is not what was written.
    #[error("{} is damaged: its content does not match its checksum", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// The folder has checksums, but none of this file.
    #[error("{} has no checksum in its folder's list", path.display())]
    Unlisted {
        /// Which file.
        path: PathBuf,
    },
    /// The list of checksums itself cannot be read.
    #[error("{} is no list of checksums", path.display())]
    BadList {
        /// The list.
        path: PathBuf,
    },
}

impl DurableError {
    /// For `map_err` on a call to the disk.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Whether the stored bytes are to blame (damaged or missing), not the disk.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Damaged { .. } | Self::Unlisted { .. } | Self::BadList { .. } => true,
        }
    }
}
