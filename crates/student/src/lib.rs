//! The student: the small ranker distilled from the server's teacher, that
//! runs where the shopper is. Feature function, weight layout, forward passes
//! (scalar and SIMD), candidates, explanations. No IO, no clock, wasm-safe.
//!
//! The path of one ranking:
//! [`Shopper`] (log → state u) → [`candidates`] (scan of the codes) →
//! [`features`] (16 scalars) → [`score`] (one number a candidate) →
//! [`last_layer`] (that number and what [`counting`] says, weighed) →
//! [`explain`] (which past events moved it).
//!
//! ```
//! use vitrine_student::golden::Generator;
//! use vitrine_student::{CatalogueScale, ItemTable, Ranker, Shopper, candidates, score};
//!
//! // Made-up weights, 600 cards, and a log of ten events an hour apart.
//! let mut random = Generator::new(1);
//! let weights = random.weights();
//! let rows: Vec<_> = (0..600).map(|id| random.row(id)).collect();
//! let table = ItemTable::from_rows(&weights, CatalogueScale::of(&rows, 999), rows.clone());
//! let log: Vec<_> = (0..10).map(|n| random.event(&rows, n * 3_600_000)).collect();
//!
//! let mut shopper = Shopper::from_log(&weights, &log[..9]);
//! shopper.append(&weights, log[9]); // bit for bit what all ten at once would give
//! assert_eq!(shopper.state_u(), Shopper::from_log(&weights, &log).state_u());
//!
//! let now_ms = 10 * 3_600_000;
//! let drawn = candidates::feed(&table, &weights, &shopper, 500);
//! let scores = Ranker::new().rank(&weights, &table, &shopper, now_ms, &drawn, None);
//! let (feed, scores) = score::sorted(&table, &drawn, &scores);
//! assert_eq!(feed.len(), 500);
//! assert!(scores.is_sorted_by(|a, b| a >= b));
//! ```
#![deny(missing_docs)]

pub mod builder;
pub mod candidates;
pub mod counting;
pub mod encoder;
pub mod entry;
pub mod error;
pub mod explain;
pub mod explore;
pub mod features;
pub mod golden;
pub mod history;
pub mod kernels;
pub mod last_layer;
pub mod layout;
pub mod math;
pub mod packed;
pub mod personal;
pub mod places;
pub mod reference;
pub mod scan;
pub mod score;
pub mod shopper;
pub mod table;
pub mod weights;
pub mod window;

pub use builder::{TableBuilder, price_minor_median};
pub use candidates::popularity_order;
pub use entry::{LogEntry, Remembered};
pub use error::StudentError;
pub use last_layer::LastLayer;
pub use layout::{CODE_DIM, EVENT_KINDS, N_SCALARS, N_STATIC, WINDOW_MAX, WINDOW_STEP};
pub use packed::PackedStudent;
pub use personal::{PersonalConfig, PersonalLayer, Prediction};
pub use places::Places;
pub use score::Ranker;
pub use shopper::Shopper;
pub use table::{CatalogueScale, ItemRow, ItemTable};
pub use vitrine_domain::RelatedList;
pub use weights::Weights;
