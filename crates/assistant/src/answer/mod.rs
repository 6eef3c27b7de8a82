//! Finds what answers a question in what is written of a product, or that nothing does.

mod attributes;
mod matching;
mod polarity;
mod sentences;
mod verdict;

pub(crate) use matching::word_match;
pub(crate) use polarity::says;
#[cfg(feature = "model")]
pub(crate) use verdict::texts_by_relevance;
pub use verdict::{ANSWER_SCORE_MIN, AnswerVerdict, ProductAnswer, answer};

use std::ops::Range;

use crate::digest::{ProductTexts, TextOrigin};
use crate::quantities::Quantity;

/// How alike two words are, where somebody knows: vectors of words, say.
///
/// It may be asked any pair at any time and keeps nothing of it. Without one, words are compared
/// by their letters.
pub trait Similarity {
    /// From 0 (nothing in common) to 1 (the same to a reader); what is no number counts as 0.
    /// Words come in lower case and without their endings.
    fn similarity(&self, a: &str, b: &str) -> f32;
}

/// What is known of the product that is asked about.
#[derive(Clone, Copy, Debug)]
pub struct AskedProduct<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its category; may be empty. It says what the product can be called, and answers nothing.
    pub category: &'a str,
    /// What is written of it.
    pub texts: &'a ProductTexts,
}

/// Where in what is known of a product a quote stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteSource {
    /// The title.
    Title,
    /// An attribute, by its place in [`ProductTexts::attributes`].
    Attribute {
        /// The place.
        index: usize,
    },
    /// A sentence, by its place in [`ProductTexts::sentences`].
    Sentence {
        /// The place.
        index: usize,
    },
}

/// A text word for word, and what of it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Quote {
    /// Where it stands.
    pub source: QuoteSource,
    /// Who says it.
    pub origin: TextOrigin,
    /// The name of an attribute; empty for others.
    pub name: String,
    /// The value of the attribute, the sentence, or the title.
    pub text: String,
    /// Bytes of the text that answer; all of it where no part does more than another.
    pub span: Range<usize>,
}

/// A quote that may answer.
struct Passage {
    quote: Quote,
    /// How well it answers, from 0 to 1.
    score: f32,
    /// Whether it says that what is asked is so.
    says: Option<bool>,
    /// The measure that answers.
    quantity: Option<Quantity>,
}
