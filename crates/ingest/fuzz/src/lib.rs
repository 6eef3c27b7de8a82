//! What every fuzz target checks, and what the corpus test of `vitrine-ingest` checks with
//! the same code: any bytes are read to their end, as every format that such
//! a file can be, in rows that are no more than its bytes.

use std::path::Path;

use vitrine_ingest::{
    Mapping, detect, examine_feed, open_interactions, open_products, propose_mapping,
};

/// Delimited text: plain, of Merchant, Shopify and WooCommerce.
pub fn csv(bytes: &[u8]) {
    for format in ["csv", "tsv", "merchant-tsv", "shopify", "woocommerce"] {
        read(bytes, format);
    }
}

/// JSON: lists, and JSON-LD of files and pages.
pub fn json(bytes: &[u8]) {
    for format in ["json", "schema-org"] {
        read(bytes, format);
    }
}

/// JSON lines: objects and events.
pub fn jsonl(bytes: &[u8]) {
    read(bytes, "jsonl");
}

/// Merchant's XML.
pub fn xml(bytes: &[u8]) {
    read(bytes, "merchant-xml");
}

fn mapping(format: &str) -> Mapping {
    let text = format!(
        "name = 'fuzz'\ncurrency = 'EUR'\n[products]\nformat = '{format}'\nsku = 'id'\n\
         [interactions]\nformat = 'ga4'\n"
    );
    Mapping::from_toml(&text).expect("a mapping")
}

fn read(bytes: &[u8], format: &str) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path: &Path = file.path();
    std::fs::write(path, bytes).expect("written");
    let mapping = mapping(format);
    if let Ok(rows) = open_products(path, &mapping) {
        assert!(rows.take_while(Result::is_ok).count() <= bytes.len() + 1);
    }
    if let Ok(lines) = open_interactions(path, &mapping) {
        assert!(lines.take_while(Result::is_ok).count() <= bytes.len() + 1);
    }
    let _ = examine_feed(path, &mapping);
    let _ = detect(path);
    let _ = propose_mapping("fuzz", path, Some(path));
}
