//! Searches that a catalogue is likely to see, made from its own texts: nobody's are needed.

use std::collections::HashSet;

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use vitrine_domain::script::is_unspaced;

/// What is said of a card.
#[derive(Clone, Copy, Debug)]
pub struct CardTexts<'a> {
    /// Readable title.
    pub title: &'a str,
    /// What else is said: attributes, or a description; may be empty.
    pub details: &'a str,
    /// May be empty.
    pub category: &'a str,
}

/// Share of searches that are the name of a category.
const CATEGORY_SHARE: f64 = 0.15;
/// Share of the others that are cut out of the title, where there are details.
const TITLE_SHARE: f64 = 0.75;
/// How many words a search has: people type few.
const LENGTHS: [usize; 6] = [1, 2, 2, 3, 3, 4];
/// Of searches with so many words, one is left out now and then.
const DROPPED_FROM: usize = 3;
const DROPPED_SHARE: f64 = 0.3;
/// Share of searches that say the category, too.
const APPENDED_SHARE: f64 = 0.3;
/// Shorter words are not searched for.
const LETTERS_MIN: usize = 3;
/// A longer word with a digit is a number of the maker's, which few type.
const NUMBERED_LETTERS_MAX: usize = 4;
/// Draws for each search that is wanted, at most, unless there are more cards.
const DRAWS_A_QUERY_MAX: usize = 20;
/// How often each card is drawn from, at most.
const ROUNDS_MAX: u64 = 200;

/// Distinct searches in lower case, at most `n`: fewer where the texts give no more.
///
/// Each card's are drawn by its own texts, and which cards are drawn from first, too: a card
/// more or less changes few of them.
pub fn likely_queries(cards: &[CardTexts<'_>], n: usize, seed: u64) -> Vec<String> {
    likely_of_cards(cards, n, seed).into_iter().map(|(query, _)| query).collect()
}

/// [`likely_queries`], each with the place of the card that it was made of.
pub fn likely_of_cards(cards: &[CardTexts<'_>], n: usize, seed: u64) -> Vec<(String, usize)> {
    let mut drawn: Vec<(u64, usize)> = cards.iter().map(|card| card.seed(seed)).zip(0..).collect();
    drawn.sort_unstable();
    let mut seen = HashSet::new();
    let mut queries = Vec::new();
    let mut n_draws_left = (n * DRAWS_A_QUERY_MAX).max(cards.len());
    for round in 0..ROUNDS_MAX {
        for &(seed, at) in &drawn {
            if queries.len() == n || n_draws_left == 0 {
                return queries;
            }
            n_draws_left -= 1;
            let query = query(cards[at], &mut SmallRng::seed_from_u64(seed.wrapping_add(round)));
            if let Some(query) = query.filter(|query| !seen.contains(query)) {
                seen.insert(query.clone());
                queries.push((query, at));
            }
        }
    }
    queries
}

impl CardTexts<'_> {
    fn seed(&self, seed: u64) -> u64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes());
        for text in [self.title, self.details, self.category] {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        u64::from_le_bytes(first)
    }
}

fn query(card: CardTexts<'_>, rng: &mut SmallRng) -> Option<String> {
    let category = card.category.to_lowercase();
    if !category.is_empty() && rng.random_bool(CATEGORY_SHARE) {
        return Some(category);
    }
    let is_of_title = card.details.is_empty() || rng.random_bool(TITLE_SHARE);
    let words = words(if is_of_title { card.title } else { card.details });
    let n = *LENGTHS.choose(rng)?;
    let start = rng.random_range(0..=words.len().checked_sub(n)?);
    let mut chosen: Vec<&str> = words[start..start + n].iter().map(String::as_str).collect();
    if !chosen.iter().all(|word| is_searched_for(word)) {
        return None;
    }
    if n >= DROPPED_FROM && rng.random_bool(DROPPED_SHARE) {
        chosen.remove(rng.random_range(0..n));
    }
    if !category.is_empty() && rng.random_bool(APPENDED_SHARE) {
        chosen.push(&category);
    }
    Some(joined(&chosen))
}

/// Words in lower case; of a script without spaces, its characters.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        let mut word = String::new();
        for c in run.chars() {
            if is_unspaced(c) {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                words.push(c.into());
            } else {
                word.extend(c.to_lowercase());
            }
        }
        words.extend((!word.is_empty()).then_some(word));
    }
    words
}

/// With a space between words, and none within scripts that have none.
fn joined(words: &[&str]) -> String {
    let mut text = String::new();
    for word in words {
        let is_apart = |c: Option<char>| c.is_some_and(|c| !is_unspaced(c));
        if is_apart(text.chars().last()) || (!text.is_empty() && is_apart(word.chars().next())) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

fn is_searched_for(word: &str) -> bool {
    let n_letters = word.chars().count();
    let is_word = n_letters >= LETTERS_MIN || word.chars().all(is_unspaced);
    is_word && (n_letters <= NUMBERED_LETTERS_MAX || !word.contains(|c: char| c.is_numeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARDS: [CardTexts<'static>; 3] = [
        CardTexts {
            title: "Wireless Over-Ear Headphones XJ90210",
            details: "matt black leather",
            category: "Audio",
        },
        CardTexts { title: "无糖乌龙茶饮料", details: "", category: "茶" },
        CardTexts { title: "Ü", details: "", category: "" },
    ];

    #[test]
    fn searches_are_distinct_parts_of_the_texts() {
        let queries = likely_queries(&CARDS, 40, 7);
        assert!(queries.len() > 20, "{queries:?}");
        assert_eq!(queries.iter().collect::<HashSet<_>>().len(), queries.len());
        let text = "wireless over ear headphones xj90210 matt black leather audio";
        for query in &queries {
            let is_chinese = |word: &str| "无糖乌龙茶饮料茶".contains(word);
            let is_known = |word: &str| text.split(' ').any(|of| of == word);
            let has_chinese = query.chars().any(is_unspaced);
            let known = query.split(' ').all(|word| is_known(word) || has_chinese);
            assert!(known, "{query:?}");
            assert!(!query.contains("xj90210") && !query.contains('ü'), "{query:?}");
            assert!(!has_chinese || is_chinese(&query[..3]), "{query:?}");
        }
        assert!(queries.iter().any(|query| query == "audio"));
        assert!(queries.iter().any(|query| query.chars().count() == 3 && query.contains('茶')));
    }

    #[test]
    fn a_card_more_changes_few_searches() {
        let word = |i: usize| "abcdefghijk".chars().cycle().skip(i % 11).take(3 + i % 7);
        let title =
            |i: usize| -> String { word(i).chain(" ".chars()).chain(word(i / 7)).collect() };
        let titles: Vec<String> = (0..300).map(title).collect();
        let cards: Vec<CardTexts<'_>> =
            titles.iter().map(|title| CardTexts { title, details: "", category: "" }).collect();
        let (fewer, all) = (likely_queries(&cards[1..], 60, 7), likely_queries(&cards, 60, 7));
        let known: HashSet<&String> = fewer.iter().collect();
        let n_new = all.iter().filter(|query| !known.contains(query)).count();
        assert!(n_new <= 5, "{n_new} of {}", all.len());
    }

    #[test]
    fn the_same_seed_gives_the_same_searches_and_few_texts_few() {
        assert_eq!(likely_queries(&CARDS, 10, 1), likely_queries(&CARDS, 10, 1));
        assert!(likely_queries(&[], 10, 1).is_empty());
        let only = likely_queries(&CARDS[2..], 10, 1);
        assert!(only.is_empty(), "{only:?}");
    }
}
