//! Where an import finds its feeds: a file, the newest file of a folder, or what a URL has
//! now, fetched into the data folder.

mod address;
mod error;
mod fetcher;
mod folder;
mod record;
#[cfg(test)]
pub(crate) mod tests;

use std::path::{Path, PathBuf};

pub use address::{FeedAddress, FeedRole};
pub use error::FeedError;
pub(crate) use fetcher::FeedFetcher;
pub(crate) use folder::{FileStat, locate};
use vitrine_ingest::Mapping;

use crate::signals::Stop;

/// Folder of fetched feeds in the data folder. Orders have customers as the shop writes
/// them, so its owner alone can enter it.
pub(crate) const FOLDER: &str = "feeds";

/// The feeds of an import, as files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedFiles {
    /// Product feed.
    pub products: Option<PathBuf>,
    /// Order log.
    pub interactions: Option<PathBuf>,
}

impl FeedFiles {
    /// Finds the files of both addresses, and fetches those at URLs.
    ///
    /// # Errors
    /// [`FeedError`] of the first that cannot be had.
    pub(crate) fn of(
        addresses: [(FeedRole, Option<&FeedAddress>); 2],
        mapping: &Mapping,
        fetcher: &FeedFetcher,
        stop: &Stop,
    ) -> Result<Self, FeedError> {
        let mut files = Self::default();
        for (role, address) in addresses {
            let path = match address {
                None => continue,
                Some(FeedAddress::Path(path)) if path.is_dir() => {
                    locate(path, role, mapping, None)?.path
                }
                // What is wrong with it is told with what is wrong with the others.
                Some(FeedAddress::Path(path)) => path.clone(),
                Some(FeedAddress::Url(url)) => fetcher.fetch(role, url, stop)?.path,
            };
            files.set(role, &path);
        }
        Ok(files)
    }

    /// Names the file of one feed.
    pub(crate) fn set(&mut self, role: FeedRole, path: &Path) {
        let slot = match role {
            FeedRole::Products => &mut self.products,
            FeedRole::Interactions => &mut self.interactions,
        };
        *slot = Some(path.to_owned());
    }
}
