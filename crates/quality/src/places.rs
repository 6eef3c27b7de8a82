//! Departments and categories by the names of a feed and by those that cards have, so that
//! settings can name them as the feed does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use thiserror::Error;

/// Least similarity (Jaro–Winkler) of a name with one that may be meant.
const SIMILARITY_MIN: f64 = 0.8;
/// Most names that are offered in place of one.
const CLOSE_MAX: usize = 3;

/// Names of departments and categories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceNames {
    /// By the feed's name, the names that cards have for it.
    by_feed: BTreeMap<String, BTreeSet<String>>,
}

/// A name that no department or category has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPlace {
    /// As the setting names it.
    pub name: String,
    /// Names that are much like it, the most alike first.
    pub close: Vec<String>,
}

/// Names of a setting that no department or category of the import has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", shown(.0))]
pub struct UnknownPlaces(pub Vec<UnknownPlace>);

impl fmt::Display for UnknownPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the feed has no department or category {:?}", self.name)?;
        match self.close.as_slice() {
            [] => write!(f, "; name one as the feed does, or take it out"),
            close => {
                let quoted: Vec<String> = close.iter().map(|name| format!("{name:?}")).collect();
                write!(f, "; is {} meant?", quoted.join(" or "))
            }
        }
    }
}

fn shown(unknown: &[UnknownPlace]) -> String {
    unknown.iter().map(UnknownPlace::to_string).collect::<Vec<_>>().join("; ")
}

impl PlaceNames {
    /// Adds a department or category: the feed's name and what cards have for it.
    pub(crate) fn add(&mut self, of_feed: &str, of_cards: &str) {
        for name in [of_feed, of_cards] {
            if !name.is_empty() && !of_cards.is_empty() {
                let names = self.by_feed.entry(name.to_owned()).or_default();
                names.insert(of_cards.to_owned());
            }
        }
    }

    /// The names that cards have for some names of the feed or of cards, sorted.
    ///
    /// # Errors
    /// All names that no department or category has, with those that may be meant.
    pub fn of_cards(&self, names: &[String]) -> Result<Vec<String>, UnknownPlaces> {
        let mut found = BTreeSet::new();
        let mut unknown = Vec::new();
        for name in names {
            match self.by_feed.get(name) {
                Some(of_cards) => found.extend(of_cards.iter().cloned()),
                None => unknown.push(UnknownPlace { name: name.clone(), close: self.close(name) }),
            }
        }
        if unknown.is_empty() {
            Ok(found.into_iter().collect())
        } else {
            Err(UnknownPlaces(unknown))
        }
    }

    fn close(&self, name: &str) -> Vec<String> {
        let lower = name.to_lowercase();
        let similarity = |other: &String| strsim::jaro_winkler(&lower, &other.to_lowercase());
        let mut close: Vec<(f64, &String)> =
            self.by_feed.keys().map(|other| (similarity(other), other)).collect();
        close.retain(|(similarity, _)| *similarity >= SIMILARITY_MIN);
        close.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        close.into_iter().take(CLOSE_MAX).map(|(_, other)| other.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> PlaceNames {
        let mut names = PlaceNames::default();
        let pairs =
            [("BEERS/ALES", "Beers and ales"), ("CIGARETTES", "Cigarettes"), ("DELI", "Deli")];
        pairs.into_iter().for_each(|(feed, cards)| names.add(feed, cards));
        names.add("", "Other");
        names
    }

    fn asked(wanted: &[&str]) -> Result<Vec<String>, UnknownPlaces> {
        names().of_cards(&wanted.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_name_of_the_feed_or_of_cards_is_that_of_cards() {
        let found = asked(&["CIGARETTES", "Beers and ales", "BEERS/ALES", "Other"]);
        assert_eq!(found, Ok(["Beers and ales", "Cigarettes", "Other"].map(str::to_owned).into()));
        assert_eq!(asked(&[]), Ok(Vec::new()));
    }

    #[test]
    fn all_that_is_unknown_is_told_with_what_is_close() {
        let error = asked(&["Cigarets", "DELI", "Fireworks"]).expect_err("two are unknown");
        let told = error.to_string();
        assert!(told.contains("no department or category \"Cigarets\"; is "), "{told}");
        assert!(
            told.contains("\"CIGARETTES\"") && told.contains("\"Fireworks\"; name one"),
            "{told}"
        );
        assert_eq!(error.0.len(), 2);
    }
}
