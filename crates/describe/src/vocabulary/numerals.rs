//! Numbers that are written as words.

use std::collections::{HashMap, HashSet};

use crate::text::folded;

/// A number word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberWord {
    /// The number in digits, with "%" where the words say so.
    pub digits: String,
    /// Bytes of the text that are read.
    pub length: usize,
}

/// Words for numbers.
#[derive(Debug, Default)]
pub(crate) struct Numerals {
    /// Words of spaced scripts.
    words: HashMap<String, String>,
    /// What makes a word of a number: "teilig" in "dreiteilig".
    endings: HashSet<String>,
    percents: HashSet<String>,
    /// What follows a Chinese number that counts something.
    classifiers: Vec<&'static str>,
}

/// "Out of a hundred".
const CHINESE_PERCENT: &str = "百分之";
/// Units of time: before them, one is a number.
const OF_ONE: [&str; 6] = ["年", "天", "小时", "个月", "周", "月"];

impl Numerals {
    /// Whether a list of the files is one of these.
    #[cfg(test)]
    pub(super) fn knows(list: &str) -> bool {
        matches!(list, "number_words" | "number_endings" | "percent" | "classifiers")
    }

    pub(super) fn add(&mut self, list: &str, entries: &[&'static str]) {
        for entry in entries {
            match list {
                "number_words" => {
                    if let Some((word, digits)) = entry.rsplit_once(' ') {
                        self.words.insert(folded(word), digits.to_owned());
                    }
                }
                "number_endings" => _ = self.endings.insert(folded(entry)),
                "percent" => _ = self.percents.insert(folded(entry)),
                "classifiers" => self.classifiers.push(entry),
                _ => {}
            }
        }
    }

    pub(super) fn is_percent(&self, word: &str) -> bool {
        self.percents.contains(word)
    }

    /// The number word at a byte.
    pub(super) fn at(&self, text: &str, at: usize) -> Option<NumberWord> {
        let rest = &text[at..];
        let first = rest.chars().next()?;
        if chinese_digit(first).is_some() {
            return self.chinese(rest);
        }
        let is_inside = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        if !first.is_alphabetic() || is_inside {
            return None;
        }
        let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        if let Some(digits) = self.words.get(&folded(&rest[..length])) {
            return Some(NumberWord { digits: digits.clone(), length });
        }
        let boundaries = rest[..length].char_indices().map(|(at, _)| at).skip(1);
        boundaries.into_iter().find_map(|length_number| {
            let digits = self.words.get(&folded(&rest[..length_number]))?;
            let is_known = self.endings.contains(&folded(&rest[length_number..length]));
            is_known.then(|| NumberWord { digits: digits.clone(), length: length_number })
        })
    }

    fn chinese(&self, rest: &str) -> Option<NumberWord> {
        if let Some(number) = rest.strip_prefix(CHINESE_PERCENT) {
            let ascii =
                number.len() - number.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (digits, length) = match ascii {
                0 => chinese_number(number)?,
                length => (number[..length].parse().ok()?, length),
            };
            let length = length + CHINESE_PERCENT.len();
            return Some(NumberWord { digits: format!("{digits}%"), length });
        }
        let (number, length) = chinese_number(rest)?;
        let after = &rest[length..];
        let follows =
            if rest.starts_with('一') && number == 1 { &OF_ONE[..] } else { &self.classifiers };
        let is_counted = follows.iter().any(|classifier| after.starts_with(classifier));
        is_counted.then(|| NumberWord { digits: number.to_string(), length })
    }
}

fn chinese_digit(c: char) -> Option<u32> {
    Some(match c {
        '零' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        '百' => 100,
        '千' => 1_000,
        '万' => 10_000,
        _ => return None,
    })
}

/// The number at the beginning, and its length in bytes.
fn chinese_number(text: &str) -> Option<(u32, usize)> {
    let (mut sum, mut digit, mut length) = (0u32, None, 0);
    for c in text.chars() {
        let Some(value) = chinese_digit(c) else { break };
        length += c.len_utf8();
        if value >= 10 {
            // "二十万" is twenty times ten thousand.
            let is_bare = digit.is_none() && value == 10_000 && sum > 0;
            let times = if is_bare { 0 } else { digit.take().unwrap_or(1) };
            let part = if value == 10_000 && sum > 0 { sum.saturating_add(times) } else { times };
            sum = if value == 10_000 { 0 } else { sum };
            sum = sum.saturating_add(part.saturating_mul(value));
        } else {
            digit = Some(digit.unwrap_or(0u32).saturating_mul(10).saturating_add(value));
        }
    }
    (length > 0).then(|| (sum.saturating_add(digit.unwrap_or(0)), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numbers_are_read() {
        for (text, number) in
            [("三", 3), ("十二", 12), ("二十", 20), ("一百二十", 120), ("两千", 2_000)]
        {
            assert_eq!(chinese_number(text), Some((number, text.len())), "{text}");
        }
        assert_eq!(chinese_number("口袋"), None);
        assert_eq!(chinese_number("千千千千千千千千万万万万").map(|(_, length)| length), Some(36));
    }
}
