//! Texts by key, with what is filled in.

use std::borrow::Cow;
use std::fmt::Display;

use rust_i18n::{Backend, replace_patterns};

use crate::language::{LANGUAGES, current};
use crate::plural::category;

/// The texts of all languages. `t!` and `n!` of its module look them up.
#[derive(Clone, Copy)]
pub struct Catalogue {
    pub(crate) texts: fn() -> &'static dyn Backend,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalogue").finish_non_exhaustive()
    }
}

impl Catalogue {
    fn find(&self, tag: &str, key: &str) -> Option<&'static str> {
        match (self.texts)().translate(tag, key)? {
            Cow::Borrowed(text) => Some(text),
            // Texts that are compiled in are never made.
            Cow::Owned(_) => None,
        }
    }

    fn find_current(&self, key: &str) -> Option<&'static str> {
        let english = || self.find(LANGUAGES[0].tag, key);
        self.find(current().tag, key).or_else(english)
    }

    /// The text of a key in the language in use; the key itself where there is none, which the
    /// checks of `cargo xtask tidy` rule out.
    #[inline(never)]
    pub fn say(&self, key: &'static str) -> &'static str {
        self.find_current(key).unwrap_or(key)
    }

    /// The text with `values` in the places of their names.
    #[inline(never)]
    pub fn fill(&self, key: &'static str, values: &[(&str, &dyn Display)]) -> String {
        filled(self.say(key), values)
    }

    /// The text of a number of things, which is `%{n}` in it.
    #[inline(never)]
    pub fn count(&self, key: &'static str, n: u64, values: &[(&str, &dyn Display)]) -> String {
        let of = |category: &str| self.find_current(&format!("{key}.{category}"));
        let text = of(category(n)).or_else(|| of("other")).unwrap_or(key);
        let mut values = values.to_vec();
        values.push(("n", &n));
        filled(text, &values)
    }

    /// The text before and behind its only place, for what is drawn there rather than written.
    #[inline(never)]
    pub fn around(&self, key: &'static str) -> (&'static str, &'static str) {
        let text = self.say(key);
        let parts = text.split_once("%{").and_then(|(before, rest)| {
            let (_, behind) = rest.split_once('}')?;
            Some((before, behind))
        });
        parts.unwrap_or((text, ""))
    }

    /// Keys and texts of a language.
    pub fn texts_of(&self, tag: &str) -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
        (self.texts)().messages_for_locale(tag).unwrap_or_default()
    }
}

fn filled(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = values.iter().map(|(_, value)| value.to_string()).collect();
    replace_patterns(text, &names, &values)
}
