//! What can go wrong on the shopper's side.

use vitrine_domain::ContentHash;
use vitrine_wire::ProblemDetails;

use crate::{StorageError, TransportError};

/// Why the session could not do something. None of these loses what is on the
/// device: the pinned pair stays in use.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The server did not answer.
    #[error("the shop's server cannot be reached")]
    Transport(#[from] TransportError),
    /// The device's storage refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The server answered with an error.
    #[error("the shop's server answered {path} with status {status}{}", detail(.problem))]
    Status {
        /// What was asked for.
        path: String,
        /// HTTP status.
        status: u16,
        /// What the server said about it, if it said anything readable.
        problem: Option<Box<ProblemDetails>>,
    },
    /// A shard is not what its name says.
    #[error("shard {expected} arrived as {found}")]
    HashMismatch {
        /// The name asked for.
        expected: ContentHash,
        /// The hash of what arrived.
        found: ContentHash,
    },
    /// A manifest or shard cannot be read.
    #[error("unreadable answer to {path}")]
    Wire {
        /// What was asked for.
        path: String,
        /// Why.
        source: vitrine_wire::WireError,
    },
    /// The server publishes in a format of another version of Vitrine.
    #[error("the shop was updated: reload the page")]
    OtherVersion {
        /// What was asked for.
        path: String,
        /// Which format.
        source: vitrine_wire::WireError,
    },
    /// A shard holds something else than the manifest says.
    #[error("shard {hash} does not hold what the manifest says")]
    WrongKind {
        /// Which.
        hash: ContentHash,
    },
    /// What came in the place of a picture is none.
    #[error("what came from {path} is no picture")]
    NotAPicture {
        /// What was asked for.
        path: String,
    },
    /// A search reply cannot be read, or a request cannot be written.
    #[error("not valid JSON")]
    Json(#[from] serde_json::Error),
    /// The student's weights cannot be read.
    #[error("the student cannot be read")]
    Student(#[from] vitrine_student::StudentError),
    /// The manifest asks for shards that were never fetched.
    #[error("the manifest's head has no {missing}")]
    IncompleteHead {
        /// Which part.
        missing: &'static str,
    },
    /// Nothing is synced yet.
    #[error("no catalogue is on the device yet")]
    NotSynced,
    /// A search that the device answers asks for more than the limits allow.
    #[error("the search asks for too much: {0}")]
    SearchRefused(#[from] vitrine_recall::RecallError),
    /// The shopper has not allowed questions to the shop's language model.
    #[error("the shop's language model is not switched on")]
    ModelNotAllowed,
    /// The shop offers no language model.
    #[error("this shop offers no language model")]
    ModelNotOffered,
    /// A question is empty or too long.
    #[error("a question has 1 to {limit} characters")]
    QuestionLength {
        /// The limit.
        limit: usize,
    },
    /// A search asks for more than the limits allow.
    #[error("the search is longer than {limit} characters")]
    QueryTooLong {
        /// The limit.
        limit: usize,
    },
}

impl SessionError {
    /// Why an answer to `path` cannot be read.
    pub(crate) fn unreadable(path: String, source: vitrine_wire::WireError) -> Self {
        use vitrine_wire::WireError::{ManifestFormat, ShardFormat, ShardKind};
        match source {
            ManifestFormat { .. } | ShardFormat { .. } | ShardKind { .. } => {
                Self::OtherVersion { path, source }
            }
            source => Self::Wire { path, source },
        }
    }
}

/// What the server said about a status, in brackets.
pub(crate) fn detail(problem: &Option<Box<ProblemDetails>>) -> String {
    problem.as_ref().map_or_else(String::new, |p| format!(" ({}: {})", p.code, p.detail))
}
