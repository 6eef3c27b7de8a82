//! From text to terms: lower case, no accents, English stems.

use std::ops::Range;

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
    TextAnalyzer, TextAnalyzerBuilder, Tokenizer,
};

/// Longest word that is indexed, in bytes.
const TOKEN_BYTES_MAX: usize = 40;

/// Splits texts into words as they are written, but for case and accents.
pub(crate) fn words() -> TextAnalyzer {
    folded().build()
}

/// Splits texts into the stems that the index has.
pub(crate) fn stems() -> TextAnalyzer {
    folded().filter(Stemmer::new(Language::English)).build()
}

fn folded() -> TextAnalyzerBuilder<impl Tokenizer> {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(TOKEN_BYTES_MAX))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
}

/// The tokens of a text, in order.
pub(crate) fn tokens(analyzer: &TextAnalyzer, text: &str) -> Vec<String> {
    spans(analyzer, text).into_iter().map(|(token, _)| token).collect()
}

/// The tokens of a text with their bytes in it.
pub(crate) fn spans(analyzer: &TextAnalyzer, text: &str) -> Vec<(String, Range<usize>)> {
    let mut analyzer = analyzer.clone();
    let mut stream = analyzer.token_stream(text);
    let mut tokens = Vec::new();
    while stream.advance() {
        let token = stream.token();
        tokens.push((token.text.clone(), token.offset_from..token.offset_to));
    }
    tokens
}
