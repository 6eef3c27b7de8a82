//! Rules about single files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

const ROOTS: &[&str] = &["crates", "server", "shaders", "tests", "web"];
const NOT_OURS: &[&str] = &["dist", "node_modules", "target"];

const LINES_MAX: usize = 800;

/// The modules that may allow themselves `unsafe`: kernels, and the allocator
/// of a test that counts memory.
const UNSAFE_MODULES: &[&str] = &[
    "crates/encoder/src/native/amx.rs",
    "crates/encoder/src/native/kernel.rs",
    "crates/encoder/src/native/steps.rs",
    "crates/encoder/src/native/x86.rs",
    "crates/student/src/kernels/simd128.rs",
    "crates/student/src/kernels/x86.rs",
    "crates/vision/src/kernels/simd128.rs",
    "crates/wire/tests/memory.rs",
];

/// The crates that others build on: everything public in them is documented.
const DOCUMENTED: &[&str] = &["domain", "student", "studio-api", "vision", "wire"];

/// # Errors
/// When a file can't be read.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for folder in ROOTS.iter().map(|folder| root.join(folder)).filter(|folder| folder.is_dir()) {
        sources_below(&folder, &mut files)?;
    }
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let name = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        found.extend(too_long(&name, &text));
        found.extend(unnamed_unsafe(&name, &text));
        found.extend(undocumented(&name, &text));
    }
    Ok(found)
}

fn too_long(name: &str, text: &str) -> Option<String> {
    let lines = if is_test_file(name) { 0 } else { non_test_lines(text) };
    (lines > LINES_MAX).then(|| format!("{name}: {lines} lines besides tests, over {LINES_MAX}"))
}

fn unnamed_unsafe(name: &str, text: &str) -> Option<String> {
    let allows =
        ["allow(unsafe_code", "expect(unsafe_code"].map(|attribute| text.contains(attribute));
    let is_named = UNSAFE_MODULES.contains(&name) || name.ends_with("tidy/sources.rs");
    (allows.contains(&true) && !is_named)
        .then(|| format!("{name}: allows unsafe code, and is not one of tidy's kernel modules"))
}

fn undocumented(name: &str, text: &str) -> Option<String> {
    let must = DOCUMENTED.iter().any(|krate| name == format!("crates/{krate}/src/lib.rs"));
    (must && !text.contains("#![deny(missing_docs)]"))
        .then(|| format!("{name}: must have #![deny(missing_docs)]"))
}

/// Lines before the test module, which stands at the end of a file (clippy sees to that).
pub fn non_test_lines(text: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    });
    tests.unwrap_or(lines.len())
}

/// The code of a file: without comments and without the tests at its end.
pub fn code_lines(text: &str) -> String {
    let lines = text.lines().take(non_test_lines(text));
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Whether the whole file is test code.
pub fn is_test_file(name: &str) -> bool {
    name.starts_with("tests/")
        || name.contains("/tests/")
        || name.ends_with("/tests.rs")
        || name == "tests.rs"
}

/// Source files in a folder and below it.
///
/// # Errors
/// When a folder can't be read.
pub fn sources_below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kind = path.extension().unwrap_or_default();
        if path.is_dir() {
            if !NOT_OURS.contains(&&*name) {
                sources_below(&path, files)?;
            }
        } else if kind == "rs" || kind == "wgsl" {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_up_to_the_test_module() {
        let code = "//! x\n".repeat(LINES_MAX);
        let tests = "#[cfg(test)]\nmod tests {\n}\n".to_owned() + &"// t\n".repeat(500);
        assert_eq!(too_long("crates/a/src/b.rs", &(code.clone() + &tests)), None);
        assert!(too_long("crates/a/src/b.rs", &(code.clone() + "fn f() {}\n" + &tests)).is_some());
        assert_eq!(too_long("tests/src/b.rs", &(code + "fn f() {}\n")), None);
    }

    #[test]
    fn a_test_only_import_does_not_end_the_count() {
        assert_eq!(non_test_lines("#[cfg(test)]\nuse x;\nfn f() {}\n"), 3);
    }

    #[test]
    fn unsafe_is_allowed_in_named_modules_only() {
        let text = "#[allow(unsafe_code, reason = \"fast\")]\nmod fast;\n";
        assert!(unnamed_unsafe("crates/ingest/src/lib.rs", text).is_some());
        assert!(unnamed_unsafe("crates/ingest/src/lib.rs", "mod safe;").is_none());
    }

    #[test]
    fn the_base_crates_deny_missing_docs() {
        assert!(undocumented("crates/wire/src/lib.rs", "//! Bytes.").is_some());
        assert!(undocumented("crates/wire/src/lib.rs", "#![deny(missing_docs)]").is_none());
        assert!(undocumented("crates/quality/src/lib.rs", "//! Checks.").is_none());
    }
}
