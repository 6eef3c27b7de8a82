//! What a search text says besides words: conditions on price and brand, and
//! words that mean the same as others. No type of an engine is in it.

mod brands;
mod prices;
mod synonyms;
mod tokens;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use vitrine_domain::{Filters, Item, ReadFilter, Synonym};

use self::brands::BrandReader;
use self::prices::PriceReader;
pub use self::synonyms::{SynonymError, Synonyms};
use self::tokens::{Token, tokens};
use crate::analysis;
use crate::measures::measures;

/// Titles that have words as a title ("toys over 5") before they are no condition.
const PHRASE_ITEMS_MIN: u32 = 2;
/// Words before a condition that belong to it: "for under 20".
const FILLERS: [&str; 5] = ["for", "at", "and", "but", "with"];

/// Reads searches of one catalogue. Immutable; shared between threads.
#[derive(Debug)]
pub struct Understanding {
    prices: PriceReader,
    brands: BrandReader,
    synonyms: Synonyms,
    /// Words of titles that look like conditions.
    phrases: HashSet<String>,
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

/// A condition at its place among the tokens.
struct Found {
    tokens: Range<usize>,
    filters: Filters,
    is_clear: bool,
    /// Whether it must end the text where it is not clear.
    is_last: bool,
}

impl Understanding {
    /// Learns titles and brands of a catalogue with prices in `currency` (ISO 4217).
    pub fn new(items: &[Item], currency: &str, synonyms: Synonyms) -> Self {
        let mut understanding = Self {
            prices: PriceReader::new(currency),
            brands: BrandReader::new(items.iter().map(|item| item.brand.as_str())),
            synonyms,
            phrases: HashSet::new(),
        };
        let mut n_titles: HashMap<String, u32> = HashMap::new();
        for item in items {
            let tokens = tokens(&item.title);
            for found in understanding.conditions(&tokens).into_iter().filter(|f| !f.is_clear) {
                *n_titles.entry(phrase(&tokens[found.tokens])).or_default() += 1;
            }
        }
        let is_frequent = |(_, n): &(String, u32)| *n >= PHRASE_ITEMS_MIN;
        understanding.phrases = n_titles.into_iter().filter(is_frequent).map(|(p, _)| p).collect();
        understanding
    }

    /// Reads a text. Whatever it says, there is an answer.
    pub fn read(&self, text: &str) -> ReadText {
        let tokens = tokens(text);
        let mut end = tokens.len();
        let mut taken: Vec<(Range<usize>, ReadFilter)> = Vec::new();
        for found in self.conditions(&tokens).into_iter().rev() {
            let ends_text = found.tokens.end == end;
            let is_known = || self.phrases.contains(&phrase(&tokens[found.tokens.clone()]));
            if !(found.is_clear || (ends_text || !found.is_last) && !is_known()) {
                continue;
            }
            let is_filler = |token: &Token| token.word().is_some_and(|w| FILLERS.contains(&w));
            let n_fillers = found
                .tokens
                .start
                .checked_sub(1)
                .map_or(0, |before| usize::from(is_filler(&tokens[before])));
            let first = found.tokens.start - n_fillers;
            if ends_text {
                end = first;
            }
            let span = tokens[first].span.start..tokens[found.tokens.end - 1].span.end;
            let typed = text[span.clone()].to_owned();
            taken.push((span, ReadFilter { typed, filters: found.filters }));
        }
        taken.reverse();
        let rest = without(text, taken.iter().map(|(span, _)| span.clone()));
        ReadText {
            synonyms: self.synonyms.of(&rest),
            text: rest,
            filters: taken.into_iter().map(|(_, filter)| filter).collect(),
        }
    }

    /// Everything that looks like a condition, in order, without overlaps.
    fn conditions(&self, tokens: &[Token]) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let mut start = 0;
        while start < tokens.len() {
            let price = self.prices.at(tokens, start).map(|price| Found {
                tokens: price.tokens,
                filters: price.filters,
                is_clear: price.is_clear,
                is_last: true,
            });
            let condition = price.or_else(|| {
                let brands = self.brands.at(tokens, start)?;
                Some(Found {
                    tokens: brands.tokens,
                    filters: brands.filters,
                    is_clear: brands.is_clear,
                    is_last: false,
                })
            });
            start = condition.as_ref().map_or(start + 1, |condition| condition.tokens.end);
            found.extend(condition);
        }
        found
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

/// A text without some spans, which ascend; where one was, a single space.
fn without(text: &str, spans: impl Iterator<Item = Range<usize>>) -> String {
    let mut parts = Vec::new();
    let mut at = 0;
    for span in spans {
        parts.push(text[at..span.start].trim());
        at = span.end;
    }
    if at == 0 {
        return text.to_owned();
    }
    parts.push(text[at..].trim());
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn phrase(tokens: &[Token]) -> String {
    tokens.iter().filter_map(Token::text).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understanding() -> Understanding {
        let item = |title: &str, brand: &str| Item {
            title: title.to_owned(),
            brand: brand.to_owned(),
            ..Item::default()
        };
        let items = [
            item("2 in 1 under bed storage", ""),
            item("Toys over 5", ""),
            item("Board game, over 5", ""),
            item("Case not Apple", "Acme"),
            item("Phone not Apple", "Apple"),
            item("Phone", "Samsung"),
        ];
        Understanding::new(&items, "USD", Synonyms::default())
    }

    fn read(text: &str) -> (String, Vec<String>) {
        let read = understanding().read(text);
        (read.text, read.filters.into_iter().map(|filter| filter.typed).collect())
    }

    fn expected(text: &str, typed: &[&str]) -> (String, Vec<String>) {
        (text.to_owned(), typed.iter().map(|&words| words.to_owned()).collect())
    }

    #[test]
    fn conditions_are_taken_out_of_the_text() {
        assert_eq!(read("headphones under 20"), expected("headphones", &["under 20"]));
        assert_eq!(read("under $20 headphones"), expected("headphones", &["under $20"]));
        assert_eq!(read("gifts for under 20"), expected("gifts", &["for under 20"]));
        assert_eq!(
            read("phone not samsung under 300"),
            expected("phone", &["not samsung", "under 300"])
        );
        assert_eq!(read("phone under 300 -samsung"), expected("phone", &["under 300", "-samsung"]));
        assert_eq!(read("under 20"), expected("", &["under 20"]));
    }

    #[test]
    fn words_of_the_catalogue_and_quoted_words_stay() {
        for text in [
            "2 in 1 under bed storage",
            "under 20 headphones",
            "toys over 5",
            "phone not apple",
            "phone not \"samsung\"",
            "headphones \"under 20\"",
            "  tea  ",
            "",
            "-",
            "under",
        ] {
            assert_eq!(read(text), expected(text, &[]), "{text}");
        }
        // A sign for the currency, or a minus, leaves no doubt.
        assert_eq!(read("toys over $5"), expected("toys", &["over $5"]));
        assert_eq!(read("phone -apple"), expected("phone", &["-apple"]));
    }

    #[test]
    fn conditions_add_up() {
        let filters = understanding().read("phone over $5 under 20 -apple -samsung").all_filters();
        assert_eq!((filters.price_minor_min, filters.price_minor_max), (Some(501), Some(1_999)));
        assert_eq!(filters.brands_excluded, ["Apple", "Samsung"]);
    }

    #[test]
    fn a_word_is_left_out_wherever_it_stands() {
        assert_eq!(without_word("Crème brûlée, creme!", "creme"), "brûlée, !");
        assert_eq!(without_word("tea", "coffee"), "tea");
        assert_eq!(without_word("tea", "tea"), "");
        assert_eq!(without_word("milk 12 OZ cold", "12 oz"), "milk cold");
    }

    #[test]
    fn any_text_is_read() {
        let understanding = understanding();
        for text in [
            "'; DROP TABLE items; --",
            "\u{202e}under 20\u{202c}",
            "🍕 under $🍕",
            "under $ $ $20$ or less and up",
            "\u{0}\u{7}\u{feff}",
            "not not not -",
            "שלום under 20",
            "from from at between 5 and and",
        ] {
            let read = understanding.read(text);
            for filter in &read.filters {
                assert!(text.contains(&filter.typed), "{text:?}: {filter:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_read_stands_in_the_text(text in "(under|over|not|-|samsung|apple|\\$|5|10|\"| |tea|é){0,14}") {
            let read = understanding().read(&text);
            let n_typed: usize = read.filters.iter().map(|filter| filter.typed.len()).sum();
            proptest::prop_assert!(read.text.len() + n_typed <= text.len() + read.filters.len());
            for filter in &read.filters {
                proptest::prop_assert!(text.contains(&filter.typed));
            }
        }
    }
}
