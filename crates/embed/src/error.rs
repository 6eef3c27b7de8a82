//! Why a call could not be answered.

use vitrine_session::SessionError;

/// What a page is told; [`EngineError::code`] is stable, the words are not.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A call that the engine does not know, or parameters that it does not take.
    #[error("the call is not one of @vitrine/core: {0}; see its index.d.ts")]
    Call(serde_json::Error),
    /// A call that names no product.
    #[error("the call names no product: give its id (as a card has it) or its sku")]
    NoProduct,
    /// A number that no card has.
    #[error(
        "no product of the catalogue has the id {0}: take the id of a card that Vitrine has given \
         out, or give the sku"
    )]
    UnknownId(u64),
    /// An identifier that no published variant has.
    #[error(
        "no product of the catalogue has the sku {0:?}: give it as the shop's feed has it; of a \
         product with many variants the most bought are known"
    )]
    UnknownSku(String),
    /// The session could not.
    #[error("{0}")]
    Session(#[from] SessionError),
}

impl EngineError {
    /// A stable name for what went wrong.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Call(_) | Self::NoProduct => "bad_request",
            Self::UnknownId(_) | Self::UnknownSku(_) => "unknown_product",
            Self::Session(error) => match error {
                SessionError::Transport(_) => "server_unreachable",
                SessionError::Status { status: 400..=499, .. }
                | SessionError::SearchRefused(_)
                | SessionError::QueryTooLong { .. } => "bad_request",
                SessionError::Status { .. } => "server_error",
                SessionError::Storage(_) => "storage",
                SessionError::OtherVersion { .. } => "other_version",
                SessionError::NotSynced | SessionError::IncompleteHead { .. } => "not_synced",
                _ => "internal",
            },
        }
    }
}
