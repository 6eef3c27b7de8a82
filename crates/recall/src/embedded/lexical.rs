//! Words: postings and BM25 over the items' fields.
//!
//! Scores are added up term by term, because relevance needs them apart: by field, and how
//! much of the query each item has.

use std::sync::Arc;

use vitrine_domain::Item;
use vitrine_domain::pace::{Pace, Unpaced, at_once};

use super::bm25::{Bm25, idf};
use super::mask::Mask;
use super::matches::{Matches, WordRow, WordRows};
use super::query::{QueryTerm, QueryWord, Terms};
use super::rows::{RowChange, Rows};
use super::segment::{Field, Segment, TermRows};
use crate::{Signal, Signals, TextLanguage};

pub(super) struct LexicalIndex {
    language: TextLanguage,
    /// In order of their rows; none for a catalogue without items.
    segments: Vec<Arc<Segment>>,
    /// Rows whose item is still there; `None` while that is every row.
    listed: Option<Arc<Mask>>,
    n_rows: usize,
    n_listed: usize,
}

impl LexicalIndex {
    pub(super) async fn build(items: &[&Item], language: TextLanguage, pace: &dyn Pace) -> Self {
        let mut segments = Vec::new();
        if !items.is_empty() {
            segments.push(Arc::new(Segment::write(language, items, 0, pace).await));
        }
        let n_rows = items.len();
        Self { language, segments, listed: None, n_rows, n_listed: n_rows }
    }

    /// The index after a change; `rows` as they are then.
    pub(super) fn revised(&self, change: &RowChange, rows: &Rows) -> Self {
        let language = self.language;
        let mut segments = self.segments[..change.n_parts_kept].to_vec();
        if !change.origins.is_empty() {
            let items = change.items();
            let segment = at_once(Segment::write(language, &items, change.first_row, &Unpaced));
            segments.push(Arc::new(segment));
        }
        let (n_rows, n_listed) = (rows.len(), rows.n_listed());
        Self { language, segments, listed: rows.listed().cloned(), n_rows, n_listed }
    }

    fn is_listed(&self, row: u32) -> bool {
        self.listed.as_ref().is_none_or(|listed| listed.contains(row))
    }

    /// Listed rows that have a term, counted up to `max`.
    fn n_with_term(&self, field: Field, term: &str, max: u32) -> u32 {
        let of_segment = |segment: &Arc<Segment>| {
            let Some(found) = segment.rows_with(field, term) else { return 0 };
            match &self.listed {
                None => found.n_rows(),
                Some(listed) => {
                    let rows = found.iter().filter(|posting| listed.contains(posting.row));
                    rows.take(max as usize).count() as u32
                }
            }
        };
        let mut n = 0;
        for segment in &self.segments {
            n += of_segment(segment);
            if n >= max {
                break;
            }
        }
        n
    }

    /// Whether a listed item has two terms, each in its field.
    fn meet(&self, a: (Field, &str), b: (Field, &str)) -> bool {
        self.segments.iter().any(|segment| {
            let (Some(a), Some(b)) = (segment.rows_with(a.0, a.1), segment.rows_with(b.0, b.1))
            else {
                return false;
            };
            let (fewer, more) = if a.n_rows() <= b.n_rows() { (a, b) } else { (b, a) };
            let mut from = 0;
            fewer.iter().any(|posting| {
                more.find(posting.row, &mut from).is_some() && self.is_listed(posting.row)
            })
        })
    }

    /// Looks words up over all texts.
    pub(super) fn look_up(&self, words: &[QueryWord]) -> Vec<WordRows> {
        let mut scores = vec![0.0f32; self.n_rows];
        let mut has_word = vec![0.0f32; self.n_rows];
        let mut found = Vec::with_capacity(words.len());
        for word in words {
            let terms: Vec<Vec<(u32, f32)>> =
                word.terms.iter().map(|term| self.rows(term)).collect();
            let (idf, weights) = self.weights(word, &terms);
            let mut touched: Vec<u32> = Vec::new();
            for ((term, weight), rows) in word.terms.iter().zip(&weights).zip(terms) {
                for (row, score) in rows {
                    let at = row as usize;
                    if has_word[at] == 0.0 {
                        touched.push(row);
                    }
                    has_word[at] = has_word[at].max(term.weight);
                    scores[at] = scores[at].max(weight * score);
                }
            }
            let rows = touched.into_iter().map(|row| WordRow {
                row,
                weight: std::mem::take(&mut has_word[row as usize]),
                score: std::mem::take(&mut scores[row as usize]),
            });
            found.push(WordRows { idf, weights, rows: rows.collect() });
        }
        found
    }

    /// Fills the lexical signals of `rows`, which ascend.
    pub(super) fn fill(
        &self,
        words: &[QueryWord],
        matches: &Matches,
        rows: &[u32],
        signals: &mut [Signals],
    ) {
        debug_assert!(rows.is_sorted());
        for (row, signals) in rows.iter().zip(signals.iter_mut()) {
            signals[Signal::AllTexts] = matches.score(*row);
            signals[Signal::Coverage] = matches.coverage.share(*row);
        }
        let mass = matches.coverage.mass();
        if mass == 0.0 {
            return;
        }
        let (mut best, mut own) = (vec![0.0f32; rows.len()], vec![0.0f32; rows.len()]);
        for (field, signal) in Field::with_signals() {
            for (word, found) in words.iter().zip(&matches.words) {
                let terms = word.terms.iter().zip(&found.weights).filter(|(term, _)| !term.is_size);
                for (term, weight) in terms {
                    let scale = weight / (mass * term.stems.len() as f32);
                    for stem in &term.stems {
                        self.each_of(field, stem, rows, |place, score| {
                            own[place] += scale * score;
                        });
                    }
                    for (best, own) in best.iter_mut().zip(&mut own) {
                        *best = best.max(std::mem::take(own));
                    }
                }
                for (signals, best) in signals.iter_mut().zip(&mut best) {
                    signals[signal] += std::mem::take(best);
                }
            }
        }
    }

    /// Inverse document frequency of a word, and what its terms count for: their own
    /// weight, and no more than the word itself would. "Mousepad" is rarer than "mouse"
    /// and "pad", for which it also stands, and yet it says nothing else.
    fn weights(&self, word: &QueryWord, terms: &[Vec<(u32, f32)>]) -> (f32, Vec<f32>) {
        let idf = |n_with: usize| idf(n_with as u32, self.n_listed as u32);
        // A word that nobody has says nothing about anybody.
        let of_word = terms.iter().map(Vec::len).filter(|n| *n > 0).max().map_or(0.0, idf);
        let weight = |(term, rows): (&QueryTerm, &Vec<(u32, f32)>)| {
            term.weight * (of_word / idf(rows.len())).min(1.0)
        };
        (of_word, word.terms.iter().zip(terms).map(weight).collect())
    }

    /// The listed rows that have a term (all of its stems), ascending, with BM25.
    fn rows(&self, term: &QueryTerm) -> Vec<(u32, f32)> {
        let Some((first, others)) = term.stems.split_first() else { return Vec::new() };
        let field = if term.is_size { Field::SIZES } else { Field::ALL };
        let mut rows = self.rows_with(field, first);
        for stem in others {
            let more = self.rows_with(field, stem);
            let mut at = 0;
            rows.retain_mut(|(row, score)| {
                at += more[at..].partition_point(|(other, _)| *other < *row);
                let found = more.get(at).filter(|(other, _)| other == row);
                *score += found.map_or(0.0, |(_, score)| *score);
                found.is_some()
            });
        }
        rows
    }

    /// Listed rows that have a stem, ascending, with BM25.
    fn rows_with(&self, field: Field, stem: &str) -> Vec<(u32, f32)> {
        let Some((parts, weight)) = self.postings(field, stem) else { return Vec::new() };
        let postings = parts.iter().flat_map(|(_, rows)| rows.iter());
        let listed = postings.filter(|posting| self.is_listed(posting.row));
        listed.map(|posting| (posting.row, weight.score(posting))).collect()
    }

    /// Visits those of `rows`, which ascend, that have a stem: the place among them, and BM25.
    fn each_of(&self, field: Field, term: &str, rows: &[u32], mut visit: impl FnMut(usize, f32)) {
        let Some((parts, weight)) = self.postings(field, term) else { return };
        for (segment, postings) in parts {
            let first_row = segment.first_row;
            let [start, end] = [first_row, first_row + segment.n_rows()]
                .map(|row| rows.partition_point(|other| *other < row));
            let mut from = 0;
            for (place, &row) in (start..end).zip(&rows[start..end]) {
                if let Some(posting) = postings.find(row, &mut from) {
                    visit(place, weight.score(posting));
                }
            }
        }
    }

    /// The rows that have a term, in each segment where any has, and what it weighs: by
    /// all rows, masked ones too, whose texts nobody knows any more.
    fn postings(&self, field: Field, term: &str) -> Option<(Vec<(&Segment, TermRows<'_>)>, Bm25)> {
        let n_tokens: u64 = self.segments.iter().map(|segment| segment.n_tokens(field)).sum();
        let parts: Vec<_> = self
            .segments
            .iter()
            .filter_map(|segment| Some((segment.as_ref(), segment.rows_with(field, term)?)))
            .collect();
        if parts.is_empty() {
            return None;
        }
        let n_with = parts.iter().map(|(_, rows)| u64::from(rows.n_rows())).sum();
        let length_mean = n_tokens as f32 / self.n_rows as f32;
        Some((parts, Bm25::new(n_with, self.n_rows as u64, length_mean)))
    }
}

impl Terms for LexicalIndex {
    fn has_word(&self, stem: &str) -> bool {
        self.n_with_term(Field::ALL, stem, 1) > 0
    }

    fn has_size(&self, size: &str) -> bool {
        self.n_with_term(Field::SIZES, size, 1) > 0
    }

    fn name_an_item(&self, a: &str, b: &str) -> bool {
        let (title, brand) = (Field::TITLE, Field::BRAND);
        [(title, title), (title, brand), (brand, title)]
            .into_iter()
            .any(|(of_a, of_b)| self.meet((of_a, a), (of_b, b)))
    }

    fn n_with(&self, stem: &str) -> u32 {
        self.n_with_term(Field::ALL, stem, u32::MAX)
    }

    fn n_items(&self) -> u32 {
        self.n_listed as u32
    }

    fn language(&self) -> TextLanguage {
        self.language
    }
}
