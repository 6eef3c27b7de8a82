//! Reads the catalogues and lays them out by place, one string a language: keys are places once
//! the program is compiled, and are not in it.
#![allow(clippy::print_stdout, reason = "how a build script talks to cargo")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

#[path = "src/categories.rs"]
mod categories;
mod checks;
#[path = "src/languages.rs"]
mod languages;

use checks::{Texts, counted, faults};
use languages::LANGUAGES;

const CATALOGUES: [&str; 4] = ["common", "session", "shop", "studio"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=locales");
    let mut code = String::new();
    for name in CATALOGUES {
        let folder = Path::new("locales").join(name);
        let folder = folder.to_str().ok_or("a folder is named in Unicode")?;
        let texts = rust_i18n::try_load_locales(folder, |_| false, true)?;
        write!(code, "mod {name}_texts {{\n{}}}\n", module(name, &texts)?)?;
    }
    let to = Path::new(&env::var("OUT_DIR")?).join("texts.rs");
    Ok(fs::write(to, code)?)
}

/// The keys of a catalogue in order, each with whether it is of a number of things, and the texts
/// of each language in the order of the keys.
fn module(name: &str, texts: &BTreeMap<String, Texts>) -> Result<String, Box<dyn Error>> {
    let of = |tag: &str| texts.get(tag).ok_or_else(|| format!("{name} has no file of {tag}"));
    let english = of(LANGUAGES[0].tag)?;
    let keys: BTreeSet<(&str, bool)> = english
        .keys()
        .map(|key| counted(key).map_or((key.as_str(), false), |(key, _)| (key, true)))
        .collect();
    let mut code = format!(
        "/// Keys in order, each with whether it is of a number of things.\npub const KEYS: &[(&str, bool)] = &{:?};\n",
        Vec::from_iter(&keys)
    );
    writeln!(
        code,
        "/// Texts of each language in that order.\npub const TEXTS: [&str; {}] = [",
        LANGUAGES.len()
    )?;
    for language in LANGUAGES {
        let texts = of(language.tag)?;
        let faults = faults(english, texts);
        if !faults.is_empty() {
            return Err(format!("{name}, {}: {}", language.name, faults.join("; ")).into());
        }
        let in_order = keys.iter().map(|(key, is_counted)| match is_counted {
            true => forms(texts, key),
            false => texts[*key].clone(),
        });
        writeln!(code, "{:?},", in_order.collect::<Vec<_>>().join("\n"))?;
    }
    code.push_str("];\n");
    Ok(code)
}

/// The forms of a number of things, each behind the place of its plural category.
fn forms(texts: &Texts, wanted: &str) -> String {
    let mut forms: Vec<String> = Vec::new();
    for (key, text) in texts {
        if let Some((_, place)) = counted(key).filter(|(key, _)| *key == wanted) {
            forms.push(format!("{place}{text}"));
        }
    }
    // By the place that each begins with: the last is for all other numbers.
    forms.sort();
    forms.join("\t")
}
