//! Licences of what is handed out: crates that the program is linked with, and the engine of the
//! npm packages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::cuda;
use crate::dist::program::host_triple;
use crate::process::Cmd;
use crate::setup::wasm_target;
use crate::workspace;

/// How names of files with a licence or what it asks for begin, in capitals.
const NAMES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"];

/// What the file of licences is called, in whatever is handed out.
pub const FILE: &str = "THIRD-PARTY.txt";

const HEAD_OF_PROGRAM: &str = "\
Vitrine's program holds these packages of other authors, each under the licence that is named
beside it; the texts follow. It is linked with the GNU C Library (LGPL-2.1-or-later), whose source
is that of the distribution it was built on; `cargo xtask dist` links the program anew.
The encoder's weights have their own LICENSE and NOTICE in weights/.
";

const HEAD_OF_ENGINE: &str = "\
engine_bg.wasm holds these packages of other authors, each under the licence that is named beside
it; the texts follow.
";

/// Of the server and of the page within it, and of the program of a GPU where it is handed out.
///
/// # Errors
/// Cargo fails, or a text cannot be read.
pub fn of_program(with_cuda: bool) -> Result<String> {
    let mut packages = packages_of(&["--package", "vitrine-server"])?;
    packages.extend(packages_of(&["--package", "vitrine-web", "--target", wasm_target::TARGET])?);
    if with_cuda {
        packages.extend(packages_of(&["--package", cuda::PROGRAM, "--features", "cuda"])?);
    }
    list(HEAD_OF_PROGRAM, &packages)
}

/// Of the engine of the npm packages.
///
/// # Errors
/// Cargo fails, or a text cannot be read.
pub fn of_engine() -> Result<String> {
    let packages = packages_of(&["--package", "vitrine-embed", "--target", wasm_target::TARGET])?;
    list(HEAD_OF_ENGINE, &packages)
}

/// The list and the texts, each text once.
fn list(head: &str, packages: &BTreeMap<String, String>) -> Result<String> {
    let host = host_triple()?;
    let platforms = ["--filter-platform", &host, "--filter-platform", wasm_target::TARGET];
    let metadata = workspace::metadata(&platforms)?;
    let mut texts = BTreeMap::<String, BTreeSet<&str>>::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let name = format!("{} v{}", text("name"), text("version"));
        let Some((name, _)) = packages.get_key_value(&name) else { continue };
        let folder = Path::new(text("manifest_path")).parent().unwrap_or(Path::new(""));
        for text in texts_in(folder)? {
            texts.entry(text).or_default().insert(name);
        }
    }
    let mut page = head.to_owned();
    for (name, licence) in packages {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "\n{name}: {licence}");
    }
    for (text, names) in &texts {
        let names = names.iter().copied().collect::<Vec<_>>().join(", ");
        let _ = write!(page, "\n{}\n{names}\n\n{}\n", "-".repeat(72), text.trim_end());
    }
    Ok(page)
}

/// Names with versions, and licences, of what a package of ours is linked with.
fn packages_of(selection: &[&str]) -> Result<BTreeMap<String, String>> {
    let tree = ["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none"];
    let format = ["--format", "{p}|{l}"];
    let text = Cmd::new("cargo").args(tree).args(format).args(selection).capture()?;
    Ok(text.lines().filter_map(package_of).collect())
}

/// From "serde v1.0.1|MIT OR Apache-2.0 (*)"; `None` for packages of ours, which have a path.
fn package_of(line: &str) -> Option<(String, String)> {
    let (package, licence) = line.trim_end_matches(" (*)").split_once('|')?;
    (!package.contains('(')).then(|| (package.to_owned(), licence.to_owned()))
}

fn texts_in(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if path.is_file() && NAMES.iter().any(|start| name.starts_with(start)) {
            texts.push(String::from_utf8_lossy(&fs::read(&path)?).replace('\r', ""));
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_cargo_tree_is_a_package_of_others_or_none() {
        let package = |name: &str, licence: &str| Some((name.to_owned(), licence.to_owned()));
        assert_eq!(
            package_of("ring v0.17.1|Apache-2.0 AND ISC (*)"),
            package("ring v0.17.1", "Apache-2.0 AND ISC")
        );
        assert_eq!(package_of("vitrine-wire v0.1.0 (/somewhere)|MIT"), None);
        assert_eq!(package_of(""), None);
    }
}
