//! A card as it is published, for whoever ranks.

use crate::ItemId;

/// Numbers of an item code.
pub const CODE_DIM: usize = 64;

/// Numbers of the code of an item's text.
pub const TEXT_CODE_DIM: usize = 128;

/// Numbers of the code of a picture.
pub const PICTURE_CODE_DIM: usize = 64;

/// What a ranker is told of one card: the same facts in training, on the server and on a
/// device that read them off the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListedCard<'a> {
    /// The card.
    pub id: ItemId,
    /// Its code; 0 while it has none.
    pub code: [i8; CODE_DIM],
    /// Its department.
    pub department: &'a str,
    /// Its category.
    pub category: &'a str,
    /// Price in minor units; 0 = not priced.
    pub price_minor: u32,
    /// Distinct buyers as published.
    pub n_buyers: u32,
    /// Distinct recent buyers as published.
    pub n_buyers_recent: u32,
}

/// The published list of one card: other cards with strength 1 to 255, best first.
pub type RelatedList = (ItemId, Vec<(ItemId, u8)>);
