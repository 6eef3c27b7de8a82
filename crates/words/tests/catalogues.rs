//! Every language says everything, and fills in the same.

use std::collections::{BTreeMap, BTreeSet};

use vitrine_words::{Catalogue, LANGUAGES, common, shop, studio};

const CATALOGUES: [(&str, Catalogue); 3] =
    [("common", common::CATALOGUE), ("shop", shop::CATALOGUE), ("studio", studio::CATALOGUE)];
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

type Texts = BTreeMap<String, String>;

fn texts(catalogue: Catalogue, tag: &str) -> Texts {
    let texts = catalogue.texts_of(tag).into_iter();
    texts.map(|(key, text)| (key.into_owned(), text.into_owned())).collect()
}

/// The names between `%{` and `}`.
fn places(text: &str) -> BTreeSet<&str> {
    text.split("%{").skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

/// The key of a number of things, without its category.
fn counted(key: &str) -> Option<&str> {
    let (key, category) = key.rsplit_once('.')?;
    CATEGORIES.contains(&category).then_some(key)
}

/// The texts by key; those of a number of things together, with the places of any of them.
fn by_key(texts: &Texts) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, text) in texts {
        all.entry(counted(key).unwrap_or(key)).or_default().extend(places(text));
    }
    all
}

/// What a language lacks, has too much, or fills in otherwise than English does.
fn faults(english: &Texts, other: &Texts) -> Vec<String> {
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
    for key in other.keys().filter_map(|key| counted(key)).collect::<BTreeSet<_>>() {
        if !other.contains_key(&format!("{key}.other")) {
            faults.push(format!("{key} has no text for other numbers"));
        }
    }
    faults.extend(other.iter().filter(|(_, text)| text.is_empty()).map(|(key, _)| key.clone()));
    faults
}

#[test]
fn every_language_has_every_text_with_the_same_places() {
    for (name, catalogue) in CATALOGUES {
        let english = texts(catalogue, LANGUAGES[0].tag);
        assert!(english.len() > 50, "{name} has {} texts", english.len());
        for language in LANGUAGES {
            let faults = faults(&english, &texts(catalogue, language.tag));
            assert!(faults.is_empty(), "{name}, {}: {faults:#?}", language.name);
        }
    }
}

#[test]
fn a_language_that_lacks_a_text_or_fills_in_another_is_found() {
    let of = |all: &[(&str, &str)]| -> Texts {
        all.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    };
    let english = of(&[("a", "%{x} of %{y}"), ("n.one", "%{n}"), ("n.other", "%{n}s"), ("b", "B")]);
    let fine = of(&[("a", "%{y}/%{x}"), ("n.other", "%{n}"), ("b", "b")]);
    assert_eq!(faults(&english, &fine), [""; 0]);
    let broken = of(&[("a", "%{x}"), ("n.one", "%{n}"), ("c", "C")]);
    assert_eq!(
        faults(&english, &broken),
        [
            "a fills in {\"x\"}, not {\"x\", \"y\"}",
            "b is missing",
            "c is not in English",
            "n has no text for other numbers",
        ]
    );
}

#[test]
fn each_category_of_a_language_is_in_all_its_counts() {
    for (name, catalogue) in CATALOGUES {
        for language in LANGUAGES {
            let texts = texts(catalogue, language.tag);
            let mut categories: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for key in texts.keys().filter(|key| counted(key).is_some()) {
                let (key, category) = key.rsplit_once('.').unwrap();
                // Places in an order have categories of their own.
                if key != "ordinal" {
                    categories.entry(key).or_default().insert(category);
                }
            }
            let mut all = categories.values();
            let first = all.next().unwrap();
            assert!(all.all(|other| other == first), "{name}, {}: {categories:?}", language.name);
        }
    }
}
