//! One name, one meaning: a public type stands in one crate alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::sources::{is_test_file, non_test_lines, sources_below};

/// What declares a public type at the top of a module. What is public within its crate only
/// (`pub(crate)`) may share a name with another crate's.
const DECLARATIONS: &[&str] =
    &["pub struct ", "pub enum ", "pub trait ", "pub type ", "pub union "];

/// Crates outside `crates/`.
const OTHER_CRATES: &[&str] = &["server", "web"];

/// # Errors
/// When a file can't be read.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    let mut names = Names::default();
    for folder in crate_folders(root)? {
        let mut files = Vec::new();
        sources_below(&folder.join("src"), &mut files)?;
        let krate = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for file in files {
            let name = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            if !is_test_file(&name) {
                let text = fs::read_to_string(&file).with_context(|| name.clone())?;
                names.add(&krate, &text);
            }
        }
    }
    Ok(names.in_two_crates())
}

fn crate_folders(root: &Path) -> Result<Vec<PathBuf>> {
    let crates = root.join("crates");
    let entries = fs::read_dir(&crates).with_context(|| crates.display().to_string())?;
    let mut found: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    found.extend(OTHER_CRATES.iter().map(|folder| root.join(folder)));
    found.retain(|folder| folder.join("src").is_dir());
    Ok(found)
}

/// Public types by name, with the crates that declare them.
#[derive(Default)]
struct Names(BTreeMap<String, BTreeSet<String>>);

impl Names {
    /// Takes in the types of a file; those of its tests do not count.
    fn add(&mut self, krate: &str, text: &str) {
        for line in text.lines().take(non_test_lines(text)) {
            let declared = DECLARATIONS.iter().find_map(|what| line.strip_prefix(what));
            let Some(declared) = declared else { continue };
            let end = declared.find(|c: char| !c.is_alphanumeric() && c != '_');
            let name = &declared[..end.unwrap_or(declared.len())];
            self.0.entry(name.to_owned()).or_default().insert(krate.to_owned());
        }
    }

    fn in_two_crates(&self) -> Vec<String> {
        let twice = self.0.iter().filter(|(_, crates)| crates.len() > 1);
        twice
            .map(|(name, crates)| {
                let crates: Vec<&str> = crates.iter().map(String::as_str).collect();
                format!(
                    "{name}: a public type of {}; rename all but one, or make them pub(crate)",
                    crates.join(" and ")
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let mut names = Names::default();
        files.iter().for_each(|(krate, text)| names.add(krate, text));
        names.in_two_crates()
    }

    #[test]
    fn a_public_type_of_two_crates_is_found() {
        let found = of(&[
            ("shop", "pub struct Report<'a> {\n}\npub enum Kind {\n}\n"),
            ("lab", "/// Another.\npub type Report = u32;\n"),
            ("lab", "pub trait Kindly {\n}\n"),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("Report: a public type of lab and shop"), "{found:?}");
    }

    #[test]
    fn one_crate_may_have_a_name_twice_and_tests_and_private_types_do_not_count() {
        let report = "pub struct Report;\n";
        let within = "pub(crate) struct Report;\nstruct Report;\n    pub struct Report;\n";
        let test = "#[cfg(test)]\nmod tests {\npub struct Report;\n}\n";
        assert!(of(&[("shop", report), ("shop", report)]).is_empty());
        assert!(of(&[("shop", report), ("lab", within), ("web", test)]).is_empty());
    }
}
