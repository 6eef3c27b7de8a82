//! Whether what a text says of a concept is that it is so.

use std::ops::Range;

use super::{Polarity, ScannedText};
use crate::text::TokenKind;
use crate::vocabulary::{ConceptKind, VOCABULARY, WordList};

/// How far a plain negator reaches, in tokens.
const NEGATED_WORDS_MAX: usize = 5;
/// How far "free of" reaches.
const FREE_WORDS_MAX: usize = 8;
/// Tokens between "for" and what a product is for.
const PURPOSE_WORDS_MAX: usize = 2;

/// How the concept of some tokens is spoken of. `is_taken` says which tokens are part of a concept's
/// words, and so negate nothing: the first character of 不锈钢 is "not".
pub(super) fn polarity(
    text: &ScannedText,
    range: Range<usize>,
    kind: ConceptKind,
    is_taken: &dyn Fn(usize) -> bool,
) -> Polarity {
    if is_answered(text, range.end, WordList::No) {
        return Polarity::Denied;
    }
    let after = range.end;
    let is_free_after = is_in(text, WordList::FreeAfter, after, is_taken)
        && !is_in(text, WordList::FreeNames, after, is_taken);
    if is_free_after || is_listed_as_free(text, range.start) {
        return Polarity::Denied;
    }
    match before(text, range.start, kind, is_taken) {
        Some(polarity) => polarity,
        None => Polarity::Affirmed,
    }
}

/// Whether "yes" or "no" is all that stands behind a colon there.
pub(super) fn is_answered(text: &ScannedText, at: usize, list: WordList) -> bool {
    if text.tokens.get(at).is_none_or(|token| token.kind != TokenKind::Colon) {
        return false;
    }
    let words = VOCABULARY.list(list);
    let length = words.length_at(&text.reading.text, &text.tokens, at + 1);
    length.is_some_and(|n| text.tokens.get(at + 1 + n).is_none_or(|token| !token.is_said()))
}

fn is_in(text: &ScannedText, list: WordList, at: usize, is_taken: &dyn Fn(usize) -> bool) -> bool {
    !is_taken(at) && VOCABULARY.list(list).length_at(&text.reading.text, &text.tokens, at).is_some()
}

/// Whether a sentence begins "Free from:" and what is there is listed behind it.
fn is_listed_as_free(text: &ScannedText, start: usize) -> bool {
    let sentence = text.sentences[start];
    let colon = (0..start)
        .rev()
        .take_while(|at| text.sentences[*at] == sentence)
        .find(|at| text.tokens[*at].kind == TokenKind::Colon);
    let names = VOCABULARY.list(WordList::FreeNames);
    colon.is_some_and(|at| names.length_before(&text.reading.text, &text.tokens, at).is_some())
}

fn before(
    text: &ScannedText,
    start: usize,
    kind: ConceptKind,
    is_taken: &dyn Fn(usize) -> bool,
) -> Option<Polarity> {
    let raw = &text.reading.text;
    let ends_with =
        |list: WordList, end: usize| VOCABULARY.list(list).length_before(raw, &text.tokens, end);
    let mut has_join = false;
    for distance in 0..FREE_WORDS_MAX.min(start) {
        let at = start - distance - 1;
        let token = &text.tokens[at];
        if token.is_break() {
            return None;
        }
        if is_taken(at) {
            continue;
        }
        if ends_with(WordList::Contrasts, at + 1).is_some() {
            return None;
        }
        if ends_with(WordList::Free, at + 1).is_some() {
            return Some(Polarity::Denied);
        }
        let is_negator = ends_with(WordList::Negators, at + 1).is_some();
        if is_negator && !has_join && distance < NEGATED_WORDS_MAX {
            return Some(Polarity::Denied);
        }
        let is_of_material = matches!(kind, ConceptKind::Material);
        if is_of_material
            && distance < PURPOSE_WORDS_MAX
            && ends_with(WordList::Purpose, at + 1).is_some()
        {
            return Some(Polarity::Purpose);
        }
        has_join |= ends_with(WordList::Joins, at + 1).is_some();
    }
    None
}
