//! Rules about the documents: what they name is there.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

/// Where documents are, besides those at the root.
const ROOTS: &[&str] = &["crates", "docs", "server", "tests", "web"];
const NOT_OURS: &[&str] = &["dist", "node_modules", "target"];
/// A span of code that begins so is a path from the root.
const PATHS: &[&str] = &["crates/", "docs/", "server/", "shaders/", "web/"];
/// A span that has one of these is a pattern or a command.
const PATTERNS: &[char] = &['*', '<', '…', ' ', '{'];

const DECISIONS: &str = "docs/decisions";

/// Between a file and a test in it, in a span of code.
const IN_FILE: &str = ".rs::";

/// Links, paths and tests that lead nowhere, and decisions that their index lacks.
///
/// # Errors
/// When a file can't be read.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    markdown_in(root, false, &mut files)?;
    for folder in ROOTS.iter().map(|folder| root.join(folder)).filter(|folder| folder.is_dir()) {
        markdown_in(&folder, true, &mut files)?;
    }
    files.sort();
    let mut found = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let name = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        let folder = Path::new(&name).parent().unwrap_or(Path::new(""));
        let exists = |path: &Path| root.join(path).exists();
        found.extend(leads_nowhere(&text, folder, exists).map(|what| format!("{name}: {what}")));
        let source = |path: &str| fs::read_to_string(root.join(path)).ok();
        found.extend(no_such_tests(&text, source).map(|what| format!("{name}: {what}")));
    }
    let folder = root.join(DECISIONS);
    let index = folder.join("README.md");
    if index.is_file() {
        let index = fs::read_to_string(&index).with_context(|| index.display().to_string())?;
        let decisions = files.iter().filter(|file| file.parent() == Some(folder.as_path()));
        let names = decisions.filter_map(|file| file.file_name()?.to_str());
        found.extend(not_listed(&index, names));
    }
    Ok(found)
}

/// Links of a document in `folder`, and paths it names, for which there is no file.
fn leads_nowhere<'t>(
    text: &'t str,
    folder: &'t Path,
    exists: impl Fn(&Path) -> bool + 't,
) -> impl Iterator<Item = String> + 't {
    let links = links(text).map(move |link| (link, normal(&folder.join(link))));
    let paths = text.split('`').skip(1).step_by(2).filter(|span| {
        let is_path = PATHS.iter().any(|start| span.starts_with(start));
        is_path && !span.contains(PATTERNS)
    });
    let paths = paths.map(|span| (span, PathBuf::from(span.split(':').next().unwrap_or(span))));
    links
        .chain(paths)
        .filter(move |(_, path)| !exists(path))
        .map(|(named, _)| format!("names {named}, which is not there"))
}

/// Tests that a document names as `path.rs::name` and that are not in that file, as a
/// function or as the name of a trial.
fn no_such_tests<'t>(
    text: &'t str,
    source: impl Fn(&str) -> Option<String> + 't,
) -> impl Iterator<Item = String> + 't {
    let spans = text.split('`').skip(1).step_by(2).filter(|span| span.contains('/'));
    let named = spans.filter_map(|span| {
        let at = span.find(IN_FILE)?;
        let (file, name) = (&span[..at + ".rs".len()], &span[at + IN_FILE.len()..]);
        (!span.contains(PATTERNS)).then_some((file, name))
    });
    let is_missing = move |(file, name): &(&str, &str)| {
        source(file).is_none_or(|text| {
            !text.contains(&format!("fn {name}(")) && !text.contains(&format!("\"{name}\""))
        })
    };
    named
        .filter(is_missing)
        .map(|(file, name)| format!("names the test {name} of {file}, which is not there"))
}

/// Targets of links that are files of the repository, without their anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.filter(|target| !target.contains(':'));
    files.filter_map(|target| target.split('#').next()).filter(|path| !path.is_empty())
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

/// Numbered decisions without a line in the index.
fn not_listed<'n>(index: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let is_numbered = |name: &&str| name.starts_with(|first: char| first.is_ascii_digit());
    let missing = names.filter(is_numbered).filter(|name| !index.contains(&format!("({name})")));
    missing.map(|name| format!("{DECISIONS}/{name}: not in its README.md")).collect()
}

fn markdown_in(folder: &Path, and_below: bool, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if and_below && !NOT_OURS.contains(&&*name) {
                markdown_in(&path, true, files)?;
            }
        } else if name.ends_with(".md") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<String> {
        let there = ["docs/tour.md", "README.md", "crates/wire/src/lib.rs"];
        let exists = |path: &Path| there.iter().any(|there| path == Path::new(there));
        leads_nowhere(text, Path::new("docs"), exists).collect()
    }

    #[test]
    fn links_are_followed_from_the_document() {
        let good = "[a](tour.md), [b](tour.md#x), [c](../README.md), [d](#x), [e](https://a.b/c)";
        assert_eq!(wrong(good), Vec::<String>::new());
        assert_eq!(wrong("[a](README.md)"), ["names README.md, which is not there"]);
    }

    #[test]
    fn paths_are_followed_from_the_root() {
        let good = "`crates/wire/src/lib.rs`, `crates/*/src`, `server <ADDR>`, `Item::text`";
        assert_eq!(wrong(good), Vec::<String>::new());
        let gone = wrong("in `crates/wire/src/gone.rs` and `crates/wire/src/lib.rs`");
        assert_eq!(gone, ["names crates/wire/src/gone.rs, which is not there"]);
    }

    #[test]
    fn tests_are_looked_for_in_their_file() {
        let source = |path: &str| {
            (path == "tests/a.rs").then(|| "fn one() {} trial(\"two\", two)".to_owned())
        };
        let wrong = |text: &str| no_such_tests(text, source).collect::<Vec<_>>();
        assert_eq!(wrong("`tests/a.rs::one`, `tests/a.rs::two`, `Item::text`"), [""; 0]);
        assert_eq!(
            wrong("`tests/a.rs::three` and `tests/b.rs::one`"),
            [
                "names the test three of tests/a.rs, which is not there",
                "names the test one of tests/b.rs, which is not there",
            ]
        );
    }

    #[test]
    fn numbered_decisions_are_in_the_index() {
        let index = "- [0001](0001-a.md) A\n";
        let names = ["0001-a.md", "0002-b.md", "README.md", "draft-c.md"];
        let missing = not_listed(index, names.into_iter());
        assert_eq!(missing, ["docs/decisions/0002-b.md: not in its README.md"]);
    }
}
