//! Whether a sku of the feed is listed.

/// What became of a sku.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    /// Listed: its number, counted in the order of the feed.
    Kept(u32),
    Excluded,
    Rejected,
}
