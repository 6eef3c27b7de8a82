//! Cards as rules are told of them: facts that are the same for everyone.

use vitrine_domain::{Availability, ItemId};
use vitrine_rules::CardFacts;

use crate::ItemCard;
use crate::pair::Pair;

/// The cards of a pair, by their index in its catalogue.
pub(crate) struct PairCards<'a> {
    pub pair: &'a Pair,
    pub now_ms: i64,
}

impl CardFacts for PairCards<'_> {
    fn id(&self, index: u32) -> ItemId {
        self.pair.catalogue.id(index)
    }

    fn department(&self, index: u32) -> &str {
        self.pair.catalogue.department(index)
    }

    fn category(&self, index: u32) -> &str {
        self.pair.catalogue.category(index)
    }

    fn brand(&self, index: u32) -> &str {
        &self.pair.catalogue.raw(index).brand
    }

    /// The standard price, whatever list the shopper has picked.
    fn price_minor(&self, index: u32) -> u32 {
        self.pair.catalogue.price(index).price_minor
    }

    fn is_on_offer(&self, index: u32) -> bool {
        self.pair.catalogue.is_reduced(index, self.now_ms)
    }

    fn is_available(&self, index: u32) -> bool {
        self.pair.catalogue.is_available(index)
    }
}

/// Results of a search, by their place among them; cards with standard prices.
pub(super) struct ResultCards {
    pub cards: Vec<ItemCard>,
    pub now_ms: i64,
}

impl ResultCards {
    fn card(&self, index: u32) -> &ItemCard {
        &self.cards[index as usize]
    }
}

impl CardFacts for ResultCards {
    fn id(&self, index: u32) -> ItemId {
        self.card(index).id
    }

    fn department(&self, index: u32) -> &str {
        &self.card(index).department
    }

    fn category(&self, index: u32) -> &str {
        &self.card(index).category
    }

    fn brand(&self, index: u32) -> &str {
        &self.card(index).brand
    }

    fn price_minor(&self, index: u32) -> u32 {
        self.card(index).price_minor
    }

    fn is_on_offer(&self, index: u32) -> bool {
        let card = self.card(index);
        card.offer.as_ref().is_some_and(|offer| offer.is_on(self.now_ms))
            || card.variants.first().is_some_and(|first| first.sale_at(self.now_ms).is_some())
    }

    fn is_available(&self, index: u32) -> bool {
        self.card(index).availability == Availability::InStock
    }
}
