//! Checks, quarantine, repairs, readable titles, cards with variants.
//!
//! Products pass through a [`ProductPass`] and become a [`Catalogue`] of cards;
//! the log then passes through an [`InteractionPass`] over that catalogue, which
//! yields clean [`Interaction`](vitrine_domain::Interaction)s one by one and
//! observes prices and sales; [`Catalogue::finish`] settles both on the cards.
//! Each pass answers every row with kept or a [`Rejection`], and an [`Intake`]
//! counts the answers and writes the rejected rows to the quarantine. Before that,
//! [`checks`] that a shop declares judge the import as a whole, and plan what
//! [`Repairs`] change or keep out.
//!
//! ```
//! use vitrine_domain::Product;
//! use vitrine_quality::{LogSales, ProductPass, ProductRow, Reason};
//!
//! let row = |sku: &str, size: &str| {
//!     let product = Product {
//!         sku: sku.into(),
//!         title: "WHITE MILK".into(),
//!         size: size.into(),
//!         ..Product::default()
//!     };
//!     ProductRow { product, price_minor: Some(109), ..ProductRow::default() }
//! };
//! let mut pass = ProductPass::new();
//! for sku in ["7", "8"] {
//!     pass.push(Ok(row(sku, "1 GA"))).expect("a good row");
//! }
//! let rejection = pass.push(Ok(row("7", "1 PT"))).expect_err("that sku was listed before");
//! assert_eq!(rejection.reason, Reason::DuplicateId);
//!
//! let cards = pass.finish()?.finish(&LogSales::default());
//! assert_eq!(cards.items.len(), 1);
//! assert_eq!(cards.items[0].title, "White milk");
//! assert_eq!(cards.items[0].variants.len(), 2);
//! # Ok::<(), vitrine_quality::QualityError>(())
//! ```

mod buyers;
mod cards;
pub mod checks;
mod error;
mod interactions;
mod listing;
mod log;
mod offers;
mod places;
mod prices;
mod products;
mod pseudonym;
mod quarantine;
mod reason;
mod repairs;
mod reviews;
mod summary;
pub mod titles;

pub use cards::{Cards, Catalogue, VariantRef};
pub use error::QualityError;
pub use interactions::{InteractionPass, InteractionRow, LogSales};
pub use log::{LogReader, LogWriter};
pub use offers::{CampaignOffer, CampaignRow, CampaignTimes, OfferPass, ProductOffer};
pub use places::{PlaceNames, UnknownPlace, UnknownPlaces};
pub use prices::{PRICES_KEPT, Sales};
pub use products::{GivenListPrice, Merchant, ProductPass, ProductRow};
pub use pseudonym::Pseudonyms;
pub use quarantine::{Intake, Quarantine, line_record};
pub use reason::{Reason, Rejection, Unreadable};
pub use repairs::{Repair, Repairs};
pub use reviews::{
    KeptReview, PublishedProducts, REVIEW_CHARS_MAX, ReviewLine, ReviewPass, ReviewedProducts,
};
pub use summary::{SourceSummary, Summary};

/// How far into the future a clock may be off before a row is rejected, in seconds.
pub const FUTURE_SECONDS_MAX: i64 = 86_400;
