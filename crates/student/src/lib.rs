//! The student: the small ranker distilled from the server's teacher, that
//! runs where the shopper is. Feature function, weight layout, forward passes
//! (scalar and SIMD), candidates, explanations. No IO, no clock, wasm-safe.
//!
//! The path of one ranking:
//! [`Shopper`] (log → state u) → [`candidates`] (scan of the codes) →
//! [`features`] (16 scalars) → [`score`] (one number a candidate) →
//! [`explain`] (which past events moved it).
#![deny(missing_docs)]

pub mod candidates;
pub mod encoder;
pub mod error;
pub mod explain;
pub mod features;
pub mod golden;
pub mod history;
pub mod kernels;
pub mod layout;
pub mod math;
pub mod packed;
pub mod personal;
pub mod reference;
pub mod scan;
pub mod score;
pub mod shopper;
pub mod table;
pub mod weights;
pub mod window;

pub use candidates::popularity_order;
pub use error::StudentError;
pub use layout::{CODE_DIM, EVENT_KINDS, N_SCALARS, N_STATIC, WINDOW_MAX, WINDOW_STEP};
pub use packed::PackedStudent;
pub use personal::{PersonalConfig, PersonalLayer, Prediction};
pub use score::Ranker;
pub use shopper::{LogEntry, Shopper};
pub use table::{CatalogueScale, ItemRow, ItemTable, RelatedList};
pub use weights::Weights;
