//! The durable logs of what a shop pushes: changes of its products, lines of its orders, reviews.
//!
//! [`ChangeLog::submit`] returns when a request is on the disk, and one sync serves all
//! requests that came while the disk was busy. Changes that come late, twice or in another
//! order fold to the same catalogue ([`apply_change`]); a request with an
//! [`IdempotencyKey`] is answered as the first time. Readers follow with
//! [`ChangeLog::changed_since`]. [`OrderLog`] keeps order lines by the same means, under
//! pseudonyms, and [`ReviewLog`] reviews, without their authors.
//!
//! ```
//! use std::sync::Arc;
//! use vitrine_catalogue::{
//!     ChangeLog, ChangeOutcome, ChangeRequest, Judgement, LogConfig, ProductChange,
//! };
//!
//! let dir = std::env::temp_dir().join(format!("catalogue-doc-{}", std::process::id()));
//! let config = LogConfig::new(Arc::new(|| 1_800_000_000));
//! let log = ChangeLog::open(&dir, config.clone(), Box::new(|_, _| Judgement::Accept))?;
//!
//! let lines = [
//!     &br#"{"op": "patch", "sku": "A-7", "revision": 2, "price": "2.99 USD"}"#[..],
//!     br#"{"op": "upsert", "sku": "A-7", "revision": 1, "title": "Milk", "price": "3.49 USD"}"#,
//!     br#"{"op": "patch", "sku": "A-7", "revision": 2, "price": "2.99 USD"}"#,
//! ];
//! let changes = lines.into_iter().map(ProductChange::from_line).collect::<Result<_, _>>()?;
//! let receipt = log.submit(ChangeRequest { changes, key: None })?;
//! let [waiting, applied, duplicate] = &receipt.outcomes[..] else { panic!("three outcomes") };
//! assert_eq!(*waiting, ChangeOutcome::Waiting);
//! assert_eq!(*applied, ChangeOutcome::Applied);
//! assert_eq!(*duplicate, ChangeOutcome::Duplicate);
//!
//! drop(log);
//! let log = ChangeLog::open(&dir, config, Box::new(|_, _| Judgement::Accept))?;
//! let milk = log.product("A-7").expect("it was acknowledged");
//! assert_eq!(milk.price.value.map(|price| price.to_string()).as_deref(), Some("2.99 USD"));
//! assert_eq!(log.changed_since(0, 10), [milk]);
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod change;
mod change_log;
mod change_sequencer;
mod commit;
mod config;
mod error;
mod folder;
mod frame;
mod judge;
pub mod limits;
mod line_log;
mod list_prices;
mod log_line;
mod moment;
mod named_prices;
mod order;
mod price;
mod product;
mod read_only;
mod register;
mod repetition;
mod review;
mod segments;
mod snapshot;
mod state;

pub use change::{ChangeAction, Patched, ProductChange, ProductPatch, ProductUpsert};
pub use change_log::ChangeLog;
pub use change_sequencer::{ChangeReceipt, ChangeRequest};
pub use config::{LogConfig, NowSeconds};
pub use error::{CatalogueError, ChangeError};
pub use judge::{Judge, Judgement, PriceGuard};
pub use line_log::{LineLog, LineReceipt, LineRequest};
pub use list_prices::ListPrices;
pub use log_line::{LineDigest, LineOutcome, LogLine, Pseudonymise};
pub use named_prices::NamedPrices;
pub use order::{OrderLine, OrderLog, PushedOrderLine};
pub use price::{PeriodError, Price, PriceError, SalePeriod, SalePrice};
pub use product::{
    AgeGroup, ProductCondition, ProductFacts, ProductGender, ProductTerms, RunningOffer,
};
pub use read_only::{read_order_lines, read_products, read_reviews};
pub use register::Stamped;
pub use repetition::IdempotencyKey;
pub use review::{LoggedReview, PushedReview, ReviewContent, ReviewLog, ReviewTime};
pub use state::{CatalogueState, ChangeOutcome, ProductState, apply_change};
