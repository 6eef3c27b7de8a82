//! What every format offers: the next record, and its fields by slot.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use crate::delimited::Delimited;
use crate::error::{IngestError, RowError};
use crate::jsonl::JsonLines;
use crate::mapping::Format;
use crate::parquet_file::ParquetRows;

/// One value of the current record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field<'a> {
    /// Null, absent or blank.
    Missing,
    /// Text, trimmed, not empty.
    Text(Cow<'a, str>),
    /// Bytes that are not UTF-8, made readable.
    NotUtf8(String),
    /// A nested JSON value, as text.
    Nested(String),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A time, in microseconds since 1970-01-01; `true` when it is an instant,
    /// `false` when it is a local time of a zone that the file does not name.
    Micros(i64, bool),
}

/// A column the mapping needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub name: String,
    /// Whether a row without it is useless.
    pub required: bool,
}

/// A forward-only reader of records.
///
/// Call [`advance`](Records::advance) first; after it returned `Some(Ok(_))`,
/// `field` and `original` speak of that record. After `None` or an outer
/// error the reader is at its end.
pub(crate) trait Records {
    /// Moves to the next record. The inner error is a record that could not be
    /// split into fields; reading can go on after it.
    fn advance(&mut self) -> Option<Result<Result<(), RowError>, IngestError>>;

    /// 1-based line of the current record (row for Parquet).
    fn line(&self) -> u64;

    /// The value of the `slot`-th column asked for at opening.
    fn field(&self, slot: usize) -> Field<'_>;

    /// The current record as it was, for the quarantine.
    fn original(&self) -> Value;
}

/// Opens `path` for reading `columns`.
pub(crate) fn open(
    path: &Path,
    format: Option<Format>,
    columns: &[Column],
) -> Result<Box<dyn Records>, IngestError> {
    let format = match format {
        Some(format) => format,
        None => by_extension(path)?,
    };
    Ok(match format {
        Format::Csv => Box::new(Delimited::open(path, b',', columns)?),
        Format::Tsv => Box::new(Delimited::open(path, b'\t', columns)?),
        Format::Jsonl => Box::new(JsonLines::open(path, columns)?),
        Format::Parquet => Box::new(ParquetRows::open(path, columns)?),
    })
}

fn by_extension(path: &Path) -> Result<Format, IngestError> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    match extension.to_ascii_lowercase().as_str() {
        "csv" => Ok(Format::Csv),
        "tsv" | "tab" => Ok(Format::Tsv),
        "jsonl" | "ndjson" => Ok(Format::Jsonl),
        "parquet" | "pq" => Ok(Format::Parquet),
        _ => Err(IngestError::UnknownFormat { path: path.to_owned() }),
    }
}

/// Opens a file, or says which one could not be opened.
pub(crate) fn open_file(path: &Path) -> Result<std::fs::File, IngestError> {
    let error = |source| IngestError::Open { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(error)?;
    if file.metadata().map_err(error)?.is_dir() {
        return Err(error(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
    }
    Ok(file)
}

/// A field of text bytes.
pub(crate) fn text_field(bytes: &[u8]) -> Field<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => match text.trim() {
            "" => Field::Missing,
            text => Field::Text(Cow::Borrowed(text)),
        },
        Err(_) => Field::NotUtf8(String::from_utf8_lossy(bytes).into_owned()),
    }
}
