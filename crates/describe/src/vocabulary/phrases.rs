//! Phrases, and where they stand in a text.

use std::collections::HashMap;

use super::ConceptId;
use crate::language::ListingLanguage;
use crate::text::{Token, folded, tokens};

/// Endings that a word may have besides its own.
const ENDINGS: [&str; 8] = ["s", "es", "e", "en", "em", "er", "n", "ed"];
/// Letters that are left of a word without its ending.
const STEM_LETTERS_MIN: usize = 3;
/// Letters that a compound has besides the part that is known.
const COMPOUND_LETTERS_MIN: usize = 2;

/// Words that mean something.
#[derive(Clone, Debug)]
pub(crate) struct Phrase {
    words: Vec<String>,
    /// What they mean; `None` where they mean nothing or the list says it.
    pub concept: Option<ConceptId>,
    /// The language whose texts they are looked for in; `None` for all.
    pub language: Option<ListingLanguage>,
    /// Whether each of its words begins with a capital in a text as it does here.
    pub is_capital: bool,
    /// As written, where all letters are capitals.
    exact: Option<&'static str>,
    first_is_capital: bool,
}

/// A part of longer words: "baumwoll*".
#[derive(Debug)]
pub(crate) struct Compound {
    part: String,
    is_beginning: bool,
    concept: ConceptId,
    language: ListingLanguage,
}

/// A phrase that stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundPhrase {
    /// What it may mean; none where it is to be ignored.
    pub concepts: Vec<ConceptId>,
    /// How many tokens it has.
    pub n_tokens: usize,
}

/// Phrases by their first words.
#[derive(Debug, Default)]
pub(crate) struct Phrases {
    by_first: HashMap<String, Vec<Phrase>>,
    compounds: Vec<Compound>,
}

impl Phrase {
    /// A phrase of a data file.
    pub(crate) fn new(text: &'static str, concept: Option<ConceptId>) -> Self {
        let words: Vec<String> =
            tokens(text).into_iter().filter(Token::is_said).map(|token| token.word).collect();
        let letters = || text.chars().filter(|c| c.is_alphabetic());
        let is_exact = letters().count() > 0 && letters().all(char::is_uppercase);
        Self {
            words,
            concept,
            language: None,
            is_capital: false,
            exact: is_exact.then_some(text),
            first_is_capital: text.starts_with(char::is_uppercase),
        }
    }
}

impl Compound {
    /// A part of words, if an entry is one.
    pub(crate) fn new(
        entry: &'static str,
        concept: ConceptId,
        language: ListingLanguage,
    ) -> Option<Self> {
        let (part, is_beginning) = match (entry.strip_suffix('*'), entry.strip_prefix('*')) {
            (Some(part), _) => (part, true),
            (None, Some(part)) => (part, false),
            (None, None) => return None,
        };
        Some(Self { part: folded(part), is_beginning, concept, language })
    }

    fn is_in(&self, word: &str) -> bool {
        let rest = match self.is_beginning {
            true => word.strip_prefix(self.part.as_str()),
            false => word.strip_suffix(self.part.as_str()),
        };
        rest.is_some_and(|rest| rest.chars().count() >= COMPOUND_LETTERS_MIN)
    }
}

impl Phrases {
    pub(crate) fn add(&mut self, phrase: Phrase) {
        if let Some(first) = phrase.words.first() {
            self.by_first.entry(first.clone()).or_default().push(phrase);
        }
    }

    pub(crate) fn add_compound(&mut self, compound: Compound) {
        self.compounds.push(compound);
    }

    /// The longest phrase at a token. `language` is that of the text; `None` where it may be any.
    pub(crate) fn at(
        &self,
        text: &str,
        tokens: &[Token],
        at: usize,
        language: Option<ListingLanguage>,
    ) -> Option<FoundPhrase> {
        let first = tokens.get(at).filter(|token| token.is_said())?;
        let mut best: Option<(usize, bool, Vec<ConceptId>)> = None;
        for form in forms(&first.word) {
            for phrase in self.by_first.get(form).into_iter().flatten() {
                let is_wanted =
                    phrase.language.is_none() || language.is_none() || phrase.language == language;
                if !is_wanted || !phrase.stands(text, tokens, at) {
                    continue;
                }
                let rank = (phrase.words.len(), form == first.word);
                match &mut best {
                    Some((n, is_same, concepts)) if (*n, *is_same) == rank => {
                        let new = phrase.concept.filter(|concept| !concepts.contains(concept));
                        concepts.extend(new);
                    }
                    Some((n, is_same, _)) if (*n, *is_same) > rank => {}
                    _ => best = Some((rank.0, rank.1, phrase.concept.into_iter().collect())),
                }
            }
        }
        if let Some((n_tokens, _, concepts)) = best {
            return Some(FoundPhrase { concepts, n_tokens });
        }
        let compounds = self.compounds.iter().filter(|compound| {
            language.is_none_or(|language| language == compound.language)
                && compound.is_in(&first.word)
        });
        let longest = compounds.max_by_key(|compound| compound.part.len())?;
        Some(FoundPhrase { concepts: vec![longest.concept], n_tokens: 1 })
    }

    /// How many tokens the longest phrase at a token has.
    pub(crate) fn length_at(&self, text: &str, tokens: &[Token], at: usize) -> Option<usize> {
        self.at(text, tokens, at, None).map(|found| found.n_tokens)
    }

    /// How many tokens the longest phrase has that ends before a token.
    pub(crate) fn length_before(&self, text: &str, tokens: &[Token], end: usize) -> Option<usize> {
        const WORDS_MAX: usize = 4;
        (1..=WORDS_MAX.min(end)).rev().find(|n| self.length_at(text, tokens, end - n) == Some(*n))
    }

    /// Whether a text is one of the phrases.
    pub(crate) fn has(&self, text: &str) -> bool {
        let tokens = tokens(text);
        let n_said = tokens.iter().filter(|token| token.is_said()).count();
        n_said > 0 && self.length_at(text, &tokens, 0) == Some(n_said)
    }

    /// Single words of the list.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.by_first
            .values()
            .flatten()
            .filter(|phrase| phrase.words.len() == 1)
            .map(|phrase| phrase.words[0].as_str())
    }
}

impl Phrase {
    fn stands(&self, text: &str, tokens: &[Token], at: usize) -> bool {
        let Some(here) = tokens.get(at..at + self.words.len()) else { return false };
        let are_words =
            self.words.iter().zip(here).all(|(word, token)| {
                token.is_said() && forms(&token.word).any(|form| form == word)
            });
        if !are_words {
            return false;
        }
        let first = &text[here[0].span.clone()];
        if let Some(exact) = self.exact {
            let letters =
                |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
            let span = here[0].span.start..here[here.len() - 1].span.end;
            return letters(&text[span]) == letters(exact);
        }
        !self.is_capital || !self.first_is_capital || first.starts_with(char::is_uppercase)
    }
}

/// A word, and what it may be with an ending taken off.
pub(crate) fn forms(word: &str) -> impl Iterator<Item = &str> {
    let stems = ENDINGS.iter().filter_map(move |ending| {
        let stem = word.strip_suffix(ending)?;
        (stem.chars().count() >= STEM_LETTERS_MIN && stem.is_ascii()).then_some(stem)
    });
    std::iter::once(word).chain(stems)
}

#[cfg(test)]
mod tests {
    use super::super::VOCABULARY;
    use super::*;

    fn concepts(text: &str) -> Vec<ConceptId> {
        let tokens = tokens(text);
        let found = VOCABULARY.phrases().at(text, &tokens, 0, None);
        found.map(|found| found.concepts).unwrap_or_default()
    }

    #[test]
    fn the_longest_phrase_counts_in_each_of_its_forms() {
        let concept = |name| VOCABULARY.concept(name).unwrap();
        for (text, name) in [
            ("stainless steel", "stainless-steel"),
            ("Baumwollhemd", "cotton"),
            ("Kunstlederjacke", "faux-leather"),
            ("wasserdichte", "waterproof"),
            ("不锈钢", "stainless-steel"),
            ("schwarzes", "black"),
            ("water-proof", "waterproof"),
            ("CE", "ce-mark"),
            ("Nike", "names"),
        ] {
            assert_eq!(concepts(text), [concept(name)], "{text}");
        }
        assert_eq!(concepts("gold").len(), 2, "a metal and a colour");
        for text in ["ce", "best before", "nike"] {
            assert_eq!(concepts(text), [], "{text}");
        }
    }
}
