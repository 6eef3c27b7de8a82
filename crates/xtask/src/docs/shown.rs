//! JSON that a document shows beside what came out.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Stands for anything.
const ANYTHING: &str = "…";

/// Compares all pairs of a folder, `LINE.expected` and `LINE.actual`.
///
/// # Errors
/// The first that differs, with document, line and place.
pub fn compare(document: &str, folder: &Path) -> Result<()> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "expected") {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            lines.push(stem.parse::<usize>().context("a line's number")?);
        }
    }
    lines.sort_unstable();
    for line in lines {
        let read = |kind: &str| -> Result<(String, Value)> {
            let text = fs::read_to_string(folder.join(format!("{line}.{kind}")))?;
            let value = serde_json::from_str(&text);
            let value = value.with_context(|| format!("{document}:{line}: {kind}: {text}"))?;
            Ok((text, value))
        };
        let ((_, expected), (text, actual)) = (read("expected")?, read("actual")?);
        if let Some(difference) = difference("", &expected, &actual) {
            bail!("{document}:{line}: {difference}; what came out:\n{text}");
        }
    }
    Ok(())
}

/// Where two values differ, and what is there; `None` where they do not.
fn difference(at: &str, expected: &Value, actual: &Value) -> Option<String> {
    match (expected, actual) {
        (Value::String(text), _) if text == ANYTHING => None,
        (Value::Object(expected), Value::Object(actual)) => {
            let names = expected.keys().chain(actual.keys());
            names.into_iter().find_map(|name| {
                let at = format!("{at}{}{name}", if at.is_empty() { "" } else { "." });
                match (expected.get(name), actual.get(name)) {
                    (Some(expected), Some(actual)) => difference(&at, expected, actual),
                    (None, _) => Some(format!("{at} is not shown")),
                    (_, None) => Some(format!("{at} did not come out")),
                }
            })
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            let pairs = (0..).zip(expected.iter().zip(actual));
            pairs.into_iter().find_map(|(i, (expected, actual))| {
                difference(&format!("{at}[{i}]"), expected, actual)
            })
        }
        _ if expected == actual => None,
        _ => Some(format!("{at}: {actual}, and not {expected}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_told_with_its_place() {
        let shown = json!({ "a": [1, { "b": "…" }], "c": null });
        assert_eq!(difference("", &shown, &json!({ "a": [1, { "b": [2] }], "c": null })), None);
        for (actual, told) in [
            (json!({ "a": [2, { "b": 1 }], "c": null }), "a[0]: 2"),
            (json!({ "a": [1, {}], "c": null }), "a[1].b did not"),
            (json!({ "a": [1, { "b": 1 }], "c": null, "d": 1 }), "d is not shown"),
            (json!({ "a": [1], "c": null }), "a: [1]"),
        ] {
            let difference = difference("", &shown, &actual).unwrap();
            assert!(difference.contains(told), "{difference}");
        }
    }
}
