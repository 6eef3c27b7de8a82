//! Prices in words: "under 20", "$5-10", "between 5 and 10 dollars".
//!
//! A number is a price only where it says so (a currency, a word for price) or
//! where the words end the text. "2 in 1 under bed storage" has no price.

use std::ops::Range;

use vitrine_domain::Filters;
use vitrine_domain::currency::minor_digits;

use crate::tokens::{Kind, Token};

/// How a bound is meant.
#[derive(Clone, Copy)]
enum Bound {
    Below,
    AtMost,
    Above,
    AtLeast,
}

use Bound::{Above, AtLeast, AtMost, Below};

/// Words before an amount, longer ones first; whether they speak of a price.
const BEFORE: [(&[&str], Bound, bool); 16] = [
    (&["not", "more", "than"], AtMost, false),
    (&["no", "more", "than"], AtMost, false),
    (&["not", "less", "than"], AtLeast, false),
    (&["no", "less", "than"], AtLeast, false),
    (&["cheaper", "than"], Below, true),
    (&["less", "than"], Below, false),
    (&["lower", "than"], Below, false),
    (&["more", "than"], Above, false),
    (&["higher", "than"], Above, false),
    (&["up", "to"], AtMost, false),
    (&["at", "most"], AtMost, false),
    (&["at", "least"], AtLeast, false),
    (&["under"], Below, false),
    (&["below"], Below, false),
    (&["over"], Above, false),
    (&["above"], Above, false),
];
/// Words after an amount, longer ones first.
const AFTER: [(&[&str], Bound, bool); 8] = [
    (&["or", "less"], AtMost, false),
    (&["or", "under"], AtMost, false),
    (&["or", "below"], AtMost, false),
    (&["or", "cheaper"], AtMost, true),
    (&["or", "more"], AtLeast, false),
    (&["or", "over"], AtLeast, false),
    (&["or", "above"], AtLeast, false),
    (&["and", "up"], AtLeast, false),
];
/// Words that announce a price.
const PRICE_WORDS: [&str; 6] = ["price", "prices", "priced", "cost", "costs", "costing"];
/// Words for the currencies of a sign, besides their codes.
const CURRENCY_WORDS: [(char, &[&str], &[&str]); 4] = [
    ('$', &["USD", "CAD", "AUD", "NZD", "MXN"], &["dollar", "dollars", "bucks"]),
    ('€', &["EUR"], &["euro", "euros"]),
    ('£', &["GBP"], &["quid"]),
    ('¥', &["JPY", "CNY"], &["yen", "yuan"]),
];

/// A condition on the price and the tokens that say it.
#[derive(Debug, PartialEq)]
pub(crate) struct PriceFound {
    pub tokens: Range<usize>,
    pub filters: Filters,
    /// Whether a currency or a word for price leaves no doubt.
    pub is_clear: bool,
}

/// Reads prices of one currency.
#[derive(Debug)]
pub(crate) struct PriceReader {
    digits: u32,
    code: String,
    /// Sign and words of the shop's currency.
    sign: Option<(char, &'static [&'static str])>,
}

struct Amount {
    minor: u32,
    n_tokens: usize,
    is_marked: bool,
}

impl PriceReader {
    /// A reader of prices in `currency` (ISO 4217).
    pub fn new(currency: &str) -> Self {
        let of_shop = CURRENCY_WORDS.iter().find(|(_, codes, _)| codes.contains(&currency));
        Self {
            digits: minor_digits(currency),
            code: currency.to_lowercase(),
            sign: of_shop.map(|(sign, _, words)| (*sign, *words)),
        }
    }

    /// The condition that begins at a token, if one does.
    pub fn at(&self, tokens: &[Token], start: usize) -> Option<PriceFound> {
        let n_announcing = usize::from(word_in(tokens, start, &PRICE_WORDS));
        let begin = start + n_announcing;
        let found = self.range(tokens, begin).or_else(|| self.bound(tokens, begin))?;
        // "for under 20", "priced at 5 to 10".
        Some(PriceFound {
            tokens: start..found.tokens.end,
            is_clear: found.is_clear || n_announcing > 0,
            ..found
        })
    }

    /// "between 5 and 10", "from $5 to $10", "5-10 dollars".
    fn range(&self, tokens: &[Token], start: usize) -> Option<PriceFound> {
        let opening = tokens.get(start).and_then(Token::word);
        let is_between = opening == Some("between");
        let from = start + usize::from(is_between || matches!(opening, Some("from" | "at")));
        let low = self.amount(tokens, from)?;
        let link = from + low.n_tokens;
        let links = if is_between { &["and", "to"][..] } else { &["to"] };
        let is_dash = tokens.get(link).is_some_and(|t| t.kind == Kind::Dash && !t.quoted);
        if !is_dash && !word_in(tokens, link, links) {
            return None;
        }
        let high = self.amount(tokens, link + 1)?;
        let is_clear = low.is_marked || high.is_marked;
        // Two numbers and a dash are a size or a model more often than a price.
        (low.minor <= high.minor && (is_clear || is_between)).then(|| PriceFound {
            tokens: start..link + 1 + high.n_tokens,
            filters: Filters {
                price_minor_min: Some(low.minor),
                price_minor_max: Some(high.minor),
                ..Filters::default()
            },
            is_clear,
        })
    }

    /// "under 20", "20 or less".
    fn bound(&self, tokens: &[Token], start: usize) -> Option<PriceFound> {
        if let Some((words, bound, is_of_price)) = phrase_at(&BEFORE, tokens, start) {
            let amount = self.amount(tokens, start + words.len())?;
            return Some(PriceFound {
                tokens: start..start + words.len() + amount.n_tokens,
                filters: filters(bound, amount.minor),
                is_clear: amount.is_marked || is_of_price,
            });
        }
        let amount = self.amount(tokens, start)?;
        let (words, bound, is_of_price) = phrase_at(&AFTER, tokens, start + amount.n_tokens)?;
        Some(PriceFound {
            tokens: start..start + amount.n_tokens + words.len(),
            filters: filters(bound, amount.minor),
            is_clear: amount.is_marked || is_of_price,
        })
    }

    /// "20", "$20", "20 €", "20 dollars". Another currency's is not an amount:
    /// nothing is converted.
    fn amount(&self, tokens: &[Token], start: usize) -> Option<Amount> {
        let sign_at = |at: usize| match tokens.get(at) {
            Some(Token { kind: Kind::Currency(sign), quoted: false, .. }) => Some(*sign),
            _ => None,
        };
        let own = self.sign.map(|(sign, _)| sign);
        let before = sign_at(start);
        let at = start + usize::from(before.is_some());
        let Some(Token { kind: Kind::Number(number), quoted: false, .. }) = tokens.get(at) else {
            return None;
        };
        let after = sign_at(at + 1);
        if before.or(after).is_some_and(|sign| own != Some(sign)) {
            return None;
        }
        let word = tokens.get(at + 1).and_then(Token::word);
        let is_own = |word: &str| {
            word == self.code || self.sign.is_some_and(|(_, words)| words.contains(&word))
        };
        let is_named = word.is_some_and(is_own);
        Some(Amount {
            minor: minor_of(number, self.digits)?,
            n_tokens: at + 1 - start + usize::from(after.is_some() || is_named),
            is_marked: before.is_some() || after.is_some() || is_named,
        })
    }
}

fn filters(bound: Bound, minor: u32) -> Filters {
    let (min, max) = match bound {
        Below => (None, Some(minor.saturating_sub(1))),
        AtMost => (None, Some(minor)),
        Above => (Some(minor.saturating_add(1)), None),
        AtLeast => (Some(minor), None),
    };
    Filters { price_minor_min: min, price_minor_max: max, ..Filters::default() }
}

fn word_in(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    tokens.get(at).and_then(Token::word).is_some_and(|word| words.contains(&word))
}

fn phrase_at<'a>(
    phrases: &'a [(&'a [&'a str], Bound, bool)],
    tokens: &[Token],
    start: usize,
) -> Option<(&'a [&'a str], Bound, bool)> {
    let stands = |words: &[&str]| {
        words.iter().enumerate().all(|(i, word)| word_in(tokens, start + i, &[word]))
    };
    phrases.iter().find(|(words, ..)| stands(words)).copied()
}

/// "1,299.50", "19,99" or "20" in minor units; `None` beyond what a price can be.
fn minor_of(number: &str, digits: u32) -> Option<u32> {
    let decimal = number.rfind(['.', ',']).filter(|at| {
        let n_digits = number.len() - at - 1;
        let is_alone = number.matches(['.', ',']).count() == 1;
        // "1,000" has thousands; "1.000,5" ends in a fraction.
        n_digits != 3 || is_alone && number.as_bytes()[*at] == b'.'
    });
    let (whole, fraction) = match decimal {
        Some(at) => (&number[..at], &number[at + 1..]),
        None => (number, ""),
    };
    let mut minor: u32 = whole.replace(['.', ','], "").parse().ok()?;
    for place in 0..digits as usize {
        let digit = fraction.as_bytes().get(place).map_or(0, |byte| u32::from(byte - b'0'));
        minor = minor.checked_mul(10)?.checked_add(digit)?;
    }
    Some(minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    fn read(text: &str, currency: &str) -> Option<(String, Option<u32>, Option<u32>, bool)> {
        let (reader, tokens) = (PriceReader::new(currency), tokens(text));
        let found = (0..tokens.len()).find_map(|start| reader.at(&tokens, start))?;
        let span = tokens[found.tokens.start].span.start..tokens[found.tokens.end - 1].span.end;
        let filters = found.filters;
        Some((
            text[span].to_owned(),
            filters.price_minor_min,
            filters.price_minor_max,
            found.is_clear,
        ))
    }

    #[test]
    fn bounds_and_ranges_are_read() {
        for (text, words, min, max, is_clear) in [
            ("tea under 20", "under 20", None, Some(1_999), false),
            ("tea below $20", "below $20", None, Some(1_999), true),
            ("tea over 5", "over 5", Some(501), None, false),
            ("tea cheaper than 2.50", "cheaper than 2.50", None, Some(249), true),
            ("tea 20 or less", "20 or less", None, Some(2_000), false),
            ("tea $20 and up", "$20 and up", Some(2_000), None, true),
            ("tea between 5 and 10", "between 5 and 10", Some(500), Some(1_000), false),
            ("tea 5-10 dollars", "5-10 dollars", Some(500), Some(1_000), true),
            ("tea $5 – $10", "$5 – $10", Some(500), Some(1_000), true),
            ("tea from 5 to 10 usd", "from 5 to 10 usd", Some(500), Some(1_000), true),
            ("tea no more than 1,299.50", "no more than 1,299.50", None, Some(129_950), false),
            ("tea price up to 7", "price up to 7", None, Some(700), true),
            ("tea under 20 dollars", "under 20 dollars", None, Some(1_999), true),
        ] {
            assert_eq!(read(text, "USD"), Some((words.to_owned(), min, max, is_clear)), "{text}");
        }
    }

    #[test]
    fn the_currency_decides_signs_and_digits() {
        let max = |text, currency| read(text, currency).and_then(|(_, _, max, _)| max);
        assert_eq!(max("tea up to 19,99 €", "EUR"), Some(1_999));
        assert_eq!(max("tea up to ¥500", "JPY"), Some(500));
        assert_eq!(max("tea up to 1.5 kwd", "KWD"), Some(1_500));
        assert_eq!(max("tea up to £20", "USD"), None);
        assert_eq!(max("tea up to 99999999999", "USD"), None);
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for text in [
            "2 in 1 under bed storage",
            "iphone 7",
            "batteries 10-20",
            "cable 5 to 10",
            "under \"20\"",
            "usb over 5gb",
            "between 10 and 5",
            "$20",
        ] {
            assert_eq!(read(text, "USD"), None, "{text}");
        }
    }

    #[test]
    fn thousands_and_decimals_are_told_apart() {
        for (number, minor) in
            [("1,000", 100_000), ("1.000,5", 100_050), ("1.234", 123), ("7", 700), ("0.05", 5)]
        {
            assert_eq!(minor_of(number, 2), Some(minor), "{number}");
        }
    }
}
