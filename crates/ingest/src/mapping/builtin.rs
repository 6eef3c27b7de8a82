//! The columns that formats of shop systems are known to have.

use super::keys::Keys;
use super::{Format, InteractionColumns, ProductColumns, read};

/// The text that says which column is what.
fn text(format: Format) -> Option<&'static str> {
    match format {
        Format::MerchantXml | Format::MerchantTsv | Format::SchemaOrg => {
            Some(include_str!("../../mappings/merchant.toml"))
        }
        Format::Shopify => Some(include_str!("../../mappings/shopify.toml")),
        Format::Woocommerce => Some(include_str!("../../mappings/woocommerce.toml")),
        Format::Ga4 => Some(include_str!("../../mappings/ga4.toml")),
        Format::Csv | Format::Tsv | Format::Jsonl | Format::Json | Format::Parquet => None,
    }
}

/// The columns of a product feed of this format, where they are known.
pub(super) fn products(format: Format) -> Option<ProductColumns> {
    let text = text(format).filter(|_| format != Format::Ga4)?;
    let (mut problems, nothing) = (Vec::new(), ProductColumns::default());
    let mut keys = Keys::of_document(text, &mut problems);
    let columns = read::product_columns(&mut keys, nothing);
    keys.finish();
    debug_assert!(problems.is_empty(), "{problems:?}");
    Some(columns)
}

/// The columns of an interaction log of this format, where they are known.
pub(super) fn interactions(format: Format) -> Option<InteractionColumns> {
    let text = text(format).filter(|_| format == Format::Ga4)?;
    let mut problems = Vec::new();
    let mut keys = Keys::of_document(text, &mut problems);
    let columns = read::interaction_columns(&mut keys, None);
    keys.finish();
    debug_assert!(problems.is_empty(), "{problems:?}");
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_format_has_columns_without_problems() {
        use Format as F;
        for format in [F::MerchantXml, F::MerchantTsv, F::SchemaOrg, F::Shopify, F::Woocommerce] {
            let mut problems = Vec::new();
            let mut keys = Keys::of_document(text(format).expect("known"), &mut problems);
            read::product_columns(&mut keys, ProductColumns::default());
            keys.finish();
            assert!(problems.is_empty(), "{format:?}: {problems:?}");
            assert_eq!(products(format).expect("known").sku, "id");
            assert_eq!(interactions(format), None);
        }
        let mut problems = Vec::new();
        let mut keys = Keys::of_document(text(F::Ga4).expect("known"), &mut problems);
        read::interaction_columns(&mut keys, None);
        keys.finish();
        assert!(problems.is_empty(), "{problems:?}");
    }
}
