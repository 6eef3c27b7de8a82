//! What a search text says besides words: conditions on price and brand, and
//! words that mean the same as others. No type of an engine is in it.

mod synonyms;

use std::ops::Range;
use vitrine_domain::sorting::sort_by_key;

use vitrine_conditions::{Conditions, ReadConditions, without};
use vitrine_domain::{Filters, Item, ReadFilter, Synonym};

#[cfg(feature = "server")]
pub use self::synonyms::SynonymError;
pub use self::synonyms::Synonyms;
use crate::analysis;
use crate::measures::measures;

/// Reads searches of one catalogue. Immutable; shared between threads.
#[derive(Debug)]
pub struct Understanding {
    conditions: Conditions,
    synonyms: Synonyms,
}

/// A search text, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadText {
    /// What is left to search for once the conditions are taken out.
    pub text: String,
    /// The conditions, in their order.
    pub filters: Vec<ReadFilter>,
    /// What words of the text may be replaced by.
    pub synonyms: Vec<Synonym>,
}

impl ReadText {
    /// All conditions as one.
    pub fn all_filters(&self) -> Filters {
        self.filters.iter().fold(Filters::default(), |all, read| all.and(&read.filters))
    }
}

impl Understanding {
    /// Learns titles and brands of a catalogue with prices in `currency` (ISO 4217).
    pub fn new(items: &[Item], currency: &str, synonyms: Synonyms) -> Self {
        let cards = items.iter().map(|item| (item.title.as_str(), item.brand.as_str()));
        Self { conditions: Conditions::new(cards, currency), synonyms }
    }

    /// Reads a text. Whatever it says, there is an answer.
    pub fn read(&self, text: &str) -> ReadText {
        let ReadConditions { text, filters } = self.conditions.read(text);
        ReadText { synonyms: self.synonyms.of(&text), text, filters }
    }
}

/// A text without some words, or sizes with their units, wherever they stand by
/// themselves, in any case.
pub(crate) fn without_words(text: &str, words: &[String]) -> String {
    let sizes = measures(text).into_iter().map(|measure| {
        let typed = text[measure.span.clone()].trim().to_lowercase();
        (typed, measure.span)
    });
    let written = analysis::written(text).into_iter();
    let mut found: Vec<(String, Range<usize>)> =
        written.map(|written| (written.text, written.span)).collect();
    found.extend(sizes);
    found.retain(|(typed, _)| words.contains(typed));
    sort_by_key(&mut found, |(_, span)| (span.start, span.end));
    // A size holds its words: of spans that overlap the longest counts.
    found.dedup_by(|later, kept| {
        let overlaps = later.1.start < kept.1.end;
        if overlaps && later.1.end > kept.1.end {
            *kept = later.clone();
        }
        overlaps
    });
    without(text, found.into_iter().map(|(_, span)| span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_left_out_wherever_it_stands() {
        let without = |text: &str, words: &[&str]| {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            without_words(text, &words)
        };
        assert_eq!(without("Crème brûlée, creme!", &["creme"]), "brûlée, !");
        assert_eq!(without("tea", &["coffee"]), "tea");
        assert_eq!(without("tea", &["tea"]), "");
        assert_eq!(without("milk 12 OZ cold", &["12 oz"]), "milk cold");
        assert_eq!(without("milk 12 OZ cold", &["oz", "12 oz", "cold"]), "milk");
        assert_eq!(without("green tea or black tea", &["tea", "black"]), "green or");
        assert_eq!(without("iPhone手机壳 手机", &["手机壳"]), "iPhone 手机");
    }
}
