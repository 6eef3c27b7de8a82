//! Some rows' words as tantivy has them.

use std::collections::BTreeSet;

use tantivy::directory::RamDirectory;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::SegmentPostings;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{DocSet, Index, SegmentReader, TERMINATED, TantivyDocument, Term};
use vitrine_domain::Item;

use crate::measures::measures;
use crate::{Signal, TextLanguage, analysis};

/// Fields with a signal of their own; [`ALL`] has these and the rest.
pub(super) const FIELDS: [(&str, Signal); 4] = [
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
/// Memory for the writer's tables of a segment of few items: making the tables is most of its
/// work.
const SMALL_WRITER_BYTES: usize = 1 << 17;
/// Items of a segment that those tables are enough for.
const SMALL_ITEMS_MAX: usize = 1_000;
const ANALYZER: &str = "folded_stems";

/// The fields of a document, in each segment the same.
#[derive(Clone)]
pub(super) struct Layout {
    schema: Schema,
    pub(super) fields: [Field; FIELDS.len()],
    pub(super) all: Field,
    pub(super) sizes: Field,
    pub(super) language: TextLanguage,
}

/// Rows in succession, one document each.
pub(super) struct Segment {
    pub(super) first_row: u32,
    reader: SegmentReader,
}

/// The documents of a segment that have a term.
pub(super) struct TermRows<'a> {
    pub(super) segment: &'a Segment,
    /// By document: the row is that and [`Segment::first_row`].
    pub(super) postings: SegmentPostings,
    pub(super) lengths: FieldNormReader,
}

impl Layout {
    pub(super) fn new(language: TextLanguage) -> Self {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(ANALYZER)
            .set_index_option(IndexRecordOption::WithFreqs);
        let options = TextOptions::default().set_indexing_options(indexing);
        let fields = FIELDS.map(|(name, _)| schema.add_text_field(name, options.clone()));
        let all = schema.add_text_field(ALL, options.clone());
        let sizes = schema.add_text_field(SIZES, options);
        Self { schema: schema.build(), fields, all, sizes, language }
    }

    fn document(&self, item: &Item) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        let texts = [&item.title, &item.brand, &item.description, &item.attributes];
        for (field, text) in self.fields.into_iter().zip(texts) {
            document.add_text(field, text);
        }
        for text in texts.into_iter().chain([&item.category, &item.department]) {
            document.add_text(self.all, text);
        }
        document.add_text(self.sizes, sizes_of(item));
        document
    }
}

impl Segment {
    /// Indexes items, at least one: tantivy cannot open a segment without documents.
    pub(super) fn write(layout: &Layout, items: &[&Item], first_row: u32) -> tantivy::Result<Self> {
        let tokenizers = TokenizerManager::new();
        tokenizers.register(ANALYZER, analysis::indexed(layout.language.rules()));
        let builder = Index::builder().schema(layout.schema.clone()).tokenizers(tokenizers);
        let is_small = items.len() <= SMALL_ITEMS_MAX;
        let n_bytes = if is_small { SMALL_WRITER_BYTES } else { WRITER_BYTES };
        let mut writer = builder.single_segment_index_writer(RamDirectory::create(), n_bytes)?;
        for item in items {
            writer.add_document(layout.document(item))?;
        }
        let searcher = writer.finalize()?.reader()?.searcher();
        Ok(Self { first_row, reader: searcher.segment_reader(0).clone() })
    }

    pub(super) fn n_rows(&self) -> u32 {
        self.reader.max_doc()
    }

    /// Tokens of a field in all rows.
    pub(super) fn n_tokens(&self, field: Field) -> tantivy::Result<u64> {
        Ok(self.reader.inverted_index(field)?.total_num_tokens())
    }

    /// Rows that have a term.
    pub(super) fn n_with(&self, field: Field, term: &str) -> tantivy::Result<u32> {
        let index = self.reader.inverted_index(field)?;
        Ok(index.doc_freq(&Term::from_field_text(field, term))?)
    }

    /// The rows that have a term; `None` where none has.
    pub(super) fn rows_with(
        &self,
        field: Field,
        term: &str,
    ) -> tantivy::Result<Option<TermRows<'_>>> {
        let index = self.reader.inverted_index(field)?;
        let term = Term::from_field_text(field, term);
        let Some(postings) = index.read_postings(&term, IndexRecordOption::WithFreqs)? else {
            return Ok(None);
        };
        let lengths = self.reader.get_fieldnorms_reader(field)?;
        Ok(Some(TermRows { segment: self, postings, lengths }))
    }
}

impl TermRows<'_> {
    pub(super) fn n_rows(&self) -> u32 {
        self.postings.doc_freq()
    }

    /// The rows, ascending.
    pub(super) fn rows(mut self) -> impl Iterator<Item = u32> {
        std::iter::from_fn(move || {
            let document = self.postings.doc();
            self.postings.advance();
            (document != TERMINATED).then(|| self.segment.first_row + document)
        })
    }
}

/// The distinct sizes in an item's texts and of its variants, as terms.
fn sizes_of(item: &Item) -> String {
    let texts = [&item.title, &item.description, &item.attributes].into_iter();
    let variants = item.variants.iter().map(|variant| &variant.size);
    let found = texts.chain(variants).flat_map(|text| measures(text));
    let distinct: BTreeSet<String> = found.map(|measure| measure.term).collect();
    distinct.into_iter().collect::<Vec<_>>().join(" ")
}
