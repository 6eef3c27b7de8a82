//! The kinds of checks: what each looks at, and what its declaration may say.

use serde::{Deserialize, Serialize};

use super::subject::Subject::{self, Drift, Interactions, Products};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $subjects:expr, fix: $fix:expr, limit: $limit:expr;)*) => {
        /// What is looked at.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// Subjects that have it.
            pub(crate) fn subjects(self) -> &'static [Subject] {
                match self { $(Self::$kind => $subjects,)* }
            }

            /// Whether `repair = "fix"` is possible.
            pub(crate) fn can_fix(self) -> bool {
                match self { $(Self::$kind => $fix,)* }
            }

            /// The limit when the declaration gives none; `None` when the kind has no limit.
            pub(crate) fn default_limit(self) -> Option<f64> {
                match self { $(Self::$kind => $limit,)* }
            }
        }
    };
}

kinds! {
    /// Rows that cannot be read.
    Unreadable = &[Products, Interactions], fix: false, limit: None;
    /// A field that is blank or a placeholder.
    Missing = &[Products, Interactions], fix: true, limit: None;
    /// A field whose value cannot be.
    Invalid = &[Products], fix: false, limit: None;
    /// A field that must tell products apart and does not.
    Repeated = &[Products], fix: false, limit: None;
    /// Products that cannot be bought.
    OutOfStock = &[Products], fix: false, limit: None;
    /// Texts decoded with the wrong character set.
    Mojibake = &[Products], fix: true, limit: None;
    /// Texts with tags or entities.
    Html = &[Products], fix: true, limit: None;
    /// Titles in capitals alone.
    Shouting = &[Products], fix: true, limit: None;
    /// Titles that were cut off.
    Truncated = &[Products], fix: true, limit: None;
    /// Titles with abbreviations that other titles explain.
    Abbreviated = &[Products], fix: true, limit: None;
    /// Titles with words that say nothing about the product.
    Boilerplate = &[Products], fix: true, limit: None;
    /// Listings of one product.
    NearDuplicate = &[Products], fix: true, limit: Some(0.90);
    /// Prices out of line with their category.
    PriceOutlier = &[Products], fix: false, limit: Some(4.0);
    /// Categories out of line with the neighbours'.
    Misfiled = &[Products], fix: true, limit: Some(0.50);
    /// A row predicate in CEL.
    Predicate = &[Products, Interactions], fix: false, limit: None;
    /// Lines of products that are not listed.
    UnknownItem = &[Interactions], fix: false, limit: None;
    /// Lines from the future or from before there were shops like this.
    ImpossibleTime = &[Interactions], fix: false, limit: None;
    /// Lines equal to an earlier one.
    RepeatedLine = &[Interactions], fix: false, limit: None;
    /// Returns, with the purchases they undo.
    Returned = &[Interactions], fix: true, limit: None;
    /// Returns of what was never bought.
    UnmatchedReturn = &[Interactions], fix: false, limit: None;
    /// Shoppers that are machines.
    Bot = &[Interactions], fix: false, limit: Some(3.0);
    /// Shoppers that buy to sell.
    Reseller = &[Interactions], fix: false, limit: Some(3.5);
    /// Days without the usual traffic.
    Gap = &[Interactions], fix: false, limit: Some(0.25);
    /// Days with several times the usual traffic.
    Spike = &[Interactions], fix: false, limit: Some(2.5);
    /// Number of products.
    DriftProducts = &[Drift], fix: false, limit: Some(0.5);
    /// Number of lines.
    DriftLines = &[Drift], fix: false, limit: Some(0.5);
    /// Words of titles.
    DriftVocabulary = &[Drift], fix: false, limit: Some(0.30);
    /// Prices.
    DriftPrice = &[Drift], fix: false, limit: Some(0.25);
    /// Median price.
    DriftPriceLevel = &[Drift], fix: false, limit: Some(4.0);
    /// Categories.
    DriftCategory = &[Drift], fix: false, limit: Some(0.25);
    /// Mean text vector.
    DriftMeaning = &[Drift], fix: false, limit: Some(0.05);
}
