//! What a watching import tells, one line each.

use std::fmt;
use std::time::Duration;

use vitrine_domain::CatalogueVersion;

/// What a watching import tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WatchNotice {
    /// A file changed since the last look, so somebody may still write it.
    Writing,
    /// A feed, or a file beside it, cannot be had. Told once for each reason.
    NotHad { why: String },
    /// A training or another import has the data folder. Told once.
    Locked,
    /// An import failed. Told once for each content and reason.
    NotImported { why: String, again: Duration },
    /// A catalogue was published.
    Imported { catalogue: CatalogueVersion },
    /// All is done until the next look.
    Next { wait: Duration },
}

impl WatchNotice {
    /// Writes it to the log.
    pub fn log(&self) {
        match self {
            Self::NotHad { .. } | Self::NotImported { .. } => tracing::warn!("{self}"),
            Self::Imported { catalogue } => tracing::info!(catalogue = catalogue.0, "{self}"),
            Self::Writing | Self::Locked | Self::Next { .. } => tracing::info!("{self}"),
        }
    }
}

impl fmt::Display for WatchNotice {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Writing => {
                write!(to, "a file is new or has changed: it is imported once it stays the same")
            }
            Self::NotHad { why } => {
                write!(to, "{why}; what is served stays, and it is looked for again")
            }
            Self::Locked => write!(
                to,
                "another import or a training works on the data folder: the import waits for it"
            ),
            Self::NotImported { why, again } => write!(
                to,
                "{why}; what is served stays, the import is tried again when a file has changed, \
                 at the latest in {} s",
                again.as_secs()
            ),
            Self::Imported { .. } => write!(to, "published"),
            Self::Next { wait } => write!(to, "next look in {} s", wait.as_secs_f64().ceil()),
        }
    }
}
