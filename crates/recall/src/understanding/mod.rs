//! What a search text says besides words: conditions on price and brand, and
//! words that mean the same as others. No type of an engine is in it.

mod synonyms;

use std::ops::Range;

use vitrine_conditions::{Conditions, ReadConditions, without};
use vitrine_domain::{Filters, Item, ReadFilter, Synonym};

pub use self::synonyms::{SynonymError, Synonyms};
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

/// A text without a word, or a size with its unit, wherever it stands by
/// itself, in any case.
pub(crate) fn without_word(text: &str, word: &str) -> String {
    let sizes = measures(text).into_iter().map(|measure| {
        let typed = text[measure.span.clone()].trim().to_lowercase();
        (typed, measure.span)
    });
    let mut found: Vec<(String, Range<usize>)> = analysis::spans(&analysis::words(), text);
    found.extend(sizes);
    found.retain(|(typed, _)| typed == word);
    without(text, found.into_iter().map(|(_, span)| span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_left_out_wherever_it_stands() {
        assert_eq!(without_word("Crème brûlée, creme!", "creme"), "brûlée, !");
        assert_eq!(without_word("tea", "coffee"), "tea");
        assert_eq!(without_word("tea", "tea"), "");
        assert_eq!(without_word("milk 12 OZ cold", "12 oz"), "milk cold");
    }
}
