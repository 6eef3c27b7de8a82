//! What the words of a query found, by row.

use super::mask::Mask;
use crate::relevance::COVERAGE_MIN;

/// The rows that have one word of a query.
pub(super) struct WordRows {
    /// Inverse document frequency of the word.
    pub(super) idf: f32,
    /// What each of its terms counts for.
    pub(super) weights: Vec<f32>,
    /// The rows, each once, in no order.
    pub(super) rows: Vec<WordRow>,
}

/// A row that has a word.
#[derive(Clone, Copy)]
pub(super) struct WordRow {
    pub(super) row: u32,
    /// Largest weight of a term of the word that the row has, 0..=1.
    pub(super) weight: f32,
    /// BM25 over all texts.
    pub(super) score: f32,
}

/// Share of a query's words that each item has, weighted by their inverse document
/// frequencies.
pub(super) struct Coverage {
    /// \[n\]
    shares: Vec<f32>,
    /// Inverse document frequencies, added up.
    mass: f32,
    /// Least share of a result: that of the best item, partly.
    share_min: f32,
}

/// Words and their scores, added up.
pub(super) struct Matches {
    pub(super) words: Vec<WordRows>,
    pub(super) coverage: Coverage,
    /// BM25 over all texts, divided by the words' mass. \[n\]
    all: Vec<f32>,
}

impl WordRows {
    /// How many rows have the word: those of a mask, and all.
    pub(super) fn count(&self, mask: Option<&Mask>) -> (u32, u32) {
        let passing = self.rows.iter().filter(|row| mask.is_none_or(|mask| mask.contains(row.row)));
        (passing.count() as u32, self.rows.len() as u32)
    }
}

impl Coverage {
    /// Adds up some words over `n_items` rows.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a WordRows>, n_items: usize) -> Self {
        let mut coverage = Self { shares: vec![0.0; n_items], mass: 0.0, share_min: f32::INFINITY };
        for word in words {
            for row in &word.rows {
                coverage.shares[row.row as usize] += word.idf * row.weight;
            }
            coverage.mass += word.idf;
        }
        if coverage.mass > 0.0 {
            let scale = 1.0 / coverage.mass;
            coverage.shares.iter_mut().for_each(|share| *share *= scale);
            let best = coverage.shares.iter().copied().fold(0.0, f32::max);
            coverage.share_min = COVERAGE_MIN * best;
        }
        coverage
    }

    /// Whether a row has enough of the words to be a result: half of what the
    /// best item of the catalogue has, whatever the filters. So a filter leaves
    /// of the results what it says, and no more.
    pub(super) fn is_result(&self, row: u32) -> bool {
        let share = self.shares[row as usize];
        share > 0.0 && share >= self.share_min
    }

    /// The results, ascending.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        (0..self.shares.len() as u32).filter(|row| self.is_result(*row))
    }

    /// The share of one row, 0..=1.
    pub(super) fn share(&self, row: u32) -> f32 {
        self.shares[row as usize]
    }

    /// Inverse document frequencies of the words, added up; 0 where no item has any.
    pub(super) fn mass(&self) -> f32 {
        self.mass
    }
}

impl Matches {
    /// Adds up what the words found.
    pub(super) fn of(words: Vec<WordRows>, n_items: usize) -> Self {
        let coverage = Coverage::of(words.iter(), n_items);
        let mut all = vec![0.0; n_items];
        for row in words.iter().flat_map(|word| &word.rows) {
            all[row.row as usize] += row.score;
        }
        if coverage.mass > 0.0 {
            let scale = 1.0 / coverage.mass;
            all.iter_mut().for_each(|score| *score *= scale);
        }
        Self { words, coverage, all }
    }

    /// The scores of all rows. \[n\]
    pub(super) fn scores(&self) -> &[f32] {
        &self.all
    }

    /// BM25 of a row over all texts, divided by the words' mass.
    pub(super) fn score(&self, row: u32) -> f32 {
        self.all[row as usize]
    }

    /// The results, ascending, with a first score.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, f32)> {
        self.coverage.rows().map(|row| (row, self.score(row) + self.coverage.share(row)))
    }
}
