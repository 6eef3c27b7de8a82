//! Words: postings and BM25 over the items' fields, by tantivy.
//!
//! Scores are added up term by term instead of by a query of tantivy's, because
//! relevance needs them apart: by field, and how much of the query each item has.

use tantivy::directory::RamDirectory;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::Bm25Weight;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{
    DocSet, Index, IndexBuilder, SegmentReader, TERMINATED, TantivyDocument, TantivyError, Term,
};
use vitrine_domain::Item;

use super::analysis;
use super::query::QueryWord;
use crate::{RecallError, Signal, Signals};

/// Fields with a signal of their own; [`ALL`] has these and the rest.
const FIELDS: [(&str, Signal); 4] = [
    ("title", Signal::Title),
    ("brand", Signal::Brand),
    ("description", Signal::Description),
    ("attributes", Signal::Attributes),
];
const ALL: &str = "all_texts";
/// Memory for the writer's tables; postings come on top.
const WRITER_BYTES: usize = 16 << 20;
const ANALYZER: &str = "folded_english";

pub(super) struct LexicalIndex {
    /// `None` for a catalogue without items.
    segment: Option<SegmentReader>,
    fields: [Field; FIELDS.len()],
    all: Field,
    n_items: usize,
}

/// What the words of one query found, by row.
pub(super) struct Matches {
    /// BM25 over all texts, divided by [`Matches::mass`]. \[n\]
    all: Vec<f32>,
    /// Share of the query's mass that an item has. \[n\]
    coverage: Vec<f32>,
    /// Inverse document frequencies of the query's words, added up.
    mass: f32,
}

impl LexicalIndex {
    /// One document an item in one segment, so that document = row.
    pub(super) fn build(items: &[&Item]) -> Result<Self, RecallError> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(ANALYZER)
            .set_index_option(IndexRecordOption::WithFreqs);
        let options = TextOptions::default().set_indexing_options(indexing);
        let fields = FIELDS.map(|(name, _)| schema.add_text_field(name, options.clone()));
        let all = schema.add_text_field(ALL, options);
        let tokenizers = TokenizerManager::new();
        tokenizers.register(ANALYZER, analysis::stems());
        let builder = Index::builder().schema(schema.build()).tokenizers(tokenizers);
        // tantivy cannot open a segment without documents.
        let segment = match items.is_empty() {
            true => None,
            false => Some(write_segment(builder, items, fields, all).map_err(engine_error)?),
        };
        Ok(Self { segment, fields, all, n_items: items.len() })
    }

    /// Whether any item has the term.
    pub(super) fn has(&self, term: &str) -> bool {
        let Some(segment) = &self.segment else { return false };
        let n_items = segment
            .inverted_index(self.all)
            .and_then(|index| Ok(index.doc_freq(&Term::from_field_text(self.all, term))?));
        n_items.is_ok_and(|n_items| n_items > 0)
    }

    /// Adds up the words over all texts.
    pub(super) fn matches(&self, words: &[QueryWord]) -> Result<Matches, RecallError> {
        let mut matches =
            Matches { all: vec![0.0; self.n_items], coverage: vec![0.0; self.n_items], mass: 0.0 };
        let mut has_word = vec![0.0f32; self.n_items];
        for word in words {
            let mut touched: Vec<u32> = Vec::new();
            let mut n_items_most = 0;
            for (term, weight) in &word.terms {
                self.each(self.all, term, |row, n_items, score| {
                    n_items_most = n_items_most.max(n_items);
                    matches.all[row as usize] += weight * score;
                    if has_word[row as usize] == 0.0 {
                        touched.push(row);
                    }
                    has_word[row as usize] = has_word[row as usize].max(*weight);
                })?;
            }
            // A word that nobody has says nothing about anybody.
            let idf = if n_items_most == 0 { 0.0 } else { idf(n_items_most, self.n_items as u32) };
            for row in touched {
                matches.coverage[row as usize] += idf * std::mem::take(&mut has_word[row as usize]);
            }
            matches.mass += idf;
        }
        if matches.mass > 0.0 {
            let scale = 1.0 / matches.mass;
            matches.all.iter_mut().chain(&mut matches.coverage).for_each(|value| *value *= scale);
        }
        Ok(matches)
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
            signals[Signal::AllTexts] = matches.all[*row as usize];
            signals[Signal::Coverage] = matches.coverage[*row as usize];
        }
        if matches.mass == 0.0 {
            return Ok(());
        }
        for (field, (_, signal)) in self.fields.into_iter().zip(FIELDS) {
            for (term, weight) in words.iter().flat_map(|word| &word.terms) {
                self.each_of(field, term, rows, |place, score| {
                    signals[place][signal] += weight * score / matches.mass;
                })?;
            }
        }
        Ok(())
    }

    /// Calls `visit` with row, number of items with the term, and BM25.
    fn each(
        &self,
        field: Field,
        term: &str,
        mut visit: impl FnMut(u32, u32, f32),
    ) -> Result<(), RecallError> {
        let Some((mut postings, weight, lengths)) = self.postings(field, term)? else {
            return Ok(());
        };
        let n_items = postings.doc_freq();
        while postings.doc() != TERMINATED {
            let row = postings.doc();
            visit(row, n_items, weight.score(lengths.fieldnorm_id(row), postings.term_freq()));
            postings.advance();
        }
        Ok(())
    }

    /// The same for ascending `rows` only, with the place among them.
    fn each_of(
        &self,
        field: Field,
        term: &str,
        rows: &[u32],
        mut visit: impl FnMut(usize, f32),
    ) -> Result<(), RecallError> {
        let Some((mut postings, weight, lengths)) = self.postings(field, term)? else {
            return Ok(());
        };
        for (place, &row) in rows.iter().enumerate() {
            if postings.doc() < row && postings.seek(row) == TERMINATED {
                break;
            }
            if postings.doc() == row {
                visit(place, weight.score(lengths.fieldnorm_id(row), postings.term_freq()));
            }
        }
        Ok(())
    }

    fn postings(
        &self,
        field: Field,
        term: &str,
    ) -> Result<
        Option<(SegmentPostings, Bm25Weight, tantivy::fieldnorm::FieldNormReader)>,
        RecallError,
    > {
        let Some(segment) = &self.segment else { return Ok(None) };
        let open = || -> tantivy::Result<_> {
            let index = segment.inverted_index(field)?;
            let term = Term::from_field_text(field, term);
            let Some(postings) = index.read_postings(&term, IndexRecordOption::WithFreqs)? else {
                return Ok(None);
            };
            let n_items = self.n_items as u64;
            let length_mean = index.total_num_tokens() as f32 / n_items as f32;
            let weight =
                Bm25Weight::for_one_term(u64::from(postings.doc_freq()), n_items, length_mean);
            Ok(Some((postings, weight, segment.get_fieldnorms_reader(field)?)))
        };
        open().map_err(engine_error)
    }
}

impl Matches {
    /// Rows that match a word, with a first score, in no order.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, f32)> {
        let scores = self.all.iter().zip(&self.coverage).map(|(all, coverage)| all + coverage);
        (0..).zip(scores).filter(|(_, score)| *score > 0.0)
    }
}

/// Inverse document frequency as in BM25.
fn idf(n_with: u32, n_items: u32) -> f32 {
    (((n_items - n_with) as f32 + 0.5) / (n_with as f32 + 0.5)).ln_1p()
}

/// One document an item, in order.
fn write_segment(
    builder: IndexBuilder,
    items: &[&Item],
    fields: [Field; FIELDS.len()],
    all: Field,
) -> tantivy::Result<SegmentReader> {
    let mut writer = builder.single_segment_index_writer(RamDirectory::create(), WRITER_BYTES)?;
    for item in items {
        let mut document = TantivyDocument::default();
        let texts = [&item.title, &item.brand, &item.description, &item.attributes];
        for (field, text) in fields.into_iter().zip(texts) {
            document.add_text(field, text);
        }
        for text in texts.into_iter().chain([&item.category, &item.department]) {
            document.add_text(all, text);
        }
        writer.add_document(document)?;
    }
    let searcher = writer.finalize()?.reader()?.searcher();
    Ok(searcher.segment_reader(0).clone())
}

fn engine_error(error: TantivyError) -> RecallError {
    RecallError::Engine(Box::new(error))
}
