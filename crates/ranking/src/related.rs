//! The lists of cards that are published: related ones for the product page, offline use
//! and the student's related scalar; neighbours for its last layer.

use vitrine_domain::{ItemId, RelatedList, limits};

use crate::PurchaseLog;
use crate::cooccurrence::{self, CooccurrenceConfig, Together};

/// For each card at most twelve others of the same baskets, best first, with
/// strength 1..=255 relative to the strongest pair of all. Only pairs that at
/// least [`limits::BUYERS_MIN`] distinct shoppers put into one basket; a card
/// without such a pair has an empty list.
///
/// # Shapes
/// `items` as indexed by `log`; one list an item, in the same order.
pub fn related_lists(log: &PurchaseLog, items: &[ItemId]) -> Vec<RelatedList> {
    published(log, items, Together::Basket, 0.5)
}

/// For each card at most twelve others that the same shoppers bought, ever, in the form of
/// [`related_lists`] and under the same condition: what the device counts with.
///
/// # Shapes
/// `items` as indexed by `log`; one list an item, in the same order.
pub fn neighbour_lists(log: &PurchaseLog, items: &[ItemId]) -> Vec<RelatedList> {
    published(log, items, Together::Shopper, 0.4)
}

fn published(
    log: &PurchaseLog,
    items: &[ItemId],
    together: Together,
    exponent_to: f32,
) -> Vec<RelatedList> {
    let config = CooccurrenceConfig {
        together,
        exponent_from: 0.5,
        exponent_to,
        buyers_min: limits::BUYERS_MIN,
        n_neighbours: limits::RELATED_MAX,
    };
    let lists = cooccurrence::neighbours(log, &config);
    let strongest = (0..lists.n_items() as u32)
        .filter_map(|item| lists.of(item).next())
        .fold(f32::MIN_POSITIVE, |most, (_, strength)| most.max(strength));
    // The square root keeps weak pairs apart in a byte.
    let byte = |strength: f32| (255.0 * (strength / strongest).sqrt()).round().max(1.0) as u8;
    items
        .iter()
        .enumerate()
        .map(|(item_idx, id)| {
            let list = lists.of(item_idx as u32);
            (*id, list.map(|(other, strength)| (items[other as usize], byte(strength))).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{EventKind, Interaction, ShopperId};

    use super::*;

    #[test]
    fn only_pairs_of_five_shoppers_are_published() {
        let ids = [1, 2, 3].map(ItemId);
        let mut lines = Vec::new();
        for shopper in 0..6u32 {
            // All six buy 1 and 2 together; 3 joins in four baskets of them.
            let cards = if shopper < 4 { &ids[..] } else { &ids[..2] };
            lines.extend(cards.iter().map(|item| Interaction {
                shopper: ShopperId(shopper),
                item: *item,
                kind: EventKind::Purchase,
                at_seconds: 0,
                basket: shopper,
                quantity: 1,
                price_minor: 1,
            }));
        }
        let log = PurchaseLog::new(&ids, &lines).expect("distinct ids");
        let lists = related_lists(&log, &ids);
        assert_eq!(lists[0], (ItemId(1), vec![(ItemId(2), 255)]));
        assert_eq!(lists[2], (ItemId(3), vec![]));
        // The same shoppers, in whatever basket: still six of one pair and four of the other.
        let neighbours = neighbour_lists(&log, &ids);
        assert_eq!(neighbours[0], (ItemId(1), vec![(ItemId(2), 255)]));
        assert_eq!(neighbours[2], (ItemId(3), vec![]));
    }
}
