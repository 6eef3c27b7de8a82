//! What the catalogue's own titles tell about one of them: words cut off at the
//! end, and words that titles of unlike products share.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::profile::Group;
use super::text::{ends_cut, words};
use crate::titles::Vocabulary;

/// Titles that must have a longer word before a stump is taken for its beginning.
const LONGER_WORD_TITLES_MIN: u32 = 3;
/// A stump that so many titles have before their end is a word.
const WORD_TITLES_MIN: u32 = 2;
/// Shortest stump.
const STUMP_CHARS_MIN: usize = 2;
/// Words of a phrase at the beginning or end of titles.
const PHRASE_WORDS: [usize; 3] = [5, 4, 3];
/// Titles that must share a phrase, with different words at their other end.
const PHRASE_TITLES_MIN: usize = 10;
/// Categories that must share it.
const PHRASE_SHELVES_MIN: usize = 4;
/// Share of all categories that must share it.
const PHRASE_SHELVES_SHARE_MIN: f64 = 0.05;
/// Phrases of sellers, not of products.
const SALES_TALK: [&str; 13] = [
    "free shipping",
    "free delivery",
    "fast shipping",
    "buy now",
    "order now",
    "shop now",
    "click here",
    "best price",
    "lowest price",
    "limited time offer",
    "special offer",
    "while stocks last",
    "money back",
];

/// What is known of all titles.
pub(crate) struct TitlesInUse {
    vocabulary: Vocabulary,
    /// Titles that have a word anywhere but at the end; at the end; by word.
    inside: BTreeMap<String, u32>,
    at_end: HashMap<String, u32>,
    /// Products of each title, and how it is written, by lower case.
    titles: BTreeMap<String, (u32, String)>,
    /// Pairs of neighbouring words, the second with how many titles have the pair.
    pairs: BTreeMap<(String, String), u32>,
    heads: HashSet<Vec<String>>,
    tails: HashSet<Vec<String>>,
}

/// What looks cut off about a title.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cut {
    pub reason: String,
    /// The title as it perhaps was.
    pub whole: Option<String>,
}

/// Titles that share a phrase: how the words at their other end begin, and their categories.
#[derive(Clone, Default)]
struct Sharers<'a> {
    other_ends: HashSet<String>,
    shelves: HashSet<&'a str>,
}

impl TitlesInUse {
    pub(crate) fn learn(groups: &[(u64, &Group)]) -> Self {
        let mut by_title: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
        let mut titles: BTreeMap<String, (u32, String)> = BTreeMap::new();
        for (_, group) in groups {
            by_title.entry(&group.title).or_default().insert(group.shelf());
            let written = || (0, group.title.clone());
            titles.entry(group.title.to_lowercase()).or_insert_with(written).0 += group.n;
        }
        let mut known = Self {
            vocabulary: Vocabulary::learn(by_title.keys().copied()),
            inside: BTreeMap::new(),
            at_end: HashMap::new(),
            titles,
            pairs: BTreeMap::new(),
            heads: HashSet::new(),
            tails: HashSet::new(),
        };
        let n_shelves = super::profile::shelves(groups).len();
        let mut heads: HashMap<Vec<String>, Sharers<'_>> = HashMap::new();
        let mut tails = heads.clone();
        for (title, shelves) in &by_title {
            let words: Vec<String> = words(title).collect();
            if let Some((last, rest)) = words.split_last() {
                let distinct: HashSet<&String> = rest.iter().collect();
                for word in distinct {
                    *known.inside.entry(word.clone()).or_default() += 1;
                }
                *known.at_end.entry(last.clone()).or_default() += 1;
            }
            let distinct: HashSet<&[String]> = words.windows(2).collect();
            for pair in distinct {
                *known.pairs.entry((pair[0].clone(), pair[1].clone())).or_default() += 1;
            }
            for n in PHRASE_WORDS.into_iter().filter(|&n| n < words.len()) {
                let (first, last) = (&words[0], &words[words.len() - 1]);
                for (phrases, phrase, other_end) in [
                    (&mut heads, &words[..n], last),
                    (&mut tails, &words[words.len() - n..], first),
                ] {
                    let sharers = phrases.entry(phrase.to_vec()).or_default();
                    // Misspellings of one word are no different words.
                    sharers.other_ends.insert(other_end.chars().take(2).collect());
                    sharers.shelves.extend(shelves.iter());
                }
            }
        }
        let shelves_min =
            PHRASE_SHELVES_MIN.max((n_shelves as f64 * PHRASE_SHELVES_SHARE_MIN) as usize);
        let shared = |phrases: HashMap<Vec<String>, Sharers<'_>>| {
            phrases
                .into_iter()
                .filter(|(_, sharers)| {
                    sharers.other_ends.len() >= PHRASE_TITLES_MIN
                        && sharers.shelves.len() >= shelves_min
                })
                .map(|(phrase, _)| phrase)
                .collect()
        };
        known.heads = shared(heads);
        known.tails = shared(tails);
        known
    }

    /// Titles that have a word, anywhere.
    pub(crate) fn n_titles(&self, word: &str) -> u32 {
        let inside = self.inside.get(word).copied().unwrap_or(0);
        inside + self.at_end.get(word).copied().unwrap_or(0)
    }

    /// What looks cut off about a title; `None` when nothing does.
    pub(crate) fn cut(&self, title: &str) -> Option<Cut> {
        if let Some(why) = ends_cut(title) {
            return Some(Cut { reason: why.to_owned(), whole: None });
        }
        let words: Vec<String> = words(title).collect();
        let (stump, rest) = words.split_last()?;
        if stump.chars().count() < STUMP_CHARS_MIN
            || stump.chars().any(|c| c.is_ascii_digit())
            || !title.ends_with(char::is_alphanumeric)
        {
            return None;
        }
        if let Some(whole) = self.whole_title(&title.to_lowercase(), stump) {
            let (reason, whole) = (format!("perhaps “{whole}”"), whole.clone());
            return Some(Cut { reason, whole: Some(whole) });
        }
        let before = rest.last()?;
        if self.inside.get(stump).copied().unwrap_or(0) >= WORD_TITLES_MIN {
            return None;
        }
        let word = self.longer_after(before, stump).or_else(|| self.longer(title, stump))?;
        let reason = format!("ends with “{stump}”, perhaps “{word}”");
        // The stump may be longer in lower case than as it is written: then nothing is added.
        let rest = word.get(stump.len()..).filter(|_| title.to_lowercase().ends_with(stump));
        Some(Cut { reason, whole: rest.map(|rest| format!("{title}{rest}")) })
    }

    /// A title of at least as many products that goes on within the last word.
    fn whole_title(&self, title: &str, stump: &str) -> Option<&String> {
        let n = self.titles.get(title).map_or(1, |(n, _)| *n);
        let longer = self.titles.range(title.to_owned()..).skip_while(|(whole, _)| *whole == title);
        longer
            .take_while(|(whole, _)| whole.starts_with(title))
            .filter(|(_, (n_whole, _))| *n_whole >= n)
            .find(|(whole, _)| {
                let rest = &whole[title.len()..];
                let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                end > 0 && !is_form_of(&format!("{stump}{}", &rest[..end]), stump)
            })
            .map(|(_, (_, written))| written)
    }

    /// A longer word that another title has after the same word.
    fn longer_after(&self, before: &str, stump: &str) -> Option<&String> {
        let own = self.pairs.get(&(before.to_owned(), stump.to_owned())).copied().unwrap_or(0);
        let from = (before.to_owned(), stump.to_owned());
        self.pairs
            .range(from..)
            .take_while(|((first, second), _)| first == before && second.starts_with(stump))
            .filter(|((_, word), n)| word != stump && !is_form_of(word, stump) && **n >= own)
            .map(|((_, word), _)| word)
            .next()
    }

    /// A longer word that several titles have, when no other has the stump.
    fn longer(&self, title: &str, stump: &str) -> Option<&String> {
        if self.n_titles(stump) >= WORD_TITLES_MIN {
            return None;
        }
        let enough = if self.vocabulary.fills_column(title) { 1 } else { LONGER_WORD_TITLES_MIN };
        self.inside
            .range(stump.to_owned()..)
            .take_while(|(word, _)| word.starts_with(stump))
            .filter(|(word, _)| !is_form_of(word, stump))
            .map(|(word, inside)| (self.at_end.get(word).copied().unwrap_or(0) + inside, word))
            .max()
            .filter(|(n, _)| *n >= enough)
            .map(|(_, word)| word)
    }

    /// The title without the words that say nothing, and those words.
    pub(crate) fn without_boilerplate(&self, title: &str) -> Option<(String, String)> {
        let lower = title.to_lowercase();
        if let Some(talk) = SALES_TALK.iter().find(|talk| lower.contains(*talk)) {
            return Some((without_talk(title, &lower), (*talk).to_owned()));
        }
        let all: Vec<String> = words(title).collect();
        for n in PHRASE_WORDS.into_iter().filter(|&n| n < all.len()) {
            let (head, tail) = (&all[..n], &all[all.len() - n..]);
            if self.tails.contains(tail) {
                return Some((cut_words(title, all.len() - n, true), tail.join(" ")));
            }
            if self.heads.contains(head) {
                return Some((cut_words(title, n, false), head.join(" ")));
            }
        }
        None
    }
}

/// Plural, past and other endings: "pad" is no stump of "pads", nor "DDR" of "DDR2".
fn is_form_of(word: &str, stump: &str) -> bool {
    const ENDINGS: [&str; 14] =
        ["s", "es", "d", "ed", "ing", "er", "ers", "y", "ie", "ies", "al", "n", "en", "e"];
    let ending = &word[stump.len()..];
    ENDINGS.contains(&ending) || ending.starts_with(|c: char| c.is_ascii_digit())
}

/// From the part of the title that has the sales talk, nothing is kept.
fn without_talk(title: &str, lower: &str) -> String {
    let at = SALES_TALK.iter().filter_map(|talk| lower.find(talk)).min().unwrap_or(0);
    // Lower case may differ in length: then the cut is looked for in the words.
    let head = title.get(..at).unwrap_or(title);
    let head = match head.rfind([',', ';', '|', '!', '–', '—']).or_else(|| head.rfind(" - ")) {
        Some(sign) => &head[..sign],
        None => head,
    };
    let kept = head.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')');
    if kept.is_empty() { title.to_owned() } else { kept.to_owned() }
}

/// The first `n` words of a title, or all but those.
fn cut_words(title: &str, n: usize, first: bool) -> String {
    let mut n_seen = 0;
    let mut inside = false;
    let mut end_of_nth = title.len();
    for (at, c) in title.char_indices() {
        if c.is_alphanumeric() {
            n_seen += usize::from(!inside);
            inside = true;
        } else {
            if inside && n_seen == n {
                end_of_nth = at;
                break;
            }
            inside = false;
        }
    }
    let (head, tail) = title.split_at(end_of_nth);
    let kept = if first { head } else { tail };
    kept.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(title: &str, category: &str) -> Group {
        Group {
            title: title.into(),
            department: String::new(),
            category: category.into(),
            brand: String::new(),
            n: 1,
            first_line: 1,
            makes: Default::default(),
            gtins: Default::default(),
        }
    }

    fn in_use(groups: &[Group]) -> TitlesInUse {
        let groups: Vec<(u64, &Group)> = groups.iter().map(|group| (0, group)).collect();
        TitlesInUse::learn(&groups)
    }

    #[test]
    fn stumps_are_beginnings_of_words_that_others_use() {
        let titles = ["red chocolate bar", "dark chocolate cake", "chocolate milk", "oat milk"];
        let groups = titles.map(|title| group(title, "food"));
        let known = in_use(&groups);
        let cut = known.cut("White choco").expect("cut off");
        assert_eq!(cut.whole.as_deref(), Some("White chocolate"));
        let cut = known.cut("Dark chocolate ca").expect("cut off");
        assert_eq!(cut.whole.as_deref(), Some("dark chocolate cake"), "a title that is in use");
        assert!(known.cut("white chocolate").is_none());
        assert!(known.cut("white mil").is_none(), "too few titles have milk");
        assert!(known.cut("two chocolates").is_none());
    }

    #[test]
    fn what_unlike_products_share_is_boilerplate() {
        let groups: Vec<Group> = (0..12)
            .map(|n| {
                let first = char::from(b'a' + n as u8);
                group(&format!("{first}thing - by our own house"), &format!("shelf{}", n % 6))
            })
            .chain((0..12).map(|n| group(&format!("pen{n} of blue fine ink"), "pens")))
            .collect();
        let known = in_use(&groups);
        let (kept, phrase) = known.without_boilerplate("Chair - by our own house").expect("shared");
        assert_eq!((kept.as_str(), phrase.as_str()), ("Chair", "by our own house"));
        assert!(known.without_boilerplate("Pen of blue fine ink").is_none(), "alike");
        let (kept, _) = known.without_boilerplate("Oat drink - FREE SHIPPING today").expect("talk");
        assert_eq!(kept, "Oat drink");
    }
}
