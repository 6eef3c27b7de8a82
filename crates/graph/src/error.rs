//! What can be wrong with triples.

/// Why a triple was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// An item index beyond the items of the graph.
    #[error("item {item} of {n_items}")]
    ItemOutOfRange {
        /// The index.
        item: u32,
        /// Items of the graph.
        n_items: u32,
    },
    /// Two items hang together by purchases, an item and a name do not.
    #[error("a pair of items that are bought together has no name")]
    NotNamed,
    /// Entities are numbered by 32 bits.
    #[error("more than {} entities", u32::MAX)]
    TooManyEntities,
    /// Edges of one relation are numbered by 32 bits.
    #[error("more than {} edges of one relation", u32::MAX)]
    TooManyEdges,
}
