//! Words: BM25 over the items' fields, by tantivy.
//!
//! The query is put together from tokens, never parsed, so that no text is a
//! syntax error or an operator.

use tantivy::directory::RamDirectory;
use tantivy::query::{
    BooleanQuery, BoostQuery, DisjunctionMaxQuery, EnableScoring, FuzzyTermQuery, Occur, Query,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
    TextAnalyzer,
};
use tantivy::{Index, IndexBuilder, Searcher, TantivyDocument, Term};
use vitrine_domain::{Item, limits};

use super::columns::Mask;
use crate::RecallError;

/// What a match in a field counts for.
const FIELDS: [(&str, f32); 5] =
    [("title", 3.0), ("category", 1.5), ("department", 1.0), ("brand", 1.5), ("description", 1.0)];
/// Share of the weaker fields of a word; its best field counts in full.
const FIELD_TIE_BREAKER: f32 = 0.3;
/// What a word counts for that only starts with the last, unfinished one.
const PREFIX_SCORE: f32 = 0.5;
/// What a word counts for that differs by one letter from an unknown one.
const FUZZY_SCORE: f32 = 1.0;
/// Shortest word for which a letter may differ.
const FUZZY_CHARS_MIN: usize = 4;
/// Distinct words of a query that are looked at.
const QUERY_TOKENS_MAX: usize = 32;
/// Longest word that is indexed, in bytes.
const TOKEN_BYTES_MAX: usize = 40;
/// Memory for the writer's tables; postings come on top.
const WRITER_BYTES: usize = 16 << 20;
const ANALYZER: &str = "folded_english";

pub(super) struct LexicalIndex {
    searcher: Searcher,
    analyzer: TextAnalyzer,
    fields: [Field; FIELDS.len()],
}

impl LexicalIndex {
    /// One document an item in one segment, so that document = row.
    pub(super) fn build(items: &[&Item]) -> Result<Self, RecallError> {
        let analyzer = analyzer();
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(ANALYZER)
            .set_index_option(IndexRecordOption::WithFreqs);
        let options = TextOptions::default().set_indexing_options(indexing);
        let fields = FIELDS.map(|(name, _)| schema.add_text_field(name, options.clone()));

        let tokenizers = tantivy::tokenizer::TokenizerManager::new();
        tokenizers.register(ANALYZER, analyzer.clone());
        let builder = Index::builder().schema(schema.build()).tokenizers(tokenizers);
        let index = if items.is_empty() {
            // tantivy cannot open a segment without documents.
            builder.create_in_ram()
        } else {
            write_segment(builder, items, fields)
        };
        let index = index.map_err(engine_error)?;
        let searcher = index.reader().map_err(engine_error)?.searcher();
        Ok(Self { searcher, analyzer, fields })
    }

    /// Rows that match any word, best first, ties by row, with their scores;
    /// at most [`limits::RESULT_DEPTH_MAX`].
    pub(super) fn search(
        &self,
        text: &str,
        mask: Option<&Mask>,
    ) -> Result<Vec<(u32, f32)>, RecallError> {
        let mut found = Vec::new();
        let Some(query) = self.query(text)? else { return Ok(found) };
        let scoring = EnableScoring::enabled_from_searcher(&self.searcher);
        let weight = query.weight(scoring).map_err(engine_error)?;
        for segment in self.searcher.segment_readers() {
            weight
                .for_each(segment, &mut |row, score| {
                    if mask.is_none_or(|mask| mask.contains(row)) {
                        found.push((row, score));
                    }
                })
                .map_err(engine_error)?;
        }
        let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        let n_kept = limits::RESULT_DEPTH_MAX as usize;
        if found.len() > n_kept {
            found.select_nth_unstable_by(n_kept, order);
            found.truncate(n_kept);
        }
        found.sort_unstable_by(order);
        Ok(found)
    }

    /// Any of the words; `None` when there is none.
    fn query(&self, text: &str) -> Result<Option<BooleanQuery>, RecallError> {
        let tokens = self.tokens(text);
        let is_unfinished = text.ends_with(char::is_alphanumeric);
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::with_capacity(tokens.len());
        for (i, token) in tokens.iter().enumerate() {
            let is_last = i + 1 == tokens.len();
            clauses.push((Occur::Should, self.word(token, is_last && is_unfinished)?));
        }
        Ok((!clauses.is_empty()).then(|| BooleanQuery::new(clauses)))
    }

    /// One word in any field, the best field counting most.
    fn word(&self, token: &str, is_unfinished: bool) -> Result<Box<dyn Query>, RecallError> {
        let mut matches: Vec<Box<dyn Query>> = Vec::new();
        for (field, (_, boost)) in self.fields.into_iter().zip(FIELDS) {
            let term = Term::from_field_text(field, token);
            if self.searcher.doc_freq(&term).map_err(engine_error)? > 0 {
                let exact = TermQuery::new(term.clone(), IndexRecordOption::WithFreqs);
                matches.push(boosted(exact, boost));
            }
            if is_unfinished && self.has_prefix(field, token)? {
                let prefix = FuzzyTermQuery::new_prefix(term, 0, true);
                matches.push(boosted(prefix, boost * PREFIX_SCORE));
            }
        }
        if matches.is_empty() && token.chars().count() >= FUZZY_CHARS_MIN {
            for (field, (_, boost)) in self.fields.into_iter().zip(FIELDS) {
                let near = FuzzyTermQuery::new(Term::from_field_text(field, token), 1, true);
                matches.push(boosted(near, boost * FUZZY_SCORE));
            }
        }
        Ok(Box::new(DisjunctionMaxQuery::with_tie_breaker(matches, FIELD_TIE_BREAKER)))
    }

    /// Whether a word of the field starts with `token`.
    fn has_prefix(&self, field: Field, token: &str) -> Result<bool, RecallError> {
        for segment in self.searcher.segment_readers() {
            let words = segment.inverted_index(field).map_err(engine_error)?;
            let mut stream = words
                .terms()
                .range()
                .ge(token)
                .into_stream()
                .map_err(|error| RecallError::Engine(Box::new(error)))?;
            if stream.advance() && stream.key().starts_with(token.as_bytes()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The distinct words of a text in order, as they are in the index.
    fn tokens(&self, text: &str) -> Vec<String> {
        let mut tokens: Vec<String> = Vec::new();
        let mut analyzer = self.analyzer.clone();
        let mut stream = analyzer.token_stream(text);
        while tokens.len() < QUERY_TOKENS_MAX && stream.advance() {
            let token = &stream.token().text;
            if !tokens.contains(token) {
                tokens.push(token.clone());
            }
        }
        tokens
    }
}

/// One document an item, in order.
fn write_segment(
    builder: IndexBuilder,
    items: &[&Item],
    fields: [Field; FIELDS.len()],
) -> tantivy::Result<Index> {
    let mut writer = builder.single_segment_index_writer(RamDirectory::create(), WRITER_BYTES)?;
    for item in items {
        let mut document = TantivyDocument::default();
        let texts = [&item.title, &item.category, &item.department, &item.brand, &item.description];
        for (field, text) in fields.into_iter().zip(texts) {
            document.add_text(field, text);
        }
        writer.add_document(document)?;
    }
    writer.finalize()
}

/// Lower case, no accents, English stems.
fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(TOKEN_BYTES_MAX))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}

fn boosted(query: impl Query, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(Box::new(query), boost))
}

fn engine_error(error: tantivy::TantivyError) -> RecallError {
    RecallError::Engine(Box::new(error))
}

#[cfg(test)]
mod tests {
    use vitrine_domain::ItemId;

    use super::*;

    fn index(titles: &[&str]) -> LexicalIndex {
        let items: Vec<Item> = (0..)
            .zip(titles)
            .map(|(id, &title)| Item { id: ItemId(id), title: title.to_owned(), ..Item::default() })
            .collect();
        LexicalIndex::build(&items.iter().collect::<Vec<_>>()).unwrap()
    }

    fn rows(index: &LexicalIndex, text: &str) -> Vec<u32> {
        index.search(text, None).unwrap().into_iter().map(|(row, _)| row).collect()
    }

    #[test]
    fn case_accents_and_endings_do_not_matter() {
        let index = index(&["Crème brûlée", "STRAWBERRIES", "milk"]);
        assert_eq!(rows(&index, "CREME BRULEE"), [0]);
        assert_eq!(rows(&index, "strawberry"), [1]);
        assert_eq!(rows(&index, "Milks"), [2]);
    }

    #[test]
    fn an_unfinished_last_word_matches_what_it_starts() {
        let index = index(&["chocolate", "milk chocolate", "chips", "milk"]);
        assert_eq!(rows(&index, "choc"), [0, 1]);
        assert_eq!(rows(&index, "choc "), [] as [u32; 0]);
        assert_eq!(rows(&index, "milk choc")[0], 1);
    }

    #[test]
    fn an_exact_word_beats_its_beginning() {
        let index = index(&["iceberg lettuce", "ice", "iced tea"]);
        assert_eq!(rows(&index, "ice")[0], 1);
    }

    #[test]
    fn one_wrong_letter_is_forgiven_only_in_unknown_words() {
        let index = index(&["yogurt", "bread", "broad beans"]);
        assert_eq!(rows(&index, "yoghurt "), [0]);
        assert_eq!(rows(&index, "yoghurt"), [0]);
        assert_eq!(rows(&index, "bread "), [1]);
        assert_eq!(rows(&index, "zzqxjv "), [] as [u32; 0]);
    }

    #[test]
    fn documents_are_rows_of_one_segment() {
        let titles: Vec<String> = (0..3_000).map(|i| format!("item number{i}")).collect();
        let index = index(&titles.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(index.searcher.segment_readers().len(), 1);
        for row in [0, 1, 1_499, 2_999] {
            assert_eq!(rows(&index, &format!("number{row} ")), [row]);
        }
    }
}
