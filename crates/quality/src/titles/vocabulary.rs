//! Completing words that a column's width has cut off, from the catalogue's own words.

use std::collections::{BTreeMap, HashMap};

/// How many texts must end at one width before it counts as the column's.
const CUT_TEXTS_MIN: usize = 5;
/// A stump shorter than this completes to too many words to be worth a guess.
const STUMP_CHARS_MIN: usize = 3;

/// Whole words of a catalogue's texts, and the width at which its texts are cut.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// Whole words and how many texts have them.
    words: BTreeMap<String, u32>,
    /// Texts of at least this many characters are cut; `None` when none are.
    width: Option<usize>,
}

impl Vocabulary {
    /// Learns from the distinct titles of a catalogue. Their order does not matter.
    pub fn learn<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let width = cut_width(texts.clone());
        let mut words = BTreeMap::new();
        for text in texts {
            let cut = width.is_some_and(|width| text.trim_end().chars().count() >= width);
            let mut parts: Vec<&str> = split_words(text).collect();
            if cut {
                parts.pop();
            }
            for word in parts.into_iter().filter(|word| word.len() > 1) {
                *words.entry(word.to_uppercase()).or_default() += 1;
            }
        }
        Self { words, width }
    }

    /// Whether `text` fills its column, so that its end may be missing.
    pub(super) fn is_cut(&self, text: &str) -> bool {
        self.width.is_some_and(|width| text.chars().count() >= width)
    }

    /// Whether a title fills the column of a feed, so that its end may be missing.
    pub(crate) fn fills_column(&self, text: &str) -> bool {
        self.is_cut(text.trim_end())
    }

    /// What becomes of the last word of a cut text: itself when it is a word,
    /// the one word it can be the start of, or nothing.
    pub(super) fn complete(&self, stump: &str) -> Option<String> {
        let stump = stump.to_uppercase();
        if self.words.contains_key(&stump) || super::sentence::is_known(&stump) {
            return Some(stump);
        }
        if stump.chars().count() < STUMP_CHARS_MIN {
            return None;
        }
        let mut longer = self
            .words
            .range(stump.clone()..)
            .map(|(word, _)| word)
            .take_while(|word| word.starts_with(&stump));
        let first = longer.next()?.clone();
        // Forms of one word (plural, -ing) are no ambiguity: the shortest stands for all.
        longer.all(|word| word.starts_with(&first)).then_some(first)
    }
}

/// The longest length, when so many texts have exactly it that it must be a limit.
fn cut_width<'a>(texts: impl Iterator<Item = &'a str>) -> Option<usize> {
    let mut lengths: HashMap<usize, usize> = HashMap::new();
    for text in texts {
        *lengths.entry(text.trim_end().chars().count()).or_default() += 1;
    }
    let longest = *lengths.keys().max()?;
    let at = |length: usize| lengths.get(&length).copied().unwrap_or(0);
    let cut = at(longest) >= CUT_TEXTS_MIN && at(longest) > at(longest.saturating_sub(1));
    cut.then_some(longest)
}

fn split_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journey_like() -> Vocabulary {
        Vocabulary::learn(
            [
                "ADULT INCONTINENCE PADS",
                "LADIES UNDERGARMENTS",
                "SUPPLEMENTS",
                "FROZEN CAKES",
                "PRODUCTS",
                "PRODUCE",
                // Six texts that fill a column of 30.
                "ADULT INCONTINENCE UNDERGARMEN",
                "VITAMIN - NON HERBAL SUPPLEMEN",
                "ADULT INCONTINENCE MISC PRODUC",
                "FROZEN DESSERT (ICE CREAM CAKE",
                "BABY ANTIBIOTIC OINTMENTS & CR",
                "KITCHEN & BATHROOM DISPENSER C",
            ]
            .into_iter(),
        )
    }

    #[test]
    fn only_unambiguous_stumps_are_completed() {
        let vocabulary = journey_like();
        assert!(vocabulary.is_cut("ADULT INCONTINENCE UNDERGARMEN"));
        assert!(!vocabulary.is_cut("FROZEN CAKES"));
        assert_eq!(vocabulary.complete("UNDERGARMEN").as_deref(), Some("UNDERGARMENTS"));
        assert_eq!(vocabulary.complete("SUPPLEMEN").as_deref(), Some("SUPPLEMENTS"));
        assert_eq!(vocabulary.complete("PRODUC"), None, "products or produce");
        assert_eq!(vocabulary.complete("CR"), None);
        assert_eq!(vocabulary.complete("CAKES").as_deref(), Some("CAKES"));
    }

    #[test]
    fn free_text_has_no_width() {
        let texts = ["A RED SCARF", "A BLUE SCARF", "GLOVES", "ONE VERY LONG TITLE OF A SHOP"];
        assert!(!Vocabulary::learn(texts.into_iter()).is_cut("ONE VERY LONG TITLE OF A SHOP"));
    }
}
