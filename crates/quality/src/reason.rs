//! Why a row was rejected. The codes are stable: tools may rely on them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a row is in quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The row cannot be read.
    Unparsable,
    /// The product, shopper or basket has no identifier.
    EmptyId,
    /// The product was already listed. Lines of the log are never duplicates:
    /// two equal lines of one basket are two pieces.
    DuplicateId,
    /// No text of the product says what it is.
    NoText,
    /// A text is longer than `limits::TEXT_CHARS_MAX`.
    TextTooLong,
    /// Less than nothing was bought.
    NegativeQuantity,
    /// Nothing was bought.
    ZeroQuantity,
    /// The price is below zero.
    NegativePrice,
    /// The price is zero.
    ZeroPrice,
    /// A number is beyond what is plausible.
    OutOfRange,
    /// The log names a product that is not listed.
    UnknownProduct,
    /// The log names a product that was itself rejected.
    RejectedProduct,
    /// A rule of the mapping leaves the product out.
    Excluded,
    /// The log names a product that a rule leaves out.
    ExcludedProduct,
    /// The time has not come yet.
    FutureTime,
    /// The offer names a campaign that is not listed.
    UnknownCampaign,
    /// A declared check keeps the row out.
    FailedCheck,
}

impl Reason {
    /// All reasons, in the order of reports.
    pub const ALL: [Self; 17] = [
        Self::Unparsable,
        Self::EmptyId,
        Self::DuplicateId,
        Self::NoText,
        Self::TextTooLong,
        Self::NegativeQuantity,
        Self::ZeroQuantity,
        Self::NegativePrice,
        Self::ZeroPrice,
        Self::OutOfRange,
        Self::UnknownProduct,
        Self::RejectedProduct,
        Self::Excluded,
        Self::ExcludedProduct,
        Self::FutureTime,
        Self::UnknownCampaign,
        Self::FailedCheck,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unparsable => "unparsable",
            Self::EmptyId => "empty_id",
            Self::DuplicateId => "duplicate_id",
            Self::NoText => "no_text",
            Self::TextTooLong => "text_too_long",
            Self::NegativeQuantity => "negative_quantity",
            Self::ZeroQuantity => "zero_quantity",
            Self::NegativePrice => "negative_price",
            Self::ZeroPrice => "zero_price",
            Self::OutOfRange => "out_of_range",
            Self::UnknownProduct => "unknown_product",
            Self::RejectedProduct => "rejected_product",
            Self::Excluded => "excluded",
            Self::ExcludedProduct => "excluded_product",
            Self::FutureTime => "future_time",
            Self::UnknownCampaign => "unknown_campaign",
            Self::FailedCheck => "failed_check",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A rejected row: the reason and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The reason.
    pub reason: Reason,
    /// Which field, and what it has.
    pub message: String,
    /// Name of the declared check, for [`Reason::FailedCheck`]; else empty.
    pub check: String,
}

impl Rejection {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), check: String::new() }
    }

    /// Kept out by a declared check.
    pub fn of_check(check: &str, message: &str) -> Self {
        Self { check: check.to_owned(), ..Self::new(Reason::FailedCheck, message) }
    }
}

/// A row that the reader could not read, with its words why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl From<Unreadable> for Rejection {
    fn from(unreadable: Unreadable) -> Self {
        Self::new(Reason::Unparsable, unreadable.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_json_says() {
        for reason in Reason::ALL {
            let json = serde_json::to_value(reason).expect("a string");
            assert_eq!(json, reason.code());
        }
    }
}
