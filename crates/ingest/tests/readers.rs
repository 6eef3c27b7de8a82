//! Whatever a file holds, every reader ends without a panic, and within its bounds.

use std::path::Path;

use proptest::prelude::*;
use vitrine_ingest::{
    Format, IngestError, LINE_BYTES_MAX, Mapping, detect, examine_feed, open_interactions,
    open_products, propose_mapping,
};

const FORMATS: [Format; 10] = [
    Format::Csv,
    Format::Tsv,
    Format::Jsonl,
    Format::Json,
    Format::MerchantXml,
    Format::MerchantTsv,
    Format::SchemaOrg,
    Format::Shopify,
    Format::Woocommerce,
    Format::Ga4,
];

fn mapping(format: Format) -> Mapping {
    let sku = match format {
        Format::Csv | Format::Tsv | Format::Jsonl | Format::Json | Format::Ga4 => "sku = 'id'\n",
        _ => "",
    };
    let products = if format == Format::Ga4 { Format::Jsonl } else { format };
    let toml = format!(
        "name = 'x'\ncurrency = 'EUR'\n[products]\nformat = '{}'\n{sku}[interactions]\nformat = 'ga4'\n",
        products.name()
    );
    Mapping::from_toml(&toml).expect("a mapping")
}

/// Reads a file to its end in every way; rows are at most its bytes.
fn survive(path: &Path, format: Format, n_bytes: usize) {
    let mapping = mapping(format);
    if let Ok(rows) = open_products(path, &mapping) {
        let n = rows.take_while(|row| row.is_ok()).count();
        assert!(n <= n_bytes + 1, "{n} rows of {n_bytes} bytes");
    }
    if let Ok(lines) = open_interactions(path, &mapping) {
        assert!(lines.take_while(Result::is_ok).count() <= n_bytes + 1);
    }
    let _ = examine_feed(path, &mapping);
    let _ = detect(path);
    if let Ok(proposal) = propose_mapping("any", path, Some(path)) {
        let problems = Mapping::from_toml(&proposal.toml).err().map(|error| error.to_string());
        // Columns that are missing are left to a person; the TOML itself is sound.
        assert!(!problems.is_some_and(|text| text.contains("expected")), "{}", proposal.toml);
    }
}

/// Pieces of which feeds of all formats are made.
const PIECES: &[&str] = &[
    "\n",
    "\r\n",
    ",",
    ";",
    "\t",
    "\"",
    "'",
    "<",
    ">",
    "</",
    "/>",
    "<item>",
    "</item>",
    "<g:id>",
    "</g:id>",
    "1",
    "<entry>",
    "<rss xmlns:g=\"http://base.google.com/ns/1.0\">",
    "&amp;",
    "&lol;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml version='1.0' encoding='utf-16'?>",
    "<!DOCTYPE x [",
    "{",
    "}",
    "[",
    "]",
    ":",
    "\"id\":",
    "\"a\"",
    "\\",
    "\"@type\":\"Product\"",
    "\"@graph\":[",
    "\"offers\":{",
    "\"hits\":[{",
    "\"items\":[{\"item_id\":\"1\"}]",
    "\"event_name\":\"purchase\"",
    "null",
    "1e999",
    "-1",
    "id,title,price\n",
    "Handle,Title,Variant Price\n",
    "ID,Type,Name,Regular price,Parent\n",
    "variable",
    "variation",
    "id:1",
    "<script type=application/ld+json>",
    "</script>",
    "\u{feff}",
    "é",
    "9,99 EUR",
    "2026-11-27/2026-11-30",
    "Tea > Black",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_bytes_are_survived_by_every_format(
        parts in prop::collection::vec(
            prop_oneof![
                8 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
                1 => prop::collection::vec(any::<u8>(), 0..8),
            ],
            0..60,
        ),
    ) {
        let bytes = parts.concat();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.feed");
        std::fs::write(&path, &bytes).expect("written");
        for format in FORMATS {
            survive(&path, format, bytes.len());
        }
    }
}

#[test]
fn a_product_of_xml_that_is_too_long_is_refused_before_it_fills_the_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.xml");
    let long = "x".repeat(3 * LINE_BYTES_MAX);
    let text = format!("<rss><item><id>1</id><title>{long}</title></item></rss>");
    std::fs::write(&path, text).expect("written");
    let error = open_products(&path, &mapping(Format::MerchantXml)).err().expect("refused");
    assert!(matches!(error, IngestError::XmlRecordTooLong { .. }), "{error}");
    let deep = "<a>".repeat(1_000);
    std::fs::write(&path, format!("<rss><item><id>1</id>{deep}")).expect("written");
    let error = open_products(&path, &mapping(Format::MerchantXml)).err().expect("refused");
    assert!(matches!(error, IngestError::XmlTooDeep { .. }), "{error}");
}
