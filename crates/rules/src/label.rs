//! Texts of rules that shoppers read.

use serde::{Deserialize, Serialize};

/// A public text: one for everyone, or one a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleLabel {
    /// The same in all languages.
    Text(String),
    /// Pairs of a BCP 47 tag and a text, at most [`crate::LABEL_LANGUAGES_MAX`]; the first
    /// is for all other languages.
    Languages(Vec<(String, String)>),
}

impl RuleLabel {
    /// The text for a language (BCP 47 tag): its own, else one of the same first subtag,
    /// else the first.
    pub fn text(&self, language: &str) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Languages(texts) => {
                let exact = texts.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(language));
                let near =
                    || texts.iter().find(|(tag, _)| first_subtag(tag) == first_subtag(language));
                let found = exact.or_else(near).or(texts.first());
                found.map_or("", |(_, text)| text.as_str())
            }
        }
    }

    /// All its texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let (one, more) = match self {
            Self::Text(text) => (Some(text.as_str()), &[][..]),
            Self::Languages(texts) => (None, texts.as_slice()),
        };
        one.into_iter().chain(more.iter().map(|(_, text)| text.as_str()))
    }
}

impl Default for RuleLabel {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<&str> for RuleLabel {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

fn first_subtag(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_said_in_the_nearest_language() {
        let texts = [("en", "Picked by us"), ("de-AT", "Von uns"), ("zh-Hans", "精选")];
        let texts = texts.map(|(tag, text)| (tag.to_owned(), text.to_owned()));
        let label = RuleLabel::Languages(texts.to_vec());
        assert_eq!(label.text("zh-hans"), "精选");
        assert_eq!(label.text("de"), "Von uns");
        assert_eq!(label.text("fr"), "Picked by us");
        assert_eq!(RuleLabel::from("One").text("fr"), "One");
        assert_eq!(RuleLabel::Languages(Vec::new()).text("en"), "");
    }
}
