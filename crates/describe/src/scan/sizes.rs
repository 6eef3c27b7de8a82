//! Sizes of clothes: "size M", "XL", 均码.

use super::{ClaimKey, Mention, Polarity, ScannedText};
use crate::vocabulary::{ConceptId, ConceptKind, VOCABULARY, WordList};

/// Tokens between "sizes" and the last size that it makes one.
const REACH_WORDS_MAX: usize = 8;

/// Sizes that can be nothing else.
pub(super) fn sizes(text: &ScannedText) -> Vec<Mention> {
    let mut found = Vec::new();
    for at in 0..text.tokens.len() {
        let Some((concept, n_tokens)) = size_at(text, at) else { continue };
        let is_plain =
            matches!(text.raw(at).len(), 1) || text.raw(at).chars().any(char::is_lowercase);
        let is_phrase = n_tokens > 1;
        if is_plain && !is_phrase && !is_named(text, at) {
            continue;
        }
        found.push(Mention {
            span: text.span(at..at + n_tokens),
            tokens: at..at + n_tokens,
            keys: vec![ClaimKey::Concept(concept)],
            kind: ConceptKind::Size,
            polarity: Polarity::Affirmed,
        });
    }
    found
}

fn size_at(text: &ScannedText, at: usize) -> Option<(ConceptId, usize)> {
    let found = VOCABULARY.phrases().at(&text.reading.text, &text.tokens, at, None)?;
    let size =
        found.concepts.iter().find(|concept| VOCABULARY.kind(**concept) == ConceptKind::Size)?;
    Some((*size, found.n_tokens))
}

/// Whether words around a token say that sizes are spoken of.
fn is_named(text: &ScannedText, at: usize) -> bool {
    let words = VOCABULARY.list(WordList::SizeWords);
    let sentence = text.sentences[at];
    let is_near = |near: &usize| text.sentences.get(*near) == Some(&sentence);
    let is_word = |at: usize| words.length_at(&text.reading.text, &text.tokens, at).is_some();
    let before = (0..at).rev().take(REACH_WORDS_MAX).take_while(is_near).any(is_word);
    before || is_word(at + 1)
}
