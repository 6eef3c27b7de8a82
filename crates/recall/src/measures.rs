//! Sizes in texts: "12 oz", "12oz", "15 inch" and 15" each become one term, the
//! same for equal sizes ("1 l" and "1000 ml"), in items and in searches.

use std::ops::Range;

/// Spellings of a unit, what it is counted in, and how much of that it is.
/// Only what is exactly equal is converted: no ounces to grams.
const UNITS: [(&[&str], &str, f64); 34] = [
    (&["oz", "ounce", "ounces"], "oz", 1.0),
    (&["lb", "lbs", "pound", "pounds"], "oz", 16.0),
    (&["mg"], "mg", 1.0),
    (&["g", "gr", "gram", "grams"], "mg", 1e3),
    (&["kg", "kilo", "kilogram", "kilograms"], "mg", 1e6),
    (&["floz", "fl oz", "fluid ounce", "fluid ounces"], "floz", 1.0),
    (&["pt", "pint", "pints"], "floz", 16.0),
    (&["qt", "quart", "quarts"], "floz", 32.0),
    (&["gal", "gallon", "gallons"], "floz", 128.0),
    (&["ml", "milliliter", "milliliters", "millilitre", "millilitres"], "ml", 1.0),
    (&["cl"], "ml", 10.0),
    (&["l", "lt", "ltr", "liter", "liters", "litre", "litres"], "ml", 1e3),
    (&["inch", "inches"], "inch", 1.0),
    (&["ft", "foot", "feet"], "inch", 12.0),
    (&["yd", "yard", "yards"], "inch", 36.0),
    (&["mm"], "mm", 1.0),
    (&["cm"], "mm", 10.0),
    (&["m", "meter", "meters", "metre", "metres"], "mm", 1e3),
    (&["ct", "count"], "ct", 1.0),
    (&["pk", "pack", "packs"], "pk", 1.0),
    (&["kb"], "kb", 1.0),
    (&["mb"], "kb", 1e3),
    (&["gb"], "kb", 1e6),
    (&["tb"], "kb", 1e9),
    (&["w", "watt", "watts"], "w", 1.0),
    (&["kw"], "w", 1e3),
    (&["v", "volt", "volts"], "v", 1.0),
    (&["mah"], "mah", 1.0),
    (&["mhz"], "mhz", 1.0),
    (&["ghz"], "mhz", 1e3),
    (&["mp", "megapixel", "megapixels"], "mp", 1.0),
    (&["sqft", "sq ft", "square feet"], "sqft", 1.0),
    (&["rpm"], "rpm", 1.0),
    (&["dpi"], "dpi", 1.0),
];
/// Longest spelling, in bytes.
const SPELLING_BYTES_MAX: usize = 16;
/// Most digits of an amount.
const DIGITS_MAX: usize = 9;

/// A size at its place in a text.
#[derive(Debug, PartialEq)]
pub(crate) struct Measure {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// The term: digits and letters only, the same for equal sizes.
    pub term: String,
}

/// The sizes in a text, in order.
pub(crate) fn measures(text: &str) -> Vec<Measure> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|i| at + i) {
        let n_digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
        at = start + n_digits;
        // ".5 gal" and "1.5 l".
        if let Some(fraction) = text[at..].strip_prefix('.') {
            let n_more = fraction.bytes().take_while(u8::is_ascii_digit).count();
            at += if n_more > 0 { n_more + 1 } else { 0 };
        }
        let has_point = text[..start].ends_with('.');
        let start = start - usize::from(has_point);
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '.') || at - start > DIGITS_MAX {
            continue;
        }
        let Ok(amount) = text[start..at].parse::<f64>() else { continue };
        if let Some((n_bytes, unit, factor)) = unit_at(&text[at..]) {
            at += n_bytes;
            found.push(Measure { span: start..at, term: term(amount * factor, unit) });
        }
    }
    found
}

/// The unit that a text begins with, spaces and a hyphen aside: bytes with
/// them, what it is counted in, how much of that it is.
fn unit_at(text: &str) -> Option<(usize, &'static str, f64)> {
    if let Some(rest) = text.strip_prefix(['"', '″', '”']) {
        let is_last = !rest.starts_with(char::is_alphanumeric);
        return is_last.then(|| (text.len() - rest.len(), "inch", 1.0));
    }
    let unit = text.trim_start_matches([' ', '-', '\u{a0}']);
    let n_before = text.len() - unit.len();
    let ends = |n: usize| !unit[n..].starts_with(|c: char| c.is_alphanumeric());
    let is = |spelling: &str| {
        unit.get(..spelling.len()).is_some_and(|start| start.eq_ignore_ascii_case(spelling))
            && ends(spelling.len())
    };
    // "18 IN" is a length, "2 in 1" is not.
    if is("in") && (n_before == 0 || unit.len() == 2) {
        return Some((n_before + 2, "inch", 1.0));
    }
    let longest = UNITS
        .iter()
        .flat_map(|(spellings, unit, factor)| spellings.iter().map(move |s| (s, unit, factor)))
        .filter(|(spelling, ..)| spelling.len() <= SPELLING_BYTES_MAX && is(spelling))
        .max_by_key(|(spelling, ..)| spelling.len())?;
    Some((n_before + longest.0.len(), longest.1, *longest.2))
}

/// Digits and letters: a point would cut the term in two.
fn term(amount: f64, unit: &str) -> String {
    let thousandths = (amount * 1e3).round() as u64;
    let (whole, fraction) = (thousandths / 1_000, thousandths % 1_000);
    match fraction {
        0 => format!("{whole}{unit}"),
        _ => format!("{whole}p{}{unit}", format!("{fraction:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        measures(text).into_iter().map(|measure| measure.term).collect()
    }

    #[test]
    fn equal_sizes_are_one_term() {
        for (texts, term) in [
            (&["12oz", "12 OZ", "12-ounce", "12.0 oz"][..], "12oz"),
            (&["1 l", "1000 ml", "100cl", "1L"], "1000ml"),
            (&["15 inch", "15\"", "15in", "15-inch", "15 IN", "15”"], "15inch"),
            (&["15.6\" ", "15.6 inch laptop"], "15p6inch"),
            (&[".5 gal", "0.5 gallon", "64 fl oz"], "64floz"),
            (&["2 lb", "32 oz"], "32oz"),
            (&["1tb", "1000 GB"], "1000000000kb"),
            (&["24 CT", "24 count"], "24ct"),
        ] {
            for text in texts {
                assert_eq!(terms(text), [term], "{text}");
            }
        }
    }

    #[test]
    fn other_numbers_are_no_sizes() {
        for text in [
            "2 in 1 storage",
            "iphone 7",
            "b12 gel",
            "12",
            "12 ozone",
            "v1.2.3",
            "1234567890123 g",
            "5\"a",
            "é12oz",
            "",
        ] {
            assert_eq!(terms(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn spans_hold_number_and_unit() {
        let text = "milk 12 oz, 2 l";
        let spans: Vec<&str> = measures(text).into_iter().map(|m| &text[m.span]).collect();
        assert_eq!(spans, ["12 oz", "2 l"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_spans_within_it(text in "[0-9.oz\" lé-]{0,24}") {
            for measure in measures(&text) {
                proptest::prop_assert!(text.get(measure.span).is_some());
                proptest::prop_assert!(measure.term.chars().all(char::is_alphanumeric));
            }
        }
    }
}
