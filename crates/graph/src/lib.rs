//! The product knowledge graph: which items share a brand, a category, a department or
//! an attribute, and which are bought together.
//!
//! A [`Builder`] takes triples (item, relation, name) and pairs of items, a [`Graph`]
//! answers what stands beside an entity ([`Graph::neighbours`]) and how two items hang
//! together ([`Graph::paths`]). It is made of a catalogue version in milliseconds and
//! belongs to it, so it is rebuilt and not stored. It knows nothing of shoppers: a pair
//! is in it only if enough buyers share it that it may be published.
//!
//! ```
//! use vitrine_graph::{Builder, EntityId, Relation, Step};
//!
//! let mut builder = Builder::new(2);
//! builder.named(0, Relation::Brand, "Acme")?;
//! builder.named(1, Relation::Brand, "Acme")?;
//! let graph = builder.build()?;
//!
//! let brand = EntityId(2); // names come after the items
//! assert_eq!(graph.name(brand), Some((Relation::Brand, "Acme")));
//! let step = |to| Step { relation: Relation::Brand, to };
//! assert_eq!(graph.paths(EntityId(0), EntityId(1)), [[step(brand), step(EntityId(1))]]);
//! # Ok::<(), vitrine_graph::GraphError>(())
//! ```
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
