//! Sequence files: who took which items, in order, with optional texts.
//!
//! A data set is a folder with
//! - `sequences.txt` or `sequences.txt.gz`: one line a user, `user item item …`,
//!   oldest first, separated by white space; names are any words;
//! - optionally `items.jsonl` or `items.jsonl.gz`: one JSON object a line with
//!   `id` (a string or a number, as in the sequences) and any of `title`,
//!   `description`, `brand` and `categories` (a word, a path, or a list of paths).
//!
//! An item of either file belongs to the catalogue and is ranked.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::EvaluationError;

/// Longest line of either file, in bytes.
pub const LINE_BYTES_MAX: u64 = 1 << 20;
/// Most users of a data set.
pub const USERS_MAX: usize = 4_000_000;
/// Most items of a data set.
pub const ITEMS_MAX: usize = 4_000_000;

const SEQUENCES: &str = "sequences.txt";
const ITEMS: &str = "items.jsonl";

/// What is known of an item besides who took it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemText {
    /// Its name in the files.
    pub id: String,
    /// Title; empty when there is none.
    pub title: String,
    /// Description; empty when there is none.
    pub description: String,
    /// Brand; empty when there is none.
    pub brand: String,
    /// Category paths, general to special.
    pub categories: Vec<Vec<String>>,
}

/// A data set.
#[derive(Clone, Debug, Default)]
pub struct SequenceSet {
    /// Items by index.
    pub items: Vec<ItemText>,
    /// Item indices of each user, oldest first.
    pub sequences: Vec<Vec<u32>>,
}

impl SequenceSet {
    /// Reads the data set of a folder.
    ///
    /// # Errors
    /// [`EvaluationError::File`] when a file cannot be read,
    /// [`EvaluationError::Line`] for a line that is too long or not as described,
    /// [`EvaluationError::TooMany`] beyond [`USERS_MAX`] or [`ITEMS_MAX`].
    pub fn read(folder: &Path) -> Result<Self, EvaluationError> {
        let mut set = Self::default();
        let mut index = HashMap::new();
        if let Some(path) = existing(folder, ITEMS) {
            each_line(&path, |number, line| {
                let item = item(line).map_err(|reason| bad_line(&path, number, reason))?;
                if index.insert(item.id.clone(), set.items.len() as u32).is_some() {
                    return Err(bad_line(
                        &path,
                        number,
                        format!("id {:?} is listed twice", item.id),
                    ));
                }
                set.items.push(item);
                bounded(&path, "items", set.items.len(), ITEMS_MAX)
            })?;
        }
        let path = existing(folder, SEQUENCES).unwrap_or_else(|| folder.join(SEQUENCES));
        each_line(&path, |number, line| {
            let mut words = line.split_whitespace();
            if words.next().is_none() {
                return Ok(());
            }
            let mut sequence = Vec::new();
            for word in words {
                let next = set.items.len() as u32;
                let item = *index.entry(word.to_owned()).or_insert(next);
                if item == next {
                    set.items.push(ItemText { id: word.to_owned(), ..ItemText::default() });
                }
                sequence.push(item);
            }
            if sequence.is_empty() {
                let reason = "expected `user item item …`, oldest first".to_owned();
                return Err(bad_line(&path, number, reason));
            }
            set.sequences.push(sequence);
            bounded(&path, "items", set.items.len(), ITEMS_MAX)?;
            bounded(&path, "users", set.sequences.len(), USERS_MAX)
        })?;
        Ok(set)
    }
}

fn existing(folder: &Path, name: &str) -> Option<PathBuf> {
    [name.to_owned(), format!("{name}.gz")]
        .into_iter()
        .map(|name| folder.join(name))
        .find(|path| path.exists())
}

/// Opens a text file; one that ends in `.gz` is unpacked on the way.
///
/// # Errors
/// [`EvaluationError::File`].
pub fn open(path: &Path) -> Result<Box<dyn BufRead>, EvaluationError> {
    let file = File::open(path).map_err(|error| bad_file(path, &error))?;
    Ok(if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(file))))
    } else {
        Box::new(BufReader::new(file))
    })
}

fn each_line(
    path: &Path,
    mut take: impl FnMut(usize, &str) -> Result<(), EvaluationError>,
) -> Result<(), EvaluationError> {
    let mut reader = open(path)?;
    let mut line = String::new();
    let mut number = 0;
    loop {
        number += 1;
        line.clear();
        let mut limited = reader.by_ref().take(LINE_BYTES_MAX);
        let n = limited.read_line(&mut line).map_err(|error| bad_file(path, &error))?;
        if n == 0 {
            return Ok(());
        }
        if n as u64 == LINE_BYTES_MAX && !line.ends_with('\n') {
            return Err(bad_line(path, number, format!("longer than {LINE_BYTES_MAX} bytes")));
        }
        take(number, line.trim_end())?;
    }
}

fn bounded(path: &Path, what: &'static str, n: usize, n_max: usize) -> Result<(), EvaluationError> {
    if n <= n_max {
        return Ok(());
    }
    Err(EvaluationError::TooMany { path: path.to_owned(), what, n_max })
}

fn bad_file(path: &Path, error: &std::io::Error) -> EvaluationError {
    EvaluationError::File { path: path.to_owned(), reason: error.to_string() }
}

fn bad_line(path: &Path, line: usize, reason: String) -> EvaluationError {
    EvaluationError::Line { path: path.to_owned(), line, reason }
}

fn item(line: &str) -> Result<ItemText, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let text = |key: &str| value[key].as_str().unwrap_or_default().trim().to_owned();
    let id = match &value["id"] {
        Value::String(id) if !id.is_empty() && !id.contains(char::is_whitespace) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Err("`id` must be a number or a word without spaces".to_owned()),
    };
    Ok(ItemText {
        id,
        title: text("title"),
        description: text("description"),
        brand: text("brand"),
        categories: categories(&value["categories"]),
    })
}

/// A word, a path of words, or a list of paths.
fn categories(value: &Value) -> Vec<Vec<String>> {
    let words = |list: &[Value]| -> Vec<String> {
        list.iter().filter_map(|word| word.as_str()).map(str::to_owned).collect()
    };
    match value {
        Value::String(word) => vec![vec![word.clone()]],
        Value::Array(list) if list.iter().all(Value::is_string) => vec![words(list)],
        Value::Array(list) => list.iter().filter_map(Value::as_array).map(|l| words(l)).collect(),
        _ => Vec::new(),
    }
    .into_iter()
    .filter(|path| !path.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn both_files_make_one_catalogue() {
        let folder = tempfile::tempdir().expect("a folder");
        let items = r#"{"id": 7, "title": "Soap", "categories": [["Bath", "Soap"], ["Gifts"]]}
{"id": "b", "brand": "B", "categories": ["Bath"]}"#;
        fs::write(folder.path().join(ITEMS), items).expect("written");
        let file = File::create(folder.path().join("sequences.txt.gz")).expect("created");
        let mut gz = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        gz.write_all(b"u1 7 c 7\n\nu2 b\n").expect("written");
        gz.finish().expect("finished");
        let set = SequenceSet::read(folder.path()).expect("readable");
        assert_eq!(set.sequences, [vec![0, 2, 0], vec![1]]);
        let ids: Vec<&str> = set.items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids, ["7", "b", "c"]);
        assert_eq!(set.items[0].categories, [vec!["Bath", "Soap"], vec!["Gifts"]]);
        assert_eq!(set.items[1].categories, [["Bath"]]);
    }

    #[test]
    fn a_bad_line_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(matches!(SequenceSet::read(folder.path()), Err(EvaluationError::File { .. })));
        fs::write(folder.path().join(SEQUENCES), "u1 a b\nu2\n").expect("written");
        let error = SequenceSet::read(folder.path()).expect_err("a user without items");
        assert!(matches!(error, EvaluationError::Line { line: 2, .. }), "{error}");
        fs::write(folder.path().join(SEQUENCES), "u1 a\n").expect("written");
        fs::write(folder.path().join(ITEMS), "{\"id\": \"a\"}\n{\"id\": \"a\"}\n")
            .expect("written");
        let error = SequenceSet::read(folder.path()).expect_err("an id twice");
        assert!(error.to_string().contains("listed twice"), "{error}");
        fs::write(folder.path().join(ITEMS), "{\"title\": \"no id\"}\n").expect("written");
        assert!(SequenceSet::read(folder.path()).is_err());
    }
}
