//! The encoder as what knows the language of the searches.

use std::ops::Deref;
use std::sync::Arc;

use anyhow::Result;
use vitrine_encoder::{EncoderError, TextEncoder};
use vitrine_recall::{Deadline, Language, RecallError};

use crate::query_encoder::QueryEncoder;

/// A [`Language`] that any thread may ask.
pub type SharedLanguage = dyn Language<Error = anyhow::Error> + Send + Sync;

/// Meanings and words, from an encoder that this thread computes with.
pub struct EncoderLanguage<E> {
    pub encoder: E,
}

impl<E: Deref<Target = TextEncoder>> Language for EncoderLanguage<E> {
    type Error = anyhow::Error;

    fn encode(&self, text: &str, deadline: Deadline) -> Result<Option<Vec<f32>>> {
        match self.encoder.encode_query(text, &|| deadline.has_passed()) {
            Err(EncoderError::Cancelled { .. }) => Err(RecallError::Late.into()),
            vector => Ok(Some(vector?)),
        }
    }

    fn is_word(&self, word: &str) -> bool {
        self.encoder.knows_word(word)
    }
}

/// Meanings and words for a server, whose searches are encoded together.
pub struct ServedLanguage {
    pub encoder: Arc<TextEncoder>,
    pub queries: Arc<QueryEncoder>,
}

impl Language for ServedLanguage {
    type Error = anyhow::Error;

    fn encode(&self, text: &str, deadline: Deadline) -> Result<Option<Vec<f32>>> {
        Ok(Some(self.queries.encode_blocking(text, deadline)?.to_vec()))
    }

    fn is_word(&self, word: &str) -> bool {
        self.encoder.knows_word(word)
    }
}

/// A language that knows the vector of one text already.
pub struct PreparedLanguage<'a> {
    pub language: &'a SharedLanguage,
    /// The text and its vector.
    pub known: Option<(String, Arc<[f32]>)>,
}

impl Language for PreparedLanguage<'_> {
    type Error = anyhow::Error;

    fn encode(&self, text: &str, deadline: Deadline) -> Result<Option<Vec<f32>>> {
        match &self.known {
            Some((known, vector)) if known == text => Ok(Some(vector.to_vec())),
            _ => self.language.encode(text, deadline),
        }
    }

    fn is_word(&self, word: &str) -> bool {
        self.language.is_word(word)
    }
}
