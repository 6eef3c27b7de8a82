//! Words: postings and BM25 over the items' fields, by tantivy.
//!
//! Scores are added up term by term instead of by a query of tantivy's, because
//! relevance needs them apart: by field, and how much of the query each item has.

use std::collections::BTreeSet;

use tantivy::directory::RamDirectory;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::Bm25Weight;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{
    DocSet, Index, IndexBuilder, SegmentReader, TERMINATED, TantivyDocument, TantivyError, Term,
};
use vitrine_domain::Item;

use super::matches::{Matches, WordRow, WordRows};
use super::query::{QueryTerm, QueryWord, Terms};
use crate::measures::measures;
use crate::{RecallError, Signal, Signals, analysis};

/// Fields with a signal of their own; [`ALL`] has these and the rest.
const FIELDS: [(&str, Signal); 4] = [
    ("title", Signal::Title),
    ("brand", Signal::Brand),
    ("description", Signal::Description),
    ("attributes", Signal::Attributes),
];
const ALL: &str = "all_texts";
/// Sizes as terms, apart: within a text they would make it longer.
const SIZES: &str = "sizes";
/// Memory for the writer's tables; postings come on top.
const WRITER_BYTES: usize = 16 << 20;
const ANALYZER: &str = "folded_english";

pub(super) struct LexicalIndex {
    /// `None` for a catalogue without items.
    segment: Option<SegmentReader>,
    fields: [Field; FIELDS.len()],
    all: Field,
    sizes: Field,
    n_items: usize,
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
        let all = schema.add_text_field(ALL, options.clone());
        let sizes = schema.add_text_field(SIZES, options);
        let tokenizers = TokenizerManager::new();
        tokenizers.register(ANALYZER, analysis::stems());
        let builder = Index::builder().schema(schema.build()).tokenizers(tokenizers);
        // tantivy cannot open a segment without documents.
        let segment = match items.is_empty() {
            true => None,
            false => {
                Some(write_segment(builder, items, (fields, all, sizes)).map_err(engine_error)?)
            }
        };
        Ok(Self { segment, fields, all, sizes, n_items: items.len() })
    }

    fn n_with_term(&self, field: Field, term: &str) -> u32 {
        let Some(segment) = &self.segment else { return 0 };
        let n_items = segment
            .inverted_index(field)
            .and_then(|index| Ok(index.doc_freq(&Term::from_field_text(field, term))?));
        n_items.unwrap_or(0)
    }

    /// Whether an item has two terms, each in its field.
    fn meet(&self, a: (Field, &str), b: (Field, &str)) -> bool {
        let (Ok(Some((mut a, ..))), Ok(Some((mut b, ..)))) =
            (self.postings(a.0, a.1), self.postings(b.0, b.1))
        else {
            return false;
        };
        while a.doc() != TERMINATED && b.doc() != TERMINATED {
            if a.doc() == b.doc() {
                return true;
            }
            if a.doc() < b.doc() {
                a.seek(b.doc());
            } else {
                b.seek(a.doc());
            }
        }
        false
    }

    /// Looks words up over all texts.
    pub(super) fn look_up(&self, words: &[QueryWord]) -> Result<Vec<WordRows>, RecallError> {
        let mut scores = vec![0.0f32; self.n_items];
        let mut has_word = vec![0.0f32; self.n_items];
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
        for (field, (_, signal)) in self.fields.into_iter().zip(FIELDS) {
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
        let idf = |n_with: usize| idf(n_with as u32, self.n_items as u32);
        // A word that nobody has says nothing about anybody.
        let of_word = terms.iter().map(Vec::len).filter(|n| *n > 0).max().map_or(0.0, idf);
        let weight = |(term, rows): (&QueryTerm, &Vec<(u32, f32)>)| {
            term.weight * (of_word / idf(rows.len())).min(1.0)
        };
        (of_word, word.terms.iter().zip(terms).map(weight).collect())
    }

    /// The rows that have a term (all of its stems), ascending, with BM25.
    fn rows(&self, term: &QueryTerm) -> Result<Vec<(u32, f32)>, RecallError> {
        let Some((first, others)) = term.stems.split_first() else { return Ok(Vec::new()) };
        let field = if term.is_size { self.sizes } else { self.all };
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

    /// Rows that have a stem, ascending, with BM25.
    fn rows_with(&self, field: Field, stem: &str) -> Result<Vec<(u32, f32)>, RecallError> {
        let Some((mut postings, weight, lengths)) = self.postings(field, stem)? else {
            return Ok(Vec::new());
        };
        let mut rows = Vec::with_capacity(postings.doc_freq() as usize);
        while postings.doc() != TERMINATED {
            let row = postings.doc();
            rows.push((row, weight.score(lengths.fieldnorm_id(row), postings.term_freq())));
            postings.advance();
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

impl Terms for LexicalIndex {
    fn has_word(&self, stem: &str) -> bool {
        self.n_with_term(self.all, stem) > 0
    }

    fn has_size(&self, size: &str) -> bool {
        self.n_with_term(self.sizes, size) > 0
    }

    fn name_an_item(&self, a: &str, b: &str) -> bool {
        let [title, brand, ..] = self.fields;
        [(title, title), (title, brand), (brand, title)]
            .into_iter()
            .any(|(of_a, of_b)| self.meet((of_a, a), (of_b, b)))
    }

    fn n_with(&self, stem: &str) -> u32 {
        self.n_with_term(self.all, stem)
    }

    fn n_items(&self) -> u32 {
        self.n_items as u32
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
    (fields, all, sizes): ([Field; FIELDS.len()], Field, Field),
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
        document.add_text(sizes, sizes_of(item));
        writer.add_document(document)?;
    }
    let searcher = writer.finalize()?.reader()?.searcher();
    Ok(searcher.segment_reader(0).clone())
}

/// The distinct sizes in an item's texts and of its variants, as terms.
fn sizes_of(item: &Item) -> String {
    let texts = [&item.title, &item.description, &item.attributes].into_iter();
    let variants = item.variants.iter().map(|variant| &variant.size);
    let found = texts.chain(variants).flat_map(|text| measures(text));
    let distinct: BTreeSet<String> = found.map(|measure| measure.term).collect();
    distinct.into_iter().collect::<Vec<_>>().join(" ")
}

fn engine_error(error: TantivyError) -> RecallError {
    RecallError::Engine(Box::new(error))
}
