//! Finds the conditions of a text and takes them out of it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use vitrine_domain::{Filters, ReadFilter};

use crate::brands::BrandReader;
use crate::free_of::FreeOfReader;
use crate::languages::{Language, Phrases, has};
use crate::phrases::{singular, tokens_of, words};
use crate::prices::PriceReader;
use crate::tokens::{Token, tokens};

/// Titles that have words as a title ("toys over 5") before they are no condition.
const PHRASE_ITEMS_MIN: u32 = 2;
/// Conditions that are read from one text; what comes after them stays words.
const CONDITIONS_MAX: usize = 8;

/// Reads conditions by the words of one catalogue. Immutable.
#[derive(Debug)]
pub struct Conditions {
    prices: PriceReader,
    brands: BrandReader,
    free_of: FreeOfReader,
    /// Words of titles that look like conditions.
    phrases: HashSet<String>,
}

/// A search text, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadConditions {
    /// What is left to search for once the conditions are taken out.
    pub text: String,
    /// The conditions, in their order.
    pub filters: Vec<ReadFilter>,
}

/// A condition at its place among the tokens.
struct Found {
    tokens: Range<usize>,
    filters: Filters,
    is_clear: bool,
    /// Whether it must end the text where it is not clear.
    is_last: bool,
}

impl Conditions {
    /// Learns from (title, brand) of each card of a catalogue with prices in
    /// `currency` (ISO 4217).
    pub fn new<'a>(
        cards: impl Iterator<Item = (&'a str, &'a str)> + Clone,
        currency: &str,
    ) -> Self {
        let mut conditions = Self {
            prices: PriceReader::new(currency),
            brands: BrandReader::new(cards.clone().map(|(_, brand)| brand)),
            free_of: FreeOfReader::new(title_words(cards.clone().map(|(title, _)| title))),
            phrases: HashSet::new(),
        };
        let mut n_titles: HashMap<String, u32> = HashMap::new();
        for (title, _) in cards {
            let tokens = tokens(title);
            for found in conditions.conditions(title, &tokens).into_iter().filter(|f| !f.is_clear) {
                *n_titles.entry(phrase(&tokens[found.tokens])).or_default() += 1;
            }
        }
        let is_frequent = |(_, n): &(String, u32)| *n >= PHRASE_ITEMS_MIN;
        conditions.phrases = n_titles.into_iter().filter(is_frequent).map(|(p, _)| p).collect();
        conditions
    }

    /// Reads a text. Whatever it says, there is an answer.
    pub fn read(&self, text: &str) -> ReadConditions {
        let tokens = tokens(text);
        let mut end = tokens.len();
        // Where the condition after one begins: a word between two belongs to the later.
        let mut next = tokens.len();
        let mut taken: Vec<(Range<usize>, ReadFilter)> = Vec::new();
        let mut all = self.conditions(text, &tokens);
        while let Some(found) = all.pop() {
            let end_before = all.last().map_or(0, |before| before.tokens.end);
            let ends_text = found.tokens.end == end;
            let is_known = || self.phrases.contains(&phrase(&tokens[found.tokens.clone()]));
            if !(found.is_clear || (ends_text || !found.is_last) && !is_known()) {
                continue;
            }
            let is_filler = |at: usize, of: fn(&'static Language) -> Phrases| {
                tokens.get(at).and_then(Token::word).is_some_and(|word| has(of, word))
            };
            let Range { start, end: after } = found.tokens;
            let has_before =
                start > end_before && is_filler(start - 1, |language| language.fillers_before);
            let has_after = after < next && is_filler(after, |language| language.fillers_after);
            let (first, after) = (start - usize::from(has_before), after + usize::from(has_after));
            if ends_text {
                end = first;
            }
            next = first;
            let span = tokens[first].span.start..tokens[after - 1].span.end;
            let typed = text[span.clone()].to_owned();
            taken.push((span, ReadFilter { typed, filters: found.filters }));
        }
        taken.reverse();
        taken.truncate(CONDITIONS_MAX);
        let text = without(text, taken.iter().map(|(span, _)| span.clone()));
        let filters = taken.into_iter().map(|(_, filter)| filter).collect();
        ReadConditions { text, filters }
    }

    /// Everything that looks like a condition, in order, without overlaps.
    fn conditions(&self, text: &str, tokens: &[Token]) -> Vec<Found> {
        let words = words(text, tokens);
        let mut word_of = vec![None; tokens.len()];
        for (place, word) in words.iter().enumerate() {
            word_of[word.token - usize::from(word.is_minus)] = Some(place);
        }
        let mut found: Vec<Found> = Vec::new();
        let mut start = 0;
        while start < tokens.len() {
            let price = self.prices.at(tokens, start).map(|price| Found {
                tokens: price.tokens,
                filters: price.filters,
                is_clear: price.is_clear,
                is_last: true,
            });
            let brands = || {
                self.brands.at(tokens, start).map(|brands| Found {
                    tokens: brands.tokens,
                    filters: brands.filters,
                    is_clear: brands.is_clear,
                    is_last: false,
                })
            };
            let free_of = || {
                let first = word_of[start]?;
                self.free_of.at(&words, first).map(|free_of| Found {
                    tokens: tokens_of(&words, first..first + free_of.n_words),
                    filters: Filters { free_of: free_of.names, ..Filters::default() },
                    is_clear: free_of.is_clear,
                    is_last: false,
                })
            };
            let condition = price.or_else(brands).or_else(free_of);
            start = condition.as_ref().map_or(start + 1, |condition| condition.tokens.end);
            found.extend(condition);
        }
        found
    }
}

/// A text without some spans, in bytes, which ascend; where one was, a single space.
pub fn without(text: &str, spans: impl Iterator<Item = Range<usize>>) -> String {
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

/// The distinct words of titles, in singular.
fn title_words<'a>(titles: impl Iterator<Item = &'a str>) -> HashSet<String> {
    let mut known = HashSet::new();
    for title in titles {
        for word in tokens(title).iter().filter_map(Token::text) {
            let word = singular(word);
            if !known.contains(word) {
                known.insert(word.to_owned());
            }
        }
    }
    known
}

fn phrase(tokens: &[Token]) -> String {
    tokens.iter().filter_map(Token::text).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions() -> Conditions {
        let cards = [
            ("2 in 1 under bed storage", ""),
            ("Toys over 5", ""),
            ("Board game, over 5", ""),
            ("Case not Apple", "Acme"),
            ("Phone not Apple", "Apple"),
            ("Phone", "Samsung"),
        ];
        Conditions::new(cards.into_iter(), "USD")
    }

    fn read(text: &str) -> (String, Vec<String>) {
        let read = conditions().read(text);
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
        let two = expected("饼干", &["20元以下", "的不要花生的"]);
        let cards = [("饼干", "")];
        let read = Conditions::new(cards.into_iter(), "CNY").read("20元以下的不要花生的饼干");
        let typed = read.filters.into_iter().map(|filter| filter.typed).collect();
        assert_eq!((read.text, typed), two);
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
    fn what_must_not_be_inside_is_a_condition_whatever_titles_say() {
        let cards = [
            ("Peanut butter cookies", ""),
            ("Peanut free cookies", ""),
            ("Peanut free bars", ""),
            ("No show socks", ""),
            ("No show liners", ""),
        ];
        let conditions = Conditions::new(cards.into_iter(), "USD");
        let read = |text: &str| {
            let read = conditions.read(text);
            let free_of = |read: ReadFilter| (read.typed, read.filters.free_of);
            (read.text, read.filters.into_iter().map(free_of).collect::<Vec<_>>())
        };
        let one = |text: &str, typed: &str, name: &str| {
            (text.to_owned(), vec![(typed.to_owned(), vec![name.to_owned()])])
        };
        assert_eq!(read("peanut free cookies"), one("cookies", "peanut free", "peanut"));
        assert_eq!(read("cookies with no Peanuts"), one("cookies", "with no Peanuts", "peanut"));
        assert_eq!(read("cookies, peanut-free!"), one("cookies, !", "peanut-free", "peanut"));
        assert_eq!(read("lactose free milk"), one("milk", "lactose free", "lactose"));
        assert_eq!(read("cookies -peanut"), one("cookies", "-peanut", "peanut"));
        for text in ["no show socks", "\"peanut free\" cookies", "free range eggs", "free gift"] {
            assert_eq!(read(text), (text.to_owned(), vec![]), "{text}");
        }
    }

    #[test]
    fn no_text_has_more_conditions_than_a_few() {
        let many: Vec<String> = (1..=20).map(|n| format!("under ${n}")).collect();
        let read = conditions().read(&many.join(" "));
        assert_eq!(read.filters.len(), CONDITIONS_MAX);
        assert_eq!(read.text, many[CONDITIONS_MAX..].join(" "));
    }

    #[test]
    fn conditions_add_up() {
        let read = conditions().read("phone over $5 under 20 -apple -samsung");
        let filters =
            read.filters.iter().fold(Filters::default(), |all, read| all.and(&read.filters));
        assert_eq!((filters.price_minor_min, filters.price_minor_max), (Some(501), Some(1_999)));
        assert_eq!(filters.brands_excluded, ["Apple", "Samsung"]);
    }

    #[test]
    fn any_text_is_read() {
        let conditions = conditions();
        for text in [
            "'; DROP TABLE items; --",
            "\u{202e}under 20\u{202c}",
            "🍕 under $🍕",
            "under $ $ $20$ or less and up",
            "\u{0}\u{7}\u{feff}",
            "not not not -",
            "שלום under 20",
            "from from at between 5 and and",
            &"不要花生20元".repeat(10_000),
        ] {
            let read = conditions.read(text);
            for filter in &read.filters {
                assert!(text.contains(&filter.typed), "{text:?}: {filter:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_script_is_read_at_characters(text in "(不要|花生|以下|２０|20|元|￥|～|的|ohne|Nüsse|bis|€|茶|🍪|，| |é){0,14}") {
            let read = conditions().read(&text);
            for filter in &read.filters {
                proptest::prop_assert!(text.contains(&filter.typed));
            }
        }

        #[test]
        fn what_is_read_stands_in_the_text(text in "(under|over|not|no|free|peanut|-|samsung|apple|\\$|5|10|\"| |tea|é){0,14}") {
            let read = conditions().read(&text);
            let n_typed: usize = read.filters.iter().map(|filter| filter.typed.len()).sum();
            proptest::prop_assert!(read.text.len() + n_typed <= text.len() + read.filters.len());
            for filter in &read.filters {
                proptest::prop_assert!(text.contains(&filter.typed));
            }
        }
    }
}
