//! *Buy it again*: cards whose time has come, by their own interval in the device's log.

use std::collections::BTreeSet;

use vitrine_domain::sorting::sort_by;
use vitrine_domain::{Event, EventKind, ItemId};
use vitrine_student::history::{History, ItemHistory};

/// Days on which a card that was never bought must have been put into the basket.
const BASKET_DAYS_MIN: u32 = 3;
/// A card is due from this share of its interval on.
const DUE_FROM: f64 = 0.75;
/// Intervals after which the shopper seems to have given it up.
const DUE_UNTIL: f64 = 4.0;

/// Cards that are due now, those nearest to their interval first.
///
/// The interval is the mean between the days on which a card was bought, at least two; of a
/// card that was never bought, between the days on which it was put into the basket, at least
/// [`BASKET_DAYS_MIN`]. A card with fewer has no interval of its own yet and is not due.
///
/// # Units
/// `now_ms` in milliseconds since 1970-01-01 UTC; `events` oldest first.
pub(crate) fn due(events: &[Event], now_ms: i64) -> Vec<ItemId> {
    let bought = events.iter().filter(|event| event.kind == EventKind::Purchase);
    let bought: BTreeSet<ItemId> = bought.map(|event| event.item).collect();
    let mut history = History::default();
    for (n, event) in (0..).zip(events) {
        let is_taken = match event.kind {
            EventKind::Purchase => true,
            EventKind::AddToCart => !bought.contains(&event.item),
            EventKind::ViewItem | EventKind::RemoveFromCart => false,
        };
        if is_taken {
            history.record(n, EventKind::Purchase, event.item, event.at_ms, (0, 0));
        }
    }
    let is_due = |item: &&ItemHistory| {
        let days_min = if bought.contains(&item.item) { 2 } else { BASKET_DAYS_MIN };
        let share =
            item.purchase_interval_days().map(|days| item.days_since_purchase(now_ms) / days);
        item.n_purchase_days() >= days_min
            && share.is_some_and(|share| (DUE_FROM..=DUE_UNTIL).contains(&share))
    };
    let mut due: Vec<&ItemHistory> = history.items().iter().filter(is_due).collect();
    sort_by(&mut due, |a, b| {
        b.due(now_ms).total_cmp(&a.due(now_ms)).then_with(|| a.item.cmp(&b.item))
    });
    due.into_iter().map(|item| item.item).collect()
}

#[cfg(test)]
mod tests {
    use vitrine_student::history::DAY_MS;

    use super::*;

    fn log(kind: EventKind, item: u64, days: &[i64]) -> Vec<Event> {
        let event = |day: &i64| Event { kind, item: ItemId(item), at_ms: day * DAY_MS };
        days.iter().map(event).collect()
    }

    fn due_on(events: &[Event], day: i64) -> Vec<u64> {
        due(events, day * DAY_MS).into_iter().map(|item| item.0).collect()
    }

    #[test]
    fn a_card_is_due_around_its_own_interval() {
        let milk = log(EventKind::Purchase, 1, &[0, 10, 20]);
        assert_eq!(due_on(&milk, 21), [0; 0], "bought yesterday");
        assert_eq!(due_on(&milk, 28), [1]);
        assert_eq!(due_on(&milk, 60), [1]);
        assert_eq!(due_on(&milk, 61), [0; 0], "given up");
    }

    #[test]
    fn one_purchase_says_nothing_of_when_the_next_is_due() {
        let once = log(EventKind::Purchase, 1, &[0]);
        assert!((0..100).all(|day| due_on(&once, day).is_empty()));
        // Twice a day is one day.
        let twice = log(EventKind::Purchase, 1, &[5, 5]);
        assert!((0..100).all(|day| due_on(&twice, day).is_empty()));
    }

    #[test]
    fn baskets_count_from_three_days_on_and_only_without_a_purchase() {
        let twice = log(EventKind::AddToCart, 1, &[0, 10]);
        assert_eq!(due_on(&twice, 20), [0; 0]);
        let thrice = log(EventKind::AddToCart, 1, &[0, 10, 20]);
        assert_eq!(due_on(&thrice, 30), [1]);
        let mut bought = thrice;
        bought.extend(log(EventKind::Purchase, 1, &[20]));
        assert_eq!(due_on(&bought, 30), [0; 0], "bought once: its own interval is not known");
    }

    #[test]
    fn what_is_nearest_to_its_interval_comes_first() {
        let mut both = log(EventKind::Purchase, 1, &[0, 10]);
        both.extend(log(EventKind::Purchase, 2, &[0, 20]));
        both.sort_by_key(|event| event.at_ms);
        // On day 30 two intervals of the first have passed, and half of one of the second.
        assert_eq!(due_on(&both, 30), [1]);
        // On day 40 three of the first have passed, and one of the second.
        assert_eq!(due_on(&both, 40), [2, 1]);
    }
}
