//! Every language says everything, and fills in the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vitrine_words::LANGUAGES;

#[path = "../src/categories.rs"]
mod categories;
#[path = "../checks.rs"]
mod checks;

use checks::{Texts, counted, faults};

const CATALOGUES: [&str; 4] = ["common", "session", "shop", "studio"];

fn texts(catalogue: &str) -> BTreeMap<String, Texts> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(catalogue);
    let folder = folder.to_str().expect("a folder named in Unicode");
    rust_i18n::try_load_locales(folder, |_| false, true).expect("files that can be read")
}

#[test]
fn every_language_has_every_text_with_the_same_places_and_no_other_is_there() {
    for name in CATALOGUES {
        let texts = texts(name);
        let tags: BTreeSet<&str> = LANGUAGES.iter().map(|language| language.tag).collect();
        assert_eq!(texts.keys().map(String::as_str).collect::<BTreeSet<_>>(), tags, "{name}");
        let english = &texts[LANGUAGES[0].tag];
        assert!(english.len() > 50, "{name} has {} texts", english.len());
        for (tag, texts) in &texts {
            let faults = faults(english, texts);
            assert!(faults.is_empty(), "{name}, {tag}: {faults:#?}");
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
    let broken = of(&[("a", "%{x}"), ("n.one", "%{n}"), ("c", "")]);
    assert_eq!(
        faults(&english, &broken),
        [
            "a fills in {\"x\"}, not {\"x\", \"y\"}",
            "b is missing",
            "c is not in English",
            "n has no text for other numbers",
            "c is empty or holds what parts texts",
        ]
    );
}

#[test]
fn each_category_of_a_language_is_in_all_its_counts() {
    for name in CATALOGUES {
        for (tag, texts) in texts(name) {
            let mut categories: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
            for (key, place) in texts.keys().filter_map(|key| counted(key)) {
                // Places in an order have categories of their own.
                if key != "ordinal" {
                    categories.entry(key).or_default().insert(place);
                }
            }
            let mut all = categories.values();
            let first = all.next().unwrap();
            assert!(all.all(|other| other == first), "{name}, {tag}: {categories:?}");
        }
    }
}
