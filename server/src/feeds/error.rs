//! Why a feed cannot be had.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vitrine_durable::DurableError;
use vitrine_fetch::{FetchFault, RefusedUrl};
use vitrine_ingest::IngestError;

/// Why a feed cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// The host, or one that it redirects to, is in a private network and was not named.
    #[error(
        "{from}: {host}, or a host that it redirects to, is in a private or local network: if it \
         is the shop's own, name it with --feed-host HOST"
    )]
    PrivateHost {
        /// The address without its query.
        from: String,
        /// Its host.
        host: String,
    },
    /// Nothing was fetched.
    #[error("{from}: {source}")]
    Fetch {
        /// The address without its query.
        from: String,
        /// Why.
        source: FetchFault,
    },
    /// Another process fetches into the folder.
    #[error("another import fetches into {}: wait for it, or give another --data-dir", folder.display())]
    FolderInUse {
        /// Which folder.
        folder: PathBuf,
    },
    /// A folder has no file that the mapping's reader takes.
    #[error(
        "no file of {} can be read as --{role}: put a feed there, or correct the mapping{}",
        folder.display(),
        newest.as_ref().map(|error| format!(" (of the newest file: {error})")).unwrap_or_default()
    )]
    NoFeedInFolder {
        /// Which folder.
        folder: PathBuf,
        /// Name of the flag.
        role: &'static str,
        /// What is wrong with its newest file; `None` if there is no file.
        newest: Option<Box<IngestError>>,
    },
    /// The disk refuses.
    #[error("cannot {action} {}: {source}; check the path and its permissions", path.display())]
    Disk {
        /// What was to be done.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// What was fetched cannot be kept.
    #[error("cannot keep what was fetched: {0}; make room or check the data folder")]
    Keep(#[from] DurableError),
    /// The mapping cannot be read, which decides which file of a folder is a feed.
    #[error("{0}; correct the mapping")]
    Mapping(String),
}

impl FeedError {
    /// For `map_err` on a call to the disk.
    pub(crate) fn disk(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { action, path, source }
    }

    /// How long the server asked to be left alone, if it did.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Fetch {
                source: FetchFault::Status { status: 429 | 503, retry_after }, ..
            } => *retry_after,
            _ => None,
        }
    }

    /// Of a fetch from `url`.
    pub(super) fn fetch(url: &vitrine_fetch::Url, source: FetchFault) -> Self {
        let from = super::address::shown(url);
        match source {
            FetchFault::Refused(RefusedUrl::PrivateNetwork) => {
                Self::PrivateHost { from, host: url.host_str().unwrap_or_default().to_owned() }
            }
            source => Self::Fetch { from, source },
        }
    }
}
