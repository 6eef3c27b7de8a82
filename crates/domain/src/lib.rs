//! Vitrine's vocabulary: ids, items, interactions, events, queries, candidates
//! and the manifest; dates, trade item numbers and amounts of money as text. No IO and no
//! runtime; every other crate meets here.
//!
//! ```
//! use vitrine_domain::{Filters, Item};
//!
//! let milk = Item { title: "White milk".into(), brand: "Acme".into(), ..Item::default() };
//! assert_eq!(milk.text(), "White milk | Acme");
//!
//! let cheap = Filters { price_minor_max: Some(500), ..Filters::default() };
//! assert!(cheap.passes_price(500) && !cheap.passes_price(501));
//! ```
#![deny(missing_docs)]

pub mod calendar;
pub mod candidate;
pub mod counts;
pub mod currency;
pub mod event;
pub mod explanation;
pub mod facets;
pub mod facts;
pub mod folding;
pub mod gtin;
pub mod ids;
pub mod interaction;
pub mod item;
pub mod limits;
pub mod listed;
pub mod manifest;
pub mod offer;
pub mod pace;
pub mod positives;
pub mod price_list;
pub mod product;
pub mod query;
pub mod script;
pub mod sorting;

pub use candidate::{CandidateSource, Ranked, by_score_then_id};
pub use counts::published_count;
pub use event::{Event, EventKind};
pub use facets::{Facet, Facets, Passes, PriceRange};
pub use facts::{Rating, Sale, UnitMeasure};
pub use ids::{CatalogueVersion, ContentHash, ItemId, ModelVersion, ShopperId};
pub use interaction::Interaction;
pub use item::{Availability, Item, Variant};
pub use listed::{CODE_DIM, ListedCard, PICTURE_CODE_DIM, RelatedList, TEXT_CODE_DIM};
pub use manifest::{
    CatalogueInfo, Manifest, ModelInfo, PictureMode, ShardKind, ShardRef, ShardRole,
};
pub use offer::OfferAmount;
pub use positives::Positives;
pub use price_list::{ListPrice, PriceListInfo, PriceTerms, is_price_list_key};
pub use product::{ATTRIBUTE_SEPARATOR, Product};
pub use query::{
    CategoryChance, Constraint, Correction, Filters, FreeOfCount, Page, Query, ReadFilter, Relaxed,
    Sort, SortValues, Synonym, listed_minute,
};
