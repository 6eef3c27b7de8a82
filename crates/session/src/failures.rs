//! What went wrong, as the shopper is told. Errors as they are displayed are for logs.

use std::fmt::Display;

use vitrine_words::session::t;

use crate::error::detail;
use crate::{
    CheckoutError, PASSPHRASE_CHARS_MIN, SessionError, StorageError, TRANSFER_BYTES_MAX,
    TransferError,
};

/// What nobody but its authors can do anything about: in their words.
fn technical(error: &impl Display) -> String {
    t!("error.technical", error = error)
}

impl SessionError {
    /// What the shopper is told, without a full stop.
    pub fn words(&self) -> String {
        match self {
            Self::Transport(_) => t!("error.no_answer").to_owned(),
            Self::Storage(error) => error.words(),
            Self::Status { path, status, problem } => {
                t!("error.status", path = path, status = status, detail = detail(problem))
            }
            Self::Wire { path, .. } => t!("error.damaged", path = path),
            Self::OtherVersion { .. } => t!("error.updated").to_owned(),
            Self::NotSynced => t!("error.not_synced").to_owned(),
            Self::QueryTooLong { limit } => t!("error.query_too_long", limit = limit),
            Self::ModelNotAllowed => t!("error.model_not_allowed").to_owned(),
            Self::ModelNotOffered => t!("error.model_not_offered").to_owned(),
            Self::QuestionLength { limit } => t!("error.question_length", limit = limit),
            Self::SearchRefused(reason) => t!("error.search_refused", reason = reason),
            Self::HashMismatch { .. }
            | Self::WrongKind { .. }
            | Self::NotAPicture { .. }
            | Self::Json(_)
            | Self::Student(_)
            | Self::IncompleteHead { .. } => technical(self),
        }
    }
}

impl StorageError {
    /// What the shopper is told, without a full stop.
    pub fn words(&self) -> String {
        match self {
            Self::QuotaExceeded => t!("error.storage_full").to_owned(),
            Self::Failed { operation, reason } => {
                t!("error.storage", operation = operation, reason = reason)
            }
        }
    }
}

impl TransferError {
    /// What the shopper is told, without a full stop.
    pub fn words(&self) -> String {
        match self {
            Self::ShortPassphrase => t!("transfer.short_passphrase", n = PASSPHRASE_CHARS_MIN),
            Self::OtherFile => t!("transfer.other_file").to_owned(),
            Self::NewerVersion(version) => t!("transfer.newer", version = version),
            Self::Damaged => t!("transfer.damaged").to_owned(),
            Self::WrongPassphrase => t!("transfer.wrong_passphrase").to_owned(),
            Self::TooLarge => t!("transfer.too_large", n = TRANSFER_BYTES_MAX >> 20),
            Self::NoConsent => t!("transfer.no_consent").to_owned(),
            Self::Platform(reason) => t!("transfer.platform", reason = reason),
            Self::Session(error) => error.words(),
        }
    }
}

impl CheckoutError {
    /// What the shopper is told, without a full stop.
    pub fn words(&self) -> String {
        match self {
            Self::NotSafe { template } => t!("checkout.not_safe", template = template),
            Self::NoLines { template } => t!("checkout.no_lines", template = template),
            Self::NoSku { title } => t!("checkout.no_sku", title = title),
            Self::TooLong { n_over } => t!("checkout.too_long", n = n_over),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_english_a_shopper_is_told_what_logs_say() {
        let storage = StorageError::Failed { operation: "writing", reason: "no room".to_owned() };
        assert_eq!(storage.words(), storage.to_string());
        let session: Vec<SessionError> = vec![
            storage.into(),
            SessionError::NotSynced,
            SessionError::QueryTooLong { limit: 5 },
            SessionError::ModelNotAllowed,
            SessionError::ModelNotOffered,
            SessionError::QuestionLength { limit: 5 },
            SessionError::IncompleteHead { missing: "codes" },
            SessionError::Status { path: "/v1/manifest".to_owned(), status: 503, problem: None },
        ];
        session.iter().for_each(|error| assert_eq!(error.words(), error.to_string()));
        let transfer = [
            TransferError::ShortPassphrase,
            TransferError::OtherFile,
            TransferError::NewerVersion(2),
            TransferError::Damaged,
            TransferError::WrongPassphrase,
            TransferError::TooLarge,
            TransferError::NoConsent,
            TransferError::Platform("none".to_owned()),
        ];
        transfer.iter().for_each(|error| assert_eq!(error.words(), error.to_string()));
        let template = "http://a".to_owned();
        let checkout = [
            CheckoutError::NotSafe { template: template.clone() },
            CheckoutError::NoLines { template },
            CheckoutError::NoSku { title: "Milk".to_owned() },
            CheckoutError::TooLong { n_over: 3 },
        ];
        checkout.iter().for_each(|error| assert_eq!(error.words(), error.to_string()));
    }
}
