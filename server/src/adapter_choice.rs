//! Which adapter is merged into the encoder, as settings say it.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// One of those of the data folder, none, or another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum AdapterChoice {
    /// For an import the one that was kept last, else the published catalogue's.
    Auto,
    /// None.
    None,
    /// That of a file.
    File(PathBuf),
}

impl From<String> for AdapterChoice {
    fn from(text: String) -> Self {
        match text.as_str() {
            "auto" => Self::Auto,
            "none" => Self::None,
            _ => Self::File(PathBuf::from(text)),
        }
    }
}

impl fmt::Display for AdapterChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::None => f.write_str("none"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
