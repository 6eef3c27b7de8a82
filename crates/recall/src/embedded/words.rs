//! The distinct words of some rows, and which rows have them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use vitrine_domain::sorting::sort_by;

use vitrine_domain::Item;
use vitrine_domain::pace::Pace;

use crate::analysis;

/// The words of a part of the rows as they are written.
#[derive(Clone)]
pub(super) struct Words {
    first_row: u32,
    fixed: Arc<Fixed>,
    /// Listed items that have each word. \[words\]
    n_items: Arc<Vec<u32>>,
}

/// What no change of other rows changes.
struct Fixed {
    /// By word.
    entries: Vec<Entry>,
    /// Where the words of each row end in [`Fixed::numbers`]. \[rows\]
    ends: Vec<u32>,
    /// Numbers of the words of each row, one row after the other.
    numbers: Vec<u32>,
}

/// A word, with what tells quickly that it is far from another.
pub(super) struct Entry {
    pub(super) word: String,
    pub(super) n_chars: u32,
    /// The set of its letters, as [`letters`] gives it.
    pub(super) letters: u32,
}

impl Words {
    /// Words of titles, brands, categories, departments and attributes.
    /// Descriptions are left out: their mistakes would become words.
    pub(super) async fn new(items: &[&Item], first_row: u32, pace: &dyn Pace) -> Self {
        let analyzer = analysis::words();
        let mut first_seen: HashMap<String, u32> = HashMap::new();
        let (mut ends, mut numbers) = (Vec::with_capacity(items.len()), Vec::new());
        for item in items {
            pace.breathe().await;
            let texts =
                [&item.title, &item.brand, &item.category, &item.department, &item.attributes];
            let words = texts.into_iter().flat_map(|text| analysis::tokens(&analyzer, text));
            let mut of_row: Vec<u32> = words
                .map(|word| {
                    let next = first_seen.len() as u32;
                    *first_seen.entry(word).or_insert(next)
                })
                .collect();
            sort_by(&mut of_row, Ord::cmp);
            of_row.dedup();
            numbers.extend(of_row);
            ends.push(numbers.len() as u32);
        }
        let mut words: Vec<(String, u32)> = first_seen.into_iter().collect();
        sort_by(&mut words, Ord::cmp);
        let mut number_of = vec![0; words.len()];
        for (number, (_, seen)) in (0..).zip(&words) {
            number_of[*seen as usize] = number;
        }
        let mut n_items = vec![0; words.len()];
        for number in &mut numbers {
            *number = number_of[*number as usize];
            n_items[*number as usize] += 1;
        }
        let entry = |(word, _): (String, u32)| Entry {
            n_chars: word.chars().count() as u32,
            letters: letters(&word),
            word,
        };
        let entries = words.into_iter().map(entry).collect();
        let fixed = Arc::new(Fixed { entries, ends, numbers });
        Self { first_row, fixed, n_items: Arc::new(n_items) }
    }

    /// No longer counts the words of a row of the part.
    pub(super) fn forget(&mut self, row: u32) {
        let row = (row - self.first_row) as usize;
        let ends = &self.fixed.ends;
        let start = row.checked_sub(1).map_or(0, |before| ends[before]);
        let n_items = Arc::make_mut(&mut self.n_items);
        for number in &self.fixed.numbers[start as usize..ends[row] as usize] {
            n_items[*number as usize] -= 1;
        }
    }

    pub(super) fn first_row(&self) -> u32 {
        self.first_row
    }

    /// Listed items that have a word.
    pub(super) fn n_items(&self, word: &str) -> u32 {
        let found = self.fixed.entries.binary_search_by(|entry| entry.word.as_str().cmp(word));
        found.map_or(0, |place| self.n_items[place])
    }

    /// The words that listed items have, in order, with how many.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Entry, u32)> {
        self.range(0..self.fixed.entries.len())
    }

    /// Those of them that start with `start`.
    pub(super) fn starting_with(&self, start: &str) -> impl Iterator<Item = (&Entry, u32)> {
        let entries = &self.fixed.entries;
        let first = entries.partition_point(|entry| entry.word.as_str() < start);
        let n = entries[first..].partition_point(|entry| entry.word.starts_with(start));
        self.range(first..first + n)
    }

    fn range(&self, range: Range<usize>) -> impl Iterator<Item = (&Entry, u32)> {
        let n_items = self.n_items[range.clone()].iter().copied();
        self.fixed.entries[range].iter().zip(n_items).filter(|(_, n_items)| *n_items > 0)
    }
}

/// The set of letters of a word, one bit each; others share bits.
pub(super) fn letters(word: &str) -> u32 {
    word.chars().fold(0, |mask, letter| mask | 1 << (letter as u32 % 32))
}
