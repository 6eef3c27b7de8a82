//! What every fuzz target checks, and what the corpus test of `vitrine-ingest` checks with
//! the same code: any bytes are read to their end, as every format that such
//! a file can be, in rows that are no more than its bytes. Rows of Parquet may be more, since
//! equal ones take no bytes; there it is the memory that is bounded.

use std::path::Path;

use vitrine_ingest::{
    Mapping, PARQUET_BATCH_BYTES_MAX, PARQUET_BATCH_ROWS, detect, examine_feed, open_interactions,
    open_products, propose_mapping,
};

/// Rows of a Parquet file that are read: a few batches, of which one is in memory at a time.
const PARQUET_ROWS_MAX: usize = 3 * PARQUET_BATCH_ROWS;
/// Most memory that reading a Parquet file takes: a batch as it is decompressed, decoded, cast
/// and held while the next is read, each with room that a vector has doubled to.
const PARQUET_MEMORY_MAX: u64 = 8 * PARQUET_BATCH_BYTES_MAX;

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

/// Parquet: products and a log. On Linux, where a process knows its peak, memory is bounded by
/// [`PARQUET_BATCH_BYTES_MAX`], whatever sizes the file claims.
pub fn parquet(bytes: &[u8]) {
    const MAPPING: &str = "name = 'fuzz'\ncurrency = 'EUR'\n[products]\nformat = 'parquet'\n\
         sku = 'id'\ntitle = 'title'\n[interactions]\nformat = 'parquet'\nshopper = 'id'\n\
         sku = 'id'\ntimestamp = { column = 'id' }\n\
         kind = { column = 'title', values = { x = 'purchase' } }\n";
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path: &Path = file.path();
    std::fs::write(path, bytes).expect("written");
    let mapping = Mapping::from_toml(MAPPING).expect("a mapping");
    let before = peak_memory();
    if let Ok(rows) = open_products(path, &mapping) {
        let _n = rows.take(PARQUET_ROWS_MAX).take_while(Result::is_ok).count();
    }
    if let Ok(lines) = open_interactions(path, &mapping) {
        let _n = lines.take(PARQUET_ROWS_MAX).take_while(Result::is_ok).count();
    }
    let _ = detect(path);
    let grown = peak_memory().saturating_sub(before);
    assert!(grown <= PARQUET_MEMORY_MAX, "{} bytes took {grown} bytes of memory", bytes.len());
}

/// Memory that this process has had at most, in bytes; 0 where the system does not say.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
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
