//! Rows of an import, by file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Rows of an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportSummary {
    /// The files, in the order in which they were read.
    pub sources: Vec<ImportedFile>,
}

/// Rows of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportedFile {
    /// The file's name.
    pub name: String,
    /// Rows read.
    pub read: u64,
    /// Rows that went on.
    pub kept: u64,
    /// Rows that did not, by the code of the reason. A code and not an enum: the Studio
    /// shows a reason that a later server adds.
    pub quarantined: BTreeMap<String, u64>,
}
