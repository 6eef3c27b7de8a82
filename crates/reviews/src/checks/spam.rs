//! Addresses, telephone numbers and advertisements in a text.

use std::sync::LazyLock;

use super::reason::ReviewReason;
use crate::languages::WORDS;
use crate::text::{Token, tokens};

/// Digits of a telephone number.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;
/// Ends of the names of hosts that are looked for without `http` or `www`.
const HOST_ENDS: [&str; 14] = [
    "com", "net", "org", "info", "shop", "store", "online", "xyz", "cn", "de", "ru", "io", "co",
    "top",
];
/// Shortest name of a host before its end: "no.de" is no host.
const HOST_NAME_MIN: usize = 3;

/// Phrases that advertise, as their words.
static PROMOTIONS: LazyLock<Vec<Vec<String>>> =
    LazyLock::new(|| WORDS.promotion.iter().map(|phrase| words(&tokens(phrase))).collect());

/// What a text has that no review needs.
pub(super) fn spam(text: &str) -> Vec<ReviewReason> {
    let mut reasons = Vec::new();
    if has_link(text) {
        reasons.push(ReviewReason::Link);
    }
    if has_phone_number(text) {
        reasons.push(ReviewReason::PhoneNumber);
    }
    let words = words(&tokens(text));
    let is_in =
        |phrase: &Vec<String>| words.windows(phrase.len().max(1)).any(|part| part == phrase);
    if PROMOTIONS.iter().any(is_in) {
        reasons.push(ReviewReason::Promotion);
    }
    reasons
}

fn words(tokens: &[Token]) -> Vec<String> {
    let words = tokens.iter().filter(|token| token.is_word());
    words.map(|token| token.text.clone()).collect()
}

fn has_link(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    // A capital after a full stop begins a sentence, unless all of it is in capitals.
    let is_shouted = !text.contains(|c: char| c.is_ascii_lowercase());
    let cased = if is_shouted { &lower } else { text };
    let is_host_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    lower.contains("http://")
        || lower.contains("https://")
        || lower.contains("www.")
        || cased.split(|c: char| !is_host_char(c)).any(is_host)
}

fn is_host(piece: &str) -> bool {
    let mut labels = piece.trim_matches(['.', '-']).rsplit('.');
    let (end, name) = (labels.next().unwrap_or(""), labels.next().unwrap_or(""));
    HOST_ENDS.contains(&end) && is_name(name)
}

fn is_name(name: &str) -> bool {
    name.len() >= HOST_NAME_MIN && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A run of digits with single separators between groups, as long as a telephone number. Runs of sizes
/// ("36 26 36") have more groups and fewer digits in each.
fn has_phone_number(text: &str) -> bool {
    let is_part =
        |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')' | '+' | '/');
    text.split(|c: char| !is_part(c)).any(|run| {
        let groups: Vec<usize> =
            run.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|n| *n > 0).collect();
        let n_digits = groups.iter().sum();
        let n_groups_max = if run.contains('+') { 5 } else { 4 };
        let is_trade_item =
            groups.len() == 1 && n_digits == 13 && !run.trim().starts_with(['0', '+']);
        PHONE_DIGITS.contains(&n_digits)
            && !is_trade_item
            && groups.len() <= n_groups_max
            && groups.iter().any(|n| *n >= 3)
            && groups.last().is_some_and(|n| *n >= 3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        spam(text).iter().map(ReviewReason::code).collect()
    }

    #[test]
    fn what_advertises_is_found() {
        assert_eq!(codes("see http://x.y"), ["link"]);
        assert_eq!(codes("cheaper at best-bags.com!"), ["link"]);
        assert_eq!(codes("www.anything.fr has it"), ["link"]);
        assert_eq!(codes("call (555) 123-4567 now"), ["phone-number"]);
        assert_eq!(codes("+49 170 1234567"), ["phone-number"]);
        assert_eq!(codes("电话13812345678"), ["phone-number"]);
        assert_eq!(codes("Use my promo code SAVE"), ["promotion"]);
        assert_eq!(codes("加微信返现"), ["promotion"]);
    }

    #[test]
    fn sizes_dates_and_missing_spaces_are_none() {
        for text in [
            "I am 5'4\", 130 lbs, 34-26-36 and 34 b.",
            "Bought 12/24/2015, size 10-12.",
            "Love it.Com fortable.so soft",
            "Passt perfekt.Top Qualität",
            "Love the dress.Store was great",
            "EAN 4006381333931",
            "sizes 2 4 6 8 10 12 14",
            "It is $148.00 and 100% cotton.",
            "The code on the label",
        ] {
            assert_eq!(codes(text), [] as [&str; 0], "{text}");
        }
    }
}
