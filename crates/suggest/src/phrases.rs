//! Phrases that several titles share: what other shoppers may well search for.

use std::collections::HashMap;
use vitrine_domain::pace::Pace;
use vitrine_domain::sorting::{sort_by, sort_by_paced};

use crate::words::folded;

/// Least cards that share a phrase.
const PHRASE_CARDS_MIN: u32 = 3;
/// Most words of a phrase.
const PHRASE_WORDS_MAX: usize = 3;
/// Phrases kept, the most frequent.
const PHRASES_MAX: usize = 50_000;
/// Titles that are read between two breaths.
const STRETCH_TITLES: usize = 64;
/// Words that a phrase neither begins nor ends with.
const LINKS: [&str; 14] =
    ["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"];

/// A phrase with the cards that have it and their buyers.
pub(crate) struct Phrase {
    pub text: String,
    pub n_items: u32,
    pub n_buyers: u64,
}

/// Counts the phrases of titles (with their buyers). One that is always part of
/// the same longer one is left out.
pub(crate) async fn phrases<'a>(
    titles: impl Iterator<Item = (&'a str, u32)>,
    pace: &dyn Pace,
) -> Vec<Phrase> {
    let mut counts: HashMap<String, (u32, u64)> = HashMap::new();
    for (place, (title, n_buyers)) in titles.enumerate() {
        if place % STRETCH_TITLES == 0 {
            pace.breathe().await;
        }
        let title = folded(title);
        let words: Vec<&str> = title.split(' ').filter(|word| !word.is_empty()).collect();
        let mut own: Vec<String> = Vec::new();
        for n in 1..=PHRASE_WORDS_MAX {
            own.extend(words.windows(n).filter(|words| is_phrase(words)).map(|w| w.join(" ")));
        }
        sort_by(&mut own, Ord::cmp);
        own.dedup();
        for phrase in own {
            let count = counts.entry(phrase).or_default();
            *count = (count.0 + 1, count.1 + u64::from(n_buyers));
        }
    }
    counts.retain(|_, (n_items, _)| *n_items >= PHRASE_CARDS_MIN);
    pace.breathe().await;
    let absorbed: Vec<String> = counts
        .iter()
        .flat_map(|(phrase, (n_items, _))| {
            let parts = [phrase.split_once(' '), phrase.rsplit_once(' ')];
            let [first, last] = parts.map(Option::unwrap_or_default);
            let is_same = |part: &&str| counts.get(*part).is_some_and(|(n, _)| n == n_items);
            [first.1, last.0].into_iter().filter(is_same).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    for part in &absorbed {
        counts.remove(part);
    }
    pace.breathe().await;
    let mut phrases: Vec<Phrase> = counts
        .into_iter()
        .map(|(text, (n_items, n_buyers))| Phrase { text, n_items, n_buyers })
        .collect();
    let by_items = |a: &Phrase, b: &Phrase| b.n_items.cmp(&a.n_items).then(a.text.cmp(&b.text));
    sort_by_paced(&mut phrases, by_items, pace).await;
    phrases.truncate(PHRASES_MAX);
    phrases
}

fn is_phrase(words: &[&str]) -> bool {
    let is_content = |word: &&str| {
        !LINKS.contains(word) && word.chars().any(char::is_alphabetic) && word.len() > 1
    };
    words.first().is_some_and(is_content) && words.last().is_some_and(is_content)
}

#[cfg(test)]
mod tests {
    use vitrine_domain::pace::{Unpaced, at_once};

    use super::*;

    #[test]
    fn shared_phrases_are_counted_and_parts_of_the_same_left_out() {
        let titles =
            ["Chocolate milk 2 %", "Chocolate milk, large", "Chocolate milk", "Milk of the farm"];
        let found = at_once(phrases(titles.into_iter().map(|title| (title, 10)), &Unpaced));
        let found: Vec<_> = found.into_iter().map(|p| (p.text, p.n_items, p.n_buyers)).collect();
        assert_eq!(found, [("milk".to_owned(), 4, 40), ("chocolate milk".to_owned(), 3, 30)]);
    }
}
