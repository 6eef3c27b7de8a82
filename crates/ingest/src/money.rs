//! Amounts of money from text and numbers, exact where the text is.

/// Amounts beyond this are refused, in minor units.
const MINOR_MAX: i64 = 1 << 50;

/// An amount as it is written: a number, perhaps with a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount<'t> {
    /// The number, with its sign.
    number: &'t str,
    is_negative: bool,
    /// ISO 4217 code, where it is written or a sign says it.
    pub currency: Option<&'t str>,
}

impl<'t> Amount<'t> {
    /// Takes the currency off an amount ("$1,234.50", "15.00 EUR", "CHF 12").
    pub(crate) fn of(text: &'t str) -> Self {
        let (text, outer) = without_currency(text.trim());
        let (is_negative, text) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (number, inner) = without_currency(text);
        Self { number, is_negative, currency: outer.or(inner) }
    }

    /// The amount in minor units, rounded half away from zero. With `decimal_comma`, a comma
    /// parts the fraction, and points, blanks and apostrophes the thousands.
    pub(crate) fn minor(self, decimals: u32, decimal_comma: bool) -> Option<i64> {
        if !decimal_comma {
            return minor_of_number(self.number, self.is_negative, decimals);
        }
        let is_group = |c: char| matches!(c, '.' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’');
        let (whole, fraction) = self.number.split_once(',').unwrap_or((self.number, ""));
        let mut groups = whole.split(is_group);
        let mut number = groups.next().unwrap_or("").to_owned();
        for group in groups {
            if group.len() != 3 || number.is_empty() {
                return None;
            }
            number.push_str(group);
        }
        if !fraction.is_empty() {
            number.push('.');
            number.push_str(fraction);
        }
        minor_of_number(&number, self.is_negative, decimals)
    }
}

/// Reads an amount in major units ("3.49", "$1,234.50", "15.00 EUR") as minor
/// units, rounded half away from zero.
#[cfg(test)]
fn minor_from_text(text: &str, decimals: u32) -> Option<i64> {
    Amount::of(text).minor(decimals, false)
}

fn minor_of_number(text: &str, negative: bool, decimals: u32) -> Option<i64> {
    if text.contains(['e', 'E']) {
        // Programs write very small and very large amounts so ("1.8e-15").
        let major: f64 = text.parse().ok()?;
        return minor_from_f64(if negative { -major } else { major }, decimals);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = ungrouped(whole)?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let decimals = decimals as usize;
    let mut minor = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()? };
    for place in 0..decimals {
        let digit = fraction.as_bytes().get(place).map_or(0, |byte| i64::from(byte - b'0'));
        minor = minor.checked_mul(10)?.checked_add(digit)?;
    }
    if fraction.as_bytes().get(decimals).is_some_and(|&digit| digit >= b'5') {
        minor = minor.checked_add(1)?;
    }
    (minor <= MINOR_MAX).then_some(if negative { -minor } else { minor })
}

/// An amount in major units as minor units, rounded half away from zero.
pub(crate) fn minor_from_f64(major: f64, decimals: u32) -> Option<i64> {
    let minor = (major * 10_f64.powi(decimals as i32)).round();
    (minor.abs() <= MINOR_MAX as f64).then_some(minor as i64)
}

/// Price of a piece from the total of a line. A positive total never rounds
/// down to a free piece. `None` without a positive quantity.
pub(crate) fn unit_price(total_minor: i64, quantity: f64) -> Option<i64> {
    if quantity.is_nan() || quantity <= 0.0 {
        return None;
    }
    let unit = (total_minor as f64 / quantity).round() as i64;
    Some(if total_minor > 0 { unit.max(1) } else { unit })
}

/// Signs that stand for one currency or for several.
const SIGNS: &[(char, Option<&str>)] =
    &[('$', None), ('€', Some("EUR")), ('£', Some("GBP")), ('¥', None)];

/// A text without a currency sign or code in front or behind, and that currency.
fn without_currency(text: &str) -> (&str, Option<&str>) {
    let mut found = None;
    let mut text = text;
    for &(sign, code) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            (text, found) = (rest.trim(), code);
            break;
        }
    }
    let is_code =
        |code: &&str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let before = text.get(..3).filter(is_code);
    if let Some(code) = before {
        return (text[3..].trim_start(), Some(code));
    }
    let end = text.len().saturating_sub(3);
    match text.get(end..).filter(is_code) {
        Some(code) => (text[..end].trim_end(), Some(code)),
        None => (text, found),
    }
}

/// Without commas between groups of three digits; `None` where they stand elsewhere.
fn ungrouped(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let mut joined = groups.next().unwrap_or("").to_owned();
    for group in groups {
        if group.len() != 3 || joined.is_empty() {
            return None;
        }
        joined.push_str(group);
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        let cases = [
            ("3.49", Some(349)),
            ("3.495", Some(350)),
            ("-3.495", Some(-350)),
            (".5", Some(50)),
            ("12", Some(1_200)),
            ("$1,234.5", Some(123_450)),
            ("-$2", Some(-200)),
            ("15.00 USD", Some(1_500)),
            ("0.00", Some(0)),
            ("1,23", None),
            ("1e3", Some(100_000)),
            ("-1.7763568394002505e-15", Some(0)),
            ("1e99", None),
            ("e", None),
            ("abc", None),
            ("", None),
            (".", None),
            ("99999999999999999999", None),
            ("--1", None),
        ];
        for (text, minor) in cases {
            assert_eq!(minor_from_text(text, 2), minor, "{text:?}");
        }
        assert_eq!(minor_from_text("1200", 0), Some(1_200));
    }

    #[test]
    fn currencies_are_taken_off_and_decimal_commas_read() {
        let cases = [
            ("15.00 USD", Some("USD")),
            ("USD 15.00", Some("USD")),
            ("15,00 €", Some("EUR")),
            ("-£3", Some("GBP")),
            ("$3", None),
            ("3", None),
        ];
        for (text, currency) in cases {
            assert_eq!(Amount::of(text).currency, currency, "{text}");
        }
        let cases = [
            ("3,49", Some(349)),
            ("1.234,5 EUR", Some(123_450)),
            ("1 234,50 €", Some(123_450)),
            ("12", Some(1_200)),
            ("3.49", None),
            ("1,2,3", None),
            (",", None),
        ];
        for (text, minor) in cases {
            assert_eq!(Amount::of(text).minor(2, true), minor, "{text}");
        }
    }

    #[test]
    fn floats_round_and_refuse_what_is_not_finite() {
        assert_eq!(minor_from_f64(1.005, 2), Some(100));
        assert_eq!(minor_from_f64(0.29, 2), Some(29));
        assert_eq!(minor_from_f64(f64::NAN, 2), None);
        assert_eq!(minor_from_f64(f64::INFINITY, 2), None);
    }

    #[test]
    fn a_line_is_shared_among_its_pieces() {
        assert_eq!(unit_price(598, 2.0), Some(299));
        assert_eq!(unit_price(1, 3.0), Some(1));
        assert_eq!(unit_price(0, 3.0), Some(0));
        assert_eq!(unit_price(100, 0.0), None);
        assert_eq!(unit_price(250, 0.5), Some(500));
    }
}
