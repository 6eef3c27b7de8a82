//! Words: postings and BM25 over the items' fields, by tantivy.
//!
//! Scores are added up term by term instead of by a query of tantivy's, because
//! relevance needs them apart: by field, and how much of the query each item has.

use std::sync::Arc;

use tantivy::postings::Postings;
use tantivy::schema::Field;
use tantivy::{DocSet, TERMINATED, TantivyError};
use vitrine_domain::Item;

use super::bm25::{Bm25, idf};
use super::mask::Mask;
use super::matches::{Matches, WordRow, WordRows};
use super::query::{QueryTerm, QueryWord, Terms};
use super::rows::{RowChange, Rows};
use super::segment::{FIELDS, Layout, Segment, TermRows};
use crate::{RecallError, Signal, Signals, TextLanguage};

pub(super) struct LexicalIndex {
    layout: Layout,
    /// In order of their rows; none for a catalogue without items.
    segments: Vec<Arc<Segment>>,
    /// Rows whose item is still there; `None` while that is every row.
    listed: Option<Arc<Mask>>,
    n_rows: usize,
    n_listed: usize,
}

impl LexicalIndex {
    pub(super) fn build(items: &[&Item], language: TextLanguage) -> Result<Self, RecallError> {
        let layout = Layout::new(language);
        let mut segments = Vec::new();
        if !items.is_empty() {
            segments.push(Arc::new(Segment::write(&layout, items, 0).map_err(engine_error)?));
        }
        let n_rows = items.len();
        Ok(Self { layout, segments, listed: None, n_rows, n_listed: n_rows })
    }

    /// The index after a change; `rows` as they are then.
    pub(super) fn revised(&self, change: &RowChange, rows: &Rows) -> Result<Self, RecallError> {
        let layout = self.layout.clone();
        let mut segments = self.segments[..change.n_parts_kept].to_vec();
        if !change.origins.is_empty() {
            let segment = Segment::write(&layout, &change.items(), change.first_row);
            segments.push(Arc::new(segment.map_err(engine_error)?));
        }
        let (n_rows, n_listed) = (rows.len(), rows.n_listed());
        Ok(Self { layout, segments, listed: rows.listed().cloned(), n_rows, n_listed })
    }

    fn is_listed(&self, row: u32) -> bool {
        self.listed.as_ref().is_none_or(|listed| listed.contains(row))
    }

    /// Listed rows that have a term, counted up to `max`.
    fn n_with_term(&self, field: Field, term: &str, max: u32) -> u32 {
        let of_segment = |segment: &Arc<Segment>| {
            if self.listed.is_none() {
                return segment.n_with(field, term).unwrap_or(0);
            }
            let Ok(Some(rows)) = segment.rows_with(field, term) else { return 0 };
            rows.rows().filter(|row| self.is_listed(*row)).take(max as usize).count() as u32
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
            let (Ok(Some(a)), Ok(Some(b))) =
                (segment.rows_with(a.0, a.1), segment.rows_with(b.0, b.1))
            else {
                return false;
            };
            let (mut a, mut b) = (a.postings, b.postings);
            while a.doc() != TERMINATED && b.doc() != TERMINATED {
                if a.doc() < b.doc() {
                    a.seek(b.doc());
                } else if b.doc() < a.doc() {
                    b.seek(a.doc());
                } else if self.is_listed(segment.first_row + a.doc()) {
                    return true;
                } else {
                    a.advance();
                }
            }
            false
        })
    }

    /// Looks words up over all texts.
    pub(super) fn look_up(&self, words: &[QueryWord]) -> Result<Vec<WordRows>, RecallError> {
        let mut scores = vec![0.0f32; self.n_rows];
        let mut has_word = vec![0.0f32; self.n_rows];
        let mut found = Vec::with_capacity(words.len());
        for word in words {
            let terms: Vec<Vec<(u32, f32)>> =
                word.terms.iter().map(|term| self.rows(term)).collect::<Result<_, _>>()?;
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
        Ok(found)
    }

    /// Fills the lexical signals of `rows`, which ascend.
    pub(super) fn fill(
        &self,
        words: &[QueryWord],
        matches: &Matches,
        rows: &[u32],
        signals: &mut [Signals],
    ) -> Result<(), RecallError> {
        debug_assert!(rows.is_sorted());
        for (row, signals) in rows.iter().zip(signals.iter_mut()) {
            signals[Signal::AllTexts] = matches.score(*row);
            signals[Signal::Coverage] = matches.coverage.share(*row);
        }
        let mass = matches.coverage.mass();
        if mass == 0.0 {
            return Ok(());
        }
        let (mut best, mut own) = (vec![0.0f32; rows.len()], vec![0.0f32; rows.len()]);
        for (field, (_, signal)) in self.layout.fields.into_iter().zip(FIELDS) {
            for (word, found) in words.iter().zip(&matches.words) {
                let terms = word.terms.iter().zip(&found.weights).filter(|(term, _)| !term.is_size);
                for (term, weight) in terms {
                    let scale = weight / (mass * term.stems.len() as f32);
                    for stem in &term.stems {
                        self.each_of(field, stem, rows, |place, score| {
                            own[place] += scale * score;
                        })?;
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
        Ok(())
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
    fn rows(&self, term: &QueryTerm) -> Result<Vec<(u32, f32)>, RecallError> {
        let Some((first, others)) = term.stems.split_first() else { return Ok(Vec::new()) };
        let field = if term.is_size { self.layout.sizes } else { self.layout.all };
        let mut rows = self.rows_with(field, first)?;
        for stem in others {
            let more = self.rows_with(field, stem)?;
            let mut at = 0;
            rows.retain_mut(|(row, score)| {
                at += more[at..].partition_point(|(other, _)| *other < *row);
                let found = more.get(at).filter(|(other, _)| other == row);
                *score += found.map_or(0.0, |(_, score)| *score);
                found.is_some()
            });
        }
        Ok(rows)
    }

    /// Listed rows that have a stem, ascending, with BM25.
    fn rows_with(&self, field: Field, stem: &str) -> Result<Vec<(u32, f32)>, RecallError> {
        let Some((parts, weight)) = self.postings(field, stem)? else { return Ok(Vec::new()) };
        let n_rows: u32 = parts.iter().map(TermRows::n_rows).sum();
        let mut rows = Vec::with_capacity(n_rows as usize);
        for TermRows { segment, mut postings, lengths } in parts {
            while postings.doc() != TERMINATED {
                let (document, row) = (postings.doc(), segment.first_row + postings.doc());
                if self.is_listed(row) {
                    let length = lengths.fieldnorm_id(document);
                    rows.push((row, weight.score(length, postings.term_freq())));
                }
                postings.advance();
            }
        }
        Ok(rows)
    }

    /// The same for ascending `rows` only, with the place among them.
    fn each_of(
        &self,
        field: Field,
        term: &str,
        rows: &[u32],
        mut visit: impl FnMut(usize, f32),
    ) -> Result<(), RecallError> {
        let Some((parts, weight)) = self.postings(field, term)? else { return Ok(()) };
        for TermRows { segment, mut postings, lengths } in parts {
            let first_row = segment.first_row;
            let [from, to] = [first_row, first_row + segment.n_rows()]
                .map(|row| rows.partition_point(|other| *other < row));
            for (place, &row) in (from..to).zip(&rows[from..to]) {
                let document = row - first_row;
                if postings.doc() < document && postings.seek(document) == TERMINATED {
                    break;
                }
                if postings.doc() == document {
                    let length = lengths.fieldnorm_id(document);
                    visit(place, weight.score(length, postings.term_freq()));
                }
            }
        }
        Ok(())
    }

    /// The rows that have a term, in each segment where any has, and what it weighs: by
    /// all rows, masked ones too, whose texts nobody knows any more.
    fn postings(
        &self,
        field: Field,
        term: &str,
    ) -> Result<Option<(Vec<TermRows<'_>>, Bm25)>, RecallError> {
        let find = || -> tantivy::Result<_> {
            let (mut parts, mut n_tokens) = (Vec::new(), 0);
            for segment in &self.segments {
                n_tokens += segment.n_tokens(field)?;
                parts.extend(segment.rows_with(field, term)?);
            }
            Ok((parts, n_tokens))
        };
        let (parts, n_tokens) = find().map_err(engine_error)?;
        if parts.is_empty() {
            return Ok(None);
        }
        let n_with = parts.iter().map(|rows| u64::from(rows.n_rows())).sum();
        let length_mean = n_tokens as f32 / self.n_rows as f32;
        let n_rows = self.n_rows as u64;
        Ok(Some((parts, Bm25::new(n_with, n_rows, length_mean))))
    }
}

impl Terms for LexicalIndex {
    fn has_word(&self, stem: &str) -> bool {
        self.n_with_term(self.layout.all, stem, 1) > 0
    }

    fn has_size(&self, size: &str) -> bool {
        self.n_with_term(self.layout.sizes, size, 1) > 0
    }

    fn name_an_item(&self, a: &str, b: &str) -> bool {
        let [title, brand, ..] = self.layout.fields;
        [(title, title), (title, brand), (brand, title)]
            .into_iter()
            .any(|(of_a, of_b)| self.meet((of_a, a), (of_b, b)))
    }

    fn n_with(&self, stem: &str) -> u32 {
        self.n_with_term(self.layout.all, stem, u32::MAX)
    }

    fn n_items(&self) -> u32 {
        self.n_listed as u32
    }

    fn language(&self) -> TextLanguage {
        self.layout.language
    }
}

fn engine_error(error: TantivyError) -> RecallError {
    RecallError::Engine(Box::new(error))
}
