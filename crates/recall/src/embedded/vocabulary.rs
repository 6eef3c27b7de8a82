//! The words of a catalogue as they are written, for what is unfinished or
//! misspelt. A word that the catalogue has is never corrected.

use std::cmp::Reverse;
use vitrine_domain::sorting::{sort_by, sort_by_key};

use vitrine_domain::Item;
use vitrine_domain::pace::{Pace, Unpaced, at_once};

use super::rows::RowChange;
use super::words::{Entry, Words, letters};

/// Shortest word, in characters, that is corrected by one edit, and by two: by two
/// edits a name of six letters ("kinect") becomes some word ("direct").
const CORRECTED_CHARS_MIN: [usize; 2] = [3, 8];
/// Longest word that is corrected.
const CORRECTED_CHARS_MAX: usize = 32;
/// Words that an unfinished one may stand for, the most frequent first.
const COMPLETIONS_MAX: usize = 20;
/// Nearest words that the others of a query may choose from.
const CORRECTIONS_MAX: usize = 12;
/// Shortest part of a word written as one that should be two.
const PART_CHARS_MIN: usize = 3;

/// A word that is nearly another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Near<'w> {
    pub word: &'w str,
    /// Items that have it.
    pub n_items: u32,
}

pub(super) struct Vocabulary {
    parts: Vec<Words>,
}

impl Vocabulary {
    pub(super) async fn new(items: &[&Item], pace: &dyn Pace) -> Self {
        Self { parts: vec![Words::new(items, 0, pace).await] }
    }

    /// The words after a change of the rows.
    pub(super) fn revised(&self, change: &RowChange) -> Self {
        let mut parts = self.parts[..change.n_parts_kept].to_vec();
        for &row in change.masked_that_stay() {
            let after = parts.partition_point(|part| part.first_row() <= row);
            parts[after - 1].forget(row);
        }
        if !change.origins.is_empty() {
            parts.push(at_once(Words::new(&change.items(), change.first_row, &Unpaced)));
        }
        Self { parts }
    }

    pub(super) fn contains(&self, word: &str) -> bool {
        self.n_items(word) > 0
    }

    /// Items that have a word.
    fn n_items(&self, word: &str) -> u32 {
        self.parts.iter().map(|part| part.n_items(word)).sum()
    }

    /// Words that start with `start`, the most frequent first.
    pub(super) fn completions(&self, start: &str) -> Vec<&str> {
        let found = self.parts.iter().flat_map(|part| part.starting_with(start));
        let mut found = added_up(found.map(|(entry, n)| (entry.word.as_str(), n)).collect());
        sort_by_key(&mut found, |near| Reverse(near.n_items));
        found.truncate(COMPLETIONS_MAX);
        found.into_iter().map(|near| near.word).collect()
    }

    /// Words with the fewest edits from `word`, those of the same first letter
    /// and the most frequent first. Words with digits are not corrected: they
    /// are numbers of models and sizes.
    pub(super) fn corrections(&self, word: &str) -> Vec<Near<'_>> {
        let chars: Vec<char> = word.chars().collect();
        let n_edits_max =
            CORRECTED_CHARS_MIN.into_iter().filter(|chars_min| chars.len() >= *chars_min).count();
        let is_number = chars.iter().any(char::is_ascii_digit);
        if n_edits_max == 0 || is_number || chars.len() > CORRECTED_CHARS_MAX {
            return Vec::new();
        }
        let mut best = n_edits_max;
        let mut found: Vec<(usize, &Entry, u32)> = Vec::new();
        let mask = letters(word);
        for (entry, n_items) in self.parts.iter().flat_map(Words::all) {
            let n_chars = entry.n_chars as usize;
            // An edit changes the length by one and the set of letters by two at most.
            if n_chars.abs_diff(chars.len()) > best
                || (entry.letters ^ mask).count_ones() as usize > 2 * best
                || n_chars < CORRECTED_CHARS_MIN[0]
            {
                continue;
            }
            let n_edits = strsim::osa_distance(word, &entry.word);
            if n_edits <= best {
                best = n_edits;
                found.push((n_edits, entry, n_items));
            }
        }
        found.retain(|(n_edits, ..)| *n_edits == best);
        let words = found.into_iter().map(|(_, entry, n)| (entry.word.as_str(), n));
        let mut nearest = added_up(words.collect());
        let other_start = |near: &Near<'_>| !near.word.starts_with(chars[0]);
        sort_by_key(&mut nearest, |near| (other_start(near), Reverse(near.n_items)));
        nearest.truncate(CORRECTIONS_MAX);
        nearest
    }

    /// Two known words that `word` consists of; the split whose rarer part is
    /// the most frequent.
    pub(super) fn parts<'a>(&self, word: &'a str) -> Option<[&'a str; 2]> {
        word.char_indices()
            .skip(PART_CHARS_MIN)
            .map(|(at, _)| word.split_at(at))
            .filter(|(_, rest)| rest.chars().count() >= PART_CHARS_MIN)
            .map(|(first, rest)| (self.n_items(first).min(self.n_items(rest)), [first, rest]))
            .filter(|(n_items, _)| *n_items > 0)
            .max_by_key(|(n_items, _)| *n_items)
            .map(|(_, parts)| parts)
    }
}

/// Each word once, in order, with its items in all parts.
fn added_up(mut words: Vec<(&str, u32)>) -> Vec<Near<'_>> {
    sort_by(&mut words, Ord::cmp);
    let mut sums: Vec<Near<'_>> = Vec::with_capacity(words.len());
    for (word, n_items) in words {
        match sums.last_mut().filter(|last| last.word == word) {
            Some(last) => last.n_items += n_items,
            None => sums.push(Near { word, n_items }),
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vocabulary(titles: &[&str]) -> Vocabulary {
        let items: Vec<Item> = titles
            .iter()
            .map(|title| Item { title: (*title).to_owned(), ..Item::default() })
            .collect();
        at_once(Vocabulary::new(&items.iter().collect::<Vec<_>>(), &Unpaced))
    }

    #[test]
    fn the_nearest_then_the_most_frequent_word_is_meant() {
        let words = vocabulary(&["headphones", "head phone", "yogurt", "yogurt", "yoghurts"]);
        assert_eq!(corrected(&words, "hedphones"), ["headphones"]);
        assert_eq!(corrected(&words, "yogrut"), ["yogurt"]);
        assert_eq!(corrected(&words, "yoghurt"), ["yogurt", "yoghurts"]);
        assert_eq!(corrected(&words, "zzqxjv"), [] as [&str; 0]);
    }

    #[test]
    fn short_words_and_numbers_are_taken_as_typed() {
        let words = vocabulary(&["tea pea usb rtx2060 milk"]);
        for word in ["te", "us", "rtx2070"] {
            assert_eq!(corrected(&words, word), [] as [&str; 0], "{word}");
        }
        assert_eq!(corrected(&words, "milc"), ["milk"]);
        assert_eq!(corrected(&words, "mikl"), ["milk"]);
    }

    #[test]
    fn two_words_written_as_one_are_told_apart() {
        let words = vocabulary(&["hard drive", "hard disk", "driver"]);
        assert_eq!(words.parts("harddrive"), Some(["hard", "drive"]));
        assert_eq!(words.parts("harddonkey"), None);
        assert_eq!(words.parts("ha"), None);
    }

    #[test]
    fn completions_start_alike() {
        let words = vocabulary(&["milk", "milk mild", "millet", "bread"]);
        assert_eq!(words.completions("mil"), ["milk", "mild", "millet"]);
        assert!(words.completions("x").is_empty());
        assert!(words.contains("bread") && !words.contains("brea"));
    }

    fn corrected<'w>(words: &'w Vocabulary, typed: &str) -> Vec<&'w str> {
        words.corrections(typed).into_iter().map(|near| near.word).collect()
    }

    proptest! {
        #[test]
        fn one_planted_edit_is_mended(word in "[a-z]{5,10}", at in 0usize..4, letter in "[a-z]") {
            let words = vocabulary(&[&word]);
            let mut typed: Vec<char> = word.chars().collect();
            typed.insert(at, letter.chars().next().expect("a letter"));
            prop_assert_eq!(corrected(&words, &typed.iter().collect::<String>()), [word.as_str()]);
            typed.remove(at);
            typed.swap(at, at + 1);
            prop_assert_eq!(corrected(&words, &typed.iter().collect::<String>()), [word.as_str()]);
        }
    }
}
