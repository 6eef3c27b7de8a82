//! Makes shards and manifests out of a catalogue and a model, keeps them on
//! disk, and decides what may be published.
//!
//! The path of one publish: [`CatalogueInput`] or [`ModelInput`] →
//! rows → bases and deltas (what did not change keeps its bytes) →
//! [`Prepared`] → [`Store::commit`], which switches versions atomically. A model
//! passes the [`gate`] in between, measured by [`served`] on the very bytes that
//! would ship.
//!
//! ```
//! use vitrine_domain::{Item, ItemId, Positives, PriceTerms, Variant};
//! use vitrine_publish::{CatalogueInput, Snapshot, Store, publish_catalogue};
//!
//! # let folder = tempfile::tempdir()?;
//! let store = Store::open(folder.path())?;
//! let variant = Variant { sku: "7".into(), price_minor: 109, ..Variant::default() };
//! let milk = Item {
//!     id: ItemId(1),
//!     title: "White milk".into(),
//!     department: "Dairy".into(),
//!     price_minor: 109,
//!     variants: vec![variant],
//!     ..Item::default()
//! };
//! let input = CatalogueInput {
//!     shop: "My shop",
//!     currency: "EUR",
//!     prices: &PriceTerms::default(), // no price lists
//!     positives: Positives::Purchases,
//!     picture_mode: Default::default(),
//!     never_recommended: &[],
//!     items: &[milk],
//!     n_buyers: &[12],
//!     n_buyers_recent: &[0],
//!     pictures: &[],
//!     picture_of: &[],
//!     photos: &[],
//!     photos_of: &[],
//!     related: &[Vec::new()],
//!     alternatives: &[Vec::new()],
//!     neighbours: &[Vec::new()],
//!     offers: &[],
//!     reviews: &[],
//!     model: None, // there is none yet
//!     private_search: None,
//!     looks: None,
//! };
//! let published = publish_catalogue(&store, &input, 1_700_000_000)?;
//! assert_eq!(published.number, 1);
//!
//! let rows = Snapshot::load(&store)?.rows;
//! assert_eq!(rows.card(ItemId(1)).expect("published").title, "White milk");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assemble;
mod compression;
pub mod cost;
#[cfg(test)]
mod crash_tests;
mod error;
pub mod gate;
pub mod input;
mod layout;
pub mod photos;
mod plan;
mod prepare;
pub mod revisions;
mod rows;
pub mod served;
pub mod snapshot;
pub mod store;
pub mod verify;

#[cfg(test)]
extern crate self as vitrine_publish;

pub use compression::{compress_quickly, decompress_shard};
pub use error::PublishError;
pub use gate::publish_model;
pub use input::{
    CatalogueInput, CatalogueModel, LooksInput, ModelInput, PictureInput, PrivateSearchInput,
    related_strengths,
};
pub use photos::PhotoInput;
pub use prepare::{Prepared, prepare_catalogue, prepare_model, publish_catalogue};
pub use revisions::{PublishedRules, RevisedCard, RevisionInput, RevisionShard, Revisions};
pub use served::{ServedPath, ServedShopper, in_this_order};
pub use snapshot::Snapshot;
pub use store::{Encoding, Published, Store};
pub use verify::{Damage, StoreCheck, VersionCheck, verify};
