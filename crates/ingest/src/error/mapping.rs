//! What can be wrong with a mapping, key by key.

use std::fmt;

use vitrine_domain::price_list::{
    PRICE_LIST_KEY_BYTES_MAX, PRICE_LIST_NAME_CHARS_MAX, PRICE_LISTS_MAX,
};

use crate::CURRENCY_DECIMALS_MAX;
use crate::mapping::RATING_BEST_MAX;

/// One thing that is wrong with a mapping, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingProblem {
    /// 1-based line of the mapping; that of the table for a key that is missing.
    pub line: usize,
    /// Dotted name of the key, such as `products.price.column`; empty where the text is
    /// no TOML.
    pub key: String,
    /// What is wrong with it.
    pub problem: KeyProblem,
}

/// What is wrong with a key. Each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// The text is not TOML here.
    #[error("{message}")]
    Syntax {
        /// As the parser says it.
        message: String,
    },
    /// No mapping has such a key.
    #[error("there is no such key; {}", hint(meant.as_deref(), known))]
    Unknown {
        /// The key that was probably meant.
        meant: Option<String>,
        /// The keys of this table.
        known: Vec<&'static str>,
    },
    /// A key that every mapping needs is not there.
    #[error("this key is missing")]
    Missing,
    /// A value of the wrong type, or a word that is none of those that are possible.
    #[error("{message}")]
    Value {
        /// As the reader says it.
        message: String,
    },
    /// Neither a constant nor a column.
    #[error("either `constant = \"purchase\"` or `column = \"…\"` is needed, not both")]
    Kind,
    /// Not a currency code.
    #[error("{code:?} is no currency: an ISO 4217 code such as \"EUR\" is needed")]
    Currency {
        /// As written.
        code: String,
    },
    /// No currency has so many decimals.
    #[error("{decimals} decimals: 0 to {CURRENCY_DECIMALS_MAX} are possible")]
    CurrencyDecimals {
        /// As written.
        decimals: i64,
    },
    /// Not a key of a price list.
    #[error(
        "{key:?} is no key of a price list: 1 to {PRICE_LIST_KEY_BYTES_MAX} letters, digits, - and _ are needed"
    )]
    PriceListKey {
        /// As written.
        key: String,
    },
    /// A name of a price list that no page can show.
    #[error("{n_chars} characters: the name of a price list has 1 to {PRICE_LIST_NAME_CHARS_MAX}")]
    PriceListName {
        /// Its length.
        n_chars: usize,
    },
    /// Two price lists of one key.
    #[error("there are two price lists {key:?}: give each a key of its own")]
    PriceListTwice {
        /// Their key.
        key: String,
    },
    /// More price lists than a shop may have.
    #[error("{n} price lists: at most {PRICE_LISTS_MAX} are possible")]
    TooManyPriceLists {
        /// How many there are.
        n: usize,
    },
    /// A best rating that is not above the worst.
    #[error("the best rating is above 1 and at most {RATING_BEST_MAX}; leave it out where it is 5")]
    RatingBest,
    /// A time zone that this machine does not know.
    #[error(
        "time zone {zone:?} is unknown here: use \"UTC\", an offset such as \"+02:00\", or install tzdata"
    )]
    UnknownZone {
        /// As written.
        zone: String,
    },
    /// A time format that is none.
    #[error(
        "time format {format:?} is unknown: use auto, unix_seconds, unix_ms, unix_us or a pattern such as \"%d/%m/%Y %H:%M\""
    )]
    UnknownTimeFormat {
        /// As written.
        format: String,
    },
}

impl fmt::Display for MappingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, key, problem } = self;
        match key.as_str() {
            "" => write!(f, "line {line}: {problem}"),
            key => write!(f, "line {line}, {key}: {problem}"),
        }
    }
}

/// All problems, one a line, after a count.
pub(crate) fn listed(problems: &[MappingProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("\n  {problem}")).collect();
    let noun = if problems.len() == 1 { "a problem" } else { "problems" };
    format!("the mapping has {noun}:{}", lines.concat())
}

fn hint(meant: Option<&str>, known: &[&str]) -> String {
    match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("possible are {}", known.join(", ")),
    }
}
