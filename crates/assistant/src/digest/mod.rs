//! What is kept of a card to answer questions from: attributes and sentences, word for word.

mod build;
mod codec;
mod weigh;

pub use build::{DigestInput, build_digest};
pub use codec::{DIGEST_BYTES_MAX, DigestError};

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

/// A sentence as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestSentence {
    /// Who wrote it: [`TextOrigin::Description`] or [`TextOrigin::Review`].
    pub origin: TextOrigin,
    /// The sentence, or a part of a long one between commas.
    pub text: String,
}

/// Attributes and sentences of a card, encoded in at most [`DIGEST_BYTES_MAX`] bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductDigest {
    attributes: Vec<(String, String)>,
    sentences: Vec<DigestSentence>,
}

impl ProductDigest {
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
}
