//! What checks are about.

use serde::{Deserialize, Serialize};

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Rows of the product feed.
    Products,
    /// Lines of the log, its days and its shoppers.
    Interactions,
    /// This import against the previous one.
    Drift,
}
