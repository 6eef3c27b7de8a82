//! The words that a model knows whole, the most frequent first.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use crate::EncoderError;
use crate::weights::read_weight_file;

/// What marks a token that continues a word, in vocabularies of WordPiece.
const CONTINUES: &str = "##";
/// What marks a token that begins one, in those of SentencePiece.
const BEGINS: char = '\u{2581}';

#[derive(Deserialize)]
struct TokenizerFile {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: Vocabulary,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vocabulary {
    /// Ids by token.
    Ids(HashMap<String, u64>),
    /// Tokens with their scores, by id.
    Scores(Vec<(String, f64)>),
}

/// At most `n` words in lower case that are tokens by themselves, in the order of their ids, which
/// in the usual vocabularies is that of their frequency.
///
/// # Errors
/// `tokenizer.json` of the folder cannot be read.
pub fn frequent_words(weights_dir: &Path, n: usize) -> Result<Vec<String>, EncoderError> {
    let bytes = read_weight_file(weights_dir, "tokenizer.json")?;
    let file: TokenizerFile =
        serde_json::from_slice(&bytes).map_err(|error| EncoderError::Tokenizer(error.into()))?;
    Ok(words(file.model.vocab, n))
}

fn words(vocabulary: Vocabulary, n: usize) -> Vec<String> {
    let (tokens, is_marked) = match vocabulary {
        Vocabulary::Ids(ids) => {
            let mut tokens: Vec<(u64, String)> =
                ids.into_iter().map(|(token, id)| (id, token)).collect();
            tokens.sort_unstable();
            (tokens.into_iter().map(|(_, token)| token).collect::<Vec<_>>(), false)
        }
        Vocabulary::Scores(tokens) => (tokens.into_iter().map(|(token, _)| token).collect(), true),
    };
    let whole = tokens.into_iter().filter_map(|token| match is_marked {
        true => token.strip_prefix(BEGINS).map(str::to_owned),
        false => (!token.starts_with(CONTINUES)).then_some(token),
    });
    let is_word = |token: &String| {
        token.chars().count() > 1 && token.chars().all(|c| c.is_alphabetic() && !c.is_uppercase())
    };
    whole.filter(is_word).take(n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_come_in_order_and_pieces_are_left_out() {
        let words = |json: &str, n| {
            let file: TokenizerFile = serde_json::from_str(json).expect("a tokenizer");
            super::words(file.model.vocab, n)
        };
        let wordpiece = r###"{"model": {"vocab": {"tea": 3, "[PAD]": 0, "the": 2, "##s": 4, "a": 5, "7up": 6, "green": 7}}}"###;
        assert_eq!(words(wordpiece, 2), ["the", "tea"]);
        assert_eq!(words(wordpiece, 9), ["the", "tea", "green"]);
        let unigram = r#"{"model": {"vocab": [["<s>", 0.0], ["▁Tee", -1.0], ["▁tee", -2.0], ["kanne", -3.0]]}}"#;
        assert_eq!(words(unigram, 9), ["tee"]);
    }
}
