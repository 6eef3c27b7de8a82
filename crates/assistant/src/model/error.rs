//! Why a model gave no answer.

use super::reply::REPLY_BYTES_MAX;

/// Why a model gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The endpoint could not be asked.
    #[error("the model's endpoint could not be asked: see that it runs and can be reached")]
    Endpoint(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The reply has more bytes than are read.
    #[error("{n_bytes} bytes are more than the {REPLY_BYTES_MAX} of a reply that are read")]
    TooLong {
        /// How many it has.
        n_bytes: usize,
    },
    /// The reply is no JSON of the form of chat completions.
    #[error("the model's reply can't be read: see that the endpoint is one for chat completions")]
    Unreadable(#[source] serde_json::Error),
    /// The reply says that something went wrong.
    #[error("the model's endpoint replied with an error: its own log says which")]
    Refused,
    /// The reply has no text.
    #[error("the model replied with no text")]
    Empty,
}
