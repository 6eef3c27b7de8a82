//! The product knowledge graph: which items share a brand, a category, a department or
//! an attribute, and which are bought together.
//!
//! A [`Builder`] takes triples (item, relation, name) and pairs of items, a [`Graph`]
//! answers what stands beside an entity ([`Graph::neighbours`]) and how two items hang
//! together ([`Graph::paths`]). It is made of a catalogue version in milliseconds and
//! belongs to it, so it is rebuilt and not stored. It knows nothing of shoppers: a pair
//! is in it only if enough buyers share it that it may be published.
#![deny(missing_docs)]

mod builder;
mod csr;
mod error;
mod graph;
mod paths;

pub use builder::Builder;
pub use error::GraphError;
pub use graph::{EntityId, Graph, Relation};
pub use paths::{Path, Step};

/// Names of one item and relation beyond this many are left out.
pub const NAMES_PER_RELATION_MAX: usize = 32;
/// Paths that are returned between two items.
pub const PATHS_MAX: usize = 8;
/// Neighbours of either end that a search for paths looks at, by relation.
pub const PATH_NEIGHBOURS_MAX: usize = 256;
