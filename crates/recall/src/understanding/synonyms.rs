//! Words that mean the same.

use std::collections::HashMap;
use vitrine_domain::sorting::sort_by;

use vitrine_domain::Synonym;

use crate::{TextLanguage, analysis};

#[cfg(feature = "server")]
mod file;

#[cfg(feature = "server")]
pub use self::file::SynonymError;

/// Most words of one phrase.
const PHRASE_WORDS_MAX: usize = 4;
/// Most synonyms of one search.
const SYNONYMS_MAX: usize = 16;

/// What may be searched for beside what was typed.
#[derive(Clone, Debug, Default)]
pub struct Synonyms {
    /// Phrases as written, by the stems of a typed phrase.
    phrases: HashMap<String, Vec<String>>,
}

impl Synonyms {
    /// Synonyms that were made elsewhere, as [`Self::phrases`] gives them.
    pub fn of_phrases(phrases: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        Self { phrases: phrases.into_iter().collect() }
    }

    /// The stems of each phrase that may be typed, and what it may stand for, in order.
    pub fn phrases(&self) -> Vec<(&str, &[String])> {
        let phrases = self.phrases.iter().map(|(stems, others)| (stems.as_str(), &others[..]));
        let mut phrases: Vec<_> = phrases.collect();
        sort_by(&mut phrases, Ord::cmp);
        phrases
    }

    /// What may stand for words of a text, in the order of the text. Words in
    /// double quotes have none.
    pub fn of(&self, text: &str) -> Vec<Synonym> {
        let quotes = vitrine_conditions::quotes(text);
        let is_quoted = |at: usize| quotes.iter().any(|quote| quote.contains(&at));
        let words = analysis::spans(&analysis::words(), text);
        let stems = stems(text);
        let mut found = Vec::new();
        let mut start = 0;
        while start < words.len() {
            let longest = (1..=PHRASE_WORDS_MAX.min(words.len() - start)).rev().find_map(|n| {
                let others = self.phrases.get(&stems[start..start + n].join(" "))?;
                Some((n, others))
            });
            let Some((n, others)) = longest.filter(|_| !is_quoted(words[start].1.start)) else {
                start += 1;
                continue;
            };
            let phrase = &words[start..start + n];
            let typed: Vec<&str> = phrase.iter().map(|word| word.0.as_str()).collect();
            // Pairs of a script without spaces overlap.
            let span = phrase[0].1.start..phrase[n - 1].1.end;
            let typed = match phrase.windows(2).any(|pair| pair[1].1.start < pair[0].1.end) {
                true => text[span].to_lowercase(),
                false => typed.join(" "),
            };
            found.extend(
                others.iter().map(|used| Synonym { typed: typed.clone(), used: used.clone() }),
            );
            start += n;
        }
        found.truncate(SYNONYMS_MAX);
        found
    }
}

fn stems(phrase: &str) -> Vec<String> {
    analysis::tokens(&analysis::stems(TextLanguage::default().rules()), phrase)
}
