//! What the texts of a product say it is free of, and what it contains.
//!
//! A false "free of" may harm somebody, so only what leaves no doubt counts: of
//! "no nuts, eggs" only the nuts, because the eggs may be what comes next.

use std::collections::HashMap;

use crate::languages::{has, joined, longest};
use crate::phrases::{Gap, Word, singular, words};
use crate::substances::{free_at, is_of_plants, long_name_at};
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

/// Words with which "free" belongs to what follows: "eggs free range".
pub(crate) const FREE_BINDS: &[&str] = &[
    "range", "gift", "gifts", "shipping", "delivery", "sample", "samples", "trial", "with", "when",
    "inside", "bonus", "refill", "standing", "roaming", "run", "style", "weight", "weights",
    "returns", "download", "item", "toy", "pack", "of", "from", "for",
];
/// Longest list of what is in a product, in words.
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
            let n_words = longest(|language| language.containing, &self.written_from(start));
            let Some(n_words) = n_words.filter(|_| !self.is_negated(start)) else { continue };
            let first = start + n_words;
            let n_listed = self.n_unbroken(first);
            // A colon after "contains" belongs to it.
            let begins = self.words.get(first).is_some_and(|word| word.gap == Gap::Broken);
            let n_listed = match begins && n_listed == 0 {
                true => 1 + self.n_unbroken(first + 1),
                false => n_listed,
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
        let ends = |word: &Word<'_>| has(|language| language.list_ends, word.text);
        rest.take_while(|word| word.gap != Gap::Broken && !ends(word)).count()
    }

    /// The words from one on as they are written, as far as they may belong to one phrase.
    fn written_from<'w>(&'w self, start: usize) -> impl Fn(usize) -> Option<&'w str> {
        move |n| {
            let word = self.words.get(start + n)?;
            (n == 0 || word.gap == Gap::Joined).then_some(word.text)
        }
    }

    /// Whether words that something is free of what follows begin right before this one and
    /// go on with it: "不含".
    fn is_negated(&self, at: usize) -> bool {
        let before = at.checked_sub(1);
        let n_words = before.and_then(|before| {
            longest(|language| language.claims_before, &self.written_from(before))
        });
        n_words.is_some_and(|n_words| n_words > 1)
    }

    /// Whether words before this one deny it: "not vegan", "nicht glutenfrei".
    fn is_denied(&self, at: usize) -> bool {
        const WORDS_MAX: usize = 2;
        let is_joined = self.words.get(at).is_some_and(|word| word.gap == Gap::Joined);
        let denies = |n: usize| {
            let before = self.written_from(at - n);
            longest(|language| language.negations, &before) == Some(n)
        };
        is_joined && (1..=WORDS_MAX.min(at)).any(denies)
    }

    /// "peanut free", "peanut-free".
    fn free_after(&mut self, at: usize) {
        let is_free = |word: &Word<'_>| {
            has(|language| language.free_after, word.text) && word.gap == Gap::Joined
        };
        let Some(n_words) = self.n_named(at).filter(|_| !self.taken[at]) else { return };
        let free = at + n_words;
        if !self.words.get(free).is_some_and(is_free) || self.binds(free) {
            return;
        }
        if self.is_denied(at) {
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
        let before = longest(|language| language.claims_before, &self.written_from(at));
        let Some(n_before) = before else { return };
        let mut next = at + n_before;
        let is_article = |word: &Word<'_>| has(|language| language.articles, word.text);
        next += usize::from(self.words.get(next).is_some_and(is_article));
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
            let links = |word: &Word<'_>| has(|language| language.claims_links, word.text);
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
            let free = free_at(&self.words, at).map(|(name, n)| (name.to_owned(), n));
            let free = free.filter(|_| !self.is_denied(at));
            if let Some((free, n_words)) = free {
                self.note(free, Says::IsFreeOf);
                at += n_words;
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
        let long = long_name_at(&self.words, at);
        long.map(|(_, n_words)| n_words).or_else(|| self.words.get(at).map(|_| 1))
    }

    fn name(&self, at: usize, n_words: usize) -> String {
        let words = self.words[at..at + n_words].iter();
        joined(words.map(|word| singular(word.text)))
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
    fn what_is_denied_is_no_promise() {
        for (text, substance) in [
            ("not vegan", "animal product"),
            ("Non-vegan sauce", "animal product"),
            ("isn't vegetarian", "meat or fish"),
            ("not gluten free", "gluten"),
            ("nicht glutenfrei", "gluten"),
            ("ist nicht laktosefrei", "lactose"),
            ("keine glutenfreie Ware", "gluten"),
            ("nicht vegan", "animal product"),
            ("非素食", "meat or fish"),
            ("不是素食", "meat or fish"),
        ] {
            assert_ne!(said(text, substance), Some(Says::IsFreeOf), "{text}");
        }
        for (text, substance) in [
            ("vegan, not fried", "animal product"),
            ("glutenfrei", "gluten"),
            ("素食", "meat or fish"),
        ] {
            assert_eq!(said(text, substance), Some(Says::IsFreeOf), "{text}");
        }
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
