//! Modules of a crate that import each other in a circle: none of them can be read, tested
//! or moved without the others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::sources::{code_lines, is_test_file, sources_below};

/// Crates that must have none. The others still have some.
const FREE: &[&str] = &[
    "crates/browser",
    "crates/catalogue",
    "crates/conditions",
    "crates/device",
    "crates/domain",
    "crates/graph",
    "crates/lab",
    "crates/optim",
    "crates/ranking",
    "crates/recall",
    "crates/rules",
    "crates/session",
    "crates/suggest",
    "crates/training",
    "crates/wire",
    "crates/xtask",
    "server",
];

/// Top-level modules that each module imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// # Errors
/// When a file cannot be read.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for name in FREE {
        let imports = imports(&root.join(name).join("src"))?;
        let circle = circle(&imports);
        found.extend(circle.map(|circle| format!("{name}: a circle, {}", circle.join(" → "))));
    }
    Ok(found)
}

/// What the modules of a crate import from each other, as `crate::…`.
fn imports(src: &Path) -> Result<Imports> {
    let root = ["lib.rs", "main.rs"].map(|file| src.join(file));
    let root = root.iter().find(|file| file.is_file()).context("no lib.rs and no main.rs")?;
    let root = fs::read_to_string(root).with_context(|| src.display().to_string())?;
    let modules: BTreeSet<String> = root.lines().filter_map(module).map(str::to_owned).collect();
    let reexported = reexported(&root, &modules);
    let mut files = Vec::new();
    sources_below(src, &mut files)?;
    let mut imports: Imports = modules.iter().map(|of| (of.clone(), BTreeSet::new())).collect();
    for file in files {
        let inside = file.strip_prefix(src)?.to_string_lossy().replace('\\', "/");
        let of = inside.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        let Some(imports) = imports.get_mut(&of).filter(|_| !is_test_file(&inside)) else {
            continue;
        };
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let named = crate_paths(&code_lines(&text));
        let module = |name: String| match modules.contains(&name) {
            true => Some(name),
            false => reexported.get(&name).cloned(),
        };
        imports.extend(named.into_iter().filter_map(module).filter(|name| *name != of));
    }
    Ok(imports)
}

/// The module that a line declares.
fn module(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").or(line.strip_prefix("pub(crate) ")).unwrap_or(line);
    line.strip_prefix("mod ")?.strip_suffix(';')
}

/// Names that the root offers from a module: `pub use module::{A, B};`.
fn reexported(root: &str, modules: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for statement in root.split("pub use ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let mut words = words(statement);
        let Some(module) = words.next().filter(|first| modules.contains(*first)) else { continue };
        found.extend(words.map(|name| (name.to_owned(), module.to_owned())));
    }
    found
}

/// First names after `crate::`, also those in braces.
fn crate_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => found.extend(first_names(list)),
            None => found.extend(words(rest).next().map(str::to_owned)),
        }
    }
    found
}

/// The first name of each entry of a list up to its closing brace.
fn first_names(list: &str) -> Vec<String> {
    let (mut depth, mut entries) = (0, vec![String::new()]);
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => entries.push(String::new()),
            _ => {}
        }
        if let Some(entry) = entries.last_mut() {
            entry.push(c);
        }
    }
    entries.iter().filter_map(|entry| words(entry).next().map(str::to_owned)).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// A shortest way from a module back to itself.
fn circle(imports: &Imports) -> Option<Vec<String>> {
    let circles = imports.keys().filter_map(|start| {
        let mut ways = VecDeque::from([vec![start.clone()]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            let last = way.last()?;
            for next in imports.get(last).into_iter().flatten() {
                let longer: Vec<String> = way.iter().chain([next]).cloned().collect();
                if next == start {
                    return Some(longer);
                }
                if seen.insert(next.clone()) {
                    ways.push_back(longer);
                }
            }
        }
        None
    });
    circles.min_by_key(Vec::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            fs::write(path, text).expect("written");
        }
        folder
    }

    #[test]
    fn a_circle_is_found_through_braces_folders_and_names_of_the_root() {
        let root = "mod a;\npub mod b;\nmod c;\npub use c::{C, D};\n";
        let folder = crate_of(&[
            ("lib.rs", root),
            ("a.rs", "use crate::{b::{x, y}, Other};\n"),
            ("b/mod.rs", "mod inner;\n"),
            ("b/inner.rs", "fn f(of: crate::D) {}\n"),
            ("c.rs", "// use crate::a;\n#[cfg(test)]\nmod tests {\n use crate::a;\n}\n"),
        ]);
        let open = imports(folder.path()).expect("readable");
        assert_eq!(open["a"], BTreeSet::from(["b".to_owned()]));
        assert_eq!(open["b"], BTreeSet::from(["c".to_owned()]));
        assert_eq!(circle(&open), None);
        fs::write(folder.path().join("c.rs"), "use crate::a;\n").expect("written");
        let closed = circle(&imports(folder.path()).expect("readable"));
        assert_eq!(closed.expect("a circle"), ["a", "b", "c", "a"]);
    }
}
