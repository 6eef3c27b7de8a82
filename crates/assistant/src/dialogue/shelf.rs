//! Where a dialogue's candidates come from.

use vitrine_domain::ItemId;

use crate::answer::AskedProduct;
use crate::digest::ProductTexts;

use super::searching::ToSearch;

/// A card as a dialogue reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShelfCard {
    /// The card.
    pub id: ItemId,
    /// Readable title.
    pub title: String,
    /// Brand; may be empty.
    pub brand: String,
    /// Category; may be empty.
    pub category: String,
    /// Department; may be empty.
    pub department: String,
    /// Sizes that can be bought, as they are shown: "S, M, L"; may be empty.
    pub sizes: String,
    /// Price in minor units; 0 = not priced.
    pub price_minor: u32,
    /// What is written of it: for one of many candidates a digest
    /// ([`build_digest`](crate::build_digest)), for a comparison all of it
    /// ([`whole_texts`](crate::whole_texts)).
    pub texts: ProductTexts,
}

impl ShelfCard {
    /// The card as a product to ask about.
    pub fn asked(&self) -> AskedProduct<'_> {
        AskedProduct { title: &self.title, category: &self.category, texts: &self.texts }
    }
}

/// Finds candidates; a device does it among the cards that it has synced, so that nothing is sent.
///
/// A dialogue calls [`Self::find`] at most twice a turn, once what is wanted is known, and the
/// others for cards that it has shown or whose page was opened.
pub trait ProductShelf {
    /// Candidates for what is wanted, the best first. That order decides between equally good
    /// ones, and at most [`CANDIDATES_MAX`](crate::CANDIDATES_MAX) of them are read.
    fn find(&self, search: &ToSearch) -> Vec<ShelfCard>;

    /// A card, whether or not it is among those found last; `None` where it is gone.
    fn card(&self, id: ItemId) -> Option<ShelfCard>;

    /// A card with all that is written of it, for a question about it or a comparison. Without
    /// one of its own, what [`Self::card`] has.
    fn whole_card(&self, id: ItemId) -> Option<ShelfCard> {
        self.card(id)
    }
}

/// A shelf with the same candidates whatever is wanted: few cards, or results of a search that
/// was made before.
#[derive(Clone, Copy, Debug)]
pub struct CandidateShelf<'a> {
    /// The candidates.
    pub cards: &'a [ShelfCard],
}

impl ProductShelf for CandidateShelf<'_> {
    fn find(&self, _: &ToSearch) -> Vec<ShelfCard> {
        self.cards.to_vec()
    }

    fn card(&self, id: ItemId) -> Option<ShelfCard> {
        self.cards.iter().find(|card| card.id == id).cloned()
    }
}
