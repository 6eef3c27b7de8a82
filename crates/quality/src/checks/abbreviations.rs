//! Abbreviations that the catalogue's own titles explain: a word that is not one, and
//! a longer word that stands beside the same words on the same shelves.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::profile::Group;
use super::text::words;

/// Letters that are left out, at least; fewer are a slip.
const LEFT_OUT_MIN: usize = 2;
/// Shortest abbreviation, and shortest one that is the beginning of its word.
const CHARS_MIN: usize = 2;
const BEGINNING_CHARS_MIN: usize = 3;
/// Share of the word's consonants that the abbreviation keeps.
const CONSONANTS_MIN: f64 = 0.6;
/// What a neighbouring word that both have says, and a shelf; and how much it takes.
const NEIGHBOUR_POINTS: u32 = 2;
const SHELF_POINTS: u32 = 1;
const POINTS_MIN: u32 = 3;
/// So many times the points of any other word.
const CLEARLY_TIMES: u32 = 2;
const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];

/// What abbreviations of a catalogue stand for.
#[derive(Debug, Default)]
pub(crate) struct Abbreviations(BTreeMap<String, String>);

/// Where words stand: beside which others, and on which shelves.
#[derive(Default)]
struct Places<'a> {
    /// By word: the word before (`true`) or behind it.
    beside: HashMap<String, BTreeSet<(bool, String)>>,
    /// Words by such a neighbour.
    with: HashMap<(bool, String), BTreeSet<String>>,
    shelves: HashMap<String, HashSet<&'a str>>,
}

impl Abbreviations {
    /// Learns from all titles. `known` says which words the language has: they are no
    /// abbreviations, and only they can be abbreviated.
    pub(crate) fn learn(groups: &[(u64, &Group)], known: &HashSet<String>) -> Self {
        let places = Places::of(groups);
        let short = places.beside.keys().filter(|word| !known.contains(*word));
        let explained = short.filter_map(|word| Some((word.clone(), places.explain(word, known)?)));
        Self(explained.collect())
    }

    /// The title with its abbreviations written out, and which: (short, long).
    pub(crate) fn expand(&self, title: &str) -> Option<(String, Vec<(String, String)>)> {
        let mut expanded = String::with_capacity(title.len() + 16);
        let mut found = Vec::new();
        let mut rest = title;
        while !rest.is_empty() {
            let is_word = rest.starts_with(char::is_alphanumeric);
            let end = rest.find(|c: char| c.is_alphanumeric() != is_word).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            rest = after;
            match self.0.get(&part.to_lowercase()).filter(|_| is_word) {
                Some(long) => {
                    expanded.push_str(&written_as(part, long));
                    found.push((part.to_owned(), long.clone()));
                }
                None => expanded.push_str(part),
            }
        }
        (!found.is_empty()).then_some((expanded, found))
    }
}

impl<'a> Places<'a> {
    fn of(groups: &[(u64, &'a Group)]) -> Self {
        let mut places = Self::default();
        for (_, group) in groups {
            let words: Vec<String> = words(&group.title).collect();
            for (at, word) in words.iter().enumerate() {
                if !word.chars().all(char::is_alphabetic) {
                    continue;
                }
                if !group.shelf().is_empty() {
                    places.shelves.entry(word.clone()).or_default().insert(group.shelf());
                }
                let beside = places.beside.entry(word.clone()).or_default();
                let before = at.checked_sub(1).map(|at| (true, words[at].clone()));
                let behind = words.get(at + 1).map(|behind| (false, behind.clone()));
                for neighbour in before.into_iter().chain(behind) {
                    places.with.entry(neighbour.clone()).or_default().insert(word.clone());
                    beside.insert(neighbour);
                }
            }
        }
        places
    }

    /// The word that stands where `short` does, when there is clearly one.
    fn explain(&self, short: &str, known: &HashSet<String>) -> Option<String> {
        let mut points: BTreeMap<&str, u32> = BTreeMap::new();
        for neighbour in &self.beside[short] {
            for word in self.with.get(neighbour).into_iter().flatten() {
                if known.contains(word) && abbreviates(short, word) {
                    *points.entry(word).or_default() += NEIGHBOUR_POINTS;
                }
            }
        }
        let none = HashSet::new();
        let shelves = |word: &str| self.shelves.get(word).unwrap_or(&none);
        for (word, points) in &mut points {
            let n_shared = shelves(short).intersection(shelves(word)).count() as u32;
            *points += SHELF_POINTS * n_shared;
        }
        let best = points.iter().max_by_key(|(word, points)| (**points, word.len()))?;
        let (&word, &most) = best;
        let is_form = |other: &str| other.starts_with(word) || word.starts_with(other);
        let others = points.iter().filter(|(other, _)| !is_form(other));
        let next = others.map(|(_, points)| *points).max().unwrap_or(0);
        (most >= POINTS_MIN && most >= CLEARLY_TIMES * next).then(|| word.to_owned())
    }
}

/// Whether `short` may be written for `word`: the same first letter and last sound,
/// letters in order, most consonants kept.
fn abbreviates(short: &str, word: &str) -> bool {
    let (n_short, n_word) = (short.chars().count(), word.chars().count());
    if n_short < CHARS_MIN
        || n_word < n_short + LEFT_OUT_MIN
        || short.chars().next() != word.chars().next()
    {
        return false;
    }
    let mut letters = word.chars();
    if !short.chars().all(|letter| letters.any(|other| other == letter)) {
        return false;
    }
    let consonants = |text: &str| -> Vec<char> {
        let mut letters: Vec<char> = text.chars().filter(|c| !VOWELS.contains(c)).collect();
        letters.dedup();
        letters
    };
    // "dnrs" and "dnr" both stand for "dinners".
    let whole = if short.ends_with('s') { word } else { word.trim_end_matches('s') };
    let (kept, all) = (consonants(short), consonants(whole));
    if (kept.len() as f64) < CONSONANTS_MIN * all.len() as f64 {
        return false;
    }
    if word.starts_with(short) {
        return n_short >= BEGINNING_CHARS_MIN;
    }
    let last = short.chars().next_back();
    last == whole.chars().next_back() || last == all.last().copied()
}

/// `long` in the capitals of what it stands for.
fn written_as(short: &str, long: &str) -> String {
    let mut letters = short.chars();
    let begins_upper = letters.next().is_some_and(char::is_uppercase);
    match begins_upper {
        true if letters.all(|c| !c.is_lowercase()) => long.to_uppercase(),
        true => {
            let mut long = long.chars();
            long.next().map_or_else(String::new, |first| first.to_uppercase().chain(long).collect())
        }
        false => long.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(titles: &[(&str, &str)]) -> Abbreviations {
        let group = |(title, category): &(&str, &str)| Group {
            title: (*title).into(),
            department: String::new(),
            category: (*category).into(),
            brand: String::new(),
            n: 1,
            first_line: 1,
            makes: Default::default(),
            gtins: Default::default(),
        };
        let groups: Vec<Group> = titles.iter().map(group).collect();
        let groups: Vec<(u64, &Group)> = groups.iter().map(|group| (0, group)).collect();
        let known = ["frozen", "chicken", "wings", "pies", "chocolate", "bar", "barber", "chop"];
        Abbreviations::learn(&groups, &known.map(str::to_owned).into())
    }

    #[test]
    fn a_word_is_written_out_where_others_stand_in_its_place() {
        let known = learned(&[
            ("FRZN CHICKEN", "frozen meat"),
            ("FROZEN CHICKEN", "frozen meat"),
            ("CHKN WINGS", "poultry"),
            ("CHICKEN WINGS", "poultry"),
        ]);
        let (title, found) = known.expand("Frzn CHKN pies (2)").expect("two");
        assert_eq!(title, "Frozen CHICKEN pies (2)");
        assert_eq!(found.len(), 2);
        assert_eq!(known.expand("frozen chicken"), None);
    }

    #[test]
    fn words_and_what_could_be_two_words_stay() {
        let bar = learned(&[("chocolate bar", "x"), ("chocolate barber", "x")]);
        assert_eq!(bar.expand("chocolate bar"), None, "a word of the language");
        let alone = learned(&[("frzn pies", "a"), ("frozen wings", "b")]);
        assert_eq!(alone.expand("frzn pies"), None, "nothing in common");
        let two = learned(&[("ch pies", "a"), ("chicken pies", "a"), ("chop pies", "a")]);
        assert_eq!(two.expand("ch pies"), None, "chicken or chop");
    }

    #[test]
    fn what_abbreviates_keeps_the_frame_of_the_word() {
        for (short, word) in [
            ("frzn", "frozen"),
            ("dnrs", "dinners"),
            ("dnr", "dinners"),
            ("jce", "juice"),
            ("choc", "chocolate"),
        ] {
            assert!(abbreviates(short, word), "{short} {word}");
        }
        for (short, word) in
            [("ch", "chocolate"), ("pad", "pads"), ("ck", "cracker"), ("x", "xylophone")]
        {
            assert!(!abbreviates(short, word), "{short} {word}");
        }
    }
}
