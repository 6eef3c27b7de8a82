//! What a file is, and a mapping for it: by its first bytes, its columns and their values.

mod guess;
mod names;
mod proposal;
mod sample;

use std::path::Path;

pub use proposal::{MappingProposal, propose_mapping};

use crate::error::IngestError;
use crate::input::{FileEncoding, TextInput, head_of};
use crate::mapping::Format;
use crate::objects::texts_at;
use crate::records::{Layout, by_extension, objects};

/// Bytes by which a file's kind is told.
const HEAD_BYTES: usize = 1 << 16;
/// Names under which answers of search engines and shops have their records.
const LISTS: &[&str] = &["hits", "results", "documents", "products", "items", "data", "records"];
/// Names of Google Merchant's product data, some of which a feed of it has.
const MERCHANT_NAMES: &[&str] = &[
    "id",
    "title",
    "link",
    "image_link",
    "price",
    "availability",
    "gtin",
    "google_product_category",
];
/// So many of those make a Merchant feed.
const MERCHANT_NAMES_MIN: usize = 4;

/// What wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedKind {
    /// Google Merchant's XML or text.
    Merchant,
    /// JSON-LD of schema.org.
    SchemaOrg,
    /// Shopify.
    Shopify,
    /// WooCommerce.
    WooCommerce,
    /// An index of Algolia.
    Algolia,
    /// Another list of JSON objects, such as the documents of Meilisearch.
    Documents,
    /// Google Analytics 4.
    Ga4,
    /// A table with columns of its own.
    Table,
}

impl FeedKind {
    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Merchant => "a Google Merchant feed",
            Self::SchemaOrg => "schema.org products in JSON-LD",
            Self::Shopify => "a Shopify product export",
            Self::WooCommerce => "a WooCommerce product export",
            Self::Algolia => "the records of an Algolia index",
            Self::Documents => "JSON documents, such as those of a Meilisearch index",
            Self::Ga4 => "Google Analytics 4 events",
            Self::Table => "a table with columns of its own",
        }
    }
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFile {
    /// What wrote it.
    pub kind: FeedKind,
    /// How it is read.
    pub format: Format,
    /// How its text is encoded.
    pub encoding: FileEncoding,
    /// Name of the list of records within a JSON file's object.
    pub records: Option<String>,
}

impl FeedFile {
    fn new(kind: FeedKind, format: Format, encoding: FileEncoding) -> Self {
        Self { kind, format, encoding, records: None }
    }

    pub(crate) fn layout(&self) -> Layout<'_> {
        let (format, records) = (Some(self.format), self.records.as_deref());
        Layout { format, encoding: self.encoding, records }
    }
}

/// Tells what a file is from its first bytes.
///
/// # Errors
/// The file cannot be read, or is nothing that is known here.
pub fn detect(path: &Path) -> Result<FeedFile, IngestError> {
    let head = head_of(path, HEAD_BYTES)?;
    if head.starts_with(b"PAR1") {
        return Ok(FeedFile::new(FeedKind::Table, Format::Parquet, FileEncoding::Utf8));
    }
    let encoding = encoding_of(&head);
    let text = decoded(&head, encoding);
    match text.trim_start().chars().next() {
        Some('<') => markup(path, &text),
        Some('{' | '[') => json(path, &text, encoding),
        Some(_) => table(path, &text, encoding),
        None => Err(IngestError::NoHeader { path: path.to_owned() }),
    }
}

/// By its mark, else UTF-8 if it is that, else Windows-1252, which any bytes are.
fn encoding_of(head: &[u8]) -> FileEncoding {
    if let Some((encoding, _)) = FileEncoding::of_mark(head) {
        return encoding;
    }
    match std::str::from_utf8(head) {
        Ok(_) => FileEncoding::Utf8,
        // The last character may have been cut.
        Err(error) if error.valid_up_to() + 4 > head.len() => FileEncoding::Utf8,
        Err(_) => FileEncoding::Windows1252,
    }
}

fn decoded(head: &[u8], encoding: FileEncoding) -> String {
    let source = std::io::Cursor::new(head.to_vec());
    let mut bytes = Vec::new();
    let read = TextInput::of(Box::new(source), encoding)
        .and_then(|mut input| std::io::Read::read_to_end(&mut input, &mut bytes));
    debug_assert!(read.is_ok(), "memory does not fail");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn markup(path: &Path, text: &str) -> Result<FeedFile, IngestError> {
    let lower = text.to_ascii_lowercase();
    let has = |word: &str| lower.contains(word);
    // Its declaration says how XML is encoded.
    if has("<rss") || has("<feed") || has("<item>") || has("<entry>") {
        return Ok(FeedFile::new(FeedKind::Merchant, Format::MerchantXml, FileEncoding::Utf8));
    }
    if has("<html") || has("<!doctype html") || has("ld+json") {
        return Ok(FeedFile::new(FeedKind::SchemaOrg, Format::SchemaOrg, FileEncoding::Utf8));
    }
    Err(IngestError::UnknownFormat { path: path.to_owned() })
}

fn json(path: &Path, text: &str, encoding: FileEncoding) -> Result<FeedFile, IngestError> {
    if text.contains("\"@type\"") && (text.contains("schema.org") || text.contains("\"@graph\"")) {
        return Ok(FeedFile::new(FeedKind::SchemaOrg, Format::SchemaOrg, encoding));
    }
    let mut file = FeedFile::new(FeedKind::Documents, Format::Json, encoding);
    let is_list = text.trim_start().starts_with('[');
    file.records = (!is_list).then(|| list_name(text)).flatten();
    if !is_list && file.records.is_none() && is_lines(text) {
        file.format = Format::Jsonl;
    }
    let mut source = objects(path, file.format, file.layout())?;
    let first = std::iter::from_fn(|| source.next_object()).take(10);
    let first = first.flatten().find_map(|read| read.object.ok()).unwrap_or_default();
    if first.contains_key("event_name") && first.contains_key("event_timestamp") {
        (file.kind, file.format) = (FeedKind::Ga4, Format::Ga4);
    } else if !texts_at(&first, "objectID").is_empty() {
        file.kind = FeedKind::Algolia;
    }
    Ok(file)
}

/// The list of records within the object that a file is: a known name, the first that a list of
/// objects follows.
fn list_name(text: &str) -> Option<String> {
    let is_list = |name: &str| {
        let after = text.split_once(&format!("\"{name}\""))?.1.trim_start().strip_prefix(':')?;
        let after = after.trim_start().strip_prefix('[')?.trim_start();
        after.starts_with('{').then_some(())
    };
    // Objects a line each may have such lists, too.
    if is_lines(text) {
        return None;
    }
    LISTS.iter().find(|name| is_list(name).is_some()).map(|name| (*name).to_owned())
}

/// Whether each of the first lines is an object.
fn is_lines(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_object = |line: &str| line.starts_with('{') && line.ends_with('}');
    let (first, second) = (lines.next(), lines.next());
    first.is_some_and(|line| {
        is_object(line) && serde_json::from_str::<serde_json::Value>(line).is_ok()
    }) && second.is_none_or(|line| line.starts_with('{'))
}

fn table(path: &Path, text: &str, encoding: FileEncoding) -> Result<FeedFile, IngestError> {
    let header = text.lines().next().unwrap_or("");
    let is_tsv = header.contains('\t') && !header.contains(',');
    let delimiters: &[char] = if is_tsv { &['\t'] } else { &[',', ';', '\t', '|'] };
    let names: Vec<String> = header
        .split(delimiters)
        .map(|name| name.trim_matches(|c: char| c == '"' || c.is_whitespace()).to_lowercase())
        .collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    if has("handle") && has("title") && (has("variant price") || has("body (html)")) {
        return Ok(FeedFile::new(FeedKind::Shopify, Format::Shopify, encoding));
    }
    if has("id") && has("type") && has("name") && has("regular price") {
        return Ok(FeedFile::new(FeedKind::WooCommerce, Format::Woocommerce, encoding));
    }
    let plain = |name: &String| name.replace(' ', "_").trim_start_matches("g:").to_owned();
    let n_known =
        names.iter().map(plain).filter(|name| MERCHANT_NAMES.contains(&name.as_str())).count();
    if is_tsv && n_known >= MERCHANT_NAMES_MIN {
        return Ok(FeedFile::new(FeedKind::Merchant, Format::MerchantTsv, encoding));
    }
    // What one calls JSON or XML and is neither is told when it is read as such.
    let format = match by_extension(path) {
        Ok(named @ (Format::Csv | Format::Tsv)) => named,
        _ if is_tsv => Format::Tsv,
        _ => Format::Csv,
    };
    Ok(FeedFile::new(FeedKind::Table, format, encoding))
}
