//! What can go wrong with a file, and what can go wrong with a row.

mod mapping;

use std::io;
use std::path::PathBuf;

use parquet::errors::ParquetError;

use mapping::listed;
pub use mapping::{KeyProblem, MappingProblem};

use crate::{
    ERROR_TEXT_CHARS_MAX, IMAGES_MAX, JSON_DEPTH_MAX, LINE_BYTES_MAX, PAGE_BYTES_MAX,
    PARENT_BYTES_MAX, PARQUET_BATCH_BYTES_MAX, XML_DEPTH_MAX,
};

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
        "cannot tell the format of {}: name it .csv, .tsv, .jsonl, .json, .xml, .html or .parquet, or set `format` in the mapping",
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
        "{} is compressed with {codec}, which is not read here: write it again with snappy, zstd, gzip or \
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
    /// A file that ends within a list or a product.
    #[error(
        "{} ends too early, at line {line}: fetch or export it again; what came before was read",
        path.display()
    )]
    Truncated {
        /// Which file.
        path: PathBuf,
        /// Its last line.
        line: u64,
    },
    /// Not well-formed XML.
    #[error("{} is not well-formed XML at line {line}: {message}; export it again", path.display())]
    Xml {
        /// Which file.
        path: PathBuf,
        /// Where.
        line: u64,
        /// As the parser says it.
        message: String,
    },
    /// A product of an XML feed, or what stands between two, is longer than [`LINE_BYTES_MAX`].
    #[error("{} has a product of more than {LINE_BYTES_MAX} bytes before line {line}: shorten it", path.display())]
    XmlRecordTooLong {
        /// Which file.
        path: PathBuf,
        /// Where reading stopped.
        line: u64,
    },
    /// Elements nested deeper than any feed has them.
    #[error("{} has elements nested deeper than {XML_DEPTH_MAX} at line {line}: is it a product feed?", path.display())]
    XmlTooDeep {
        /// Which file.
        path: PathBuf,
        /// Where.
        line: u64,
    },
    /// An encoding that is not read here.
    #[error("{} is written in {label:?}, which is not read here: convert it to UTF-8", path.display())]
    FileEncoding {
        /// Which file.
        path: PathBuf,
        /// As the file names it.
        label: String,
    },
    /// A page longer than [`PAGE_BYTES_MAX`].
    #[error("{} is longer than {PAGE_BYTES_MAX} bytes: put its JSON-LD into a file of its own", path.display())]
    PageTooLong {
        /// Which file.
        path: PathBuf,
    },
    /// The variable products of a WooCommerce feed do not fit into [`PARENT_BYTES_MAX`].
    #[error(
        "the variable products of {} have more than {PARENT_BYTES_MAX} bytes of text: split the export",
        path.display()
    )]
    TooManyParents {
        /// Which file.
        path: PathBuf,
    },
    /// A Parquet file whose rows would not fit into [`PARQUET_BATCH_BYTES_MAX`].
    #[error(
        "{} has values that take {bytes} bytes for {rows} rows in column {column:?}, {PARQUET_BATCH_BYTES_MAX} \
         are allowed: leave out or shorten that column",
        path.display()
    )]
    ParquetTooLarge {
        /// Which file.
        path: PathBuf,
        /// Which column.
        column: String,
        /// How many bytes.
        bytes: u64,
        /// Of how many rows.
        rows: u64,
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
    /// A price in another currency than the mapping's, or than its price list's.
    #[error("a price in {found} where {expected} is expected")]
    OtherCurrency {
        /// ISO 4217 code, as written.
        found: String,
        /// That of the mapping, or of the price list.
        expected: String,
    },
    /// Brackets nested deeper than [`JSON_DEPTH_MAX`].
    #[error("nested deeper than {JSON_DEPTH_MAX}")]
    TooDeep,
    /// A reference to an entity that XML does not have; those of a document type are not
    /// expanded.
    #[error("an entity that XML does not have")]
    Entity,
    /// Not an interval of two times.
    #[error("not an interval of two times, such as 2026-11-27T00:00+0100/2026-11-30T23:59+0100")]
    NotAnInterval,
    /// Not a measure with a unit.
    #[error("not a measure, such as 750 ml")]
    NotAMeasure,
    /// Not a share that a price can be lowered by.
    #[error("not a percentage from 1 to 100")]
    NotAPercentage,
    /// Not a whole number of things.
    #[error("not a whole number from 0 on")]
    NotACount,
    /// Not a mean rating.
    #[error("not a rating from 1 to 5")]
    NotARating,
    /// More pictures than are kept.
    #[error("more than {IMAGES_MAX} further pictures: the first are kept")]
    TooManyImages,
    /// A text that was cut at the longest that is allowed.
    #[error(
        "longer than {} characters: the rest is left out",
        vitrine_domain::limits::TEXT_CHARS_MAX
    )]
    TextCut,
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
