//! What the texts of a product say it is free of, and what it contains.
//!
//! A false "free of" may harm somebody, so only what leaves no doubt counts: of
//! "no nuts, eggs" only the nuts, because the eggs may be what comes next.

use std::collections::HashMap;

use crate::phrases::{Gap, Word, phrase_at, singular, words};
use crate::substances::{free_word, is_of_plants, long_names};
use crate::tokens::tokens;

/// What a text says of a word. Of several in one product's texts the last counts most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Says {
    /// The word is there and nothing else is said: "peanut butter".
    Mentions,
    /// "peanut free", "without peanuts".
    IsFreeOf,
    /// "contains peanuts", "may contain traces of peanuts".
    Contains,
}

/// What the texts of one product say of each word, in singular and lower case; known
/// names of several words ("palm oil") are one.
pub type Claims = HashMap<String, Says>;

/// Words before what something is free of.
const FREE_BEFORE: &[&[&str]] =
    &[&["free", "of"], &["free", "from"], &["without"], &["zero"], &["non"], &["no"], &["0"]];
/// Words between those and what they speak of.
const FILLERS: &[&str] = &["any", "a", "an", "the"];
/// Words with which "free" belongs to what follows: "eggs free range".
pub(crate) const FREE_BINDS: &[&str] = &[
    "range", "gift", "gifts", "shipping", "delivery", "sample", "samples", "trial", "with", "when",
    "inside", "bonus", "refill", "standing", "roaming", "run", "style", "weight", "weights",
    "returns", "download", "item", "toy", "pack", "of", "from", "for",
];
/// Words after which a text lists what is in a product.
const CONTAINING: &[&str] = &["contain", "contains", "containing", "traces", "trace"];
/// Words that end such a list.
const LIST_ENDS: &[&str] = &["no", "free", "without", "but", "not", "zero"];
/// Longest such list, in words.
const LIST_WORDS_MAX: usize = 24;

/// What title, description and attributes of a product say, and its category. A category
/// that lists several things ("Nuts & cookies") does not say which of them this is.
pub fn claims<'a>(texts: impl IntoIterator<Item = &'a str>, category: &str) -> Claims {
    let mut claims = Claims::new();
    for text in texts {
        Reading::of(text, &mut claims, true);
    }
    let is_list = category.contains(['&', ',', '/', '+']) || category.contains(" and ");
    Reading::of(category, &mut claims, !is_list);
    claims
}

/// One text on the way into claims.
struct Reading<'a, 't> {
    words: Vec<Word<'t>>,
    /// Words that something was said of already.
    taken: Vec<bool>,
    claims: &'a mut Claims,
}

impl Reading<'_, '_> {
    fn of(text: &str, claims: &mut Claims, with_mentions: bool) {
        let tokens = tokens(text);
        let words = words(text, &tokens);
        let taken = vec![false; words.len()];
        let mut reading = Reading { words, taken, claims };
        reading.lists_of_contents();
        for at in 0..reading.words.len() {
            reading.free_after(at);
            reading.free_before(at);
        }
        if with_mentions {
            reading.mentions();
        }
    }

    /// "Contains milk, soy and traces of nuts."
    fn lists_of_contents(&mut self) {
        for start in 0..self.words.len() {
            if !CONTAINING.contains(&self.words[start].text) {
                continue;
            }
            let rest = self.words.iter().skip(start + 1).take(LIST_WORDS_MAX);
            let n_listed = rest
                .take_while(|word| word.gap != Gap::Broken && !LIST_ENDS.contains(&word.text))
                .count();
            // A colon after "contains" belongs to it.
            let begins = self.words.get(start + 1).is_some_and(|word| word.gap == Gap::Broken);
            let (first, n_listed) = match begins && n_listed == 0 {
                true => (start + 1, 1 + self.n_unbroken(start + 2)),
                false => (start + 1, n_listed),
            };
            let end = (first + n_listed).min(self.words.len());
            let mut at = first;
            while at < end {
                at += if self.is_of_plants(at) { 1 } else { self.say(at, Says::Contains).max(1) };
            }
        }
    }

    fn n_unbroken(&self, start: usize) -> usize {
        let rest = self.words.iter().skip(start).take(LIST_WORDS_MAX);
        rest.take_while(|word| word.gap != Gap::Broken && !LIST_ENDS.contains(&word.text)).count()
    }

    /// "peanut free", "peanut-free".
    fn free_after(&mut self, at: usize) {
        let is_free = |word: &Word<'_>| word.text == "free" && word.gap == Gap::Joined;
        let Some(n_words) = self.n_named(at).filter(|_| !self.taken[at]) else { return };
        let free = at + n_words;
        if !self.words.get(free).is_some_and(is_free) || self.binds(free) {
            return;
        }
        if at > 0 && self.words[at].gap == Gap::Joined && self.words[at - 1].text == "not" {
            return;
        }
        // "Gluten & dairy free": whether the gluten is meant, too, nobody knows.
        let mut before = at;
        while before > 0 && self.is_linked(before) {
            before =
                before.saturating_sub(if self.words[before].gap == Gap::Listed { 1 } else { 2 });
            self.taken[before] = true;
        }
        self.say(at, Says::IsFreeOf);
    }

    /// "without peanuts", "free of nuts or eggs", "no added sugar", "no sugar added".
    fn free_before(&mut self, at: usize) {
        let stands = |words: &&&[&str]| {
            words.iter().enumerate().all(|(i, word)| {
                let found = self.words.get(at + i);
                found.is_some_and(|found| {
                    found.text == *word && (i == 0 || found.gap == Gap::Joined)
                })
            })
        };
        let Some(before) = FREE_BEFORE.iter().find(stands) else { return };
        let mut next = at + before.len();
        let is_filler = |word: &Word<'_>| FILLERS.contains(&word.text);
        next += usize::from(self.words.get(next).is_some_and(is_filler));
        loop {
            if self.words.get(next).is_none_or(|word| word.gap != Gap::Joined) {
                return;
            }
            let Some(n_words) = self.n_named(next) else { return };
            let end = next + n_words;
            let is_added = self.words.get(end).is_some_and(|word| word.text == "added");
            if is_added {
                let name = format!("added {}", self.name(next, n_words));
                self.taken[next..=end].fill(true);
                self.note(name, Says::IsFreeOf);
                return;
            }
            self.say(next, Says::IsFreeOf);
            let links = |word: &Word<'_>| matches!(word.text, "or" | "nor");
            if !self.words.get(end).is_some_and(links) {
                return;
            }
            next = end + 1;
        }
    }

    /// All words of which nothing was said.
    fn mentions(&mut self) {
        let mut at = 0;
        while at < self.words.len() {
            let is_said = self.taken[at];
            if let Some(free) = free_word(self.words[at].text) {
                self.note(free.to_owned(), Says::IsFreeOf);
                at += 1;
            } else if is_said || self.is_of_plants(at) {
                at += 1;
            } else {
                at += self.say(at, Says::Mentions).max(1);
            }
        }
    }

    /// Whether a word names something else because of the one before.
    fn is_of_plants(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |before| singular(self.words[before].text));
        is_of_plants(singular(self.words[at].text), before)
    }

    /// Number of words of the name that begins here; `None` where there is none.
    fn n_named(&self, at: usize) -> Option<usize> {
        let long = phrase_at(&self.words, at, long_names().iter().copied());
        long.map(|(_, n_words)| n_words).or_else(|| self.words.get(at).map(|_| 1))
    }

    fn name(&self, at: usize, n_words: usize) -> String {
        let words = self.words[at..at + n_words].iter();
        words.map(|word| singular(word.text)).collect::<Vec<_>>().join(" ")
    }

    /// Says it of the name that begins at a word; returns its number of words.
    fn say(&mut self, at: usize, says: Says) -> usize {
        let Some(n_words) = self.n_named(at) else { return 0 };
        self.taken[at..at + n_words].fill(true);
        self.note(self.name(at, n_words), says);
        n_words
    }

    fn note(&mut self, name: String, says: Says) {
        let known = self.claims.entry(name).or_insert(says);
        *known = says.max(*known);
    }

    /// Whether "free" belongs to the word after it.
    fn binds(&self, free: usize) -> bool {
        let next = self.words.get(free + 1).filter(|word| word.gap == Gap::Joined);
        next.is_some_and(|word| FREE_BINDS.contains(&word.text))
    }

    /// Whether a word goes on a list with the one before, or the one before "and".
    fn is_linked(&self, at: usize) -> bool {
        let is_link = |before: usize| matches!(self.words[before].text, "and" | "or");
        self.words[at].gap == Gap::Listed
            || at > 1 && self.words[at].gap == Gap::Joined && is_link(at - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, word: &str) -> Option<Says> {
        claims([text], "").get(word).copied()
    }

    #[test]
    fn what_is_free_of_something_says_so_in_many_ways() {
        for (text, word) in [
            ("Peanut free cookies", "peanut"),
            ("Cookies, peanut-free", "peanut"),
            ("Bread without nuts", "nut"),
            ("Gum free of sugar", "sugar"),
            ("Free from gluten", "gluten"),
            ("No salt crackers", "salt"),
            ("Unsalted butter", "salt"),
            ("Sugarless gum", "sugar"),
            ("Non-dairy creamer", "dairy"),
            ("Decaf coffee", "caffeine"),
            ("No nuts or eggs", "egg"),
            ("Palm oil free spread", "palm oil"),
            ("Jam, no sugar added", "added sugar"),
            ("Jam, no added sugar", "added sugar"),
            ("Contains no peanuts", "peanut"),
        ] {
            assert_eq!(said(text, word), Some(Says::IsFreeOf), "{text}");
        }
    }

    #[test]
    fn vegan_is_no_promise_to_whom_traces_are_a_danger() {
        assert_eq!(said("Vegan cheese", "animal product"), Some(Says::IsFreeOf));
        for word in ["milk", "dairy", "egg"] {
            assert_eq!(said("Vegan cookies", word), None, "{word}");
        }
    }

    #[test]
    fn a_doubtful_word_is_no_claim() {
        for (text, word, says) in [
            ("Eggs free range", "egg", Some(Says::Mentions)),
            ("Free range eggs", "egg", Some(Says::Mentions)),
            ("Cookies free with milk", "cookie", Some(Says::Mentions)),
            ("Peanuts free of shells", "peanut", Some(Says::Mentions)),
            ("Contains: coconut milk", "milk", None),
            ("Sugar. Free of nuts", "sugar", Some(Says::Mentions)),
            ("Sugar - free gift", "sugar", Some(Says::Mentions)),
            ("No sugar, peanut taste", "peanut", Some(Says::Mentions)),
            ("Not gluten free", "gluten", Some(Says::Mentions)),
            ("Envelope no. 10", "10", Some(Says::Mentions)),
            ("Peanuts & sugar free gum", "peanut", None),
            ("Gluten and dairy free", "gluten", None),
            ("Almond milk", "milk", None),
            ("Whole milk", "milk", Some(Says::Mentions)),
            ("Tree nut free", "nut", None),
            ("Jam, no sugar added", "sugar", None),
            ("Coconut", "nut", None),
        ] {
            assert_eq!(said(text, word), says, "{text}");
        }
    }

    #[test]
    fn what_may_be_inside_outweighs_what_is_promised() {
        let texts = ["Peanut free cookies", "May contain traces of milk, soy and peanuts. New"];
        let claims = claims(texts, "");
        assert_eq!(claims["peanut"], Says::Contains);
        assert_eq!(claims["milk"], Says::Contains);
        assert_eq!(claims["new"], Says::Mentions);
        assert_eq!(said("Contains: wheat, eggs", "egg"), Some(Says::Contains));
        assert_eq!(said("Contains milk but no eggs", "egg"), Some(Says::IsFreeOf));
    }

    #[test]
    fn a_category_of_several_things_does_not_say_which() {
        let of = |category: &str| claims(["Oat bites"], category).get("peanut").copied();
        assert_eq!(of("Peanut butter"), Some(Says::Mentions));
        assert_eq!(of("Peanuts & cookies"), None);
        assert_eq!(of("Peanut free, gluten free"), Some(Says::IsFreeOf));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(no|free|of|from|peanut|palm|oil|contains|added|or|and|,|\\.|-|\"| |é){0,16}") {
            claims([text.as_str()], &text);
        }
    }
}
