//! The index: every word's beginning points at what it stands in.

use std::collections::HashMap;
use vitrine_domain::sorting::{sort_by, sort_by_key};

use crate::phrases::phrases;
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
/// Most characters of a text that is completed.
const TEXT_CHARS_MAX: usize = 100;

/// Answers an unfinished text. Immutable; made of one catalogue's cards.
pub struct Suggester {
    /// Most buyers first.
    entries: Vec<Entry>,
    /// Each word of each entry: the entry and the word's first byte in
    /// [`Entry::folded`], ordered by the text from there on.
    starts: Vec<(u32, u32)>,
}

struct Entry {
    folded: String,
    suggestion: Suggestion,
    /// Higher is better.
    weight: f32,
}

impl std::fmt::Debug for Suggester {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Suggester").field("n_entries", &self.entries.len()).finish()
    }
}

impl Suggester {
    /// Reads the cards: departments, categories, shared phrases, products.
    pub fn new<'a>(cards: impl Iterator<Item = SuggestCard<'a>> + Clone) -> Self {
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
        let categories = totals(cards.clone().map(|card| (card.category, card.n_buyers)));
        for (name, (n_items, n_buyers)) in categories {
            add(SuggestionKind::Category, name, n_items, n_buyers, None);
        }
        for phrase in phrases(cards.clone().map(|card| (card.title, card.n_buyers))) {
            add(SuggestionKind::Query, &phrase.text, phrase.n_items, phrase.n_buyers, None);
        }
        for card in cards {
            let n_buyers = u64::from(card.n_buyers);
            add(SuggestionKind::Product, card.title, 1, n_buyers, Some(card.id));
        }
        sort_by(&mut entries, |a, b| b.weight.total_cmp(&a.weight));
        let mut starts: Vec<(u32, u32)> = Vec::new();
        for (i, entry) in (0u32..).zip(&entries) {
            let spaces = entry.folded.match_indices(' ').map(|(at, _)| at as u32 + 1);
            starts.extend(std::iter::once(0).chain(spaces).map(|at| (i, at)));
        }
        let text = |&(entry, at): &(u32, u32)| &entries[entry as usize].folded[at as usize..];
        sort_by(&mut starts, |a, b| text(a).cmp(text(b)).then_with(|| a.cmp(b)));
        Self { entries, starts }
    }

    /// What `text` may become, at most `limit` (and [`SUGGESTIONS_MAX`]), the
    /// likeliest of each kind: its words stand in it, the last one unfinished.
    /// Queries come first, then categories, departments, products.
    pub fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        let limit = limit.min(SUGGESTIONS_MAX);
        let typed: String = text.chars().take(TEXT_CHARS_MAX).collect();
        let (typed, is_word_done) = (folded(&typed), typed.ends_with(char::is_whitespace));
        let words: Vec<&str> = typed.split(' ').filter(|word| !word.is_empty()).collect();
        // The word that the fewest texts have a beginning of is looked up.
        let rarest =
            words.iter().map(|word| self.starting_with(word)).min_by_key(|places| places.len());
        let Some(rarest) = rarest else { return Vec::new() };
        let mut places: Vec<u32> = rarest.iter().map(|(entry, _)| *entry).collect();
        sort_by(&mut places, Ord::cmp);
        places.dedup();
        places.truncate(LOOKED_AT_MAX);
        let found = places.into_iter().filter_map(|entry| {
            let entry = &self.entries[entry as usize];
            let fit = fit(&entry.folded, &typed, &words, is_word_done)?;
            Some((entry, entry.weight + fit))
        });
        best_of_kinds(found.collect(), limit)
    }

    /// The words that begin with `start`.
    fn starting_with(&self, start: &str) -> &[(u32, u32)] {
        let text = |&(entry, at): &(u32, u32)| &self.entries[entry as usize].folded[at as usize..];
        let first = self.starts.partition_point(|place| text(place) < start);
        let n = self.starts[first..].partition_point(|place| text(place).starts_with(start));
        &self.starts[first..first + n]
    }
}

/// How well a text answers what was typed; `None` when it lacks a word.
fn fit(text: &str, typed: &str, words: &[&str], is_word_done: bool) -> Option<f32> {
    let (unfinished, done) = words.split_last()?;
    let has = |word: &&str| text.split(' ').any(|other| other == *word);
    let begins = |word: &str| text.split(' ').any(|other| other.starts_with(word));
    if !done.iter().all(|word| has(word) || begins(word)) || !begins(unfinished) {
        return None;
    }
    let begins_text = if text.starts_with(typed) { 3.0 } else { 0.0 };
    let whole_words = done.iter().filter(|word| has(word)).count() as f32;
    let whole_last = if is_word_done && has(unfinished) { 2.0 } else { 0.0 };
    Some(begins_text + whole_words + whole_last - 0.05 * text.len() as f32)
}

/// The best of each kind within its quota, kinds in their order; what other
/// kinds leave goes to the best of the rest. No text twice.
fn best_of_kinds(mut found: Vec<(&Entry, f32)>, limit: usize) -> Vec<Suggestion> {
    sort_by(&mut found, |(a, x), (b, y)| {
        y.total_cmp(x).then_with(|| a.folded.cmp(&b.folded)).then_with(|| {
            let key = |entry: &Entry| (entry.suggestion.kind, entry.suggestion.item);
            key(a).cmp(&key(b))
        })
    });
    let mut taken: Vec<&Entry> = Vec::new();
    let is_new =
        |taken: &[&Entry], entry: &Entry| taken.iter().all(|other| other.folded != entry.folded);
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
    taken.into_iter().map(|entry| entry.suggestion.clone()).collect()
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
mod tests {
    use proptest::prelude::*;
    use vitrine_domain::ItemId;

    use super::*;

    const TITLES: [&str; 7] = [
        "Chocolate milk",
        "Chocolate milk, large",
        "Dark chocolate milk bar",
        "Milk chocolate chips",
        "Crème brûlée",
        "Ice cream",
        "Milk",
    ];

    fn suggester() -> Suggester {
        let card = |(i, title): (usize, &&'static str)| SuggestCard {
            id: ItemId(i as u64),
            title,
            department: if i < 4 { "Sweets" } else { "Dairy and milk" },
            category: "Fine foods",
            n_buyers: 10 * (i as u32 + 1),
        };
        Suggester::new(TITLES.iter().enumerate().map(card))
    }

    fn found(text: &str, limit: usize) -> Vec<(SuggestionKind, String)> {
        let found = suggester().suggest(text, limit);
        found.into_iter().map(|suggestion| (suggestion.kind, suggestion.text)).collect()
    }

    #[test]
    fn queries_come_first_then_categories_and_products() {
        use SuggestionKind::{Department, Product, Query};
        let names: Vec<_> = found("mil", 8);
        assert_eq!(names[0], (Query, "milk".to_owned()));
        assert!(names.contains(&(Department, "Dairy and milk".to_owned())), "{names:?}");
        assert!(names.contains(&(Product, "Milk chocolate chips".to_owned())), "{names:?}");
        assert!(names.is_sorted_by_key(|(kind, _)| *kind));
        let texts: std::collections::BTreeSet<_> = names.iter().map(|n| folded(&n.1)).collect();
        assert_eq!(texts.len(), names.len(), "no text twice");
    }

    #[test]
    fn every_word_counts_and_the_last_is_unfinished() {
        let texts = |text: &str| found(text, 8).into_iter().map(|f| f.1).collect::<Vec<_>>();
        assert_eq!(texts("dark choc"), ["Dark chocolate milk bar"]);
        assert_eq!(texts("choc dark"), ["Dark chocolate milk bar"]);
        assert_eq!(texts("BRÛ"), ["Crème brûlée"]);
        assert_eq!(texts("fine"), ["Fine foods"]);
        for text in ["", " ", "zzqx", "milk zzqx", "\u{202e}🍕", &"x".repeat(10_000)] {
            assert_eq!(texts(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn of_many_the_most_bought_are_looked_at() {
        let titles: Vec<String> = (0..3 * LOOKED_AT_MAX).map(|i| format!("Tea {i:05}")).collect();
        let card = |(i, title): (usize, &String)| (ItemId(i as u64), title.clone(), i as u32);
        let cards: Vec<_> = titles.iter().enumerate().map(card).collect();
        let suggester = Suggester::new(cards.iter().map(|(id, title, n_buyers)| SuggestCard {
            id: *id,
            title,
            department: "",
            category: "",
            n_buyers: *n_buyers,
        }));
        let found = suggester.suggest("t", 3);
        let texts: Vec<&str> = found.iter().map(|suggestion| suggestion.text.as_str()).collect();
        assert_eq!(texts, ["tea", "Tea 05999", "Tea 05998"]);
        assert_eq!(suggester.suggest("tea 00001", 3)[0].text, "Tea 00001");
    }

    #[test]
    fn lists_are_as_short_as_asked_for() {
        for limit in 0..30 {
            assert!(found("m", limit).len() <= limit.min(SUGGESTIONS_MAX));
        }
        assert_eq!(found("c", 3).len(), 3);
    }

    proptest! {
        #[test]
        fn what_is_suggested_has_all_words(text in "[a-emilkcho ]{0,12}") {
            for suggestion in suggester().suggest(&text, 20) {
                let has = folded(&suggestion.text);
                for word in folded(&text).split(' ') {
                    prop_assert!(has.split(' ').any(|other| other.starts_with(word)));
                }
            }
        }
    }
}
