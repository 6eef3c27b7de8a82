//! Prices in words: "under 20", "$5-10", "between 5 and 10 dollars".
//!
//! The words are those of all languages ([`crate::languages`]).
//!
//! A number is a price only where it says so (a currency, a word for price) or
//! where the words end the text. "2 in 1 under bed storage" has no price.

use std::ops::Range;

use vitrine_domain::Filters;
use vitrine_domain::currency::minor_digits;

use crate::languages::{Bound, Bounding, LANGUAGES, Language, longest, n_taken};
use crate::tokens::{Kind, Token};

use Bound::{Above, AtLeast, AtMost, Below};

/// Signs of currencies, with their codes.
const SIGNS: [(char, &[&str]); 4] = [
    ('$', &["USD", "CAD", "AUD", "NZD", "MXN"]),
    ('€', &["EUR"]),
    ('£', &["GBP"]),
    ('¥', &["JPY", "CNY"]),
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
    /// Sign of the shop's currency.
    sign: Option<char>,
}

struct Amount {
    minor: u32,
    n_tokens: usize,
    is_marked: bool,
}

impl PriceReader {
    /// A reader of prices in `currency` (ISO 4217).
    pub fn new(currency: &str) -> Self {
        let of_shop = SIGNS.iter().find(|(_, codes)| codes.contains(&currency));
        Self {
            digits: minor_digits(currency),
            code: currency.to_owned(),
            sign: of_shop.map(|(sign, _)| *sign),
        }
    }

    /// The condition that begins at a token, if one does.
    pub fn at(&self, tokens: &[Token], start: usize) -> Option<PriceFound> {
        let n_announcing =
            longest(|language| language.price_words, &from(tokens, start)).unwrap_or(0);
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
        let n_between = longest(|language| language.between, &from(tokens, start));
        let n_opening =
            n_between.or_else(|| longest(|language| language.from, &from(tokens, start)));
        let is_between = n_between.is_some();
        let first = start + n_opening.unwrap_or(0);
        let low = self.amount(tokens, first)?;
        let link = first + low.n_tokens;
        let is_dash = tokens.get(link).is_some_and(|t| t.kind == Kind::Dash && !t.quoted);
        let links = || longest(|language| language.range_links, &from(tokens, link));
        let links_between = || longest(|language| language.between_links, &from(tokens, link));
        let n_link = is_dash.then_some(1).or_else(links);
        let n_link = n_link.or_else(|| links_between().filter(|_| is_between))?;
        let high = self.amount(tokens, link + n_link)?;
        let end = link + n_link + high.n_tokens;
        let end = end + longest(|language| language.range_ends, &from(tokens, end)).unwrap_or(0);
        let is_clear = low.is_marked || high.is_marked;
        // Two numbers and a dash are a size or a model more often than a price.
        (low.minor <= high.minor && (is_clear || is_between)).then(|| PriceFound {
            tokens: start..end,
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
        let before: fn(&'static Language) -> _ = |language| language.before_amount;
        if let Some((n_words, bound, is_of_price)) = bounding(before, tokens, start) {
            let amount = self.amount(tokens, start + n_words)?;
            return Some(PriceFound {
                tokens: start..start + n_words + amount.n_tokens,
                filters: filters(bound, amount.minor),
                is_clear: amount.is_marked || is_of_price,
            });
        }
        let amount = self.amount(tokens, start)?;
        let after: fn(&'static Language) -> _ = |language| language.after_amount;
        let (n_words, bound, is_of_price) = bounding(after, tokens, start + amount.n_tokens)?;
        Some(PriceFound {
            tokens: start..start + amount.n_tokens + n_words,
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
        let before = sign_at(start);
        let at = start + usize::from(before.is_some());
        let Some(Token { kind: Kind::Number(number), quoted: false, .. }) = tokens.get(at) else {
            return None;
        };
        let minor = minor_of(number, self.digits)?;
        let (n_magnitude, factor) = magnitude(tokens, at + 1).unwrap_or((0, 1));
        let end = at + 1 + n_magnitude;
        let after = sign_at(end);
        if before.or(after).is_some_and(|sign| self.sign != Some(sign)) {
            return None;
        }
        let n_named = self.n_naming(tokens, end);
        Some(Amount {
            minor: minor.checked_mul(factor)?,
            n_tokens: end - start + n_named.max(usize::from(after.is_some())),
            is_marked: before.is_some() || after.is_some() || n_named > 0,
        })
    }

    /// How many tokens from one on name the shop's currency.
    fn n_naming(&self, tokens: &[Token], at: usize) -> usize {
        let is_code = |word: &str| word.eq_ignore_ascii_case(&self.code);
        if tokens.get(at).and_then(Token::word).is_some_and(is_code) {
            return 1;
        }
        let all = LANGUAGES.into_iter().flat_map(|language| language.currencies);
        let own = all.filter(|(codes, _)| codes.contains(&self.code.as_str()));
        let names = own.flat_map(|(_, names)| *names);
        names.filter_map(|name| n_taken(name, &from(tokens, at))).max().unwrap_or(0)
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

/// The words from a token on, by their distance.
fn from<'t>(tokens: &'t [Token], start: usize) -> impl Fn(usize) -> Option<&'t str> {
    move |n| tokens.get(start + n).and_then(Token::word)
}

/// The longest phrase at a token that bounds an amount: its number of tokens, and what it says.
fn bounding(
    table: fn(&'static Language) -> &'static [Bounding],
    tokens: &[Token],
    start: usize,
) -> Option<(usize, Bound, bool)> {
    let all = LANGUAGES.into_iter().flat_map(table);
    let stands = |(bound, is_of_price, phrases): &Bounding| {
        let n_tokens = phrases.iter().filter_map(|phrase| n_taken(phrase, &from(tokens, start)));
        Some((n_tokens.max()?, *bound, *is_of_price))
    };
    all.filter_map(stands).max_by_key(|(n_tokens, ..)| *n_tokens)
}

/// What multiplies the number before a token, with its tokens.
fn magnitude(tokens: &[Token], at: usize) -> Option<(usize, u32)> {
    let all = LANGUAGES.into_iter().flat_map(|language| language.magnitudes);
    all.filter_map(|(word, factor)| Some((n_taken(word, &from(tokens, at))?, *factor))).next()
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
