//! What can go wrong with a file, and what can go wrong with a row.

mod mapping;

use std::io;
use std::path::PathBuf;

use parquet::errors::ParquetError;

use mapping::listed;
pub use mapping::{KeyProblem, MappingProblem};

use crate::{ERROR_TEXT_CHARS_MAX, LINE_BYTES_MAX};

/// A problem of the mapping or of a whole file. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The mapping is not valid TOML, or some of its keys are wrong or missing.
    #[error("{}", listed(problems))]
    Mapping {
        /// All of them.
        problems: Vec<MappingProblem>,
    },
    /// A time column that cannot be read as the mapping says.
    #[error(transparent)]
    Time(#[from] KeyProblem),
    /// The mapping lacks a table that a file needs.
    #[error("mapping {mapping:?} describes no {table}: add an [{table}] table")]
    NoTable {
        /// Name of the mapping.
        mapping: String,
        /// Name of the table.
        table: &'static str,
    },
    /// The file cannot be opened.
    #[error("cannot open {}: {source}; check the path and its permissions", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The extension says nothing about the format.
    #[error(
        "cannot tell the format of {}: name it .csv, .tsv, .jsonl or .parquet, or set `format` in the mapping",
        path.display()
    )]
    UnknownFormat {
        /// Which file.
        path: PathBuf,
    },
    /// The file has no header line.
    #[error("{} is empty: its first line must name the columns", path.display())]
    NoHeader {
        /// Which file.
        path: PathBuf,
    },
    /// Mapped columns are not in the file.
    #[error(
        "{} has no {}; it has: {}. Correct the mapping",
        path.display(), quoted(columns), found.join(", ")
    )]
    MissingColumns {
        /// Which file.
        path: PathBuf,
        /// Named by the mapping, not in the file.
        columns: Vec<String>,
        /// What the file has.
        found: Vec<String>,
    },
    /// A mapped column stands twice in the header: which one is meant cannot be known.
    #[error("{} has {n} columns named {column:?}: give each a name of its own", path.display())]
    DuplicateColumn {
        /// Which file.
        path: PathBuf,
        /// Named by the mapping.
        column: String,
        /// How many columns have the name.
        n: usize,
    },
    /// A Parquet file that is compressed in a way that is not read here.
    #[error(
        "{} is compressed with {codec}, which is not read here: write it again with snappy, zstd or \
         uncompressed (in pandas `to_parquet(…, compression=\"zstd\")`)",
        path.display()
    )]
    Compression {
        /// Which file.
        path: PathBuf,
        /// Parquet's name of the codec.
        codec: String,
    },
    /// A mapped Parquet column is nested or otherwise unusable.
    #[error("column {column:?} of {} is of type {data_type}: text, a number or a time is needed", path.display())]
    ColumnType {
        /// Which file.
        path: PathBuf,
        /// Named by the mapping.
        column: String,
        /// Arrow's name of the type.
        data_type: String,
    },
    /// Reading failed after the file had been opened.
    #[error("reading {} failed after line {line}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// The last line that was read.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// Not a Parquet file, or a damaged one.
    #[error("{} is not a readable Parquet file (after row {row}): {source}; write it again", path.display())]
    Parquet {
        /// Which file.
        path: PathBuf,
        /// Rows read before.
        row: u64,
        /// Why.
        source: ParquetError,
    },
}

/// Why a row could not be read: the column, its text and the problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; column {column:?} has {text:?}")]
pub struct RowError {
    /// Column of the file; empty when the whole row is meant.
    pub column: String,
    /// The offending text, truncated, lossy where it is not UTF-8.
    pub text: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Bytes that are not UTF-8.
    #[error("not valid UTF-8")]
    NotUtf8,
    /// Not a JSON object.
    #[error("not a JSON object")]
    NotJson,
    /// A nested JSON value where a plain one is needed.
    #[error("a nested value where text or a number is needed")]
    Nested,
    /// The record is longer than [`LINE_BYTES_MAX`].
    #[error("longer than {LINE_BYTES_MAX} bytes (an unclosed quote?)")]
    TooLong,
    /// The number of fields differs from the header's.
    #[error("{found} fields where the header has {expected}")]
    FieldCount {
        /// As many as the header has.
        expected: usize,
        /// As many as the row has.
        found: usize,
    },
    /// Nothing where a value is needed.
    #[error("missing value")]
    Missing,
    /// Not a number.
    #[error("not a number")]
    NotANumber,
    /// A number that a reader of JSON or of floating point has rounded already: as an
    /// identifier it may stand for several.
    #[error("a number too large to be exact: write identifiers as text")]
    Inexact,
    /// Not an amount of money.
    #[error("not a price")]
    NotAPrice,
    /// Not a time of the mapping's format.
    #[error("not a time")]
    NotATime,
    /// None of the values that are understood.
    #[error("unknown value")]
    UnknownValue,
}

impl RowError {
    /// The problem and its column, without what the file has there: for values that name
    /// people.
    pub fn without_text(&self) -> String {
        format!("{}; column {:?}", self.problem, self.column)
    }

    pub(crate) fn new(column: &str, text: &str, problem: Problem) -> Self {
        Self { column: column.to_owned(), text: truncated(text, ERROR_TEXT_CHARS_MAX), problem }
    }
}

/// `column "a"`, or `columns "a", "b"`.
fn quoted(columns: &[String]) -> String {
    let names: Vec<String> = columns.iter().map(|name| format!("{name:?}")).collect();
    let noun = if columns.len() == 1 { "column" } else { "columns" };
    format!("{noun} {}", names.join(", "))
}

/// At most `chars_max` characters of `text`, with an ellipsis when cut.
pub(crate) fn truncated(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
