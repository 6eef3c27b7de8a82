//! Where a text speaks of a concept, and whether it says so or denies it.

use std::ops::Range;

use super::{ScannedText, polarity};
use crate::vocabulary::{ConceptId, ConceptKind, FoundPhrase, VOCABULARY};

/// What is claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClaimKey {
    /// A concept of the vocabulary.
    Concept(ConceptId),
    /// Something that the vocabulary has no concept for: "bulletproof".
    Word(String),
}

/// How a concept is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Polarity {
    /// The product is or has it.
    Affirmed,
    /// It is not or has not.
    Denied,
    /// It is for that, or like it: "a brush for leather".
    Purpose,
}

/// A concept in a text.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    /// Bytes of the text as it is read.
    pub span: Range<usize>,
    /// Tokens of the text.
    pub tokens: Range<usize>,
    /// What the words may mean.
    pub keys: Vec<ClaimKey>,
    pub kind: ConceptKind,
    pub polarity: Polarity,
}

/// For each token where a phrase begins, the phrase.
pub(crate) type PlacedPhrases = Vec<(Range<usize>, FoundPhrase)>;

/// The phrases of a text, context words included, and what they claim.
pub(super) fn mentions(text: &ScannedText) -> (PlacedPhrases, Vec<Mention>) {
    let mut phrases: PlacedPhrases = Vec::new();
    let mut at = 0;
    while at < text.tokens.len() {
        let found = VOCABULARY.phrases().at(&text.reading.text, &text.tokens, at, text.language);
        match found {
            Some(found) => {
                let end = at + found.n_tokens.max(1);
                phrases.push((at..end, found));
                at = end;
            }
            None => at += 1,
        }
    }
    let is_taken = |at: usize| phrases.iter().any(|(range, _)| range.contains(&at));
    let mut mentions = Vec::new();
    for (range, found) in &phrases {
        let claims =
            found.concepts.iter().filter(|concept| !VOCABULARY.kind(**concept).is_context());
        let concepts: Vec<ConceptId> = claims.copied().collect();
        let Some(kind) = concepts.iter().map(|concept| VOCABULARY.kind(*concept)).next() else {
            continue;
        };
        // Sizes are read where they can be nothing else; names by their spelling, too.
        if matches!(kind, ConceptKind::Size | ConceptKind::Order) {
            continue;
        }
        let keys = match kind {
            ConceptKind::Name => vec![ClaimKey::Word(name_of(text, range.clone()))],
            _ => concepts.into_iter().map(ClaimKey::Concept).collect(),
        };
        let polarity = polarity::polarity(text, range.clone(), kind, &is_taken);
        let span = text.span(range.clone());
        mentions.push(Mention { span, tokens: range.clone(), keys, kind, polarity });
    }
    (phrases, mentions)
}

/// A name as it is compared.
fn name_of(text: &ScannedText, range: Range<usize>) -> String {
    let words: Vec<&str> = range.filter_map(|at| text.word(at)).collect();
    words.join(" ")
}
