//! What is known of a fetched feed, in a file beside it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vitrine_fetch::{Url, Validator};

use super::FeedError;

/// What is known of a fetched feed. As long as it is there, the feed beside it is whole
/// and is what the server gave these validators to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FetchRecord {
    /// Where it came from.
    pub url: String,
    /// Name of the file in the folder.
    pub file: String,
    /// BLAKE3 of the file.
    pub hash: [u8; 32],
    /// What to ask the server with.
    pub validator: Validator,
}

impl FetchRecord {
    /// Where the record of a feed is: no feed has this extension.
    pub fn path(folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{name}.fetched"))
    }

    /// What an earlier fetch left; `None` if it left nothing that can be read, or if the
    /// feed is not there any more: then it is fetched anew.
    pub fn read(folder: &Path, name: &str) -> Option<Self> {
        let json = std::fs::read(Self::path(folder, name)).ok()?;
        let record: Self = serde_json::from_slice(&json).ok()?;
        folder.join(&record.file).is_file().then_some(record)
    }

    /// Whether it is of the same address.
    pub fn is_of(&self, url: &Url) -> bool {
        self.url == url.as_str()
    }

    /// Keeps it, readable by the owner alone: the address may hold a key.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&self, folder: &Path, name: &str) -> Result<(), FeedError> {
        let path = Self::path(folder, name);
        let json = serde_json::to_vec(self).map_err(std::io::Error::from);
        let json = json.map_err(FeedError::disk("write", &path))?;
        Ok(vitrine_durable::write_private(&path, &json)?)
    }
}
