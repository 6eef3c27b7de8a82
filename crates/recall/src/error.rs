//! Why a search or the building of an index failed.

use vitrine_domain::ItemId;

/// What can go wrong in recall. Those up to [`RecallError::Late`] are the
/// caller's fault and come before any work; a text is never one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecallError {
    /// More results asked for than a page may have.
    #[error("page limit {limit} is more than {max}")]
    PageTooLarge {
        /// Asked for.
        limit: u32,
        /// Allowed.
        max: u32,
    },
    /// The page lies beyond the deepest result.
    #[error("offset {offset} + limit {limit} is more than {max}")]
    PageTooDeep {
        /// Asked for.
        offset: u32,
        /// Asked for.
        limit: u32,
        /// Allowed sum.
        max: u32,
    },
    /// The text is too long.
    #[error("the text has {n_chars} characters, more than {max}")]
    TextTooLong {
        /// Its length.
        n_chars: usize,
        /// Allowed.
        max: usize,
    },
    /// A list of a filter is too long.
    #[error("{field} has {n_values} values, more than {max}")]
    TooManyFilterValues {
        /// Which list.
        field: &'static str,
        /// Its length.
        n_values: usize,
        /// Allowed.
        max: usize,
    },
    /// The lowest price asked for is above the highest.
    #[error("no price is at least {min} and at most {max}")]
    PricesInverted {
        /// Lowest, in minor units.
        min: u32,
        /// Highest, in minor units.
        max: u32,
    },
    /// The query vector has the wrong dimension or a value that is not finite.
    #[error("the query vector has {n_finite} finite values of {len}; {needed} are needed")]
    BadVector {
        /// Its length.
        len: usize,
        /// How many are finite.
        n_finite: usize,
        /// What is needed.
        needed: usize,
    },
    /// The deadline passed before the search had ended.
    #[error("the search ran out of time")]
    Late,
    /// Items, vectors and popularity to build from do not belong together.
    #[error(
        "{n_items} items need {n_items} × {needed} numbers of vectors and {n_items} popularities, \
         not {n_numbers} and {n_popularities}"
    )]
    LengthsDiffer {
        /// Numbers that one item needs.
        needed: usize,
        /// Items given.
        n_items: usize,
        /// Numbers in the vectors given.
        n_numbers: usize,
        /// Popularities given.
        n_popularities: usize,
    },
    /// More items than a catalogue may have.
    #[error("{n_items} items are more than {max}")]
    TooManyItems {
        /// Items given.
        n_items: usize,
        /// Allowed.
        max: usize,
    },
    /// Two items have the same id.
    #[error("two items have the id {0}")]
    DuplicateItem(ItemId),
    /// A revision names an item that the index does not have, or no longer.
    #[error(
        "item {0} is not in the index, so it cannot be revised; build the index anew from the \
         catalogue"
    )]
    NotIndexed(ItemId),
    /// A vector has a value that is not finite.
    #[error("the vector of item {0} is not finite")]
    VectorNotFinite(ItemId),
}
