//! Reads the keys of a TOML table one by one and remembers everything that is wrong with
//! them, so that all of it can be told at once.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::error::{KeyProblem, MappingProblem};

/// Least similarity of two keys (Jaro–Winkler) for one to be a misspelling of the other.
const SIMILARITY_MIN: f64 = 0.8;

/// The keys of one table that nobody asked for yet.
pub(super) struct Keys<'p, 'i> {
    text: &'i str,
    /// Dotted name of the table; empty for the document.
    path: String,
    /// Where the table is.
    at: Range<usize>,
    table: DeTable<'i>,
    asked: Vec<&'static str>,
    problems: &'p mut Vec<MappingProblem>,
}

impl<'p, 'i> Keys<'p, 'i> {
    /// The keys of a document. What is no TOML is added to the problems.
    pub(super) fn of_document(text: &'i str, problems: &'p mut Vec<MappingProblem>) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        problems.extend(errors.iter().map(|error| MappingProblem {
            line: line(text, error.span().map_or(0, |span| span.start)),
            key: String::new(),
            problem: KeyProblem::Syntax { message: error.message().trim().to_owned() },
        }));
        let at = table.span();
        let table = table.into_inner();
        Self { text, path: String::new(), at, table, asked: Vec::new(), problems }
    }

    /// A value, or nothing where the key is absent or its value is wrong.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        let value = self.take(key)?;
        let at = value.span();
        T::deserialize(ValueDeserializer::from(value))
            .map_err(|error| {
                let at = error.span().unwrap_or(at);
                let message = error.message().trim().to_owned();
                self.refuse(key, at, KeyProblem::Value { message });
            })
            .ok()
    }

    /// A value that must be there. Where it is not, the default stands for it, and the
    /// problem is remembered.
    pub(super) fn required<T: DeserializeOwned + Default>(&mut self, key: &'static str) -> T {
        if !self.table.contains_key(key) {
            self.asked.push(key);
            self.refuse(key, self.at.clone(), KeyProblem::Missing);
            return T::default();
        }
        self.optional(key).unwrap_or_default()
    }

    /// A table, read by `read`; nothing where the key is absent or no table.
    pub(super) fn table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Keys<'_, 'i>) -> T,
    ) -> Option<T> {
        let value = self.take(key)?;
        self.table_of(key, value, read)
    }

    /// An array of tables, each read by `read`; none where the key is absent.
    pub(super) fn tables<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&mut Keys<'_, 'i>) -> T,
    ) -> Vec<T> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let at = value.span();
        let DeValue::Array(values) = value.into_inner() else {
            let message = format!("tables are needed: [[{key}]]");
            self.refuse(key, at, KeyProblem::Value { message });
            return Vec::new();
        };
        values.into_iter().filter_map(|value| self.table_of(key, value, &read)).collect()
    }

    fn table_of<T>(
        &mut self,
        key: &'static str,
        value: Spanned<DeValue<'i>>,
        read: impl FnOnce(&mut Keys<'_, 'i>) -> T,
    ) -> Option<T> {
        let at = value.span();
        let DeValue::Table(table) = value.into_inner() else {
            let message = "a table is needed".to_owned();
            self.refuse(key, at, KeyProblem::Value { message });
            return None;
        };
        let mut keys = Keys {
            text: self.text,
            path: self.dotted(key),
            at,
            table,
            asked: Vec::new(),
            problems: self.problems,
        };
        let read = read(&mut keys);
        keys.finish();
        Some(read)
    }

    /// As [`Keys::table`] for a table that must be there.
    pub(super) fn required_table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Keys<'_, 'i>) -> T,
    ) -> Option<T> {
        if !self.table.contains_key(key) {
            self.asked.push(key);
            self.refuse(key, self.at.clone(), KeyProblem::Missing);
            return None;
        }
        self.table(key, read)
    }

    /// Where a key's value is; where the table is, if it is absent.
    pub(super) fn place(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.at.clone(), Spanned::span)
    }

    /// Remembers a problem at a place.
    pub(super) fn refuse(&mut self, key: &str, at: Range<usize>, problem: KeyProblem) {
        let (line, key) = (line(self.text, at.start), self.dotted(key));
        self.problems.push(MappingProblem { line, key, problem });
    }

    /// Remembers a problem with the table itself.
    pub(super) fn refuse_table(&mut self, problem: KeyProblem) {
        let (line, key) = (line(self.text, self.at.start), self.path.clone());
        self.problems.push(MappingProblem { line, key, problem });
    }

    /// Problems so far, of the whole document.
    pub(super) fn n_problems(&self) -> usize {
        self.problems.len()
    }

    /// Ends the table: keys that nobody asked for are problems.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            let similarity = |known: &&&str| strsim::jaro_winkler(known, key.get_ref());
            let nearest = self.asked.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
            let meant = nearest.filter(|known| similarity(known) >= SIMILARITY_MIN);
            let problem = KeyProblem::Unknown {
                meant: meant.map(|known| (*known).to_owned()),
                known: self.asked.clone(),
            };
            let dotted = dotted(&self.path, key.get_ref());
            let line = line(self.text, key.span().start);
            self.problems.push(MappingProblem { line, key: dotted, problem });
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'i>>> {
        self.asked.push(key);
        self.table.remove(key)
    }

    fn dotted(&self, key: &str) -> String {
        dotted(&self.path, key)
    }
}

fn dotted(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// 1-based line of a byte.
fn line(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|&&byte| byte == b'\n').count() + 1
}
