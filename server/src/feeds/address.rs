//! What `--products` and `--interactions` name.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use vitrine_fetch::{RefusedUrl, Url, parse_url};
use vitrine_ingest::{IngestError, Mapping, open_interactions, open_products};

/// Which feed of a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedRole {
    /// `--products`.
    Products,
    /// `--interactions`.
    Interactions,
}

impl FeedRole {
    /// The flag without dashes, which is also the stem of the fetched file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Interactions => "interactions",
        }
    }

    /// Why the mapping's reader does not take a file; `None` if it does.
    pub(crate) fn refusal(self, path: &Path, mapping: &Mapping) -> Option<IngestError> {
        match self {
            Self::Products => open_products(path, mapping).err(),
            Self::Interactions => open_interactions(path, mapping).err(),
        }
    }
}

/// A file or folder, or a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedAddress {
    /// A file, or a folder whose newest feed counts.
    Path(PathBuf),
    /// What is fetched.
    Url(Url),
}

impl FeedAddress {
    /// Tells URLs from paths.
    ///
    /// # Errors
    /// It begins as a URL, but is none that is fetched.
    pub fn of(text: OsString) -> Result<Self, RefusedUrl> {
        let scheme = text.to_str().and_then(|text| text.split_once("://"));
        let scheme = scheme.map(|(scheme, _)| scheme.to_ascii_lowercase());
        match (scheme.as_deref(), text.to_str()) {
            (Some("http" | "https"), Some(url)) => Ok(Self::Url(parse_url(url)?)),
            _ => Ok(Self::Path(PathBuf::from(text))),
        }
    }
}

impl From<PathBuf> for FeedAddress {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

/// For messages: a URL without its query, which may hold a key.
impl fmt::Display for FeedAddress {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(to, "{}", path.display()),
            Self::Url(url) => write!(to, "{}", shown(url)),
        }
    }
}

/// A URL without query and fragment.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}
