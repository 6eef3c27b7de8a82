//! What buyers wrote of a card, as far as it is published.

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;
use vitrine_domain::limits::ITEMS_MAX;

use crate::bounded;

/// Most aspects of one card.
pub const ASPECTS_MAX: usize = 8;
/// Longest name of an aspect, in characters.
pub const ASPECT_CHARS_MAX: usize = 40;
/// Most sentences that are quoted of one card.
pub const QUOTES_MAX: usize = 6;
/// Longest quoted sentence, in characters.
pub const QUOTE_CHARS_MAX: usize = 240;

/// What buyers wrote.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReviewShard {
    /// One row a card that was reviewed, sorted by id.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub rows: Vec<ReviewRow>,
    /// Cards that are gone, or that have no reviews any more (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// What buyers wrote of one card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// The card.
    pub id: ItemId,
    /// How many gave 1, 2, 3, 4 and 5 stars.
    pub stars: [u32; 5],
    /// What is said of it in several reviews, most often said first; at most [`ASPECTS_MAX`].
    #[serde(deserialize_with = "bounded::list::<ASPECTS_MAX, _, _>")]
    pub aspects: Vec<AspectRow>,
    /// Sentences of reviews, word for word; at most [`QUOTES_MAX`].
    #[serde(deserialize_with = "bounded::list::<QUOTES_MAX, _, _>")]
    pub quotes: Vec<QuoteRow>,
}

/// One thing that reviews speak of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AspectRow {
    /// What it is called, in the language of the shop's texts. 1 to [`ASPECT_CHARS_MAX`] characters.
    pub name: String,
    /// Reviews that find it good.
    pub n_good: u32,
    /// Reviews that find it bad.
    pub n_bad: u32,
}

/// A sentence of a review.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteRow {
    /// As it was written. 1 to [`QUOTE_CHARS_MAX`] characters.
    pub text: String,
    /// Stars that its author gave, 1 to 5; 0 where none were given.
    pub stars: u8,
    /// Day on which it was written, in days since 1970-01-01; `None` where nobody says.
    pub day: Option<u16>,
    /// Whether the shop knows that its author bought the product.
    pub is_verified: bool,
}

impl ReviewRow {
    /// How many gave stars.
    pub fn n_rated(&self) -> u32 {
        self.stars.iter().fold(0, |n, stars| n.saturating_add(*stars))
    }
}
