//! Public numeric functions say which shapes they take and give.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::sources::{is_test_file, non_test_lines, sources_below};

/// Crates that compute.
const CRATES: &[&str] = &["evaluation", "ranking", "student", "training"];

/// What makes a function numeric: values whose number its types do not say.
const NUMERIC: &[&str] = &["[f32]", "[f64]", "[i8]", "Vec<f32>", "Vec<f64>", "Vec<i8>"];

/// # Errors
/// When a file can't be read.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for krate in CRATES {
        let mut files = Vec::new();
        sources_below(&root.join("crates").join(krate).join("src"), &mut files)?;
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let name = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            if is_test_file(&name) {
                continue;
            }
            let silent = without_shapes(&text);
            found.extend(silent.into_iter().map(|line| {
                format!("{name}:{line}: a public numeric function without `# Shapes` in its docs")
            }));
        }
    }
    Ok(found)
}

/// 1-based lines of the functions that should say their shapes and do not.
fn without_shapes(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().take(non_test_lines(text)).collect();
    let is_function = |line: &str| {
        let line = line.trim_start();
        line.starts_with("pub fn ") || line.starts_with("pub const fn ")
    };
    let functions = (0..lines.len()).filter(|&at| is_function(lines[at]));
    let is_silent = |&at: &usize| {
        let end = lines[at..].iter().position(|line| line.contains('{') || line.ends_with(';'));
        let signature = lines[at..=at + end.unwrap_or(0)].concat();
        let is_numeric = NUMERIC.iter().any(|kind| signature.contains(kind));
        let above = lines[..at].iter().rev().map(|line| line.trim_start());
        let mut docs = above.take_while(|line| line.starts_with("///") || line.starts_with("#["));
        is_numeric && !docs.any(|line| line == "/// # Shapes")
    };
    functions.filter(is_silent).map(|at| at + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numeric_function_says_its_shapes() {
        let silent =
            "/// Doubles.\n#[inline]\npub fn double(\n    x: &[f32],\n) -> Vec<f32> {\n}\n";
        assert_eq!(without_shapes(silent), [3]);
        let told = silent.replace("/// Doubles.\n", "/// Doubles.\n///\n/// # Shapes\n/// [n]\n");
        assert_eq!(without_shapes(&told), Vec::<usize>::new());
        let others = "pub fn count(x: &[u32]) -> usize {\n}\npub fn code() -> [f32; 64] {\n}\n\
            fn own(x: &[f32]) {\n}\n";
        assert_eq!(without_shapes(others), Vec::<usize>::new());
        let test = format!("#[cfg(test)]\nmod tests {{\n    {silent}}}\n");
        assert_eq!(without_shapes(&test), Vec::<usize>::new());
    }
}
