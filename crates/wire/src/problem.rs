//! Errors of the HTTP interface: RFC 9457 problem details.

use serde::{Deserialize, Serialize};

/// A problem as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemDetails {
    /// URI reference that identifies the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short, stable summary.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened this time and what to do about it.
    pub detail: String,
    /// Stable machine-readable code.
    pub code: String,
}
