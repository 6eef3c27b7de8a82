//! Why a ranker could not be built or read.

use vitrine_domain::ItemId;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum RankingError {
    /// Vectors must be one row an item.
    #[error("{n_values} vector values are not {n_items} rows of {dim}")]
    Vectors {
        /// Values given.
        n_values: usize,
        /// Items given.
        n_items: usize,
        /// Width of a row.
        dim: usize,
    },
    /// Two items share an id.
    #[error("item {item} is listed twice")]
    DuplicateItem {
        /// The item.
        item: ItemId,
    },
    /// A sequence names an item that does not exist.
    #[error("item index {item_idx} is not below {n_items}")]
    OutOfRange {
        /// The index.
        item_idx: u32,
        /// Items there are.
        n_items: usize,
    },
    /// A stored teacher is damaged or of another format.
    #[error("not a stored teacher")]
    Decode(#[source] postcard::Error),
    /// A stored teacher's parts do not fit together.
    #[error("a stored teacher of {n_items} items has a part of another size")]
    Inconsistent {
        /// Items of the teacher.
        n_items: usize,
    },
}
