//! The encoder as what knows the language of the searches.

use std::ops::Deref;

use anyhow::Result;
use vitrine_encoder::{EncoderError, TextEncoder};
use vitrine_recall::{Deadline, Language, RecallError};

/// A [`Language`] that any thread may ask.
pub type SharedLanguage = dyn Language<Error = anyhow::Error> + Send + Sync;

/// Meanings and words, from an encoder.
pub struct EncoderLanguage<E> {
    pub encoder: E,
}

impl<E: Deref<Target = TextEncoder>> Language for EncoderLanguage<E> {
    type Error = anyhow::Error;

    fn encode(&self, text: &str, deadline: Deadline) -> Result<Vec<f32>> {
        match self.encoder.encode_query(text, &|| deadline.has_passed()) {
            Err(EncoderError::Cancelled { .. }) => Err(RecallError::Late.into()),
            vector => Ok(vector?),
        }
    }

    fn is_word(&self, word: &str) -> bool {
        self.encoder.knows_word(word)
    }
}
