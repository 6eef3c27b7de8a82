//! Words of our own for what the field has a name for.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::sources::sources_below;

/// A private word, in lower case, and the field's. Names in code are read as words, too:
/// `ReadsAlike` and `reads_alike` are "reads alike".
const PRIVATE: &[(&str, &str)] = &[
    ("takings", "interactions"),
    ("one taking", "one interaction"),
    ("reads alike", "text similarity"),
    ("read alike", "text similarity"),
    ("lesson", "ranking moment, or training window"),
    ("lessons", "ranking moments, or training windows"),
    ("chance that", "probability that"),
    ("chance of", "probability of"),
    ("chances", "probabilities"),
    ("base told", "base model conditioned on"),
    ("is told how often", "is conditioned on"),
];

/// Where code and documents are.
const ROOTS: &[&str] = &["crates", "docs", "server", "tests", "web"];
/// These name the words themselves.
const ABOUT_WORDS: &[&str] = &["crates/xtask/src/tidy/words.rs", "docs/glossary.md"];

/// # Errors
/// When a file can't be read.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ROOTS.iter().map(|folder| root.join(folder)).filter(|folder| folder.is_dir()) {
        sources_below(&folder, &mut files)?;
    }
    files.extend(documents(root)?);
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        if ABOUT_WORDS.contains(&name.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        found.extend(private_words(&text).into_iter().map(|(line, word, instead)| {
            format!("{name}:{line}: “{word}” is a word of our own: {instead}")
        }));
    }
    Ok(found)
}

/// Markdown at the root and in `docs`.
fn documents(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/decisions", "docs/experiments"] {
        let folder = root.join(folder);
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.with_context(|| folder.display().to_string())?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// 1-based lines with a private word, and what to say instead.
fn private_words(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut found = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let words = format!(" {} ", as_words(text));
        let is_in = |word: &str| words.contains(&format!(" {word} "));
        let private = PRIVATE.iter().filter(|(word, _)| is_in(word));
        found.extend(private.map(|(word, instead)| (line, *word, *instead)));
    }
    found
}

/// A line in lower case, with names taken apart and everything else than letters as space.
fn as_words(line: &str) -> String {
    let mut words = String::new();
    let mut was_lower = false;
    for c in line.chars() {
        let is_boundary = !c.is_alphabetic() || (c.is_uppercase() && was_lower);
        if is_boundary && !words.ends_with(' ') {
            words.push(' ');
        }
        if c.is_alphabetic() {
            words.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_word_is_found_in_text_and_in_names() {
        let text =
            "/// All takings.\nfn of_takings() {}\nFeature::ReadsAlike\nlet reads_alike = 1;\n";
        let lines: Vec<usize> = private_words(text).into_iter().map(|(line, ..)| line).collect();
        assert_eq!(lines, [1, 2, 3, 4]);
    }

    #[test]
    fn a_part_of_a_word_is_none() {
        assert!(private_words("partakings and an undertaking").is_empty());
    }
}
