//! What is written of a card, taken apart to answer questions from: attributes and sentences, word
//! for word.

mod build;
mod weigh;
mod whole;

pub use build::{DIGEST_BYTES_MAX, build_digest};
pub use whole::{TEXTS_BYTES_MAX, whole_texts};

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextOrigin {
    /// The card's title.
    Title,
    /// An attribute of the product.
    Attribute,
    /// The shop's description.
    Description,
    /// A buyer's review.
    Review,
}

/// What a shop knows of a product.
#[derive(Clone, Copy, Debug)]
pub struct DigestInput<'a> {
    /// Names and values.
    pub attributes: &'a [(String, String)],
    /// The shop's description; may be empty.
    pub description: &'a str,
    /// What buyers wrote, the most trusted first.
    pub reviews: &'a [&'a str],
}

/// A sentence as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestSentence {
    /// Who wrote it: [`TextOrigin::Description`] or [`TextOrigin::Review`].
    pub origin: TextOrigin,
    /// The sentence, or a part of a long one between commas.
    pub text: String,
}

/// Attributes and sentences of a card: those that tell most ([`build_digest`]), or all
/// ([`whole_texts`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductTexts {
    attributes: Vec<(String, String)>,
    sentences: Vec<DigestSentence>,
}

impl ProductTexts {
    /// Names and values, in the order in which they were given.
    pub fn attributes(&self) -> &[(String, String)] {
        &self.attributes
    }

    /// Sentences of the description, then those of reviews, each in their order.
    pub fn sentences(&self) -> &[DigestSentence] {
        &self.sentences
    }

    /// Whether nothing is known of the product.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.sentences.is_empty()
    }

    /// Bytes of all names and texts.
    pub fn n_bytes(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, value)| name.len() + value.len());
        let sentences = self.sentences.iter().map(|sentence| sentence.text.len());
        attributes.chain(sentences).sum()
    }
}
