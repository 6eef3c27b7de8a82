//! The index: every word's beginning points at what it stands in.

use std::collections::HashMap;
use vitrine_domain::pace::{Pace, Unpaced, at_once};
use vitrine_domain::script::is_unspaced;
use vitrine_domain::sorting::{sort_by, sort_by_key, sort_by_paced};

use crate::phrases::phrases;
use crate::spelling;
use crate::words::folded;
use crate::{SuggestCard, Suggestion, SuggestionKind};

/// Most suggestions at once.
pub const SUGGESTIONS_MAX: usize = 20;
/// Most suggestions of each kind in a list of eight; longer lists have more.
const QUOTAS: [(SuggestionKind, usize); 4] = [
    (SuggestionKind::Query, 4),
    (SuggestionKind::Category, 1),
    (SuggestionKind::Department, 1),
    (SuggestionKind::Product, 8),
];
/// Entries that are looked at for one text, those of most buyers: a single
/// letter begins something in a third of them.
const LOOKED_AT_MAX: usize = 2_000;
/// Entries that are looked at for the spellings of one text.
const MISSPELT_LOOKED_AT_MAX: usize = 500;
/// Words of a text that may be misspelt; any further ones must be spelt right.
const MISSPELT_WORDS_MAX: usize = 4;
/// With more completions than these, spelt as they are, no word is taken for misspelt.
const SPELT_RIGHT_MAX: usize = 2;
/// Texts that are read between two breaths.
const STRETCH_TEXTS: usize = 128;
/// Most characters of a text that is completed.
const TEXT_CHARS_MAX: usize = 100;

/// Answers an unfinished text. Immutable; made of one catalogue's cards.
pub struct Suggester {
    /// Most buyers first.
    entries: Vec<Entry>,
    /// Each word of each entry, in scripts without spaces each character: the entry and the word's first byte in
    /// [`Entry::folded`], ordered by the text from there on.
    starts: Vec<(u32, u32)>,
}

struct Entry {
    folded: String,
    suggestion: Suggestion,
    /// Higher is better.
    weight: f32,
}

impl Entry {
    /// Whether both would look alike and lead to about the same: words and a filter of
    /// the same name do not.
    fn says_the_same(&self, other: &Self) -> bool {
        let is_filter = |entry: &Self| {
            matches!(entry.suggestion.kind, SuggestionKind::Category | SuggestionKind::Department)
        };
        self.folded == other.folded && is_filter(self) == is_filter(other)
    }
}

impl std::fmt::Debug for Suggester {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Suggester").field("n_entries", &self.entries.len()).finish()
    }
}

impl Suggester {
    /// Reads the cards: departments, categories, shared phrases, products.
    pub fn new<'a>(cards: impl Iterator<Item = SuggestCard<'a>> + Clone) -> Self {
        at_once(Self::new_paced(cards, &Unpaced))
    }

    /// Reads the cards like [`Suggester::new`], in pieces.
    pub async fn new_paced<'a>(
        cards: impl Iterator<Item = SuggestCard<'a>> + Clone,
        pace: &dyn Pace,
    ) -> Self {
        let mut entries = Vec::new();
        let mut add = |kind, text: &str, n_items: u32, n_buyers: u64, item| {
            let folded = folded(text);
            if !folded.is_empty() {
                let suggestion = Suggestion { kind, text: text.to_owned(), n_items, item };
                entries.push(Entry { folded, suggestion, weight: (n_buyers as f32).ln_1p() });
            }
        };
        let departments = totals(cards.clone().map(|card| (card.department, card.n_buyers)));
        for (name, (n_items, n_buyers)) in departments {
            add(SuggestionKind::Department, name, n_items, n_buyers, None);
        }
        pace.breathe().await;
        let categories = totals(cards.clone().map(|card| (card.category, card.n_buyers)));
        for (name, (n_items, n_buyers)) in categories {
            add(SuggestionKind::Category, name, n_items, n_buyers, None);
        }
        pace.breathe().await;
        let titles = cards.clone().map(|card| (card.title, card.n_buyers));
        for (place, phrase) in phrases(titles, pace).await.into_iter().enumerate() {
            if place % STRETCH_TEXTS == 0 {
                pace.breathe().await;
            }
            add(SuggestionKind::Query, &phrase.text, phrase.n_items, phrase.n_buyers, None);
        }
        for (place, card) in cards.enumerate() {
            if place % STRETCH_TEXTS == 0 {
                pace.breathe().await;
            }
            let n_buyers = u64::from(card.n_buyers);
            add(SuggestionKind::Product, card.title, 1, n_buyers, Some(card.id));
        }
        sort_by_paced(&mut entries, |a, b| b.weight.total_cmp(&a.weight), pace).await;
        let mut starts: Vec<(u32, u32)> = Vec::new();
        for (i, entry) in (0u32..).zip(&entries) {
            if (i as usize).is_multiple_of(STRETCH_TEXTS) {
                pace.breathe().await;
            }
            // Where there are no spaces, any character may begin a word.
            let mut is_start = true;
            for (at, c) in entry.folded.char_indices() {
                if is_start || is_unspaced(c) {
                    starts.push((i, at as u32));
                }
                is_start = c == ' ';
            }
        }
        let text = |&(entry, at): &(u32, u32)| &entries[entry as usize].folded[at as usize..];
        sort_by_paced(&mut starts, |a, b| text(a).cmp(text(b)).then_with(|| a.cmp(b)), pace).await;
        Self { entries, starts }
    }

    /// What `text` may become, at most `limit` (and [`SUGGESTIONS_MAX`]), the
    /// likeliest of each kind: its words stand in it, the last one unfinished.
    /// Queries come first, then categories, departments, products.
    ///
    /// Where next to nothing begins so, words of four letters and more may differ by one
    /// edit; what is found that way comes after all that is spelt as typed.
    pub fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        let limit = limit.min(SUGGESTIONS_MAX);
        let typed: String = text.chars().take(TEXT_CHARS_MAX).collect();
        let (folded, is_word_done) = (folded(&typed), typed.ends_with(char::is_whitespace));
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let typed = Typed { text: &folded, is_word_done };
        let as_typed: Vec<Vec<String>> =
            words.iter().map(|word| vec![(*word).to_owned()]).collect();
        let mut taken = best_of_kinds(self.found(&typed, &as_typed, LOOKED_AT_MAX), limit, &[]);
        if taken.len() <= SPELT_RIGHT_MAX && taken.len() < limit {
            let spelt = |(place, word): (usize, &&str)| match place < MISSPELT_WORDS_MAX {
                true => self.spellings(word),
                false => vec![(*word).to_owned()],
            };
            let spellings: Vec<Vec<String>> = words.iter().enumerate().map(spelt).collect();
            if spellings != as_typed {
                let found = self.found(&typed, &spellings, MISSPELT_LOOKED_AT_MAX);
                taken.extend(best_of_kinds(found, limit - taken.len(), &taken));
            }
        }
        taken.into_iter().map(|entry| entry.suggestion.clone()).collect()
    }

    /// What a word, in lower case, may be meant to begin: itself, if any text has a word
    /// that begins so, and from four letters on what differs from it by one edit after its
    /// first letter. At most [`spelling::SPELLINGS_MAX`], the nearest first. A word in a script
    /// without spaces is only itself: there a character is as much as a word elsewhere.
    pub fn spellings(&self, word: &str) -> Vec<String> {
        if word.starts_with(is_unspaced) {
            return vec![word.to_owned()];
        }
        let next_chars = |start: &str| self.next_chars(start);
        let is_begun = |start: &str| !self.starting_with(start).is_empty();
        spelling::spellings(word, next_chars, is_begun)
    }

    /// The entries that have each word in one of its spellings, with how well they fit.
    fn found(&self, typed: &Typed<'_>, words: &[Vec<String>], n_max: usize) -> Vec<(&Entry, f32)> {
        // The word that the fewest texts have a beginning of is looked up.
        let places = words.iter().map(|spellings| {
            spellings.iter().map(|start| self.starting_with(start)).collect::<Vec<_>>()
        });
        let rarest = places.min_by_key(|places| places.iter().map(|of| of.len()).sum::<usize>());
        let mut places: Vec<u32> =
            rarest.iter().flatten().flat_map(|of| of.iter().map(|(entry, _)| *entry)).collect();
        sort_by(&mut places, Ord::cmp);
        places.dedup();
        places.truncate(n_max);
        let found = places.into_iter().filter_map(|entry| {
            let entry = &self.entries[entry as usize];
            Some((entry, entry.weight + fit(&entry.folded, typed, words)?))
        });
        found.collect()
    }

    /// The distinct characters that follow a beginning of words, in order.
    fn next_chars(&self, start: &str) -> Vec<char> {
        let places = self.starting_with(start);
        let rest = |&(entry, at): &(u32, u32)| {
            &self.entries[entry as usize].folded[at as usize + start.len()..]
        };
        let mut chars = Vec::new();
        let mut at = 0;
        while let Some(place) = places.get(at) {
            let next = rest(place).chars().next();
            chars.extend(next.filter(|c| *c != ' '));
            at += places[at..].partition_point(|place| rest(place).chars().next() <= next);
        }
        chars
    }

    /// The words that begin with `start`.
    fn starting_with(&self, start: &str) -> &[(u32, u32)] {
        let text = |&(entry, at): &(u32, u32)| &self.entries[entry as usize].folded[at as usize..];
        let first = self.starts.partition_point(|place| text(place) < start);
        let n = self.starts[first..].partition_point(|place| text(place).starts_with(start));
        &self.starts[first..first + n]
    }
}

/// What was typed, as it is compared.
struct Typed<'a> {
    text: &'a str,
    is_word_done: bool,
}

/// How well a text answers what was typed, each word in one of its spellings; `None`
/// when it lacks a word.
fn fit(text: &str, typed: &Typed<'_>, words: &[Vec<String>]) -> Option<f32> {
    let (unfinished, done) = words.split_last()?;
    let within = |word: &str| word.starts_with(is_unspaced) && text.contains(word);
    let has = |spellings: &&Vec<String>| {
        spellings.iter().any(|word| within(word) || text.split(' ').any(|other| other == word))
    };
    let begins = |spellings: &Vec<String>| {
        let begun = |word: &str| text.split(' ').any(|other| other.starts_with(word));
        spellings.iter().any(|word| within(word) || begun(word))
    };
    if !done.iter().all(begins) || !begins(unfinished) {
        return None;
    }
    let begins_text = if text.starts_with(typed.text) { 3.0 } else { 0.0 };
    let whole_words = done.iter().filter(has).count() as f32;
    let whole_last = if typed.is_word_done && has(&unfinished) { 2.0 } else { 0.0 };
    Some(begins_text + whole_words + whole_last - 0.05 * text.len() as f32)
}

/// The best of each kind within its quota, kinds in their order; what other
/// kinds leave goes to the best of the rest. No text twice, and none that is shown.
fn best_of_kinds<'a>(
    mut found: Vec<(&'a Entry, f32)>,
    limit: usize,
    shown: &[&'a Entry],
) -> Vec<&'a Entry> {
    sort_by(&mut found, |(a, x), (b, y)| {
        y.total_cmp(x).then_with(|| a.folded.cmp(&b.folded)).then_with(|| {
            let key = |entry: &Entry| (entry.suggestion.kind, entry.suggestion.item);
            key(a).cmp(&key(b))
        })
    });
    let mut taken: Vec<&Entry> = Vec::new();
    let is_new = |taken: &[&Entry], entry: &Entry| {
        taken.iter().chain(shown).all(|other| !other.says_the_same(entry))
    };
    for (kind, quota) in QUOTAS {
        let quota = (quota * limit).div_ceil(8).min(limit - taken.len().min(limit));
        let mut left = quota;
        for (entry, _) in &found {
            if left > 0 && entry.suggestion.kind == kind && is_new(&taken, entry) {
                taken.push(entry);
                left -= 1;
            }
        }
    }
    for (entry, _) in &found {
        if taken.len() < limit && is_new(&taken, entry) {
            taken.push(entry);
        }
    }
    sort_by_key(&mut taken, |entry| entry.suggestion.kind);
    taken
}

/// Cards and buyers by name, in the order of the names.
fn totals<'a>(cards: impl Iterator<Item = (&'a str, u32)>) -> Vec<(&'a str, (u32, u64))> {
    let mut totals: HashMap<&str, (u32, u64)> = HashMap::new();
    for (name, n_buyers) in cards {
        let total = totals.entry(name).or_default();
        *total = (total.0 + 1, total.1 + u64::from(n_buyers));
    }
    let mut totals: Vec<_> = totals.into_iter().collect();
    sort_by(&mut totals, Ord::cmp);
    totals
}

#[cfg(test)]
mod tests;
