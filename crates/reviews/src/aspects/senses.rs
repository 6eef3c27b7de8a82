//! Words and phrases of all languages by what they say, and where they occur in a sentence.

use std::collections::HashMap;

use super::mention::KnownAspect;
use crate::languages::{WORDS, is_passed_over};
use crate::text::{Token, TokenKind, tokens};

/// Longest phrase, in words.
const PHRASE_WORDS_MAX: usize = 6;
/// Words that say how much of something, within a phrase: "runs just a bit large".
const DEGREE_WORDS_MAX: usize = 3;
/// Between the words of a phrase's key.
const JOINT: char = '\u{1f}';

/// What a phrase says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sense {
    /// Names an aspect; a term that was learned by its number.
    Names(AspectId),
    /// Praises or blames an aspect.
    Says(AspectId, bool),
    /// Blames an aspect behind a word that says how much there is of it.
    SaysOfMuch(AspectId),
    /// Praises or blames whatever is named beside it, or an aspect where nothing is.
    SaysAlone(AspectId, bool),
    /// Praises or blames whatever is named beside it.
    Opinion(bool),
    /// Too much of what follows.
    Excess,
    /// What follows is not so: it was hoped, or would be.
    Unreal,
    /// What follows may be so or not.
    Unsure,
}

/// A known aspect, or one of the shop's own by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum AspectId {
    Known(KnownAspect),
    Own(u32),
}

/// A phrase that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit<'a> {
    /// Its first token and the one behind its last.
    pub start: usize,
    pub end: usize,
    pub senses: &'a [Sense],
}

/// Phrases by their words.
#[derive(Clone, Debug, Default)]
pub(super) struct Senses {
    /// No senses: an idiom that says nothing.
    by_phrase: HashMap<String, Vec<Sense>>,
}

impl Senses {
    /// Those of the languages.
    pub fn of_languages() -> Self {
        let mut senses = Self::default();
        WORDS.good.iter().for_each(|word| senses.add(word, Sense::Opinion(true)));
        WORDS.bad.iter().for_each(|word| senses.add(word, Sense::Opinion(false)));
        WORDS.excess.iter().for_each(|word| senses.add(word, Sense::Excess));
        WORDS.unsure.iter().for_each(|word| senses.add(word, Sense::Unsure));
        WORDS.unreal.iter().for_each(|word| senses.add(word, Sense::Unreal));
        for (aspect, words) in &WORDS.aspects {
            let id = AspectId::Known(*aspect);
            words.names.iter().for_each(|word| senses.add(word, Sense::Names(id)));
            words.bad_much.iter().for_each(|word| senses.add(word, Sense::SaysOfMuch(id)));
            for (list, is_good) in [(&words.good, true), (&words.bad, false)] {
                list.iter().for_each(|word| senses.add(word, Sense::Says(id, is_good)));
            }
            for (list, is_good) in [(&words.good_alone, true), (&words.bad_alone, false)] {
                list.iter().for_each(|word| senses.add(word, Sense::SaysAlone(id, is_good)));
            }
        }
        for idiom in &WORDS.idioms {
            senses.by_phrase.entry(key_of(idiom)).or_default();
        }
        senses
    }

    /// Adds a sense of a word or phrase.
    pub fn add(&mut self, phrase: &str, sense: Sense) {
        let senses = self.by_phrase.entry(key_of(phrase)).or_default();
        if !senses.contains(&sense) {
            senses.push(sense);
        }
    }

    /// Whether a word by itself has a sense, or is an idiom.
    pub fn has(&self, word: &str) -> bool {
        self.by_phrase.contains_key(word)
    }

    /// The phrases in some tokens, the longest from each place on; idioms have no senses.
    pub fn hits(&self, tokens: &[Token]) -> Vec<Hit<'_>> {
        let mut found = Vec::new();
        let mut start = 0;
        while start < tokens.len() {
            let hit = self.longest(tokens, start);
            start = hit.as_ref().map_or(start + 1, |hit| hit.end);
            found.extend(hit);
        }
        found
    }

    /// Words that say how much are looked for as a part of the phrase, and passed over within it.
    fn longest(&self, tokens: &[Token], start: usize) -> Option<Hit<'_>> {
        let (mut whole, mut short) = (String::new(), String::new());
        let mut longest = None;
        let words = tokens[start..].iter().take(PHRASE_WORDS_MAX + DEGREE_WORDS_MAX);
        for (n, token) in words.enumerate() {
            if !token.is_word() {
                break;
            }
            push(&mut whole, token);
            let is_aside = n > 0 && is_passed_over(&token.text);
            if !is_aside {
                push(&mut short, token);
            }
            let found = self.by_phrase.get(&whole);
            let found = found.or_else(|| self.by_phrase.get(&short).filter(|_| !is_aside));
            if let Some(senses) = found {
                longest = Some(Hit { start, end: start + n + 1, senses });
            }
        }
        longest
    }
}

/// Tokens of a text, words with hyphens as their parts.
pub(super) fn parted(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    for token in tokens(text) {
        if token.kind != TokenKind::Word || !token.text.contains('-') {
            found.push(token);
            continue;
        }
        let parts = token.text.split('-').filter(|part| !part.is_empty());
        found.extend(parts.map(|part| Token { text: part.to_owned(), ..token.clone() }));
    }
    found
}

fn push(key: &mut String, token: &Token) {
    if !key.is_empty() {
        key.push(JOINT);
    }
    key.push_str(&token.text);
}

fn key_of(phrase: &str) -> String {
    let mut key = String::new();
    parted(phrase).iter().for_each(|token| push(&mut key, token));
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::AspectWords;

    #[test]
    fn every_phrase_of_the_languages_can_be_found() {
        let senses = Senses::of_languages();
        let of_aspects = WORDS.aspects.values().flat_map(|words| {
            let AspectWords { names, good, bad, bad_much, good_alone, bad_alone } = words;
            [names, good, bad, bad_much, good_alone, bad_alone]
        });
        for phrase in of_aspects.chain([&WORDS.good, &WORDS.bad]).flatten() {
            let tokens = parted(phrase);
            let hits = senses.hits(&tokens);
            let is_whole = hits.iter().any(|hit| hit.end - hit.start == tokens.len());
            assert!(is_whole && tokens.len() <= PHRASE_WORDS_MAX, "{phrase}: {hits:?}");
        }
    }

    #[test]
    fn the_longest_phrase_wins_and_idioms_say_nothing() {
        let senses = Senses::of_languages();
        let fit = AspectId::Known(KnownAspect::Fit);
        let hits = |text: &str| -> Vec<Vec<Sense>> {
            senses.hits(&parted(text)).into_iter().map(|hit| hit.senses.to_vec()).collect()
        };
        assert_eq!(hits("True-to-size"), [vec![Sense::Says(fit, true)]]);
        assert_eq!(hits("I bought it as well"), [vec![]]);
    }
}
