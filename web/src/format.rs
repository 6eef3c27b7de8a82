//! Prices, dates, sizes and counts in words, as the browser writes them in the language in use.

use vitrine_browser::format::decimal;
use vitrine_domain::Sort;
use vitrine_words::common::{n, t};

pub use vitrine_browser::format::{date, day, minor_per_major, moment, price};
pub use vitrine_words::ordinal;

/// A size in B, kB or MB.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{} kB", decimal(n as f64 / 1e3, 1)),
        _ => format!("{} MB", decimal(n as f64 / 1e6, 1)),
    }
}

/// Milliseconds with the digits that mean something.
pub fn milliseconds(ms: f64) -> String {
    format!("{} ms", decimal(ms, if ms < 10.0 { 2 } else { 0 }))
}

/// A whole number with its thousands apart.
pub fn number(n: u64) -> String {
    decimal(n as f64, 0)
}

/// An order of results in words.
pub fn sorted_by(sort: Sort) -> &'static str {
    match sort {
        Sort::Relevance => t!("sort.relevance"),
        Sort::PriceAscending => t!("sort.cheapest"),
        Sort::PriceDescending => t!("sort.dearest"),
        Sort::Popularity => t!("sort.popular"),
        Sort::Newest => t!("sort.newest"),
        Sort::Rating => t!("sort.rated"),
    }
}

/// "1 result", "38 results".
pub fn results(n: usize) -> String {
    n!("results", n)
}

/// What is said of a search that has no results yet.
pub fn search_words(is_asking: bool) -> &'static str {
    if is_asking { t!("searching") } else { t!("search_failed") }
}

/// While the catalogue is not here.
pub fn fetching_words() -> &'static str {
    t!("fetching")
}

/// What the choice of a language is called.
pub fn language_words() -> &'static str {
    t!("language")
}

/// What leads past the header.
pub fn skip_words() -> &'static str {
    t!("skip")
}

/// With a capital first letter.
pub fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The parts that are not empty, with dots between.
pub fn joined(parts: [&str; 2]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}
