//! Makes shards and manifests out of a catalogue and a model, keeps them on
//! disk, and decides what may be published.
//!
//! The path of one publish: [`CatalogueInput`] or [`ModelInput`] →
//! rows → bases and deltas (what did not change keeps its bytes) →
//! [`Prepared`] → [`Store::commit`], which switches versions atomically. A model
//! passes the [`gate`] in between, measured by [`served`] on the very bytes that
//! would ship.

mod assemble;
mod compression;
pub mod cost;
#[cfg(test)]
mod crash_tests;
mod disk;
mod error;
pub mod gate;
pub mod input;
mod layout;
mod plan;
mod prepare;
mod rows;
pub mod served;
pub mod snapshot;
pub mod store;

#[cfg(test)]
extern crate self as vitrine_publish;

pub use error::PublishError;
pub use gate::publish_model;
pub use input::{CatalogueInput, ModelInput, PictureInput, price_minor_median, related_strengths};
pub use prepare::{Prepared, prepare_catalogue, prepare_model, publish_catalogue};
pub use served::{ServedPath, ServedShopper};
pub use snapshot::Snapshot;
pub use store::{Encoding, Published, Store};
