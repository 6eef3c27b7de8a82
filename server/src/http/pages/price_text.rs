//! A price as English writes it, which is the language of the page.

use vitrine_domain::currency::amount_text;

/// Signs that English has for currencies; others are written with their code.
///
/// # Source
/// CLDR, `en`, as `Intl.NumberFormat` of browsers has it.
const SIGNS: &[(&str, &str)] = &[
    ("AUD", "A$"),
    ("BRL", "R$"),
    ("CAD", "CA$"),
    ("CNY", "CN¥"),
    ("EUR", "€"),
    ("GBP", "£"),
    ("HKD", "HK$"),
    ("ILS", "₪"),
    ("INR", "₹"),
    ("JPY", "¥"),
    ("KRW", "₩"),
    ("MXN", "MX$"),
    ("NZD", "NZ$"),
    ("PHP", "₱"),
    ("TWD", "NT$"),
    ("USD", "$"),
    ("VND", "₫"),
    ("XCD", "EC$"),
];

/// Digits between two commas.
const GROUP_DIGITS: usize = 3;

/// "$1,234.50", and "CHF 4.90" with a blank at which no line is broken: what a browser whose
/// locale is English writes, so that its text stays when the page's script writes it again.
pub fn price_text(minor: u64, currency: &str) -> String {
    let amount = amount_text(minor, currency);
    let (whole, fraction) = amount.split_once('.').map_or((amount.as_str(), ""), |parts| parts);
    let mut text = match SIGNS.iter().find(|(code, _)| *code == currency) {
        Some((_, sign)) => (*sign).to_owned(),
        None => format!("{currency}\u{a0}"),
    };
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(GROUP_DIGITS) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_those_of_an_english_browser() {
        // Written by `new Intl.NumberFormat('en-US', { style: 'currency', currency })`.
        let cases = [
            ("USD", 25, "$0.25"),
            ("USD", 100_000, "$1,000.00"),
            ("EUR", 123_456_750, "€1,234,567.50"),
            ("GBP", 490, "£4.90"),
            ("CAD", 99_999, "CA$999.99"),
            ("JPY", 1_205, "¥1,205"),
            ("CHF", 490, "CHF\u{a0}4.90"),
            ("KWD", 1_205, "KWD\u{a0}1.205"),
        ];
        for (currency, minor, text) in cases {
            assert_eq!(price_text(minor, currency), text);
        }
    }
}
