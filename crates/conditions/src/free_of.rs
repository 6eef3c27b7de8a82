//! What a search wants its results to be free of: "peanut free", "without nuts".

use std::collections::HashSet;

use vitrine_domain::script::is_unspaced;

use crate::claims::FREE_BINDS;
use crate::languages::{LANGUAGES, Sure, has, longest, n_taken};
use crate::phrases::{Gap, Word, joined_from, phrase_at, singular};
use crate::substances::{all_names, asked_at, english_names, named};

/// What "free" belongs to even after a known name.
const FREE_BINDS_NAMES: &[&str] = &["range", "of", "from"];
/// Words before "free" that are not what is missing, or that mean no substance.
const NOT_FREE_OF: &[&str] = &[
    "a",
    "all",
    "an",
    "and",
    "any",
    "are",
    "at",
    "be",
    "best",
    "break",
    "but",
    "buy",
    "by",
    "care",
    "commission",
    "completely",
    "conflict",
    "duty",
    "error",
    "feel",
    "for",
    "get",
    "go",
    "guilt",
    "hand",
    "hassle",
    "in",
    "interest",
    "is",
    "it",
    "its",
    "jail",
    "my",
    "naturally",
    "of",
    "on",
    "one",
    "or",
    "our",
    "postage",
    "rent",
    "risk",
    "royalty",
    "run",
    "set",
    "shipping",
    "stress",
    "tax",
    "that",
    "the",
    "this",
    "three",
    "to",
    "toll",
    "totally",
    "trouble",
    "two",
    "with",
    "worry",
    "you",
    "your",
    "zero",
];
/// Most edits of a misspelt name, by its length in characters.
const CHARS_OF_EDITS: [(usize, usize); 2] = [(8, 2), (5, 1)];

/// A condition "free of" and the words that say it.
#[derive(Debug, PartialEq)]
pub(crate) struct FreeOfFound {
    pub n_words: usize,
    pub names: Vec<String>,
    /// Whether it is one even where titles have the phrase.
    pub is_clear: bool,
}

/// Reads what a search does not want in its results.
#[derive(Debug, Default)]
pub(crate) struct FreeOfReader {
    /// Words of the catalogue's titles, in singular: they are not misspelt.
    known: HashSet<String>,
}

/// A name at its place.
struct Named {
    name: String,
    n_words: usize,
    is_known: bool,
}

impl FreeOfReader {
    /// Knows the words of titles.
    pub fn new(known: HashSet<String>) -> Self {
        Self { known }
    }

    /// The condition that begins at a word, if one does.
    pub fn at(&self, words: &[Word<'_>], start: usize) -> Option<FreeOfFound> {
        self.minus(words, start)
            .or_else(|| self.negated(words, start))
            .or_else(|| self.before_free(words, start))
    }

    /// "-peanut".
    fn minus(&self, words: &[Word<'_>], start: usize) -> Option<FreeOfFound> {
        words.get(start).filter(|word| word.is_minus)?;
        let named = self.name_at(words, start)?;
        Some(FreeOfFound { n_words: named.n_words, names: vec![named.name], is_clear: true })
    }

    /// "without peanuts", "no nuts or eggs", "no added sugar".
    fn negated(&self, words: &[Word<'_>], start: usize) -> Option<FreeOfFound> {
        let joins = |word: &Word<'_>| {
            word.gap == Gap::Joined || word.gap == Gap::Listed && word.text == "o"
        };
        let word = |n: usize| {
            words.get(start + n).filter(|word| n == 0 || joins(word)).map(|word| word.text)
        };
        let all = LANGUAGES.into_iter().flat_map(|language| language.free_before);
        let stands = all.flat_map(|(sure, phrases)| {
            phrases.iter().filter_map(|phrase| Some((n_taken(phrase, &word)?, *sure)))
        });
        let (n_before, sure) = stands.max_by_key(|(n_words, _)| *n_words)?;
        let mut at = start + n_before;
        let is_article = |word: &Word<'_>| has(|language| language.articles, word.text);
        at += usize::from(words.get(at).is_some_and(is_article));
        words.get(at).filter(|word| word.gap == Gap::Joined)?;
        let first = self.name_at(words, at)?;
        let is_word = !has(|language| language.not_without, &first.name);
        if !(first.is_known || sure != Sure::Names && is_word) {
            return None;
        }
        let mut end = at + first.n_words;
        let mut names = vec![first.name];
        if words.get(end).is_some_and(|word| word.text == "added" && word.gap == Gap::Joined) {
            names = names.iter().map(|name| format!("added {name}")).collect();
            end += 1;
        }
        while let Some((next, n_words)) = self.linked(words, end) {
            names.push(next);
            end += n_words;
        }
        let is_clear = first.is_known || sure == Sure::Words;
        Some(FreeOfFound { n_words: end - start, names, is_clear })
    }

    /// A further known name: ", eggs", "or milk".
    fn linked(&self, words: &[Word<'_>], at: usize) -> Option<(String, usize)> {
        let word = words.get(at)?;
        let text = |n: usize| words.get(at + n).map(|word| word.text);
        let n_link = longest(|language| language.links, &text);
        let n_link = n_link.filter(|_| word.gap != Gap::Broken);
        let first = at + n_link.unwrap_or(0);
        let may_follow = n_link.is_some() || word.gap == Gap::Listed;
        let next = self.name_at(words, first).filter(|next| may_follow && next.is_known)?;
        Some((next.name, first + next.n_words - at))
    }

    /// "peanut free", "gluten-free", "glutenfree", "sugarless", "vegan", "egg, dairy and soy free", "nut allergy".
    fn before_free(&self, words: &[Word<'_>], start: usize) -> Option<FreeOfFound> {
        if let Some((substance, n_words)) = asked_at(words, start) {
            let names = vec![substance.names[0].to_owned()];
            return Some(FreeOfFound { n_words, names, is_clear: true });
        }
        let first = self.name_at(words, start)?;
        let mut end = start + first.n_words;
        let mut names = vec![first.name.clone()];
        while first.is_known
            && let Some((next, n_words)) = self.linked(words, end)
        {
            names.push(next);
            end += n_words;
        }
        let says_so = joined_from(words, end);
        words.get(end).filter(|word| word.gap == Gap::Joined)?;
        let free = longest(|language| language.free_after, &says_so);
        let absent = || longest(|language| language.absent_after_names, &says_so);
        let n_free = free.or_else(|| absent().filter(|_| first.is_known))?;
        end += n_free;
        let next = words.get(end).filter(|word| word.gap == Gap::Joined);
        let binds = |after: &[&str]| next.is_some_and(|word| after.contains(&word.text));
        let is_meant = match first.is_known {
            true => !binds(FREE_BINDS_NAMES),
            false => {
                !binds(FREE_BINDS)
                    && !NOT_FREE_OF.contains(&first.name.as_str())
                    && !words[start].is_number
            }
        };
        is_meant.then_some(FreeOfFound { n_words: end - start, names, is_clear: true })
    }

    /// The name that begins at a word: a known one, a misspelt one, else the word.
    fn name_at(&self, words: &[Word<'_>], start: usize) -> Option<Named> {
        let word = words.get(start).filter(|word| !word.is_number)?;
        if let Some((name, n_words)) = phrase_at(words, start, all_names()) {
            let first = named(name).map_or(name, |substance| substance.names[0]);
            return Some(Named { name: first.to_owned(), n_words, is_known: true });
        }
        // One character is no word, and where the word ends nothing says.
        if word.text.starts_with(is_unspaced) {
            return None;
        }
        let own = singular(word.text);
        let meant = (!self.known.contains(own)).then(|| nearest(own)).flatten();
        Some(Named { name: meant.unwrap_or(own).to_owned(), n_words: 1, is_known: meant.is_some() })
    }
}

/// The name that a misspelt word is nearest to.
fn nearest(word: &str) -> Option<&'static str> {
    let n_chars = word.chars().count();
    let (_, n_edits_max) = CHARS_OF_EDITS.iter().find(|(chars_min, _)| n_chars >= *chars_min)?;
    let edits = |name: &'static str| (strsim::osa_distance(word, name), name);
    let near = english_names().filter(|name| !name.contains(' ')).map(edits);
    let (n_edits, name) = near.min_by_key(|(n_edits, _)| *n_edits)?;
    (n_edits <= *n_edits_max).then(|| named(name).map_or(name, |substance| substance.names[0]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrases::words;
    use crate::tokens::tokens;

    fn read(text: &str) -> Option<Vec<String>> {
        let known = ["cookie", "milk", "egg", "battery", "wire", "socks"];
        let reader = FreeOfReader::new(known.iter().map(|&word| word.to_owned()).collect());
        let tokens = tokens(text);
        let words = words(text, &tokens);
        (0..words.len()).find_map(|start| reader.at(&words, start)).map(|found| found.names)
    }

    #[test]
    fn what_is_not_wanted_is_read() {
        for (text, names) in [
            ("peanut free cookies", &["peanut"][..]),
            ("peanut-free cookies", &["peanut"]),
            ("cookies without peanuts", &["peanut"]),
            ("cookies no nuts or eggs", &["nut", "egg"]),
            ("cookies with no nuts, eggs, milk", &["nut", "egg", "milk"]),
            ("egg, dairy and soy free cake", &["egg", "dairy", "soy"]),
            ("tree nut free", &["tree nut"]),
            ("lactose free milk", &["lactose"]),
            ("sugar free gift basket", &["sugar"]),
            ("jam no added sugar", &["added sugar"]),
            ("jam no sugar added", &["added sugar"]),
            ("bread free from gluten", &["gluten"]),
            ("cookies -peanuts", &["peanut"]),
            ("non-dairy creamer", &["dairy"]),
            ("cookies not peanut", &["peanut"]),
            ("perfume free soap", &["fragrance"]),
            ("fragrance free detergent", &["fragrance"]),
            ("penut free cookies", &["peanut"]),
            ("gluten-fre glten free pasta", &["gluten"]),
            ("maintenance free battery", &["maintenance"]),
            ("bra without wire", &["wire"]),
            ("sugarless gum", &["sugar"]),
            ("unsalted butter", &["salt"]),
            ("nondairy creamer", &["dairy"]),
            ("vegan cheese", &["animal product"]),
            ("vegetarian sausage", &["meat or fish"]),
            ("dinner no meat or fish", &["meat or fish"]),
        ] {
            let names = names.iter().map(|&name| name.to_owned()).collect();
            assert_eq!(read(text), Some(names), "{text}");
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        for text in [
            "free range eggs",
            "egg free range",
            "free gift",
            "perfect free gift",
            "buy one get one free",
            "no. 10 envelope",
            "no 10 envelope",
            "milk without",
            "milk no",
            "hands free phone",
            "toll free",
            "no name cola",
            "\"peanut free\" cookies",
            "cookies \"no nuts\"",
            "free",
            "-",
            "not my cookies",
            "seedless grapes",
            "decaf coffee",
            "boneless chicken",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
