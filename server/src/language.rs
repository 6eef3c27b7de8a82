//! The encoder as what knows the language of the searches.

use anyhow::Result;
use vitrine_encoder::TextEncoder;
use vitrine_recall::Language;

/// Meanings and words, from an encoder.
pub struct Encoded<'a>(pub &'a TextEncoder);

impl Language for Encoded<'_> {
    type Error = anyhow::Error;

    fn encode(&self, text: &str) -> Result<Vec<f32>> {
        Ok(self.0.encode(&[text], &mut |_| {})?)
    }

    fn is_word(&self, word: &str) -> bool {
        self.0.knows_word(word)
    }
}
