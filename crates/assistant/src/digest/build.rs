//! Chooses what of a card goes into its digest.

use std::collections::BTreeSet;

use crate::lexicon::Lexicon;
use crate::text::{clipped, sentences};

use super::weigh::{Told, Weighed};
use super::{DigestInput, DigestSentence, ProductTexts, TextOrigin};

/// Most bytes of names and texts in a digest.
pub const DIGEST_BYTES_MAX: usize = 600;

/// Longest name of an attribute, in bytes; what has a longer one is left out.
const NAME_BYTES_MAX: usize = 60;
/// Longest value of an attribute, in bytes; of a longer list, the first entries are kept.
const VALUE_BYTES_MAX: usize = 160;
/// Longest sentence, in bytes; a longer one is cut at its commas.
const SENTENCE_BYTES_MAX: usize = 200;
/// Reviews, and sentences of them, that are looked at.
const REVIEWS_MAX: usize = 200;
const SENTENCES_MAX: usize = 1_000;
/// Attributes that are looked at.
const ATTRIBUTES_MAX: usize = 500;
/// What sentences may take at least, if there are any worth it, as a share of a digest.
const SENTENCES_SHARE: f64 = 0.4;
/// What a sentence must tell to be kept.
const GAIN_MIN: f64 = 2.0;
/// Bytes that every text costs besides its own, so that the shortest is not always the best.
const BYTES_EACH: usize = 16;

struct Candidate<'a> {
    weighed: Weighed,
    name: &'a str,
    text: &'a str,
    origin: TextOrigin,
    bytes: usize,
}

/// The attributes and sentences that answer most questions, in at most
/// [`DIGEST_BYTES_MAX`] bytes.
///
/// What is most asked for comes first (`properties.txt`), then what tells most a byte: measures,
/// materials, what it fits, what it is for. Each is a part of the input, word for word; the same
/// input gives the same digest.
pub fn build_digest(lexicon: &Lexicon, input: &DigestInput<'_>) -> ProductTexts {
    let mut candidates = attributes(lexicon, input.attributes);
    let n_attributes = candidates.len();
    candidates.extend(texts(lexicon, input));
    let chosen = choose(lexicon, &candidates, n_attributes);
    let mut digest = ProductTexts::default();
    for at in chosen {
        let Candidate { name, text, origin, .. } = candidates[at];
        match origin {
            TextOrigin::Attribute => {
                digest.attributes.push((name.to_owned(), text.to_owned()));
            }
            _ => digest.sentences.push(DigestSentence { origin, text: text.to_owned() }),
        }
    }
    digest
}

fn attributes<'a>(lexicon: &Lexicon, given: &'a [(String, String)]) -> Vec<Candidate<'a>> {
    let attribute = |(name, value): &'a (String, String)| {
        let (name, value) = (name.trim(), value.trim());
        let text = *clipped(value, VALUE_BYTES_MAX).first()?;
        let fits = !name.is_empty() && name.len() <= NAME_BYTES_MAX;
        let weighed = Weighed::attribute(lexicon, name, text).filter(|_| fits)?;
        let bytes = name.len() + text.len();
        Some(Candidate { weighed, name, text, origin: TextOrigin::Attribute, bytes })
    };
    given.iter().take(ATTRIBUTES_MAX).filter_map(attribute).collect()
}

fn texts<'a>(lexicon: &Lexicon, input: &DigestInput<'a>) -> Vec<Candidate<'a>> {
    let reviews = input.reviews.iter().take(REVIEWS_MAX).map(|text| (TextOrigin::Review, *text));
    let all = std::iter::once((TextOrigin::Description, input.description)).chain(reviews);
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for (origin, text) in all {
        let parts = sentences(text).into_iter().flat_map(|text| clipped(text, SENTENCE_BYTES_MAX));
        for text in parts {
            // A question answers none.
            if text.ends_with(['?', '？']) || !seen.insert(text) {
                continue;
            }
            let weighed = Weighed::sentence(lexicon, text, origin);
            out.push(Candidate { weighed, name: "", text, origin, bytes: text.len() });
            if out.len() == SENTENCES_MAX {
                return out;
            }
        }
    }
    out
}

/// Places of the candidates that are kept, ascending: greedily by gain a byte, the first of
/// equals; attributes leave sentences their share.
fn choose(lexicon: &Lexicon, candidates: &[Candidate<'_>], n_attributes: usize) -> Vec<usize> {
    let mut told = Told::default();
    let mut left = DIGEST_BYTES_MAX;
    let worth = |candidate: &Candidate<'_>| candidate.weighed.gain(lexicon, &Told::default());
    let of_sentences = candidates[n_attributes..].iter().filter(|c| worth(c) >= GAIN_MIN);
    let share = (left as f64 * SENTENCES_SHARE) as usize;
    let reserved = share.min(of_sentences.map(|candidate| candidate.bytes).sum());
    let mut left_of_attributes = left - reserved;
    let mut chosen = BTreeSet::new();
    loop {
        let mut best: Option<(f64, usize)> = None;
        for (at, candidate) in candidates.iter().enumerate() {
            let is_attribute = candidate.origin == TextOrigin::Attribute;
            let room = if is_attribute { left_of_attributes.min(left) } else { left };
            if chosen.contains(&at) || candidate.bytes > room {
                continue;
            }
            let gain = candidate.weighed.gain(lexicon, &told);
            let density = gain / (candidate.bytes + BYTES_EACH) as f64;
            let is_worth = is_attribute || gain >= GAIN_MIN;
            if is_worth && best.is_none_or(|(most, _)| density > most) {
                best = Some((density, at));
            }
        }
        let Some((_, at)) = best else { break };
        let candidate = &candidates[at];
        left -= candidate.bytes;
        if candidate.origin == TextOrigin::Attribute {
            left_of_attributes -= candidate.bytes;
        }
        told.add(&candidate.weighed);
        chosen.insert(at);
    }
    // What sentences did not need, attributes may have.
    for (at, candidate) in candidates[..n_attributes].iter().enumerate() {
        if candidate.bytes <= left && chosen.insert(at) {
            left -= candidate.bytes;
        }
    }
    // Room that is left costs nothing: the description's other sentences, slogans apart.
    for (at, candidate) in candidates.iter().enumerate().skip(n_attributes) {
        let is_described = candidate.origin == TextOrigin::Description;
        if is_described && worth(candidate) >= 0.0 && candidate.bytes <= left && chosen.insert(at) {
            left -= candidate.bytes;
        }
    }
    chosen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_tells_is_kept_and_slogans_are_not() {
        let lexicon = Lexicon::new();
        let attributes = pairs(&[
            ("Weight", "1.8 kg"),
            ("Pallet width", "800"),
            ("Colour", ""),
            ("Colour", "red"),
        ]);
        let reviews =
            ["I love it so much! It is not waterproof. Is it warm? The pockets are deep."];
        let digest = build_digest(
            &lexicon,
            &DigestInput {
                attributes: &attributes,
                description: "Elevate your style. Made of canvas, it fits laptops up to 15 inch.",
                reviews: &reviews,
            },
        );
        assert_eq!(digest.attributes(), pairs(&[("Weight", "1.8 kg"), ("Colour", "red")]));
        let kept: Vec<(TextOrigin, &str)> =
            digest.sentences().iter().map(|s| (s.origin, s.text.as_str())).collect();
        assert_eq!(
            kept,
            [
                (TextOrigin::Description, "Made of canvas, it fits laptops up to 15 inch."),
                (TextOrigin::Review, "It is not waterproof."),
                (TextOrigin::Review, "The pockets are deep."),
            ]
        );
    }

    #[test]
    fn many_attributes_leave_sentences_their_share() {
        let lexicon = Lexicon::new();
        let attributes: Vec<(String, String)> =
            (0..200).map(|n| (format!("Weight {n}"), format!("{n} kg"))).collect();
        let description = "It is made of wool and weighs 2 kg. It has two pockets for a phone.";
        let digest = build_digest(
            &lexicon,
            &DigestInput { attributes: &attributes, description, reviews: &[] },
        );
        assert_eq!(digest.sentences().len(), 2);
        assert!(digest.attributes().len() > 20, "{}", digest.attributes().len());
        assert!(digest.n_bytes() > DIGEST_BYTES_MAX - 20);
    }

    proptest! {
        #[test]
        fn every_digest_is_bounded_and_verbatim(
            attributes in prop::collection::vec(("[ -~äß防水]{0,80}", "[ -~,äß防水]{0,300}"), 0..60),
            description in "([a-z0-9 ,.äß防水。]{0,80}[.!?\n]){0,30}",
            review in "([a-z0-9 ,.äß防水。]{0,80}[.!?\n]){0,30}",
        ) {
            let lexicon = Lexicon::new();
            let input = DigestInput { attributes: &attributes, description: &description, reviews: &[&review] };
            let digest = build_digest(&lexicon, &input);
            prop_assert!(digest.n_bytes() <= DIGEST_BYTES_MAX);
            prop_assert_eq!(&build_digest(&lexicon, &input), &digest);
            for (name, value) in digest.attributes() {
                prop_assert!(attributes.iter().any(|(n, v)| n.trim() == name && v.contains(value.as_str())));
            }
            for sentence in digest.sentences() {
                let text = if sentence.origin == TextOrigin::Review { &review } else { &description };
                prop_assert!(text.contains(sentence.text.as_str()));
            }
        }
    }
}
