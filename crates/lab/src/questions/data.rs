//! Products of public data sets, with what is written of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use serde_json::Value;

/// Reviews of a garment that are taken; what has fewer or more is left out.
const REVIEWS_MIN: usize = 3;
const REVIEWS_MAX: usize = 60;
/// Beginnings of the attributes' names in Chorus.
const ATTRIBUTE_PREFIXES: [&str; 3] = ["attr_t_", "attr_n_", "attr_b_"];
/// How a file in a zip archive begins, and the bytes before its name.
const ZIP_LOCAL: &[u8] = b"PK\x03\x04";
const ZIP_HEADER_BYTES: usize = 30;

/// A product with what is written of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenProduct {
    pub id: String,
    pub title: String,
    pub attributes: Vec<(String, String)>,
    pub description: String,
    pub reviews: Vec<String>,
}

/// The products of a data set by the name of its folder.
///
/// # Errors
/// A file is missing or is not what it should be.
pub fn read(folder: &Path, set: &str) -> Result<Vec<WrittenProduct>> {
    let products = match set {
        "chorus" => chorus(&folder.join(set))?,
        "retail-demo-store" => retail(&folder.join(set).join("products.yaml.gz"))?,
        "clothing-reviews" => clothing(&folder.join(set).join("reviews.csv.gz"))?,
        other => anyhow::bail!("no data set {other}: chorus, retail-demo-store, clothing-reviews"),
    };
    ensure!(!products.is_empty(), "{set} has no products");
    Ok(products)
}

fn chorus(folder: &Path) -> Result<Vec<WrittenProduct>> {
    let mut out = Vec::new();
    for n in 1..=4 {
        let path = folder.join(format!("products-{n}.json.zip"));
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let json = first_of_zip(&bytes).with_context(|| path.display().to_string())?;
        let rows: Vec<serde_json::Map<String, Value>> = serde_json::from_slice(&json)?;
        out.extend(rows.into_iter().map(|row| {
            let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
            let attributes = row.iter().filter_map(|(key, value)| {
                let name = ATTRIBUTE_PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix))?;
                Some((readable(name), value_text(value)?))
            });
            WrittenProduct {
                id: text("id").to_owned(),
                title: text("title").to_owned(),
                attributes: attributes.collect(),
                description: text("short_description").to_owned(),
                reviews: Vec::new(),
            }
        }));
    }
    Ok(out)
}

/// "operating_temperature__t_t_" as "Operating temperature".
fn readable(name: &str) -> String {
    let name = name.replace('_', " ");
    let mut words: Vec<&str> = name.split_whitespace().collect();
    while words.len() > 1 && words.last().is_some_and(|word| word.len() == 1) {
        words.pop();
    }
    let name = words.join(" ");
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.replace("\\n", ", ")),
        Value::Bool(is_so) => Some(if *is_so { "Yes" } else { "No" }.to_owned()),
        Value::Number(number) => {
            let number = number.as_f64()?;
            Some(if number.fract() == 0.0 { format!("{number:.0}") } else { number.to_string() })
        }
        _ => None,
    }
}

/// The first file of a zip archive.
fn first_of_zip(bytes: &[u8]) -> Result<Vec<u8>> {
    let header = bytes.get(..ZIP_HEADER_BYTES).context("no zip archive")?;
    ensure!(header.starts_with(ZIP_LOCAL), "no zip archive");
    let number = |at: usize| usize::from(header[at]) | usize::from(header[at + 1]) << 8;
    ensure!(number(8) == 8, "packed by another method than deflate");
    let start = ZIP_HEADER_BYTES + number(26) + number(28);
    let mut out = Vec::new();
    DeflateDecoder::new(bytes.get(start..).context("cut off")?).read_to_end(&mut out)?;
    Ok(out)
}

/// Products of a list in YAML, as the Retail Demo Store writes it: flat, long texts folded.
fn retail(path: &Path) -> Result<Vec<WrittenProduct>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut text = String::new();
    MultiGzDecoder::new(file).read_to_string(&mut text)?;
    let mut out: Vec<BTreeMap<String, String>> = Vec::new();
    let mut key = String::new();
    for line in text.lines() {
        let is_continued = line.starts_with("    ");
        let (begins, rest) = match line.strip_prefix("- ") {
            Some(rest) => (true, rest),
            None => (false, line.trim_start()),
        };
        if begins {
            out.push(BTreeMap::new());
        }
        let Some(product) = out.last_mut() else { continue };
        if is_continued {
            if let Some(value) = product.get_mut(&key) {
                if !value.ends_with('\\') {
                    value.push(' ');
                } else {
                    value.pop();
                }
                value.push_str(rest);
            }
        } else if let Some((name, value)) = rest.split_once(':') {
            key = name.to_owned();
            product.insert(key.clone(), value.trim_start().to_owned());
        }
    }
    let product = |fields: BTreeMap<String, String>| {
        let field = |key: &str| fields.get(key).map(|value| unquoted(value)).unwrap_or_default();
        let attributes = ["category", "style"].map(|key| (readable(key), field(key)));
        WrittenProduct {
            id: field("id"),
            title: field("name"),
            attributes: attributes.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
            description: field("description"),
            reviews: Vec::new(),
        }
    };
    Ok(out.into_iter().map(product).collect())
}

fn unquoted(value: &str) -> String {
    let inside = |mark: char| value.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    match (inside('\''), inside('"')) {
        (Some(inner), _) => inner.replace("''", "'"),
        (_, Some(inner)) => inner.replace("\\\"", "\"").replace("\\ ", " "),
        _ => value.to_owned(),
    }
}

/// Garments with what buyers wrote of them.
fn clothing(path: &Path) -> Result<Vec<WrittenProduct>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut reader = csv::Reader::from_reader(MultiGzDecoder::new(file));
    let headers = reader.headers()?.clone();
    let column = |name: &str| headers.iter().position(|own| own == name).context("no such column");
    let (id, text, class) = (column("Clothing ID")?, column("Review Text")?, column("Class Name")?);
    let mut garments: BTreeMap<String, WrittenProduct> = BTreeMap::new();
    for row in reader.records() {
        let row = row?;
        let field = |at: usize| row.get(at).unwrap_or_default().trim().to_owned();
        let garment = garments.entry(field(id)).or_insert_with(|| WrittenProduct {
            id: field(id),
            title: field(class),
            ..WrittenProduct::default()
        });
        garment.reviews.extend(Some(field(text)).filter(|text| !text.is_empty()));
    }
    let mut out: Vec<WrittenProduct> = garments.into_values().collect();
    out.retain(|garment| (REVIEWS_MIN..=REVIEWS_MAX).contains(&garment.reviews.len()));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_made_readable() {
        assert_eq!(readable("operating_temperature__t_t_"), "Operating temperature");
        assert_eq!(value_text(&Value::from(6.0)), Some("6".to_owned()));
        assert_eq!(value_text(&Value::from(2.13)), Some("2.13".to_owned()));
        assert_eq!(value_text(&Value::from(true)), Some("Yes".to_owned()));
        assert_eq!(unquoted("'a ''b'''"), "a 'b'");
        assert_eq!(unquoted("\"a \\\"b\\\"\""), "a \"b\"");
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        assert!(first_of_zip(b"PK").is_err());
        assert!(first_of_zip(&[0; 64]).is_err());
    }
}
