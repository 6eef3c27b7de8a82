//! What a shop's log has besides purchases: views and basket events, by shopper.

use std::collections::HashMap;

use vitrine_domain::{EventKind, Interaction, ItemId};
use vitrine_ranking::PurchaseLog;

/// An event that is no purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonPurchase {
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// Index of the card among the items of the log.
    pub item_idx: u32,
    /// What it was.
    pub kind: EventKind,
}

/// The non-purchase events of everyone who bought anything, oldest first.
#[derive(Clone, Debug)]
pub struct NonPurchases {
    starts: Vec<usize>,
    events: Vec<NonPurchase>,
}

impl NonPurchases {
    /// Reads the non-purchase events of the shoppers of `log`. Events of people who never
    /// bought anything, and of cards that are not in `ids`, are left out: nothing can be
    /// learned from them. Where clicks are the positives, they are entries of the log
    /// themselves, and this is empty.
    ///
    /// # Shapes
    /// `ids` in the order of the log's indices.
    pub fn new(ids: &[ItemId], log: &PurchaseLog, interactions: &[Interaction]) -> Self {
        let index: HashMap<ItemId, u32> = (0..).zip(ids).map(|(i, id)| (*id, i)).collect();
        let of_purchases = log.positives().are_purchases();
        let is_non_purchase =
            |line: &&Interaction| of_purchases && line.kind != EventKind::Purchase;
        let mut rows: Vec<(usize, NonPurchase)> = interactions
            .iter()
            .filter(is_non_purchase)
            .filter_map(|line| {
                let item_idx = *index.get(&line.item)?;
                let shopper = log.number_of(line.shopper)?;
                Some((
                    shopper,
                    NonPurchase { at_seconds: line.at_seconds, item_idx, kind: line.kind },
                ))
            })
            .collect();
        // What happens in one second stays in the order of the log.
        rows.sort_by_key(|(shopper, event)| (*shopper, event.at_seconds));
        let first = |n: usize| rows.partition_point(|(shopper, _)| *shopper < n);
        let starts = (0..=log.n_shoppers()).map(first).collect();
        Self { starts, events: rows.into_iter().map(|(_, event)| event).collect() }
    }

    /// Whether the log has nothing but what is learned from.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Non-purchase events of the `n`th shopper of the log in a half-open stretch of time.
    pub fn between(&self, n: usize, from_seconds: i64, to_seconds: i64) -> &[NonPurchase] {
        let all = &self.events[self.starts[n]..self.starts[n + 1]];
        let until = |at: i64| all.partition_point(|event| event.at_seconds < at);
        let (from, to) = (until(from_seconds), until(to_seconds));
        &all[from.min(to)..to]
    }
}

#[cfg(test)]
mod tests {
    use vitrine_domain::ShopperId;

    use super::*;

    #[test]
    fn looks_are_found_by_shopper_and_time() {
        let line = |shopper, item, kind, at_seconds| Interaction {
            shopper: ShopperId(shopper),
            item: ItemId(item),
            kind,
            at_seconds,
            basket: at_seconds as u32,
            quantity: 1,
            price_minor: 0,
        };
        let (view, buy) = (EventKind::ViewItem, EventKind::Purchase);
        let lines = [
            line(7, 20, view, 5),
            line(3, 10, view, 9),
            line(3, 20, EventKind::AddToCart, 4),
            line(3, 10, buy, 10),
            line(7, 20, buy, 6),
            line(8, 10, view, 1),
            line(3, 99, view, 1),
        ];
        let ids = [ItemId(10), ItemId(20)];
        let log = PurchaseLog::new(&ids, &lines).expect("a log");
        let events = NonPurchases::new(&ids, &log, &lines);
        let of = |n: usize| -> Vec<(i64, u32)> {
            events
                .between(n, 0, 100)
                .iter()
                .map(|event| (event.at_seconds, event.item_idx))
                .collect()
        };
        assert_eq!(of(0), [(4, 1), (9, 0)], "shopper 3, without the unknown card");
        assert_eq!(of(1), [(5, 1)]);
        assert_eq!(events.between(0, 4, 9).len(), 1);
        assert!(events.between(0, 9, 4).is_empty());
        assert!(!events.is_empty());
        assert!(NonPurchases::new(&ids, &log, &lines[3..5]).is_empty());
    }
}
