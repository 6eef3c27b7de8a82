//! What texts of a language have to be like. The build script refuses a crate where they are not.

use std::collections::{BTreeMap, BTreeSet};

use crate::categories::CATEGORIES;

/// Texts of a language by key.
pub type Texts = BTreeMap<String, String>;

/// The key of a number of things without its category, and the place of the category.
pub fn counted(key: &str) -> Option<(&str, usize)> {
    let (key, category) = key.rsplit_once('.')?;
    let place = CATEGORIES.iter().position(|known| *known == category)?;
    Some((key, place))
}

/// What a language lacks, has too much, or fills in otherwise than English does.
pub fn faults(english: &Texts, other: &Texts) -> Vec<String> {
    let (wanted, found) = (by_key(english), by_key(other));
    let mut faults = Vec::new();
    for (key, places) in &wanted {
        match found.get(key) {
            None => faults.push(format!("{key} is missing")),
            Some(found) if found != places => {
                faults.push(format!("{key} fills in {found:?}, not {places:?}"));
            }
            Some(_) => {}
        }
    }
    let surplus = found.keys().filter(|key| !wanted.contains_key(*key));
    faults.extend(surplus.map(|key| format!("{key} is not in English")));
    for key in other.keys().filter_map(|key| counted(key)).map(|(key, _)| key) {
        let fault = format!("{key} has no text for other numbers");
        if !other.contains_key(&format!("{key}.other")) && !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    let is_odd = |text: &String| text.is_empty() || text.contains(['\n', '\t']);
    let odd = other.iter().filter(|(_, text)| is_odd(text));
    faults.extend(odd.map(|(key, _)| format!("{key} is empty or holds what parts texts")));
    faults
}

/// The names of places by key; those of a number of things together.
fn by_key(texts: &Texts) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, text) in texts {
        let key = counted(key).map_or(key.as_str(), |(key, _)| key);
        all.entry(key).or_default().extend(places(text));
    }
    all
}

/// The names between `%{` and `}`.
fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split("%{").skip(1).filter_map(|rest| rest.split('}').next())
}
