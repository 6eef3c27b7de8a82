//! What can be bought, and what keeps the rest from it.

use vitrine_domain::Availability;

use crate::session::Session;
use crate::state::State;
use crate::{ItemCard, Obstacle, VariantView};

/// From so few pieces on, a page says how many are left.
pub const STOCK_LOW: u32 = 5;

/// What the catalogue on the device says of the shop as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter {
    /// Whether any card has a price. A shop made of bare sequences has none: there a price is
    /// not missing, and nothing is bought with money.
    has_prices: bool,
    /// Whether all cards are on the device: before that a card that is not there may come.
    is_complete: bool,
}

impl Counter {
    /// What stands in the way of buying a variant of a card, or its usual one, at a moment
    /// (milliseconds since 1970-01-01 UTC). The card has the prices that are shown.
    pub fn obstacle(
        self,
        card: &ItemCard,
        variant: Option<&VariantView>,
        now_ms: i64,
    ) -> Option<Obstacle> {
        let today = match variant {
            Some(wanted) => card.variants.iter().find(|variant| variant.sku == wanted.sku),
            None => card.variants.first(),
        };
        let is_gone = !card.listed || (variant.is_some() && today.is_none());
        if is_gone && self.is_complete {
            return Some(Obstacle::Gone);
        }
        let is_out = |variant: &VariantView| {
            variant.availability == Availability::OutOfStock || variant.stock == Some(0)
        };
        if card.availability == Availability::OutOfStock || today.is_some_and(is_out) {
            return Some(Obstacle::SoldOut);
        }
        let price_minor = today
            .or(variant)
            .map_or_else(|| card.price_at(now_ms), |variant| variant.price_at(now_ms));
        (self.has_prices && price_minor == 0).then_some(Obstacle::NotPriced)
    }
}

impl State {
    /// What the pair in use says of the shop as a whole.
    pub fn counter(&self) -> Counter {
        let pair = self.pairs.active();
        Counter {
            has_prices: pair.is_some_and(|pair| pair.has_prices),
            is_complete: pair.is_some_and(|pair| pair.complete),
        }
    }
}

impl Session {
    /// What stands in the way of buying the variant of a card with this sku, or its usual one,
    /// now; `None` when it can be bought. The card is as the session gave it.
    pub fn obstacle(&self, card: &ItemCard, sku: Option<&str>) -> Option<Obstacle> {
        let now_ms = self.inner.adapters.clock.now_ms();
        let wanted = sku.map(|sku| VariantView {
            sku: sku.to_owned(),
            price_minor: card.price_minor,
            ..VariantView::default()
        });
        self.inner.state.borrow().counter().obstacle(card, wanted.as_ref(), now_ms)
    }
}

impl VariantView {
    /// Pieces in stock where the shop says and they are few, or fewer than are wanted.
    pub fn n_left(&self, n_wanted: u32) -> Option<u32> {
        self.stock.filter(|n| *n > 0 && (*n <= STOCK_LOW || *n < n_wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICED: Counter = Counter { has_prices: true, is_complete: true };

    fn variant(sku: &str, price_minor: u32, stock: Option<u32>) -> VariantView {
        VariantView { sku: sku.into(), price_minor, stock, ..VariantView::default() }
    }

    fn card(variants: &[VariantView]) -> ItemCard {
        ItemCard { variants: variants.to_vec(), listed: true, ..ItemCard::default() }
    }

    #[test]
    fn each_variant_is_bought_or_not_by_itself() {
        let gone = variant("gone", 5, None);
        let out = VariantView { availability: Availability::OutOfStock, ..variant("out", 5, None) };
        let variants =
            [variant("a", 5, None), variant("free", 0, None), variant("none", 5, Some(0)), out];
        let card = card(&variants);
        let obstacles: Vec<_> =
            variants.iter().map(|variant| PRICED.obstacle(&card, Some(variant), 0)).collect();
        let sold_out = Some(Obstacle::SoldOut);
        assert_eq!(obstacles, [None, Some(Obstacle::NotPriced), sold_out, sold_out]);
        assert_eq!(PRICED.obstacle(&card, Some(&gone), 0), Some(Obstacle::Gone));
        assert_eq!(PRICED.obstacle(&card, None, 0), None, "the usual one");
        let all_out = ItemCard { availability: Availability::OutOfStock, ..card };
        assert_eq!(PRICED.obstacle(&all_out, None, 0), sold_out);
    }

    #[test]
    fn where_nothing_has_a_price_none_is_missing() {
        let bare = Counter { has_prices: false, is_complete: true };
        let card = card(&[variant("a", 0, None)]);
        assert_eq!(bare.obstacle(&card, None, 0), None);
        assert_eq!(PRICED.obstacle(&card, None, 0), Some(Obstacle::NotPriced));
    }

    #[test]
    fn nothing_is_gone_while_the_catalogue_is_still_coming() {
        let head = Counter { has_prices: true, is_complete: false };
        let unlisted = ItemCard { listed: false, price_minor: 5, ..ItemCard::default() };
        assert_eq!(head.obstacle(&unlisted, None, 0), None);
        assert_eq!(PRICED.obstacle(&unlisted, None, 0), Some(Obstacle::Gone));
    }

    #[test]
    fn stock_is_said_when_it_is_low_or_too_little() {
        assert_eq!(variant("a", 5, Some(3)).n_left(1), Some(3));
        assert_eq!(variant("a", 5, Some(9)).n_left(9), None);
        assert_eq!(variant("a", 5, Some(9)).n_left(10), Some(9));
        assert_eq!(variant("a", 5, None).n_left(1_000), None);
    }
}
