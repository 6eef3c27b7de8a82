//! A mapping for a feed, written as TOML with the reasons for what it says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use toml::Value;

use super::guess::{Guess, price};
use super::sample::{SampledColumn, sample};
use super::{FeedFile, FeedKind, detect};
use crate::convert::NO_CURRENCY;
use crate::error::IngestError;
use crate::input::FileEncoding;
use crate::mapping::Format;
use crate::money::Amount;

/// The currency where the feed says none.
const CURRENCY: &str = "EUR";
/// Columns of a text that are searched with the rest.
const ATTRIBUTES: &[&str] = &["color", "material", "pattern"];

/// A mapping, and what it follows from.
#[derive(Clone, Debug, PartialEq)]
pub struct MappingProposal {
    /// What the product feed is.
    pub products: FeedFile,
    /// What the log is, when there is one.
    pub log: Option<FeedFile>,
    /// The mapping, as TOML.
    pub toml: String,
    /// What a person has to look at.
    pub notes: Vec<String>,
}

/// Proposes a mapping for a feed, and for a log when there is one.
///
/// # Errors
/// A file cannot be read, or is nothing that is known here.
pub fn propose_mapping(
    name: &str,
    products: &Path,
    log: Option<&Path>,
) -> Result<MappingProposal, IngestError> {
    let file = detect(products)?;
    let (columns, _) = sample(products, &file)?;
    let mut notes = Vec::new();
    if file.kind == FeedKind::Ga4 {
        notes.push("this is a log and no product feed: give it with --interactions".to_owned());
    }
    let guess = Guess::products(&columns);
    let currency = currency(&columns, &guess, &file, &mut notes);
    let mut toml = format!("name = {}\ncurrency = {}\n", quoted(name), quoted(&currency));
    let _ = write!(toml, "\n# {} is {}.\n[products]\n", file_name(products), file.kind.name());
    head(&mut toml, &file);
    if is_known(file.format) {
        let known = "# The columns of this format are built in; a key here takes the place of one:\n\
                     # docs/feeds.md lists them.\n";
        toml.push_str(known);
    } else {
        product_keys(&mut toml, &guess, &columns, &mut notes);
    }
    let log = match log {
        Some(path) => Some(log_table(path, &mut toml, &mut notes)?),
        None => None,
    };
    Ok(MappingProposal { products: file, log, toml, notes })
}

fn is_known(format: Format) -> bool {
    !matches!(format, Format::Csv | Format::Tsv | Format::Jsonl | Format::Json | Format::Parquet)
}

fn file_name(path: &Path) -> String {
    comment(&path.file_name().unwrap_or_default().to_string_lossy())
}

/// A text that fits into a comment.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// Format, encoding and list of records.
fn head(toml: &mut String, file: &FeedFile) {
    let _ = writeln!(toml, "format = {}", quoted(file.format.name()));
    if !matches!(file.encoding, FileEncoding::Utf8) {
        let _ = writeln!(toml, "encoding = {}", quoted(file.encoding.name()));
    }
    if let Some(records) = &file.records {
        let _ = writeln!(toml, "records = {}", quoted(records));
    }
}

fn product_keys(
    toml: &mut String,
    guess: &Guess,
    columns: &[SampledColumn],
    notes: &mut Vec<String>,
) {
    if guess.column("sku").is_none() {
        notes.push("no column tells the products apart: name one in `sku`".to_owned());
        toml.push_str("sku = \"\"  # no column tells the products apart: name one\n");
    }
    if guess.column("title").is_none() {
        notes.push("no column looks like a title: name one in `title`".to_owned());
    }
    let values = |column: &str| columns.iter().find(|of| of.name == column).map(|of| &of.values);
    for (field, column) in &guess.found {
        let column_text = quoted(column);
        let line = match *field {
            "price" | "sale_price" => {
                let texts = values(column).map_or(&[][..], Vec::as_slice);
                price_key(field, column, texts, columns)
            }
            "category_path" => format!("category_path = {{ column = {column_text} }}"),
            "additional_image_links" => format!("additional_image_links = [{column_text}]"),
            "published_at" => format!("published_at = {{ column = {column_text} }}"),
            field => format!("{field} = {column_text}"),
        };
        let example = values(column).and_then(|texts| texts.first());
        let example = example.map(|text| comment(&text.chars().take(50).collect::<String>()));
        let example = example.map(|text| format!("  # {text}")).unwrap_or_default();
        let _ = writeln!(toml, "{line}{example}");
    }
    let attributes: Vec<Value> = ATTRIBUTES
        .iter()
        .filter_map(|field| guess.column(field))
        .map(|column| Value::String(column.to_owned()))
        .collect();
    if !attributes.is_empty() {
        let _ = writeln!(toml, "attributes = {}", Value::Array(attributes));
    }
    let unused: Vec<&str> = columns
        .iter()
        .map(|column| column.name.as_str())
        .filter(|name| !guess.found.iter().any(|(_, column)| column == name))
        .collect();
    if !unused.is_empty() {
        let _ = writeln!(toml, "# Not used: {}", comment(&unused.join(", ")));
    }
}

/// A column of money; with a comma for the fraction where more of its values are read so, in
/// cents where all are whole numbers of a column that says so.
fn price_key(field: &str, column: &str, texts: &[String], columns: &[SampledColumn]) -> String {
    let n_read = |comma| texts.iter().filter(|text| price(text, comma).is_some()).count();
    let mut line = format!("{field} = {{ column = {}", quoted(column));
    if n_read(true) > n_read(false) {
        line.push_str(", decimal_comma = true");
    }
    let name = column.to_lowercase();
    if name.contains("cent") || name.contains("minor") {
        line.push_str(", unit = \"minor\"");
    }
    if let Some(currency) = currency_column(columns) {
        let _ = write!(line, ", currency = {}", quoted(&currency.name));
    }
    line.push_str(" }");
    line
}

fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn currency_column(columns: &[SampledColumn]) -> Option<&SampledColumn> {
    columns.iter().find(|column| {
        column.name.to_lowercase().contains("currency")
            && !column.values.is_empty()
            && column.values.iter().all(|text| is_code(text))
    })
}

/// The currency that most prices have, or that a column of currencies has.
fn currency(
    columns: &[SampledColumn],
    guess: &Guess,
    file: &FeedFile,
    notes: &mut Vec<String>,
) -> String {
    let known = ["price", "sale_price", "Variant Price", "Regular price"];
    let priced: Vec<&SampledColumn> = columns
        .iter()
        .filter(|column| {
            guess.column("price") == Some(&column.name) || known.contains(&column.name.as_str())
        })
        .collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let named = currency_column(columns).or(columns.iter().find(|of| of.name == "price_currency"));
    let own = named.into_iter().flat_map(|column| column.values.iter().map(String::as_str));
    let written =
        priced.iter().flat_map(|column| &column.values).filter_map(|t| Amount::of(t).currency);
    for code in own.chain(written) {
        *counts.entry(code.to_owned()).or_default() += 1;
    }
    if let Some((code, _)) = counts.iter().max_by_key(|(_, n)| **n) {
        if counts.len() > 1 {
            let all: Vec<&str> = counts.keys().map(String::as_str).collect();
            notes.push(format!(
                "prices in several currencies ({}): those in {code} are read",
                all.join(", ")
            ));
        }
        return code.clone();
    }
    if priced.is_empty() && !is_known(file.format) {
        notes.push(
            "no column looks like a price: products are shown and cannot be bought".to_owned(),
        );
        return NO_CURRENCY.to_owned();
    }
    notes.push(format!("the feed names no currency: {CURRENCY} is assumed, correct it"));
    CURRENCY.to_owned()
}

fn log_table(
    path: &Path,
    toml: &mut String,
    notes: &mut Vec<String>,
) -> Result<FeedFile, IngestError> {
    let file = detect(path)?;
    let _ = write!(toml, "\n# {} is {}.\n[interactions]\n", file_name(path), file.kind.name());
    head(toml, &file);
    if file.kind == FeedKind::Ga4 {
        toml.push_str("# The columns of this format are built in: docs/feeds.md lists them.\n");
        return Ok(file);
    }
    let (columns, _) = sample(path, &file)?;
    let guess = Guess::log(&columns);
    for field in ["shopper", "sku", "basket", "quantity"] {
        match guess.column(field) {
            Some(column) => {
                let _ = writeln!(toml, "{field} = {}", quoted(column));
            }
            None if field == "shopper" || field == "sku" => {
                notes.push(format!("no column of the log looks like the {field}: name one"));
                let _ = writeln!(toml, "{field} = \"\"  # name a column");
            }
            None => {}
        }
    }
    match guess.column("timestamp") {
        Some(column) => {
            let _ = writeln!(toml, "timestamp = {{ column = {} }}", quoted(column));
        }
        None => {
            notes.push("no column of the log looks like a time: name one".to_owned());
            toml.push_str("timestamp = { column = \"\" }  # name a column\n");
        }
    }
    if let Some(column) = guess.column("price") {
        let texts = columns.iter().find(|of| of.name == column).map(|of| of.values.as_slice());
        let line = price_key("price", column, texts.unwrap_or_default(), &columns);
        let _ = writeln!(toml, "{line}");
    }
    kind_key(toml, &guess, &columns, notes);
    Ok(file)
}

fn kind_key(toml: &mut String, guess: &Guess, columns: &[SampledColumn], notes: &mut Vec<String>) {
    let Some(column) = guess.column("kind") else {
        notes.push(
            "the log does not say what was done: every line is taken for a purchase".to_owned(),
        );
        toml.push_str("kind = { constant = \"purchase\" }  # or \"view_item\" for clicks\n");
        return;
    };
    let values = columns.iter().find(|of| of.name == column).map_or(&[][..], |of| &of.values);
    let mut words: Vec<&str> = values.iter().map(String::as_str).collect();
    words.sort_unstable();
    words.dedup();
    let mapped: Vec<String> = words
        .iter()
        .filter_map(|word| Some(format!("{} = {}", quoted(word), quoted(kind_of(word)?))))
        .collect();
    let _ = writeln!(
        toml,
        "kind = {{ column = {}, values = {{ {} }}, others = \"skip\" }}",
        quoted(column),
        mapped.join(", ")
    );
    let others: Vec<&str> = words.into_iter().filter(|word| kind_of(word).is_none()).collect();
    if !others.is_empty() {
        notes.push(format!("lines of these kinds are passed over: {}", others.join(", ")));
    }
}

/// What a word of a log most probably means.
fn kind_of(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    if has(&["purchase", "buy", "bought", "order", "transaction", "kauf"]) {
        Some("purchase")
    } else if has(&["remove"]) {
        Some("remove_from_cart")
    } else if has(&["cart", "basket", "add"]) {
        Some("add_to_cart")
    } else if has(&["list"]) {
        None
    } else if has(&["view", "click", "open", "read", "detail", "visit"]) {
        Some("view_item")
    } else {
        None
    }
}
