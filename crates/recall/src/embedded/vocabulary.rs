//! The words of a catalogue as they are written, for what is unfinished or
//! misspelt. A word that the catalogue has is never corrected.

use std::cmp::Reverse;
use std::collections::HashMap;

use vitrine_domain::Item;

use crate::analysis;

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
    /// By word.
    entries: Vec<Entry>,
}

struct Entry {
    word: String,
    /// Items that have it.
    n_items: u32,
    n_chars: u32,
    letters: u32,
}

impl Vocabulary {
    /// Words of titles, brands, categories, departments and attributes.
    /// Descriptions are left out: their mistakes would become words.
    pub(super) fn new(items: &[&Item]) -> Self {
        let analyzer = analysis::words();
        let mut n_items: HashMap<String, u32> = HashMap::new();
        for item in items {
            let texts =
                [&item.title, &item.brand, &item.category, &item.department, &item.attributes];
            let mut words: Vec<String> =
                texts.into_iter().flat_map(|text| analysis::tokens(&analyzer, text)).collect();
            words.sort_unstable();
            words.dedup();
            for word in words {
                *n_items.entry(word).or_default() += 1;
            }
        }
        let entry = |(word, n_items): (String, u32)| Entry {
            n_chars: word.chars().count() as u32,
            letters: letters(&word),
            word,
            n_items,
        };
        let mut entries: Vec<Entry> = n_items.into_iter().map(entry).collect();
        entries.sort_unstable_by(|a, b| a.word.cmp(&b.word));
        Self { entries }
    }

    pub(super) fn contains(&self, word: &str) -> bool {
        self.entries.binary_search_by(|entry| entry.word.as_str().cmp(word)).is_ok()
    }

    /// Words that start with `start`, the most frequent first.
    pub(super) fn completions(&self, start: &str) -> Vec<&str> {
        let first = self.entries.partition_point(|entry| entry.word.as_str() < start);
        let mut found: Vec<&Entry> =
            self.entries[first..].iter().take_while(|e| e.word.starts_with(start)).collect();
        found.sort_by_key(|entry| Reverse(entry.n_items));
        found.truncate(COMPLETIONS_MAX);
        found.into_iter().map(|entry| entry.word.as_str()).collect()
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
        let mut found: Vec<(usize, &Entry)> = Vec::new();
        let mask = letters(word);
        for entry in &self.entries {
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
                found.push((n_edits, entry));
            }
        }
        found.retain(|(n_edits, _)| *n_edits == best);
        let other_start = |entry: &Entry| !entry.word.starts_with(chars[0]);
        found.sort_by_key(|(_, entry)| (other_start(entry), Reverse(entry.n_items)));
        found.truncate(CORRECTIONS_MAX);
        found.into_iter().map(|(_, e)| Near { word: &e.word, n_items: e.n_items }).collect()
    }

    /// Two known words that `word` consists of; the split whose rarer part is
    /// the most frequent.
    pub(super) fn parts<'a>(&self, word: &'a str) -> Option<[&'a str; 2]> {
        let n_items = |part: &str| {
            let found = self.entries.binary_search_by(|entry| entry.word.as_str().cmp(part));
            found.map_or(0, |index| self.entries[index].n_items)
        };
        word.char_indices()
            .skip(PART_CHARS_MIN)
            .map(|(at, _)| word.split_at(at))
            .filter(|(_, rest)| rest.chars().count() >= PART_CHARS_MIN)
            .map(|(first, rest)| (n_items(first).min(n_items(rest)), [first, rest]))
            .filter(|(n_items, _)| *n_items > 0)
            .max_by_key(|(n_items, _)| *n_items)
            .map(|(_, parts)| parts)
    }
}

/// The set of letters of a word, one bit each; others share bits.
fn letters(word: &str) -> u32 {
    word.chars().fold(0, |mask, letter| mask | 1 << (letter as u32 % 32))
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
        Vocabulary::new(&items.iter().collect::<Vec<_>>())
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
