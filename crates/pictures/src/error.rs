//! What stops the reading of pictures as a whole, in contrast to one picture's fault.

use std::io;
use std::path::{Path, PathBuf};

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The picture folder does not exist or cannot be entered.
    #[error("the picture folder {} cannot be opened: name one that exists", path.display())]
    Root {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the cache could not be read or written.
    #[error("cannot access {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the cache could not be replaced durably.
    #[error("cannot keep the picture cache")]
    Durable(#[from] vitrine_durable::DurableError),
    /// The file is not a picture cache of this format.
    #[error("{} is not a picture cache of this version; move it away and start again", path.display())]
    NotACache {
        /// Which file.
        path: PathBuf,
    },
    /// Another process reads pictures into this cache.
    #[error("{} is in use by another process; wait for it to end", path.display())]
    CacheInUse {
        /// The cache's folder.
        path: PathBuf,
    },
    /// Thumbnails that were there when the cache was opened are no longer whole.
    #[error("the thumbnails of picture {hash} are damaged or missing; read the pictures again")]
    NoThumbnails {
        /// Which picture.
        hash: crate::PictureHash,
    },
    /// The caller's cancel flag is set. What was read is in the cache.
    #[error("cancelled; what was read is kept, and the next import goes on from there")]
    Cancelled,
}

impl PictureError {
    /// For `map_err` on a call to the disk.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
