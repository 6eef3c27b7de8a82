//! Languages as data: a file each in `languages/`, with the words that reviews are read by.
//!
//! Words of all languages are looked for at once, because a shop's reviews mix them. A new language
//! is a file there and its line in [`FILES`]. Lists are named in brackets; words and phrases are in lower case
//! with commas between them, phrases with single spaces between words.
//!
//! | list | what it has |
//! |---|---|
//! | `negators` | turn what follows into its opposite |
//! | `excess` | more than is good of what follows: "too" |
//! | `degrees` | say how much of what follows: "very", "slightly"; a phrase is also found with them within it |
//! | `asides` | a phrase is also found with them within it, though they say nothing of how much |
//! | `unreal` | begin what was hoped or feared, and is not so: "was expecting" |
//! | `unsure` | begin what may be or not: "if" |
//! | `joints` | begin a part of a sentence that does not disagree with the one before: "because" |
//! | `alternatives` | stand between what a negation reaches alike: "or" |
//! | `determiners` | articles and their like: a noun follows |
//! | `contrasts` | begin what disagrees with what was said before: "but" |
//! | `good`, `bad` | opinions of anything |
//! | `fillers` | never an aspect of a shop's own |
//! | `idioms` | phrases in which words do not mean what they mean elsewhere: "as well" |
//! | `promotion` | phrases of advertisements |
//! | `nobody` | what stands where a shop does not say who wrote a review: "anonymous" |
//! | `fit names` | name an aspect; what is thought of it is said by other words |
//! | `fit good`, `fit bad` | name an aspect and praise or blame it: "true to size" |
//! | `fit bad_much` | blame it behind a degree or an excess: "a bit short", "too long" |
//! | `look good_alone`, `look bad_alone` | praise or blame it when nothing else is named beside them |

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use crate::aspects::KnownAspect;

/// The files.
const FILES: [&str; 3] = [
    include_str!("../languages/en.txt"),
    include_str!("../languages/de.txt"),
    include_str!("../languages/zh.txt"),
];

/// Lists of an aspect.
const ASPECT_LISTS: [&str; 6] = ["names", "good", "bad", "bad_much", "good_alone", "bad_alone"];

/// Words of one aspect, of all languages.
#[derive(Debug, Default)]
pub(crate) struct AspectWords {
    pub names: Vec<&'static str>,
    pub good: Vec<&'static str>,
    pub bad: Vec<&'static str>,
    pub bad_much: Vec<&'static str>,
    pub good_alone: Vec<&'static str>,
    pub bad_alone: Vec<&'static str>,
}

/// Words of all languages.
#[derive(Debug, Default)]
pub(crate) struct ReviewWords {
    negators: HashSet<&'static str>,
    alternatives: HashSet<&'static str>,
    determiners: HashSet<&'static str>,
    contrasts: HashSet<&'static str>,
    fillers: HashSet<&'static str>,
    degrees: HashSet<&'static str>,
    asides: HashSet<&'static str>,
    nobody: HashSet<&'static str>,
    joints: HashSet<&'static str>,
    pub excess: Vec<&'static str>,
    pub unreal: Vec<&'static str>,
    pub unsure: Vec<&'static str>,
    pub good: Vec<&'static str>,
    pub bad: Vec<&'static str>,
    pub idioms: Vec<&'static str>,
    pub promotion: Vec<&'static str>,
    pub aspects: BTreeMap<KnownAspect, AspectWords>,
}

/// All of them.
pub(crate) static WORDS: LazyLock<ReviewWords> = LazyLock::new(|| {
    let mut words = ReviewWords::default();
    for (list, entries) in FILES.into_iter().flat_map(lists) {
        words.add(list, &entries);
    }
    words
});

/// The lists of a file by their names.
fn lists(file: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in file.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            Some(name) => found.push((name, Vec::new())),
            None => {
                let words = line.split(',').map(str::trim).filter(|word| !word.is_empty());
                if let Some((_, list)) = found.last_mut() {
                    list.extend(words);
                }
            }
        }
    }
    found
}

impl ReviewWords {
    fn add(&mut self, list: &str, words: &[&'static str]) {
        match list {
            "negators" => self.negators.extend(words),
            "alternatives" => self.alternatives.extend(words),
            "determiners" => self.determiners.extend(words),
            "contrasts" => self.contrasts.extend(words),
            "fillers" => self.fillers.extend(words),
            "excess" => self.excess.extend(words),
            "degrees" => self.degrees.extend(words),
            "asides" => self.asides.extend(words),
            "joints" => self.joints.extend(words),
            "nobody" => self.nobody.extend(words),
            "unsure" => self.unsure.extend(words),
            "unreal" => self.unreal.extend(words),
            "good" => self.good.extend(words),
            "bad" => self.bad.extend(words),
            "idioms" => self.idioms.extend(words),
            "promotion" => self.promotion.extend(words),
            list => {
                let Some((aspect, part)) = aspect_list(list) else { return };
                let of = self.aspects.entry(aspect).or_default();
                match part {
                    "names" => of.names.extend(words),
                    "good" => of.good.extend(words),
                    "bad" => of.bad.extend(words),
                    "bad_much" => of.bad_much.extend(words),
                    "good_alone" => of.good_alone.extend(words),
                    _ => of.bad_alone.extend(words),
                }
            }
        }
    }
}

/// The aspect of a list, and which of its lists it is.
fn aspect_list(list: &str) -> Option<(KnownAspect, &str)> {
    let (name, part) = list.split_once(' ')?;
    let aspect = KnownAspect::ALL.into_iter().find(|aspect| aspect.name() == name)?;
    ASPECT_LISTS.contains(&part).then_some((aspect, part))
}

/// Whether a word in lower case negates.
pub(crate) fn is_negator(word: &str) -> bool {
    word.ends_with("n't") || WORDS.negators.contains(word)
}

/// Whether a word in lower case begins what disagrees with what was said before.
pub(crate) fn is_contrast(word: &str) -> bool {
    WORDS.contrasts.contains(word)
}

/// Whether a word in lower case begins a part of a sentence.
pub(crate) fn is_joint(word: &str) -> bool {
    WORDS.joints.contains(word)
}

/// Whether a word in lower case stands between alternatives.
pub(crate) fn joins_alternatives(word: &str) -> bool {
    WORDS.alternatives.contains(word)
}

/// Whether a word in lower case says how much of what follows there is.
pub(crate) fn is_degree(word: &str) -> bool {
    WORDS.degrees.contains(word)
}

/// Whether a phrase is found with a word in lower case within it, too.
pub(crate) fn is_passed_over(word: &str) -> bool {
    WORDS.degrees.contains(word) || WORDS.asides.contains(word)
}

/// Whether a noun follows a word in lower case.
pub(crate) fn is_determiner(word: &str) -> bool {
    WORDS.determiners.contains(word)
}

/// Whether a word in lower case names nothing.
pub(crate) fn is_filler(word: &str) -> bool {
    WORDS.fillers.contains(word)
}

/// Whether what stands in the place of an author's name is nobody's, in any case.
pub(crate) fn is_nobody(author: &str) -> bool {
    let author = author.trim().to_lowercase();
    !author.contains(char::is_alphanumeric) || WORDS.nobody.contains(author.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists that are no aspect's.
    const LISTS: [&str; 16] = [
        "negators",
        "excess",
        "degrees",
        "asides",
        "unreal",
        "unsure",
        "joints",
        "alternatives",
        "determiners",
        "contrasts",
        "good",
        "bad",
        "fillers",
        "idioms",
        "promotion",
        "nobody",
    ];

    #[test]
    fn every_list_of_every_file_has_a_known_name_and_words_in_lower_case() {
        for file in FILES {
            let lists = lists(file);
            assert!(lists.len() > 20);
            for (name, words) in &lists {
                assert!(LISTS.contains(name) || aspect_list(name).is_some(), "{name}");
                assert!(!words.is_empty(), "{name}");
                for (i, word) in words.iter().enumerate() {
                    assert!(!words[..i].contains(word), "{name}: {word} twice");
                    assert_eq!(*word, word.to_lowercase());
                }
            }
        }
        assert!(is_negator("didn't") && is_negator("不") && is_contrast("aber"));
        assert!(joins_alternatives("or") && is_determiner("the") && is_filler("dress"));
    }
}
