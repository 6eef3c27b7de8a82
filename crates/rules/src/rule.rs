//! A rule in its public form: what ships, the same for everyone.

use serde::{Deserialize, Serialize};

use crate::action::RuleAction;
use crate::audience::Audience;
use crate::condition::RuleCondition;

/// Names a rule, in a set once.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct RuleId(pub u32);

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rule {}", self.0)
    }
}

/// When something holds, and what is done then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// Of rules of one level, the highest comes first; ties by id, the lowest first.
    pub priority: i16,
    /// Where it holds.
    pub when: RuleCondition,
    /// What is done, in this order.
    pub then: Vec<RuleAction>,
    /// When it holds.
    pub window: RuleWindow,
    /// For whom, as only a device can tell; `None` = for everyone.
    pub audience: Option<Audience>,
    /// What shoppers read of why something stands where it does.
    pub label: RuleLabel,
}

/// How narrow a rule's condition is. A narrower one goes before a wider one, whatever their
/// priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// On every page, or every one of a kind.
    Global,
    /// Of categories or departments.
    Category,
    /// Of some searches.
    Query,
}

/// The time in which a rule holds, in seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleWindow {
    /// Its first second; `None` = since ever.
    pub start_seconds: Option<i64>,
    /// The second after its last; `None` = until further notice.
    pub end_seconds: Option<i64>,
}

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

/// All rules of a catalogue side that may hold within a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicRules {
    /// The rules, in any order.
    pub rules: Vec<Rule>,
}

impl Rule {
    /// How narrow its condition is.
    pub fn level(&self) -> RuleLevel {
        self.when.level()
    }

    /// What comes first of two rules sorts first: narrower level, higher priority, lower id.
    pub fn precedence(&self) -> (std::cmp::Reverse<(RuleLevel, i16)>, RuleId) {
        (std::cmp::Reverse((self.level(), self.priority)), self.id)
    }
}

impl RuleWindow {
    /// Whether it is open at a moment, in seconds since 1970-01-01 UTC.
    pub fn is_open(&self, at_seconds: i64) -> bool {
        self.start_seconds.is_none_or(|start| start <= at_seconds)
            && self.end_seconds.is_none_or(|end| at_seconds < end)
    }

    /// Whether both are open at some one moment.
    pub fn overlaps(&self, other: &Self) -> bool {
        let ends_after = |end: Option<i64>, start: Option<i64>| match (end, start) {
            (Some(end), Some(start)) => start < end,
            _ => true,
        };
        [self, other].into_iter().all(|window| !window.is_empty())
            && ends_after(self.end_seconds, other.start_seconds)
            && ends_after(other.end_seconds, self.start_seconds)
    }

    /// Whether it is open at no moment.
    pub fn is_empty(&self) -> bool {
        self.start_seconds.zip(self.end_seconds).is_some_and(|(start, end)| end <= start)
    }
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
    fn a_window_holds_its_first_second_and_not_its_end() {
        let window = RuleWindow { start_seconds: Some(10), end_seconds: Some(20) };
        assert_eq!([9, 10, 19, 20].map(|at| window.is_open(at)), [false, true, true, false]);
        assert!(RuleWindow::default().is_open(i64::MIN));
        let from = RuleWindow { start_seconds: Some(10), end_seconds: None };
        assert_eq!([9, 10, i64::MAX].map(|at| from.is_open(at)), [false, true, true]);
    }

    #[test]
    fn windows_that_only_touch_do_not_overlap() {
        let window = |start, end| RuleWindow { start_seconds: Some(start), end_seconds: Some(end) };
        assert!(!window(0, 10).overlaps(&window(10, 20)));
        assert!(window(0, 11).overlaps(&window(10, 20)));
        assert!(window(0, 11).overlaps(&RuleWindow::default()));
        assert!(!window(5, 5).overlaps(&RuleWindow::default()), "one that is never open");
    }

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
