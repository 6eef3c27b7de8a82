//! From texts to token ids.

use tokenizers::{Tokenizer, TruncationParams};

use crate::wordpiece::WordPiece;
use crate::{EncoderError, TOKENS_MAX};

/// What `tokenizer.json` describes.
pub(crate) enum Tokeniser {
    /// As of BERT, in a small part of the other's time.
    WordPiece(Box<WordPiece>),
    /// Any other.
    Any(Box<Tokenizer>),
}

impl Tokeniser {
    /// # Errors
    /// The bytes describe no tokenizer.
    pub(crate) fn load(bytes: &[u8]) -> Result<Self, EncoderError> {
        if let Ok(Some(wordpiece)) = WordPiece::from_json(bytes) {
            return Ok(Self::WordPiece(Box::new(wordpiece)));
        }
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(EncoderError::Tokenizer)?;
        // Packaged ones pad and cut to a length of their own; this one pads nothing.
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(Some(TruncationParams {
                max_length: TOKENS_MAX,
                ..Default::default()
            }))
            .map_err(EncoderError::Tokenizer)?;
        let tokeniser = Self::Any(Box::new(tokenizer));
        // A text has a vector even where it has no word.
        let n_framing = tokeniser.encode("")?.len();
        if n_framing < 2 {
            return Err(EncoderError::UnsupportedModel {
                field: "tokenizer.json: post_processor",
                found: format!("{n_framing} tokens around a text"),
                needed: "one that begins a text and one that ends it".to_owned(),
            });
        }
        Ok(tokeniser)
    }

    /// Ids of 2 to [`TOKENS_MAX`] tokens.
    ///
    /// # Errors
    /// Nothing that a text could cause.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, EncoderError> {
        match self {
            Self::WordPiece(wordpiece) => {
                let mut ids = Vec::new();
                wordpiece.encode(text, TOKENS_MAX, &mut ids);
                Ok(ids)
            }
            Self::Any(tokenizer) => {
                let encoding =
                    tokenizer.encode_fast(text, true).map_err(EncoderError::Tokenizer)?;
                Ok(encoding.get_ids().to_vec())
            }
        }
    }

    /// Whether a word, as it stands, is a token.
    pub(crate) fn has(&self, word: &str) -> bool {
        match self {
            Self::WordPiece(wordpiece) => wordpiece.id_of(word).is_some(),
            Self::Any(tokenizer) => {
                // Where words are pieces that may begin one, whole ones are marked.
                tokenizer.token_to_id(word).is_some()
                    || tokenizer.token_to_id(&format!("\u{2581}{word}")).is_some()
            }
        }
    }
}
