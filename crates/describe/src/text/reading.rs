//! A text as it is read: nothing hidden in it, numbers as digits, and each byte with its place in
//! the text that was given.

use std::ops::Range;

use vitrine_domain::script::narrowed;

use super::is_hidden;
use crate::vocabulary::{NumberWord, VOCABULARY};

/// A copy of a text that can be compared.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub text: String,
    /// For each byte, the bytes of the given text that it comes from.
    origins: Vec<Range<usize>>,
}

/// First digits of scripts that have ten of their own in a row.
const DIGITS: [u32; 9] = [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xbe6, 0xe50, 0x1d7ce, 0x1d7ec];

impl Reading {
    /// Reads a text.
    pub(crate) fn new(text: &str) -> Self {
        let plain = Self::without_hidden(text);
        let mut out = Self::default();
        let mut at = 0;
        while let Some(c) = plain.text[at..].chars().next() {
            match VOCABULARY.number_word_at(&plain.text, at) {
                Some(NumberWord { digits, length }) => {
                    let origin = plain.origin(at..at + length);
                    if out.text.ends_with(|c: char| c.is_ascii_digit()) {
                        out.push(" ", origin.clone());
                    }
                    out.push(&digits, origin.clone());
                    // "dreiteilig" is "3 teilig".
                    if plain.text[at + length..].starts_with(|c: char| c.is_ascii_alphabetic()) {
                        out.push(" ", origin.end..origin.end);
                    }
                    at += length;
                }
                None => {
                    let end = at + c.len_utf8();
                    let origin = plain.origin(at..end);
                    let is_times = plain.is_times(at, c);
                    out.push(if is_times { " × " } else { &plain.text[at..end] }, origin);
                    at = end;
                }
            }
        }
        out
    }

    /// The bytes of the given text that a part of the copy comes from.
    pub(crate) fn origin(&self, span: Range<usize>) -> Range<usize> {
        let inside = self.origins.get(span).unwrap_or_default();
        let start = inside.first().map_or(0, |range| range.start);
        let end = inside.iter().map(|range| range.end).max().unwrap_or(start);
        start..end.max(start)
    }

    fn without_hidden(text: &str) -> Self {
        let mut out = Self::default();
        let mut at = 0;
        for c in text.chars() {
            let origin = at..at + c.len_utf8();
            at = origin.end;
            match c {
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push("\n", origin),
                '\t' => out.push(" ", origin),
                '½' => out.push_amount(".5", "0.5", origin),
                '¼' => out.push_amount(".25", "0.25", origin),
                '¾' => out.push_amount(".75", "0.75", origin),
                c if is_hidden(c) => {}
                c => out.push(&plain_digit(narrowed(c)).to_string(), origin),
            }
        }
        out
    }

    /// A fraction: what it is behind a digit, and what it is alone.
    fn push_amount(&mut self, behind: &str, alone: &str, origin: Range<usize>) {
        let is_behind = self.text.ends_with(|c: char| c.is_ascii_digit());
        self.push(if is_behind { behind } else { alone }, origin);
    }

    fn push(&mut self, text: &str, origin: Range<usize>) {
        self.text.push_str(text);
        self.origins.resize(self.text.len(), origin);
    }

    /// Whether a character stands between the numbers of dimensions: "20x30".
    fn is_times(&self, at: usize, c: char) -> bool {
        let before = self.text[..at].trim_end();
        let after = self.text[at + c.len_utf8()..].trim_start();
        let is_number = before.ends_with(|c: char| c.is_ascii_digit())
            && after.starts_with(|c: char| c.is_ascii_digit());
        matches!(c, '×' | 'x' | 'X' | '*') && is_number
    }
}

/// A digit of any script as an ASCII one.
fn plain_digit(c: char) -> char {
    let code = c as u32;
    let zero = DIGITS.iter().find(|zero| (**zero..**zero + 10).contains(&code));
    zero.and_then(|zero| char::from_digit(code - zero, 10)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_and_nothing_is_hidden() {
        for (text, read) in [
            ("Zwei Taschen", "2 Taschen"),
            ("dreiteilig", "3 teilig"),
            ("Zweifel", "Zweifel"),
            ("20x30 cm", "20 × 30 cm"),
            ("三个口袋", "3个口袋"),
            ("百分之八十棉", "80%棉"),
            ("独一无二", "独一无二"),
            ("wa\u{200b}ter ٣ ½", "water 3 0.5"),
            ("十二件", "12件"),
            ("X200", "X200"),
        ] {
            assert_eq!(Reading::new(text).text, read, "{text}");
        }
    }

    #[test]
    fn bytes_know_where_they_come_from() {
        let text = "Mit zwei\u{200b} Taschen";
        let reading = Reading::new(text);
        let at = reading.text.find('2').unwrap();
        assert_eq!(&text[reading.origin(at..at + 1)], "zwei");
    }
}
