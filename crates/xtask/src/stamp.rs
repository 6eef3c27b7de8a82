//! Keys over everything that the web bundle, or the engine of the packages, is made from.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::setup::wasm_opt;
use crate::setup::wasm_target::Toolchain;
use crate::workspace::Workspace;

/// Files and folders the bundle depends on.
const INPUTS: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "crates/assistant",
    "crates/browser",
    "crates/conditions",
    "crates/device",
    "crates/domain",
    "crates/recall",
    "crates/session",
    "crates/student",
    "crates/studio-api",
    "crates/suggest",
    "crates/wire",
    "crates/words",
    "crates/xtask/src/bundle.rs",
    "crates/xtask/src/web.rs",
    "shaders",
    "web",
];

/// Files and folders the engine of `@vitrine/core` depends on.
const ENGINE_INPUTS: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "crates/assistant",
    "crates/browser",
    "crates/conditions",
    "crates/device",
    "crates/domain",
    "crates/embed",
    "crates/recall",
    "crates/session",
    "crates/student",
    "crates/suggest",
    "crates/wire",
    "crates/words",
    "crates/xtask/src/packages.rs",
    "web/index.html",
];

/// Folders below them that the bundle does not depend on.
const NOT_INPUTS: &[&str] = &["web/dist", "web/packages", "tests", "benches", "fuzz"];

/// `tools` are the versions of the programs that make the bundle.
///
/// # Errors
/// When a file can't be read.
pub fn of_web_inputs(ws: &Workspace, tools: &[String]) -> Result<String> {
    of(ws, INPUTS, tools)
}

/// A key over everything that the engine is made from; `tools` likewise.
///
/// # Errors
/// When a file can't be read.
pub fn of_engine_inputs(ws: &Workspace, tools: &[String]) -> Result<String> {
    of(ws, ENGINE_INPUTS, tools)
}

/// Versions of the programs that compile for browsers.
///
/// # Errors
/// When a program can't be run.
pub fn tools(ws: &Workspace) -> Result<[String; 3]> {
    let toolchain = Toolchain::find().map(Toolchain::version).transpose()?;
    Ok([
        toolchain.unwrap_or_default(),
        format!("wasm-bindgen {}", ws.locked_version("wasm-bindgen")?),
        format!("wasm-opt {:?}", wasm_opt::version(ws)),
    ])
}

fn of(ws: &Workspace, inputs: &[&str], tools: &[String]) -> Result<String> {
    let inputs = inputs.iter().map(|input| ws.root.join(input));
    let mut files = Vec::new();
    for input in inputs {
        files_below(&ws.root, &input, &mut files)?;
    }
    key(&ws.root, &files, tools)
}

fn key(root: &Path, files: &[PathBuf], tools: &[String]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    tools.hash(&mut hasher);
    for file in files {
        file.strip_prefix(root).unwrap_or(file).hash(&mut hasher);
        fs::read(file).with_context(|| format!("reading {}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// In an order that does not depend on the file system.
fn files_below(root: &Path, path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let is_excluded = NOT_INPUTS.iter().any(|name| relative.ends_with(name));
    if path.is_dir() && !is_excluded {
        let mut children =
            fs::read_dir(path)?.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
        children.sort();
        children.iter().try_for_each(|child| files_below(root, child, files))?;
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(root: &Path, tools: &[&str]) -> String {
        let tools: Vec<_> = tools.iter().map(|&tool| tool.to_owned()).collect();
        let ws = Workspace { root: root.into(), target: root.into(), tools: root.into() };
        of_web_inputs(&ws, &tools).unwrap()
    }

    #[test]
    fn only_inputs_change_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("web/src/main.rs", "fn main() {}");
        let first = stamp(folder.path(), &["t 1"]);
        write("web/dist/index.html", "built");
        write("crates/student/tests/a.rs", "test");
        write("server/src/main.rs", "elsewhere");
        write("web/packages/core/index.js", "a package");
        assert_eq!(stamp(folder.path(), &["t 1"]), first);

        assert_ne!(stamp(folder.path(), &["t 2"]), first, "another tool");
        write("web/src/main.rs", "fn main() { }");
        assert_ne!(stamp(folder.path(), &["t 1"]), first, "another source");
        write("web/src/main.rs", "fn main() {}");
        write("shaders/scan.wgsl", "");
        assert_ne!(stamp(folder.path(), &["t 1"]), first, "another file");
    }
}
