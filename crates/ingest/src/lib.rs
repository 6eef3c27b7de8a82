//! Readers of product feeds and interaction logs with a declared column mapping: CSV, TSV,
//! JSON and Parquet, and what shop systems write: Google Merchant (XML, TSV), JSON-LD of
//! schema.org, the product CSVs of Shopify and WooCommerce, events of Google Analytics 4.
//!
//! Every reader is a streaming iterator in bounded memory: one record, or one
//! Parquet batch, at a time. A row that cannot be read is yielded with the
//! column, the offending text and why; only a problem of the whole file (it is
//! missing, it lacks a column, the disk fails) ends the iteration.
//!
//! ```
//! use vitrine_ingest::{Mapping, open_products};
//!
//! let mapping = Mapping::from_toml(
//!     r#"
//!     name = "my shop"
//!     currency = "EUR"
//!     [products]
//!     sku = "id"
//!     title = "name"
//!     price = { column = "price" }
//!     "#,
//! )?;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("feed.csv");
//! std::fs::write(&path, "id,name,price\n7,White milk,1.09\n8,Tea,cheap\n")?;
//!
//! let mut rows = open_products(&path, &mapping)?;
//! let milk = rows.next().expect("two rows")?;
//! assert_eq!(milk.line, 2);
//! assert_eq!(milk.record?.price_minor, Some(109));
//! let tea = rows.next().expect("two rows")?;
//! assert!(tea.record.is_err(), "a price that cannot be read");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod convert;
mod delimited;
mod detect;
mod doctor;
mod error;
mod exclude;
mod html;
mod input;
mod interactions;
mod json;
mod known;
mod mapping;
mod measure;
mod money;
mod objects;
mod offers;
mod parquet_file;
mod products;
mod records;
mod reviews;
mod time;
mod words;

pub use detect::{FeedFile, FeedKind, MappingProposal, detect, propose_mapping};
pub use doctor::{FeedExamination, FeedFault, FeedFinding, examine_feed};
pub use error::{IngestError, KeyProblem, MappingProblem, Problem, RowError};
pub use exclude::ExcludeRule;
pub use input::FileEncoding;
pub use interactions::{Interactions, RawInteraction, open_interactions};
pub use mapping::{
    CampaignColumns, Format, InteractionColumns, KindColumn, Mapping, OfferColumns, OtherKinds,
    PathColumn, PriceColumn, PriceListColumns, PriceMeans, PriceUnit, ProductColumns, ProductField,
    QuantityColumn, Recommend, ReviewColumns, SaleDatesColumn, TimestampColumn,
};
pub use measure::{FeedDimension, FeedMeasure, FeedUnit};
pub use offers::{Campaigns, Offers, RawCampaign, RawOffer, open_campaigns, open_offers};
pub use products::{FeedListPrice, Products, RawProduct, SaleInterval, open_products};
pub use records::Row;
pub use reviews::{RawReview, Reviews, open_reviews};
pub use words::{FeedAgeGroup, FeedCondition, FeedGender};

/// Longest record of a text format, in bytes; a longer one is a row error.
pub const LINE_BYTES_MAX: usize = 1 << 20;
/// Most digits after the point of a currency (ISO 4217).
pub const CURRENCY_DECIMALS_MAX: u32 = 4;
/// Rows decoded at once from a Parquet file.
pub const PARQUET_BATCH_ROWS: usize = 8_192;
/// Offending text shown in a row error, in characters.
pub const ERROR_TEXT_CHARS_MAX: usize = 200;
/// Original text kept for the quarantine when it cannot be parsed, in characters.
pub const ORIGINAL_CHARS_MAX: usize = 4_000;
/// Deepest nesting of a JSON value.
pub const JSON_DEPTH_MAX: usize = 32;
/// Deepest nesting of elements within a product of an XML feed.
pub const XML_DEPTH_MAX: usize = 16;
/// Longest HTML page, or pages in one file, in bytes.
pub const PAGE_BYTES_MAX: usize = 16 << 20;
/// Text of the variable products that a WooCommerce feed's variations refer to, in bytes.
pub const PARENT_BYTES_MAX: usize = 256 << 20;
/// Further pictures of a product that are kept.
pub const IMAGES_MAX: usize = 10;
/// Decoded bytes of one Parquet batch.
pub const PARQUET_BATCH_BYTES_MAX: u64 = 64 << 20;
