//! What a query is after: a linear head on the vector that retrieval uses anyway.
//!
//! [`queries`] makes labelled queries from a catalogue's own texts → the encoder
//! turns them into vectors → [`fit`] learns an [`IntentHead`] and calibrates it.
//! Its answer costs one small matrix product a query.

mod fit;
mod head;
mod queries;

pub use fit::{FitConfig, fit};
pub use head::{INTENT_BYTES_MAX, Intent, IntentHead};
pub use queries::{Kind, LabelledCard, LabelledQuery, Phrases, Spread, queries};
