//! Readers of product feeds and interaction logs: CSV, TSV, JSON lines and
//! Parquet, with a declared column mapping.
//!
//! Every reader is a streaming iterator in bounded memory: one line, or one
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
mod error;
mod exclude;
mod jsonl;
mod mapping;
mod money;
mod offers;
mod parquet_file;
mod records;
mod rows;
mod time;

pub use error::{IngestError, KeyProblem, MappingProblem, Problem, RowError};
pub use exclude::ExcludeRule;
pub use mapping::{
    CampaignColumns, Format, InteractionColumns, KindColumn, Mapping, OfferColumns, PriceColumn,
    PriceMeans, PriceUnit, ProductColumns, ProductField, QuantityColumn, TimestampColumn,
};
pub use offers::{Campaigns, Offers, RawCampaign, RawOffer, open_campaigns, open_offers};
pub use rows::{
    Interactions, Products, RawInteraction, RawProduct, Row, open_interactions, open_products,
};

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
