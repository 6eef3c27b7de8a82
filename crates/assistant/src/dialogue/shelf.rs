//! The candidates of a dialogue, as the caller has them.

use vitrine_domain::ItemId;

use crate::answer::AskedProduct;
use crate::digest::ProductDigest;

/// A candidate.
#[derive(Clone, Copy, Debug)]
pub struct ShelfCard<'a> {
    /// The card.
    pub id: ItemId,
    /// Readable title.
    pub title: &'a str,
    /// Brand; may be empty.
    pub brand: &'a str,
    /// Category; may be empty.
    pub category: &'a str,
    /// Department; may be empty.
    pub department: &'a str,
    /// Price in minor units; 0 = not priced.
    pub price_minor: u32,
    /// What is written of it.
    pub digest: &'a ProductDigest,
}

impl<'a> ShelfCard<'a> {
    /// The card as a product to ask about.
    pub fn asked(&self) -> AskedProduct<'a> {
        AskedProduct { title: self.title, digest: self.digest }
    }
}

/// Candidates in the caller's order, which decides between equally good ones. Any may be there:
/// the results of a search, or all that a device has synced.
#[derive(Clone, Copy, Debug)]
pub struct CandidateShelf<'a> {
    /// The candidates.
    pub cards: &'a [ShelfCard<'a>],
}

impl<'a> CandidateShelf<'a> {
    /// A candidate by its id.
    pub fn card(&self, id: ItemId) -> Option<&'a ShelfCard<'a>> {
        self.cards.iter().find(|card| card.id == id)
    }
}
