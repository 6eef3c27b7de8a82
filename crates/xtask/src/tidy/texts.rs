//! Texts that people see: those of the views come from the catalogues of `crates/words`, and
//! code and catalogues name the same keys.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::sources::{is_test_file, sources_below};

/// Where the catalogues are, a folder each.
const CATALOGUES: &str = "crates/words/locales";
/// The language that has every text.
const FIRST: &str = "en.toml";
/// What speaks before the program does, and what speaks on pages of others.
const FRONT: &str = "web/front.js";
const ELEMENTS: &str = "web/packages/elements/languages";
/// Where texts are looked up.
const SPEAKING: &[&str] =
    &["crates/browser/src", "crates/embed/src", "crates/session/src", "web/src"];
/// Where nothing is written that a person sees.
const VIEWS: &str = "web/src/";
/// What is called so in every language.
const NAMES: &[&str] = &["HR@10", "MRR", "NDCG@10", "Recall@500", "Vitrine Studio"];
/// What the crate of the catalogues looks up itself.
const OWN: &str = "ordinal";
/// How a text is looked up.
const LOOK_UPS: &[&str] = &["t!(", "n!(", "around!("];
const CATEGORIES: &[&str] = &["zero", "one", "two", "few", "many", "other"];

/// # Errors
/// When a file can't be read.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    let mut known = keys_of_catalogues(&root.join(CATALOGUES))?;
    let mut found = mute(root)?;
    let mut files = Vec::new();
    for folder in SPEAKING.iter().map(|folder| root.join(folder)).filter(|folder| folder.is_dir()) {
        sources_below(&folder, &mut files)?;
    }
    files.sort();
    for file in files {
        let name = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        let is_rust = file.extension().is_some_and(|extension| extension == "rs");
        if !is_rust || is_test_file(&name) {
            continue;
        }
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        if name.starts_with(VIEWS) {
            let written = written(&text).into_iter();
            found.extend(written.map(|(line, text)| {
                format!("{name}:{line}: “{text}” is in one language: look it up with `t!`")
            }));
        }
        for key in keys_of_code(&text) {
            let catalogue = catalogue_of(&text).and_then(|of| Some((of, known.get_mut(of)?)));
            match catalogue {
                None => found.push(format!("{name}: “{key}” is of no catalogue: import one `t!`")),
                Some((of, keys)) => match keys.get_mut(key) {
                    Some(is_used) => *is_used = true,
                    None => found.push(format!("{name}: “{key}” is not in the catalogue `{of}`")),
                },
            }
        }
    }
    for (catalogue, keys) in known {
        let unused = keys.into_iter().filter(|(_, is_used)| !is_used);
        found.extend(
            unused.map(|(key, _)| format!("{CATALOGUES}/{catalogue}: nothing says “{key}”")),
        );
    }
    Ok(found)
}

/// Languages that the first tiles or the elements do not speak.
fn mute(root: &Path) -> Result<Vec<String>> {
    let front = fs::read_to_string(root.join(FRONT)).context(FRONT)?;
    let folder = root.join(CATALOGUES).join("common");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let Some(tag) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        if !speaks(&front, tag) {
            found.push(format!("{FRONT}: no words in {tag}"));
        }
        let language = tag.split('-').next().unwrap_or(tag);
        let is_first = FIRST.strip_suffix(".toml") == Some(tag);
        if !is_first && !root.join(ELEMENTS).join(format!("{language}.js")).is_file() {
            found.push(format!("{ELEMENTS}: no words in {language}"));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a table of a script has a line of a language.
fn speaks(script: &str, tag: &str) -> bool {
    let lines = [format!("{tag}: ["), format!("'{tag}': [")];
    script.lines().any(|line| lines.iter().any(|known| line.trim().starts_with(known)))
}

/// The keys of each catalogue, and whether they were seen in code.
type Known = BTreeMap<String, BTreeMap<String, bool>>;

fn keys_of_catalogues(folder: &Path) -> Result<Known> {
    let mut known = Known::new();
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path: PathBuf = entry?.path().join(FIRST);
        let Some(name) = path.parent().and_then(Path::file_name) else { continue };
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let keys = keys_of_file(&text).into_iter().map(|key| (key, false)).collect();
        known.insert(name.to_string_lossy().into_owned(), keys);
    }
    Ok(known)
}

/// The keys of a file of texts; those of a number of things without their category.
fn keys_of_file(toml: &str) -> BTreeSet<String> {
    let mut section = String::new();
    let mut keys = BTreeSet::new();
    for line in toml.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let Some((key, _)) = line.split_once(" = ") {
            let key = format!("{section}{key}");
            let counted = key.rsplit_once('.').filter(|(_, end)| CATEGORIES.contains(end));
            let key = counted.map_or(key.as_str(), |(key, _)| key);
            if key != OWN {
                keys.insert(key.to_owned());
            }
        }
    }
    keys
}

/// The catalogue whose `t!` a file imports.
fn catalogue_of(code: &str) -> Option<&str> {
    let mut imports = code.lines().filter_map(|line| line.strip_prefix("use vitrine_words::"));
    imports.find_map(|line| line.split_once("::")).map(|(catalogue, _)| catalogue)
}

/// The keys that code looks up.
fn keys_of_code(code: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    for look_up in LOOK_UPS {
        for (at, _) in code.match_indices(look_up) {
            let is_part = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let rest = code[at + look_up.len()..].trim_start();
            let key = rest.strip_prefix('"').and_then(|rest| rest.split('"').next());
            if let Some(key) = key.filter(|_| !is_part) {
                keys.push(key);
            }
        }
    }
    keys
}

/// What a view writes out: a text behind a tag or on a line of its own, and whatever begins
/// like a sentence.
fn written(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("//") || line.starts_with('#') {
            continue;
        }
        for (before, text) in literals(line) {
            let is_alone = before.is_empty() && line.len() == text.len() + 2;
            let before = before.trim_end();
            let is_behind_tag =
                before.ends_with('>') && !before.ends_with("=>") && !before.ends_with("->");
            let is_shown = (is_alone || is_behind_tag) && text.contains(char::is_alphabetic);
            if (is_shown || is_sentence(text)) && !NAMES.contains(&text) {
                found.push((at + 1, text));
            }
        }
    }
    found
}

/// Whether it has a capital letter in front, and two words.
fn is_sentence(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_capital = |word: &str| word.starts_with(char::is_uppercase) && !word.contains('=');
    words.next().is_some_and(is_capital)
        && words.next().is_some_and(|word| word.starts_with(char::is_alphabetic))
}

/// The plain literals of a line, with what is before each.
fn literals(line: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    let mut is_escaped = false;
    for (at, c) in line.char_indices() {
        match (c, start) {
            ('"', None) if !line[..at].ends_with(['#', '\'']) => start = Some(at),
            ('"', Some(from)) if !is_escaped => {
                found.push((&line[..from], &line[from + 1..at]));
                start = None;
            }
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_text_is_found_and_a_class_a_code_or_a_comment_is_not() {
        let code = "
            // \"A comment that says something\"
            <p class=\"muted small\">\"nothing here\"</p>
            <button data-testid=\"buy\">
                \"Buy\"
            </button>
            let words = format!(\"Only {n} left\");
            \"Escape\" if is_open => close(),
            <span>\"×\"</span>
            <h1>{t!(\"frame.basket\")}</h1>
        ";
        let texts: Vec<&str> = written(code).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["nothing here", "Buy"]);
        let sentence = "let words = \"Only some left\";";
        assert_eq!(written(sentence), [(1, "Only some left")]);
    }

    #[test]
    fn a_language_that_a_script_does_not_speak_is_found() {
        let script = "  const WORDS = {\n    en: ['Opening'],\n    'zh-Hans': ['正在打开'],\n";
        assert!(["en", "zh-Hans"].iter().all(|tag| speaks(script, tag)));
        assert!(!speaks(script, "zh") && !speaks(script, "de"));
    }

    #[test]
    fn keys_are_those_of_code_and_of_files() {
        let code = "use vitrine_words::shop::{n, t};
            t!(\"a.b\"); n!(\"c\", 2); assert!(\"no key\"); format!(\"nor this\");
            t!(
                \"d\", x = 1);
            around!(\"e\")";
        assert_eq!(keys_of_code(code), ["a.b", "d", "c", "e"]);
        assert_eq!(catalogue_of(code), Some("shop"));
        let toml = "e = \"E\"\n\n[a]\nb = \"B = b\"\nc.one = \"1\"\nc.other = \"2\"\n";
        assert_eq!(keys_of_file(toml).into_iter().collect::<Vec<_>>(), ["a.b", "a.c", "e"]);
    }
}
