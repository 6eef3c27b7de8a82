//! What is known of words: materials, colours, claims and the like in three languages, as data.
//!
//! `vocabulary/concepts.txt` says which concepts there are and what follows from what; a file a
//! language has their words. Words of all languages are looked for at once, because shops mix them.

mod concepts;
mod lists;
mod numerals;
mod parse;
mod phrases;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use concepts::{ConceptId, ConceptKind};
pub(crate) use lists::WordList;
pub(crate) use numerals::NumberWord;
pub(crate) use phrases::{FoundPhrase, Phrase, forms};

use concepts::Concepts;
use numerals::Numerals;
use phrases::{Compound, Phrases};

use crate::language::ListingLanguage;

/// The languages with their files.
const FILES: [(ListingLanguage, &str); 3] = [
    (ListingLanguage::English, include_str!("../../vocabulary/en.txt")),
    (ListingLanguage::German, include_str!("../../vocabulary/de.txt")),
    (ListingLanguage::Chinese, include_str!("../../vocabulary/zh.txt")),
];
/// Stands in a file for words that look like a concept's and are none.
const IGNORED: &str = "ignored";

/// All words.
pub(crate) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::new);

/// Words of all languages, and what they mean.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    concepts: Concepts,
    phrases: Phrases,
    lists: HashMap<WordList, Phrases>,
    numerals: Numerals,
    /// How a concept is written.
    written: HashMap<(ListingLanguage, ConceptId), &'static str>,
}

impl Vocabulary {
    fn new() -> Self {
        let mut out = Self {
            concepts: Concepts::parse(include_str!("../../vocabulary/concepts.txt")),
            phrases: Phrases::default(),
            lists: HashMap::new(),
            numerals: Numerals::default(),
            written: HashMap::new(),
        };
        for (language, file) in FILES {
            for (name, entries) in parse::lines(file) {
                out.add(language, name, &entries);
            }
        }
        out
    }

    fn add(&mut self, language: ListingLanguage, name: &'static str, entries: &[&'static str]) {
        if let Some(list) = name.strip_prefix('@') {
            match WordList::named(list) {
                Some(list) => {
                    let phrases = self.lists.entry(list).or_default();
                    entries.iter().for_each(|entry| phrases.add(Phrase::new(entry, None)));
                }
                None => self.numerals.add(list, entries),
            }
            return;
        }
        let concept = self.concepts.named(name);
        if concept.is_none() && name != IGNORED {
            return;
        }
        for entry in entries {
            let (entry, is_own) = match entry.strip_suffix(" !") {
                Some(entry) => (entry, true),
                None => (*entry, false),
            };
            if let Some(concept) = concept {
                if let Some(compound) = Compound::new(entry, concept, language) {
                    self.phrases.add_compound(compound);
                    continue;
                }
                self.written.entry((language, concept)).or_insert(entry);
            }
            let is_name =
                concept.is_some_and(|concept| self.concepts.kind(concept) == ConceptKind::Name);
            let mut phrase = Phrase::new(entry, concept);
            phrase.language = is_own.then_some(language);
            phrase.is_capital |= is_name;
            self.phrases.add(phrase);
        }
    }

    /// Concepts and ignored words.
    pub(crate) fn phrases(&self) -> &Phrases {
        &self.phrases
    }

    /// A list that steers the reading.
    pub(crate) fn list(&self, list: WordList) -> &Phrases {
        static EMPTY: LazyLock<Phrases> = LazyLock::new(Phrases::default);
        self.lists.get(&list).unwrap_or(&EMPTY)
    }

    /// The kind of a concept.
    pub(crate) fn kind(&self, concept: ConceptId) -> ConceptKind {
        self.concepts.kind(concept)
    }

    /// Whether something is `general` because it is `special`: merino is wool.
    pub(crate) fn implies(&self, special: ConceptId, general: ConceptId) -> bool {
        self.concepts.implies(special, general)
    }

    /// The concept of a name in `concepts.txt`.
    pub(crate) fn concept(&self, name: &str) -> Option<ConceptId> {
        self.concepts.named(name)
    }

    /// How a concept is written in a language.
    pub(crate) fn written(&self, language: ListingLanguage, concept: ConceptId) -> Option<&str> {
        self.written.get(&(language, concept)).copied()
    }

    /// The number word that begins at a byte of a text.
    pub(crate) fn number_word_at(&self, text: &str, at: usize) -> Option<NumberWord> {
        self.numerals.at(text, at)
    }

    /// Whether a word stands for "%".
    pub(crate) fn is_percent(&self, word: &str) -> bool {
        self.numerals.is_percent(word)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_line_names_a_concept_or_a_list() {
        let vocabulary = &*VOCABULARY;
        for (language, file) in FILES {
            let mut seen = HashSet::new();
            for (name, entries) in parse::lines(file) {
                assert!(seen.insert(name), "{language:?}: {name} is there twice");
                assert!(!entries.is_empty(), "{language:?}: {name} has no words");
                let is_known = match name.strip_prefix('@') {
                    Some(list) => WordList::named(list).is_some() || Numerals::knows(list),
                    None => name == IGNORED || vocabulary.concept(name).is_some(),
                };
                assert!(is_known, "{language:?}: {name}");
            }
        }
    }

    #[test]
    fn every_concept_has_words() {
        let vocabulary = &*VOCABULARY;
        for concept in vocabulary.concepts.all() {
            let name = vocabulary.concepts.name(concept);
            let has_words =
                FILES.iter().any(|(language, _)| vocabulary.written(*language, concept).is_some());
            assert!(has_words, "{name}");
        }
    }

    #[test]
    fn what_follows_goes_one_way() {
        let vocabulary = &*VOCABULARY;
        let concept = |name| vocabulary.concept(name).unwrap();
        assert!(vocabulary.implies(concept("merino"), concept("wool")));
        assert!(!vocabulary.implies(concept("wool"), concept("merino")));
        assert!(vocabulary.implies(concept("stainless-steel"), concept("metal")));
        assert!(!vocabulary.implies(concept("faux-leather"), concept("leather")));
    }
}
