//! What every format offers: the next record, and its fields by slot.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use crate::delimited::Delimited;
use crate::error::{IngestError, RowError};
use crate::input::{FileEncoding, TextInput};
use crate::json::{JsonLines, JsonScan};
use crate::known::{CsvObjects, Ga4Events, Header, MerchantXml, SchemaOrg, Shopify, WooCommerce};
use crate::mapping::Format;
use crate::objects::{ObjectRecords, ObjectSource};
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
    /// Several values, none of which is missing.
    Many(Vec<Field<'a>>),
}

/// How a file is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Layout<'m> {
    /// By the extension when absent.
    pub format: Option<Format>,
    pub encoding: FileEncoding,
    /// Name of the list of records within a JSON file's object.
    pub records: Option<&'m str>,
}

/// A row with where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<T> {
    /// 1-based line of the file; the row for Parquet.
    pub line: u64,
    /// The record, or why it cannot be read.
    pub record: Result<T, RowError>,
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

/// A column of the mapping: its slot in the reader and its name for messages.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub idx: usize,
    pub name: String,
}

/// Columns that a reader is asked for, each once.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) columns: Vec<Column>,
}

impl Plan {
    pub(crate) fn slot(&mut self, name: &str, required: bool) -> Slot {
        let idx = match self.columns.iter().position(|column| column.name == name) {
            Some(idx) => idx,
            None => {
                self.columns.push(Column { name: name.to_owned(), required });
                self.columns.len() - 1
            }
        };
        self.columns[idx].required |= required;
        Slot { idx, name: name.to_owned() }
    }

    pub(crate) fn optional(&mut self, name: Option<&String>) -> Option<Slot> {
        name.map(|name| self.slot(name, false))
    }
}

/// Opens `path` for reading `columns`.
pub(crate) fn open(
    path: &Path,
    layout: Layout<'_>,
    columns: &[Column],
) -> Result<Box<dyn Records>, IngestError> {
    let format = match layout.format {
        Some(format) => format,
        None => by_extension(path)?,
    };
    let delimited = |delimiter| Delimited::open(path, delimiter, layout.encoding, columns);
    let source = match format {
        Format::Csv => return Ok(Box::new(delimited(b',')?)),
        Format::Tsv => return Ok(Box::new(delimited(b'\t')?)),
        Format::Parquet => return Ok(Box::new(ParquetRows::open(path, columns)?)),
        _ => objects(path, format, layout)?,
    };
    Ok(Box::new(ObjectRecords::open(path, source, columns)?))
}

/// The source of a format of objects; delimited text, too, has objects.
pub(crate) fn objects(
    path: &Path,
    format: Format,
    layout: Layout<'_>,
) -> Result<Box<dyn ObjectSource>, IngestError> {
    let Layout { encoding, records, .. } = layout;
    let csv = |delimiter, header| CsvObjects::open(path, delimiter, encoding, header);
    let input = || TextInput::open(path, encoding);
    Ok(match format {
        Format::Csv => Box::new(csv(b',', Header::AsWritten)?),
        Format::Tsv => Box::new(csv(b'\t', Header::AsWritten)?),
        Format::MerchantTsv => Box::new(csv(b'\t', Header::Merchant)?),
        Format::Jsonl => Box::new(JsonLines::new(path, input()?)),
        Format::Json => Box::new(JsonScan::new(path, input()?, records)),
        Format::MerchantXml => Box::new(MerchantXml::new(path, input()?)?),
        Format::SchemaOrg => Box::new(SchemaOrg::open(path, input()?)?),
        Format::Shopify => Box::new(Shopify::open(path, encoding)?),
        Format::Woocommerce => Box::new(WooCommerce::open(path, encoding)?),
        Format::Ga4 => Box::new(Ga4Events::new(Box::new(JsonLines::new(path, input()?)))),
        Format::Parquet => return Err(IngestError::UnknownFormat { path: path.to_owned() }),
    })
}

pub(crate) fn by_extension(path: &Path) -> Result<Format, IngestError> {
    let extension = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.unwrap_or("").to_ascii_lowercase()
    };
    let named = match extension(path) {
        // What is compressed is named by what it stands for: feed.xml.gz.
        compressed if compressed == "gz" => extension(&path.with_extension("")),
        named => named,
    };
    match named.as_str() {
        "csv" => Ok(Format::Csv),
        "tsv" | "tab" => Ok(Format::Tsv),
        "jsonl" | "ndjson" => Ok(Format::Jsonl),
        "json" => Ok(Format::Json),
        "parquet" | "pq" => Ok(Format::Parquet),
        "xml" => Ok(Format::MerchantXml),
        "html" | "htm" | "jsonld" => Ok(Format::SchemaOrg),
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
