//! What mdBook is given: every document as a page of one folder, so that a link is the name of
//! a page, and contents that name them all.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::links;

/// Documents outside `docs`, as the paths that links say, and their pages.
const AT_ROOT: [(&str, &str); 5] = [
    ("README.md", "overview.md"),
    ("ARCHITECTURE.md", "architecture.md"),
    ("BENCHMARKS.md", "benchmarks.md"),
    ("CONTRIBUTING.md", "contributing.md"),
    ("CHANGELOG.md", "changelog.md"),
];
/// Folders of documents, how the names of their pages begin, and the page of their README.
const FOLDERS: [(&str, &str, &str); 2] = [
    ("docs/decisions", "decision-", "decisions.md"),
    ("docs/experiments", "experiment-", "experiments.md"),
];
const CONTENTS: &str = "SUMMARY.md";

/// A document and its page.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    /// From the root.
    source: String,
    name: String,
}

/// Writes `source` anew, the folder that mdBook reads.
///
/// # Errors
/// A document cannot be read, or is not in the contents.
pub fn write(root: &Path, source: &Path) -> Result<()> {
    if source.exists() {
        fs::remove_dir_all(source).with_context(|| source.display().to_string())?;
    }
    fs::create_dir_all(source.join("src"))?;
    fs::create_dir(source.join("theme"))?;
    for (from, to) in [
        ("docs/book.toml", "book.toml"),
        ("docs/theme/index.hbs", "theme/index.hbs"),
        ("docs/theme/site.css", "theme/site.css"),
        ("web/icons/icon.svg", "theme/favicon.svg"),
    ] {
        fs::copy(root.join(from), source.join(to)).with_context(|| from.to_owned())?;
    }
    let pages = pages(root)?;
    let mut titles = Vec::new();
    for page in &pages {
        let text = fs::read_to_string(root.join(&page.source)).context(page.source.clone())?;
        titles.push(title(&text).with_context(|| format!("{} has no title", page.source))?);
        let folder = Path::new(&page.source).parent().unwrap_or(Path::new(""));
        let text = links::rewrite(&text, |target| page_of(&pages, folder, target));
        fs::write(source.join("src").join(&page.name), text)?;
    }
    let contents = fs::read_to_string(root.join("docs").join(CONTENTS)).context(CONTENTS)?;
    let contents = links::rewrite(&contents, |target| page_of(&pages, Path::new("docs"), target));
    let contents = whole_contents(&contents, &pages, &titles)?;
    fs::write(source.join("src").join(CONTENTS), contents).context(CONTENTS)
}

/// All pages, in the order of their names within their folders.
fn pages(root: &Path) -> Result<Vec<Page>> {
    let mut pages: Vec<Page> = AT_ROOT
        .iter()
        .map(|(source, name)| Page { source: (*source).into(), name: (*name).into() })
        .collect();
    for file in markdown_in(root, "docs")? {
        let name = if file == "README.md" { "index.md".into() } else { file.clone() };
        pages.push(Page { source: format!("docs/{file}"), name });
    }
    for (folder, start, readme) in FOLDERS {
        for file in markdown_in(root, folder)? {
            let name = if file == "README.md" { readme.into() } else { format!("{start}{file}") };
            pages.push(Page { source: format!("{folder}/{file}"), name });
        }
    }
    Ok(pages)
}

fn markdown_in(root: &Path, folder: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join(folder)).with_context(|| folder.to_owned())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") && name != CONTENTS {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The page of a link's target, seen from the folder of a document.
fn page_of(pages: &[Page], folder: &Path, target: &str) -> Option<String> {
    let mut path = PathBuf::new();
    for part in folder.join(target).components() {
        match part {
            std::path::Component::ParentDir => drop(path.pop()),
            other => path.push(other),
        }
    }
    pages.iter().find(|page| Path::new(&page.source) == path).map(|page| page.name.clone())
}

fn title(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.strip_prefix("# ")).map(|title| title.replace('`', ""))
}

/// The contents of `docs`, and behind them what is for those who work on Vitrine itself.
fn whole_contents(contents: &str, pages: &[Page], titles: &[String]) -> Result<String> {
    let mut whole = format!("{}\n\n# How Vitrine is made\n\n", contents.trim_end());
    let line = |indent: &str, name: &str| {
        let found = pages.iter().zip(titles).find(|(page, _)| page.name == name);
        found.map_or_else(String::new, |(_, title)| format!("{indent}- [{title}]({name})\n"))
    };
    AT_ROOT.iter().for_each(|(_, name)| whole.push_str(&line("", name)));
    for (_, start, readme) in FOLDERS {
        whole.push_str(&line("", readme));
        let within = pages.iter().filter(|page| page.name.starts_with(start));
        within.for_each(|page| whole.push_str(&line("  ", &page.name)));
    }
    let is_missing = |page: &&Page| !whole.contains(&format!("({})", page.name));
    if let Some(page) = pages.iter().find(is_missing) {
        bail!("{} is not in docs/{CONTENTS}: give it a line there", page.source);
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(source: &str, name: &str) -> Page {
        Page { source: source.into(), name: name.into() }
    }

    #[test]
    fn links_are_followed_to_pages() {
        let pages = [page("docs/a.md", "a.md"), page("BENCHMARKS.md", "benchmarks.md")];
        let from = Path::new("docs/decisions");
        assert_eq!(page_of(&pages, from, "../a.md").as_deref(), Some("a.md"));
        assert_eq!(page_of(&pages, from, "../../BENCHMARKS.md").as_deref(), Some("benchmarks.md"));
        assert_eq!(page_of(&pages, from, "../../crates/wire"), None);
    }

    #[test]
    fn a_page_that_no_contents_name_is_told() {
        let pages =
            [page("docs/a.md", "a.md"), page("docs/decisions/0001-b.md", "decision-0001-b.md")];
        let titles = ["A".to_owned(), "B [x]".to_owned()];
        let whole = whole_contents("# Contents\n\n- [A](a.md)\n", &pages, &titles).unwrap();
        assert!(whole.contains("  - [B [x]](decision-0001-b.md)\n"), "{whole}");
        let error = whole_contents("# Contents\n", &pages, &titles).unwrap_err().to_string();
        assert!(error.starts_with("docs/a.md is not in docs/SUMMARY.md"), "{error}");
    }
}
