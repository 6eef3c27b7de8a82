//! Quotations in a text.

use std::ops::Range;

/// What closes a quotation that a mark opens.
fn closers(open: char) -> &'static [char] {
    match open {
        '“' => &['”'],
        '„' => &['“', '”'],
        '»' => &['«'],
        '«' => &['»'],
        '「' => &['」'],
        '『' => &['』'],
        '"' => &['"'],
        _ => &[],
    }
}

/// Whether a character opens or closes a quotation.
pub(crate) fn is_quotation_mark(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '»' | '«' | '「' | '」' | '『' | '』' | '"' | '‟' | '＂')
}

/// The bytes between quotation marks, without the marks. A `"` behind a digit is an inch and opens
/// nothing; a mark that nothing closes opens nothing.
pub(crate) fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at + c.len_utf8();
        let is_inch = c == '"' && text[..at].ends_with(|c: char| c.is_ascii_digit());
        let close = match closers(c) {
            [] => None,
            _ if is_inch => None,
            marks => text[start..].find(marks),
        };
        at = match close {
            Some(length) => {
                found.push(start..start + length);
                let mark = text[start + length..].chars().next().map_or(0, char::len_utf8);
                start + length + mark
            }
            None => start,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_of_three_languages_are_found_and_inches_are_not() {
        let inner = |text: &'static str| -> Vec<&str> {
            quotations(text).into_iter().map(|range| &text[range]).collect()
        };
        assert_eq!(inner("Buyers say: “Soft.” and “Warm”"), ["Soft.", "Warm"]);
        assert_eq!(inner("Käufer sagen: „Sehr weich.“ »Gut«"), ["Sehr weich.", "Gut"]);
        assert_eq!(inner("买家说：「很好」"), ["很好"]);
        assert_eq!(inner("a 15\" screen, \"big\""), ["big"]);
        assert_eq!(inner("“never closed"), Vec::<&str>::new());
    }
}
