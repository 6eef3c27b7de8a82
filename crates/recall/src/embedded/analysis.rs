//! From text to terms: lower case, no accents, English stems.

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer,
    TextAnalyzer, TextAnalyzerBuilder, Tokenizer,
};

/// Longest word that is indexed, in bytes.
const TOKEN_BYTES_MAX: usize = 40;

/// Splits texts into words as they are written, but for case and accents.
pub(super) fn words() -> TextAnalyzer {
    folded().build()
}

/// Splits texts into the stems that the index has.
pub(super) fn stems() -> TextAnalyzer {
    folded().filter(Stemmer::new(Language::English)).build()
}

fn folded() -> TextAnalyzerBuilder<impl Tokenizer> {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(TOKEN_BYTES_MAX))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
}

/// The tokens of a text, in order.
pub(super) fn tokens(analyzer: &TextAnalyzer, text: &str) -> Vec<String> {
    let mut analyzer = analyzer.clone();
    let mut stream = analyzer.token_stream(text);
    let mut tokens = Vec::new();
    while stream.advance() {
        tokens.push(stream.token().text.clone());
    }
    tokens
}
