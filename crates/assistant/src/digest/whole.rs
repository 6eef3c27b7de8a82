//! All that is written of a card, for a question about it alone.

use std::collections::BTreeSet;

use crate::text::sentences;

use super::{DigestInput, DigestSentence, ProductTexts, TextOrigin};

/// Most bytes of names and texts that are read of one card; what comes after is not read.
pub const TEXTS_BYTES_MAX: usize = 64 * 1024;

/// All attributes, then all sentences of the description and of reviews, until
/// [`TEXTS_BYTES_MAX`] bytes are read; a text that does not fit is left out, and those behind it
/// are read.
///
/// A question answers none, so sentences that ask are left out; what is said twice is read once.
pub fn whole_texts(input: &DigestInput<'_>) -> ProductTexts {
    let mut texts = ProductTexts::default();
    let mut left = TEXTS_BYTES_MAX;
    let mut fits = |n_bytes: usize| {
        let fits = n_bytes <= left;
        left -= if fits { n_bytes } else { 0 };
        fits
    };
    for (name, value) in input.attributes {
        let (name, value) = (name.trim(), value.trim());
        if !name.is_empty() && !value.is_empty() && fits(name.len() + value.len()) {
            texts.attributes.push((name.to_owned(), value.to_owned()));
        }
    }
    let reviews = input.reviews.iter().map(|text| (TextOrigin::Review, *text));
    let all = std::iter::once((TextOrigin::Description, input.description)).chain(reviews);
    let mut seen = BTreeSet::new();
    for (origin, text) in all {
        for text in sentences(text) {
            if !text.ends_with(['?', '？']) && seen.insert(text) && fits(text.len()) {
                texts.sentences.push(DigestSentence { origin, text: text.to_owned() });
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::DIGEST_BYTES_MAX;

    #[test]
    fn all_is_read_in_its_order_and_each_sentence_once() {
        let attributes = [("Pallet width".to_owned(), "800".to_owned())];
        let description = "Elevate your style. Is it warm? It is lined. It is lined.".repeat(40);
        let reviews = ["Deep pockets.", "It is lined."];
        let texts = whole_texts(&DigestInput {
            attributes: &attributes,
            description: &description,
            reviews: &reviews,
        });
        assert_eq!(texts.attributes(), attributes);
        let read: Vec<&str> = texts.sentences().iter().map(|s| s.text.as_str()).collect();
        assert_eq!(
            read,
            [
                "Elevate your style.",
                "It is lined.",
                "It is lined.Elevate your style.",
                "Deep pockets."
            ]
        );
    }

    #[test]
    fn what_no_digest_holds_is_read_and_the_bound_is_kept() {
        let description: String =
            (0..9_000).map(|n| format!("Part {n} is made of steel. ")).collect();
        let reviews = ["Late."];
        let texts = whole_texts(&DigestInput {
            attributes: &[],
            description: &description,
            reviews: &reviews,
        });
        assert!(texts.n_bytes() > 50 * DIGEST_BYTES_MAX && texts.n_bytes() <= TEXTS_BYTES_MAX);
    }
}
