//! The basket: what the log says was put in and neither taken out nor bought.
//!
//! A line is a card, one of its variants, and a number of pieces. What was put
//! in without naming a variant (older logs, results that are not synced) is a
//! line of its own that stands for the usual one.

use serde::{Deserialize, Serialize};
use vitrine_domain::{EventKind, ItemId};

use crate::buyable::Counter;
use crate::log::DeviceEvent;
use crate::price_lists::ShownPrices;
use crate::{Basket, BasketLine, ItemCard, VariantView};

/// A line before it has a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub item: ItemId,
    /// As it was when it was last put in.
    pub variant: Option<VariantView>,
    pub quantity: u32,
}

impl Line {
    /// Names its variant.
    pub fn sku(&self) -> Option<&str> {
        sku_of(&self.variant)
    }

    /// Whether it is the line of a card and one of its variants.
    pub fn is_of(&self, item: ItemId, sku: Option<&str>) -> bool {
        self.item == item && sku_of(&self.variant) == sku
    }
}

fn sku_of(variant: &Option<VariantView>) -> Option<&str> {
    variant.as_ref().map(|variant| variant.sku.as_str())
}

/// The lines that follow from a log, in the order of their first addition.
pub(crate) fn lines<'a>(events: impl Iterator<Item = &'a DeviceEvent>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for event in events {
        let sku = sku_of(&event.variant);
        let place = lines.iter().position(|line| line.is_of(event.item, sku));
        match (event.kind, place) {
            (EventKind::AddToCart, Some(at)) => {
                lines[at].quantity = lines[at].quantity.saturating_add(event.pieces.unwrap_or(1));
                lines[at].variant.clone_from(&event.variant);
            }
            (EventKind::AddToCart, None) => {
                let (item, variant) = (event.item, event.variant.clone());
                lines.push(Line { item, variant, quantity: event.pieces.unwrap_or(1) });
            }
            (EventKind::RemoveFromCart | EventKind::Purchase, Some(at)) => {
                let left =
                    event.pieces.map_or(0, |pieces| lines[at].quantity.saturating_sub(pieces));
                lines[at].quantity = left;
                if left == 0 {
                    lines.remove(at);
                }
            }
            _ => {}
        }
    }
    lines
}

/// The variant that is meant when none is named: the one that was put in so
/// before, else the most bought, if the card's variants are known.
pub(crate) fn usual(lines: &[Line], item: ItemId, card: Option<&ItemCard>) -> Option<VariantView> {
    if lines.iter().any(|line| line.is_of(item, None)) {
        return None;
    }
    card?.variants.first().cloned()
}

/// The variant of a card with this sku, or the usual one; what is usual is not
/// named where a line without a name already stands for it.
pub(crate) fn named(
    lines: &[Line],
    item: ItemId,
    card: Option<&ItemCard>,
    sku: Option<&str>,
) -> Option<VariantView> {
    let variants = card.map_or(&[][..], |card| &card.variants);
    match variants.iter().position(|variant| Some(variant.sku.as_str()) == sku) {
        Some(0) | None => usual(lines, item, card),
        Some(place) => variants.get(place).cloned(),
    }
}

/// The basket as a page shows it at a moment (milliseconds since 1970-01-01 UTC); items
/// without a card are left out.
pub(crate) fn basket(
    lines: Vec<Line>,
    card: impl Fn(ItemId) -> Option<ItemCard>,
    (shown, counter): (&ShownPrices, Counter),
    now_ms: i64,
) -> Basket {
    let mut basket = Basket::default();
    for Line { item, variant, quantity } in lines {
        let Some(card) = card(item).map(|card| shown.card(card)) else { continue };
        let current = |old: VariantView| {
            let listed = card.variants.iter().find(|variant| variant.sku == old.sku).cloned();
            listed.unwrap_or_else(|| shown.unlisted(old))
        };
        let variant = variant.map(current);
        let price_minor =
            variant.as_ref().map_or_else(|| card.price_at(now_ms), |v| v.price_at(now_ms));
        let obstacle = counter.obstacle(&card, variant.as_ref(), now_ms);
        let line = BasketLine { variant, card, quantity, price_minor, obstacle };
        basket.n_pieces = basket.n_pieces.saturating_add(quantity);
        if line.obstacle.is_none() {
            basket.n_pieces_buyable = basket.n_pieces_buyable.saturating_add(quantity);
            basket.total_minor += line.total_minor();
        }
        basket.lines.push(line);
    }
    basket
}

#[cfg(test)]
mod tests {
    use vitrine_domain::Event;

    use super::*;
    use crate::state::State;

    fn variant(sku: &str, price_minor: u32) -> VariantView {
        VariantView { sku: sku.into(), price_minor, ..VariantView::default() }
    }

    fn event(kind: EventKind, item: u64, sku: Option<&str>, pieces: Option<u32>) -> DeviceEvent {
        let event = Event { kind, item: ItemId(item), at_ms: 0 };
        DeviceEvent { variant: sku.map(|sku| variant(sku, 1)), pieces, ..event.into() }
    }

    fn quantities(events: &[DeviceEvent]) -> Vec<(u64, Option<String>, u32)> {
        let line = |line: Line| (line.item.0, line.variant.map(|v| v.sku), line.quantity);
        lines(events.iter()).into_iter().map(line).collect()
    }

    #[test]
    fn the_basket_follows_the_log() {
        use EventKind::{AddToCart, Purchase, RemoveFromCart, ViewItem};
        let old = |kind, item| event(kind, item, None, None);
        let log = [
            old(AddToCart, 1),
            old(ViewItem, 2),
            old(AddToCart, 3),
            old(AddToCart, 1),
            old(RemoveFromCart, 3),
            old(AddToCart, 4),
            old(Purchase, 4),
            old(AddToCart, 3),
        ];
        assert_eq!(quantities(&log), [(1, None, 2), (3, None, 1)]);
    }

    #[test]
    fn two_sizes_are_two_lines_and_less_of_one_leaves_the_other() {
        use EventKind::{AddToCart, Purchase, RemoveFromCart};
        let pint = |kind, pieces| event(kind, 1, Some("pint"), pieces);
        let gallon = |kind, pieces| event(kind, 1, Some("gallon"), pieces);
        let mut log = vec![
            pint(AddToCart, None),
            pint(AddToCart, None),
            gallon(AddToCart, None),
            pint(AddToCart, None),
        ];
        let (small, large) = (Some("pint".to_owned()), Some("gallon".to_owned()));
        assert_eq!(quantities(&log), [(1, small.clone(), 3), (1, large.clone(), 1)]);
        log.push(pint(RemoveFromCart, Some(1)));
        assert_eq!(quantities(&log), [(1, small.clone(), 2), (1, large.clone(), 1)]);
        log.push(gallon(Purchase, None));
        assert_eq!(quantities(&log), [(1, small, 2)]);
        log.push(pint(RemoveFromCart, Some(2)));
        assert_eq!(quantities(&log), []);
    }

    #[test]
    fn the_usual_size_joins_what_was_put_in_without_a_name() {
        let card =
            ItemCard { variants: vec![variant("a", 10), variant("b", 20)], ..ItemCard::default() };
        let id = card.id;
        let unnamed = [Line { item: id, variant: None, quantity: 1 }];
        let sku = |lines: &[Line], card: Option<&ItemCard>, sku: Option<&str>| {
            named(lines, id, card, sku).map(|variant| variant.sku)
        };
        assert_eq!(sku(&[], Some(&card), None).as_deref(), Some("a"));
        assert_eq!(sku(&[], Some(&card), Some("b")).as_deref(), Some("b"));
        assert_eq!(sku(&[], None, None), None);
        assert_eq!(sku(&unnamed, Some(&card), None), None);
        assert_eq!(sku(&unnamed, Some(&card), Some("a")), None);
        assert_eq!(sku(&unnamed, Some(&card), Some("b")).as_deref(), Some("b"));
    }

    #[test]
    fn a_line_has_the_price_of_its_size_today_or_the_last_known() {
        let card = |prices: [(&str, u32); 2]| ItemCard {
            variants: prices.map(|(sku, price)| variant(sku, price)).to_vec(),
            price_minor: prices[0].1,
            ..ItemCard::default()
        };
        let put_in = |sku| Line { item: ItemId(0), variant: Some(variant(sku, 7)), quantity: 2 };
        let unnamed = Line { item: ItemId(0), variant: None, quantity: 1 };
        let lines = vec![put_in("a"), put_in("gone"), unnamed];
        let state = State::default();
        let terms = (&state.shown_prices(), state.counter());
        let basket = basket(lines, |_| Some(card([("b", 300), ("a", 50)])), terms, 0);
        let prices: Vec<u32> = basket.lines.iter().map(|line| line.price_minor).collect();
        assert_eq!(prices, [50, 7, 300]);
        assert_eq!((basket.n_pieces, basket.total_minor), (5, 2 * 50 + 2 * 7 + 300));
    }
}
