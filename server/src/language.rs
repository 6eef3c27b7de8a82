//! The encoder as what knows the language of the searches.

use anyhow::Result;
use vitrine_domain::CategoryChance;
use vitrine_encoder::TextEncoder;
use vitrine_encoder::intent::IntentHead;
use vitrine_recall::Language;

use crate::intent;

/// Meanings and words, from an encoder.
pub struct Encoded<'a> {
    pub encoder: &'a TextEncoder,
    /// What texts are after; `None` where that was not learned.
    pub intent: Option<&'a IntentHead>,
}

impl Language for Encoded<'_> {
    type Error = anyhow::Error;

    fn encode(&self, text: &str) -> Result<Vec<f32>> {
        Ok(self.encoder.encode(&[text], &mut |_| {})?)
    }

    fn categories(&self, vector: &[f32]) -> Vec<CategoryChance> {
        self.intent.map_or_else(Vec::new, |head| intent::of(head, vector).categories)
    }

    fn is_word(&self, word: &str) -> bool {
        self.encoder.knows_word(word)
    }
}
