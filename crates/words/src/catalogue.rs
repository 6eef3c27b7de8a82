//! Texts by place, with what is filled in.

use std::fmt::{Display, Write};
use std::sync::OnceLock;

use crate::categories::CATEGORIES;
use crate::language::current_place;
use crate::languages::LANGUAGES;
use crate::plural::category;

const N: usize = LANGUAGES.len();

/// The texts of all languages. `t!` and `n!` of its module look them up.
#[derive(Debug)]
pub struct TextCatalogue {
    /// Those of a language, a line each.
    joined: [&'static str; N],
    /// Those of a language by place, once one of them was asked for.
    parted: [OnceLock<Vec<&'static str>>; N],
}

/// The place of a key, worked out as the program is compiled: it fails on a key that there is
/// not, and on one of a number of things that is looked up without a number.
#[doc(hidden)]
pub const fn place(keys: &[(&str, bool)], key: &str, is_counted: bool) -> usize {
    let mut place = 0;
    while place < keys.len() {
        if is_same(keys[place].0, key) {
            assert!(keys[place].1 == is_counted, "texts of a number of things take n!, others t!");
            return place;
        }
        place += 1;
    }
    panic!("no text has this key")
}

const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

impl TextCatalogue {
    pub(crate) const fn new(joined: [&'static str; N]) -> Self {
        Self { joined, parted: [const { OnceLock::new() }; N] }
    }

    /// The text at a place in the language in use.
    #[inline(never)]
    pub fn say(&self, place: usize) -> &'static str {
        let language = current_place();
        let part = || self.joined[language].split('\n').collect();
        self.parted[language].get_or_init(part).get(place).copied().unwrap_or_default()
    }

    /// The text with `values` in the places of their names.
    #[inline(never)]
    pub fn fill(&self, place: usize, values: &[(&str, &dyn Display)]) -> String {
        filled(self.say(place), values)
    }

    /// The text of a number of things, which is `%{n}` in it.
    #[inline(never)]
    pub fn count(&self, place: usize, n: u64, values: &[(&str, &dyn Display)]) -> String {
        let mut values = values.to_vec();
        values.push(("n", &n));
        filled(self.form(place, category(n)), &values)
    }

    /// The text of a number of things in a plural category; that of other numbers where the
    /// language has none for it.
    pub(crate) fn form(&self, place: usize, category: &str) -> &'static str {
        let forms = self.say(place).split('\t');
        let mut of_others = "";
        for form in forms {
            let (place, text) = form.split_at(1);
            of_others = text;
            let named = place.parse().ok().and_then(|place: usize| CATEGORIES.get(place));
            if named == Some(&category) {
                return text;
            }
        }
        // The last of all categories.
        of_others
    }

    /// The text before and behind its only place, for what is drawn there rather than written.
    #[inline(never)]
    pub fn around(&self, place: usize) -> (&'static str, &'static str) {
        let text = self.say(place);
        next_name(text).map_or((text, ""), |(before, _, behind)| (before, behind))
    }
}

/// What is before the first `%{name}`, the name, and what is behind it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("%{")?;
    let (name, behind) = rest.split_once('}')?;
    Some((before, name, behind))
}

pub(crate) fn filled(mut text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut written = String::new();
    while let Some((before, name, behind)) = next_name(text) {
        written.push_str(before);
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            // A string takes any text.
            let _ = write!(written, "{value}");
        }
        text = behind;
    }
    written + text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_where_they_are_named_and_are_not_read_themselves() {
        let values: [(&str, &dyn Display); 2] = [("a", &"%{b}"), ("b", &2)];
        assert_eq!(filled("%{b} of %{a}, 5 % of {x}", &values), "2 of %{b}, 5 % of {x}");
        assert_eq!(filled("nothing", &[]), "nothing");
    }

    #[test]
    fn a_form_that_a_language_has_not_is_that_of_other_numbers() {
        let catalogue = TextCatalogue::new(["1a\t5b"; N]);
        assert_eq!(["one", "two", "other"].map(|name| catalogue.form(0, name)), ["a", "b", "b"]);
    }
}
