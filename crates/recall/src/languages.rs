//! In which language a catalogue's texts are.

use std::collections::{HashMap, HashSet};

use vitrine_conditions::{TEXTS, TextRules};

use crate::analysis;

/// Distinct frequent words of a language that titles in it have at least.
const WORD_KINDS_MIN: usize = 2;
/// Titles of a language for each frequent word in them, at most.
const TITLES_A_WORD_MAX: usize = 50;

/// The language by whose rules texts are stemmed. Scripts without spaces are cut the same way
/// in all of them.
#[derive(Clone, Copy, Debug)]
pub struct TextLanguage(&'static TextRules);

/// No language has this code.
#[derive(Debug, thiserror::Error)]
#[error("there is no language {code:?}; there are {}", codes().collect::<Vec<_>>().join(", "))]
pub struct UnknownLanguage {
    /// The code that was asked for.
    pub code: String,
}

impl Default for TextLanguage {
    /// English.
    fn default() -> Self {
        Self(TEXTS[0])
    }
}

impl PartialEq for TextLanguage {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

impl TextLanguage {
    /// The language of an ISO 639-1 code.
    ///
    /// # Errors
    /// There is none.
    pub fn of_code(code: &str) -> Result<Self, UnknownLanguage> {
        let found = TEXTS.into_iter().find(|rules| rules.code == code);
        found.map(Self).ok_or_else(|| UnknownLanguage { code: code.to_owned() })
    }

    /// The language whose frequent words the titles of a catalogue have most; English where
    /// none has so many of them, and of so many kinds, that it is no accident ("die cast").
    pub fn detect<'a>(titles: impl Iterator<Item = &'a str>) -> Self {
        let mut language_of: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, rules) in TEXTS.iter().enumerate() {
            for word in rules.stop_words {
                language_of.entry(word).or_default().push(place);
            }
        }
        let mut counts = [0usize; TEXTS.len()];
        let mut kinds: [HashSet<String>; TEXTS.len()] = Default::default();
        let mut n_titles = 0;
        let analyzer = analysis::words();
        for title in titles {
            n_titles += 1;
            for word in analysis::tokens(&analyzer, title) {
                for place in language_of.get(word.as_str()).into_iter().flatten() {
                    counts[*place] += 1;
                    if kinds[*place].len() < WORD_KINDS_MIN {
                        kinds[*place].insert(word.clone());
                    }
                }
            }
        }
        for (count, kinds) in counts.iter_mut().zip(&kinds).skip(1) {
            let is_no_accident =
                kinds.len() >= WORD_KINDS_MIN && *count * TITLES_A_WORD_MAX >= n_titles;
            *count = if is_no_accident { *count } else { 0 };
        }
        let best = counts.iter().copied().max().unwrap_or(0);
        Self(TEXTS[counts.iter().position(|n| *n == best).unwrap_or(0)])
    }

    /// Its ISO 639-1 code.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    pub(crate) fn rules(self) -> &'static TextRules {
        self.0
    }
}

fn codes() -> impl Iterator<Item = &'static str> {
    TEXTS.into_iter().map(|rules| rules.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_code_of_its_own() {
        for (place, rules) in TEXTS.into_iter().enumerate() {
            let language = TextLanguage::of_code(rules.code).expect("known");
            assert_eq!(language, TextLanguage(TEXTS[place]));
        }
        let error = TextLanguage::of_code("xx").expect_err("unknown").to_string();
        assert_eq!(error, "there is no language \"xx\"; there are en, de, zh");
    }

    #[test]
    fn the_language_is_that_of_most_frequent_words() {
        let code = |titles: &[&str]| TextLanguage::detect(titles.iter().copied()).code();
        assert_eq!(code(&["Milch mit Honig", "Käse aus Holland", "Tea for two"]), "de");
        assert_eq!(code(&["Milk with honey", "Bier ohne Alkohol", "Tea for two"]), "en");
        assert_eq!(code(&["Milk", "Tee"]), "en");
        assert_eq!(code(&["1:64 Die Cast Car", "Die Cast Truck", "Die Cast Bus"]), "en");
        assert_eq!(code(&["苹果手机", "绿茶"]), "en");
        assert_eq!(code(&[]), "en");
    }
}
