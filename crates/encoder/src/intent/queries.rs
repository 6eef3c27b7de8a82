//! Queries with known intent, made from the texts of a catalogue.
//!
//! Nobody's searches are needed: what people would type is cut out of what the
//! shop says. A phrase that many cards have is for browsing; one that a single
//! card has is for finding it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// What a shopper wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Find one product.
    Find,
    /// Look around in a category.
    Browse,
    /// Get a question answered.
    Ask,
}

impl Kind {
    /// All kinds, in the order of the head's outputs.
    pub const ALL: [Self; 3] = [Self::Find, Self::Browse, Self::Ask];

    /// The name in replies and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Find => "find",
            Self::Browse => "browse",
            Self::Ask => "ask",
        }
    }
}

/// What is known of a card.
#[derive(Clone, Copy, Debug)]
pub struct LabelledCard<'a> {
    /// Readable title.
    pub title: &'a str,
    /// Brand; may be empty.
    pub brand: &'a str,
    /// What the head is to tell; an empty one is not learned.
    pub category: &'a str,
}

/// A query and what it is after; what is not known is not learned from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledQuery {
    /// As a shopper would type it.
    pub text: String,
    /// Index of the category.
    pub category: Option<u32>,
    /// Kind.
    pub kind: Option<Kind>,
    /// Index of the card it was cut out of; queries of one card are alike.
    pub card: Option<u32>,
}

/// Questions around a product or a category, `{}`; two thirds of them train, and
/// the others measure.
const QUESTIONS: [&str; 36] = [
    "how do i choose a {}",
    "which {} is best",
    "what is the best {}",
    "how long does {} keep",
    "where can i find {}",
    "do you have {} in stock",
    "is the {} on offer this week",
    "can i return a {}",
    "what is the difference between {} and others",
    "how much {} do i need",
    "what goes well with {}",
    "is {} suitable for children",
    "when will {} be available again",
    "how do i use {}",
    "does {} come with a warranty",
    "why is {} so expensive",
    "who makes the {}",
    "what size of {} should i buy",
    "how to store {}",
    "are there any {} without sugar",
    "does the {} work with mine",
    "can you recommend a {}",
    "is there a cheaper {}",
    "what can i use instead of {}",
    "how to clean {}",
    "which {} would you buy",
    "what is {} made of",
    "is {} any good",
    "how many {} are in a pack",
    "does {} contain nuts",
    "what do i do when my {} is broken",
    "when is {} delivered",
    "can i get {} tomorrow",
    "should i buy {} now or later",
    "where is {} made",
    "how heavy is {}",
];
const N_QUESTIONS_TRAIN: usize = 24;

/// Which questions are asked: those to learn from, or those to measure with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phrases {
    /// To learn from.
    Training,
    /// To measure with.
    HeldOut,
}

impl Phrases {
    fn questions(self) -> &'static [&'static str] {
        match self {
            Self::Training => &QUESTIONS[..N_QUESTIONS_TRAIN],
            Self::HeldOut => &QUESTIONS[N_QUESTIONS_TRAIN..],
        }
    }
}

/// A phrase of so many cards or more is browsed, not found.
const BROWSED_CARDS_MIN: u32 = 5;
/// Longest phrase that is cut out of a title, in words.
const PHRASE_WORDS_MAX: usize = 3;
/// Of so many queries, one is mistyped.
const TYPO_EVERY: u32 = 8;
/// Shortest word that is mistyped.
const TYPO_CHARS_MIN: usize = 4;

/// Queries from `cards`, at most `n_max` and in an order that depends on the seed
/// alone. Each card gives its title, its title with the brand, and a phrase of
/// either; each category gives its name; both give questions.
///
/// `category_of` gives the index of a card's category, as the head will have it.
/// `spread` is that of the whole catalogue.
pub fn queries(
    cards: &[LabelledCard<'_>],
    spread: &Spread,
    category_of: &HashMap<&str, u32>,
    phrases: Phrases,
    n_max: usize,
    seed: u64,
) -> Vec<LabelledQuery> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut made = BTreeMap::new();
    let mut add = |text: String, category: Option<u32>, kind: Option<Kind>, card| {
        if !text.is_empty() {
            made.entry(text.to_lowercase()).or_insert((category, kind, card));
        }
    };
    for (name, &category) in category_of.iter().collect::<BTreeMap<_, _>>() {
        add((*name).to_owned(), Some(category), Some(Kind::Browse), None);
        let question = asked(phrases, name, &mut rng);
        add(question, Some(category), Some(Kind::Ask), None);
    }
    for (idx, card) in (0..).zip(cards) {
        let category = category_of.get(card.category).copied();
        let words: Vec<&str> = card.title.split_whitespace().collect();
        add(card.title.to_owned(), category, spread.kind(&words), Some(idx));
        if !card.brand.is_empty() && !starts_with(card.title, card.brand) {
            let kind = spread.kind(&words).filter(|kind| *kind == Kind::Find);
            add(format!("{} {}", card.brand, card.title), category, kind, Some(idx));
        }
        let phrase = phrase(&words, &mut rng);
        let kind = spread.kind(phrase);
        // "White" says nothing of what is white.
        let category = category.filter(|_| spread.is_of_one_category(phrase, card.category));
        let mut typed = phrase.join(" ");
        if rng.random_ratio(1, TYPO_EVERY) {
            typed = mistyped(&typed, &mut rng);
        }
        add(typed, category, kind, Some(idx));
        if rng.random_ratio(1, 2) {
            let question = asked(phrases, &phrase.join(" "), &mut rng);
            add(question, category, Some(Kind::Ask), Some(idx));
        }
    }
    let mut all: Vec<LabelledQuery> = made
        .into_iter()
        .map(|(text, (category, kind, card))| LabelledQuery { text, category, kind, card })
        .collect();
    rand::seq::SliceRandom::shuffle(&mut all[..], &mut rng);
    all.truncate(n_max);
    all
}

fn starts_with(title: &str, brand: &str) -> bool {
    title.to_lowercase().starts_with(&brand.to_lowercase())
}

fn asked(phrases: Phrases, about: &str, rng: &mut SmallRng) -> String {
    let question = phrases.questions().choose(rng).copied().unwrap_or("{}");
    question.replace("{}", &about.to_lowercase())
}

/// One to three neighbouring words.
fn phrase<'w, 't>(words: &'w [&'t str], rng: &mut SmallRng) -> &'w [&'t str] {
    if words.is_empty() {
        return words;
    }
    let n = rng.random_range(1..=words.len().min(PHRASE_WORDS_MAX));
    let start = rng.random_range(0..=words.len() - n);
    &words[start..start + n]
}

/// A letter left out, doubled, or swapped with the next, in one of the longer words.
fn mistyped(text: &str, rng: &mut SmallRng) -> String {
    let mut words: Vec<Vec<char>> = text.split(' ').map(|word| word.chars().collect()).collect();
    let long: Vec<usize> = (0..words.len()).filter(|&w| words[w].len() >= TYPO_CHARS_MIN).collect();
    if let Some(&w) = long.choose(rng) {
        let word = &mut words[w];
        let at = rng.random_range(1..word.len() - 1);
        match rng.random_range(0..3) {
            0 => drop(word.remove(at)),
            1 => word.insert(at, word[at]),
            _ => word.swap(at, at + 1),
        }
    }
    words.iter().map(|word| word.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// In how many cards of a catalogue each phrase stands, by category.
pub struct Spread(HashMap<String, BTreeMap<String, u32>>);

impl Spread {
    /// Counts the phrases of all titles.
    pub fn of(cards: &[LabelledCard<'_>]) -> Self {
        let mut counts: HashMap<String, BTreeMap<String, u32>> = HashMap::new();
        for card in cards {
            let words: Vec<&str> = card.title.split_whitespace().collect();
            let mut seen = BTreeSet::from([key(&words)]);
            for n in 1..=PHRASE_WORDS_MAX {
                seen.extend(words.windows(n).map(key));
            }
            for phrase in seen {
                let by_category = counts.entry(phrase).or_default();
                *by_category.entry(card.category.to_owned()).or_default() += 1;
            }
        }
        Self(counts)
    }

    /// How many titles have this phrase of at most three words, in lower case.
    pub fn n_cards(&self, phrase: &str) -> u32 {
        self.0.get(phrase).map_or(0, |counts| counts.values().sum())
    }

    fn kind(&self, words: &[&str]) -> Option<Kind> {
        match self.n_cards(&key(words)) {
            0 | 1 => Some(Kind::Find),
            n if n >= BROWSED_CARDS_MIN => Some(Kind::Browse),
            _ => None,
        }
    }

    /// Whether most cards that have the words are of this category.
    fn is_of_one_category(&self, words: &[&str], category: &str) -> bool {
        let counts = self.0.get(&key(words));
        let own = counts.and_then(|counts| counts.get(category)).copied().unwrap_or(0);
        2 * own > counts.map_or(0, |counts| counts.values().sum())
    }
}

fn key(words: &[&str]) -> String {
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards() -> Vec<LabelledCard<'static>> {
        let titles = ["White milk", "Soy milk", "Oat milk", "Goat milk", "Rice milk", "Feta"];
        let card = |title: &'static str| LabelledCard {
            title,
            brand: "Own brand",
            category: if title == "Feta" { "Cheese" } else { "Milk" },
        };
        titles.map(card).to_vec()
    }

    fn made(seed: u64, phrases: Phrases) -> Vec<LabelledQuery> {
        let category_of = HashMap::from([("Milk", 0), ("Cheese", 1)]);
        let cards = cards();
        queries(&cards, &Spread::of(&cards), &category_of, phrases, 1_000, seed)
    }

    #[test]
    fn a_seed_decides_everything() {
        assert_eq!(made(1, Phrases::Training), made(1, Phrases::Training));
        assert_ne!(made(1, Phrases::Training), made(2, Phrases::Training));
    }

    #[test]
    fn what_many_cards_have_is_browsed_and_what_one_has_is_found() {
        let made = made(1, Phrases::Training);
        let label = |text: &str| {
            let query = made.iter().find(|query| query.text == text);
            query.map(|query| (query.category, query.kind))
        };
        assert_eq!(label("milk"), Some((Some(0), Some(Kind::Browse))));
        assert_eq!(label("soy milk"), Some((Some(0), Some(Kind::Find))));
        assert_eq!(label("own brand feta"), Some((Some(1), Some(Kind::Find))));
    }

    #[test]
    fn no_question_is_both_learned_and_measured() {
        let beginnings =
            |phrases: Phrases| -> BTreeSet<&str> { phrases.questions().iter().copied().collect() };
        assert!(beginnings(Phrases::Training).is_disjoint(&beginnings(Phrases::HeldOut)));
        let held_out = made(1, Phrases::HeldOut);
        assert!(held_out.iter().any(|query| query.kind == Some(Kind::Ask)));
    }

    #[test]
    fn a_typo_changes_one_word_a_little() {
        let mut rng = SmallRng::seed_from_u64(3);
        for _ in 0..50 {
            let typed = mistyped("soy milk chocolate", &mut rng);
            assert!(typed.len().abs_diff("soy milk chocolate".len()) <= 1, "{typed}");
            assert!(typed.starts_with("soy "), "three letters are left alone: {typed}");
        }
    }
}
