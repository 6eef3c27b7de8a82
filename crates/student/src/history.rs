//! Running sums over the whole local log: what the dynamic scalars are made of.
//!
//! Each event is added once in constant time, so that a history can be grown
//! event by event (a browser, or training that walks through a year).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use vitrine_domain::sorting::sort_by_key;

use vitrine_domain::{EventKind, ItemId};

use crate::math;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;
/// Half-life of purchases and of department and category shares.
pub const PURCHASE_HALF_LIFE_MS: f64 = 30.0 * DAY_MS as f64;
/// Half-life of views.
pub const VIEW_HALF_LIFE_MS: f64 = 0.25 * DAY_MS as f64;

/// Hash of ids that are already well mixed: one multiplication.
#[derive(Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u16(&mut self, value: u16) {
        self.write_u64(u64::from(value));
    }
    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

pub(crate) type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// A sum of unit pulses that halve with time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DecayedSum {
    sum: f64,
    at_ms: i64,
}

impl DecayedSum {
    /// Adds one pulse. A pulse older than the newest is added already decayed.
    pub fn add(&mut self, at_ms: i64, half_life_ms: f64) {
        if self.sum == 0.0 {
            *self = Self { sum: 1.0, at_ms };
        } else if at_ms >= self.at_ms {
            self.sum = self.at(at_ms, half_life_ms) + 1.0;
            self.at_ms = at_ms;
        } else {
            self.sum += decay(self.at_ms, at_ms, half_life_ms);
        }
    }

    /// The sum at a time; before the newest pulse it is that of the newest.
    pub fn at(&self, now_ms: i64, half_life_ms: f64) -> f64 {
        if self.sum == 0.0 { 0.0 } else { self.sum * decay(now_ms, self.at_ms, half_life_ms) }
    }
}

fn decay(now_ms: i64, then_ms: i64, half_life_ms: f64) -> f64 {
    math::exp2(-(now_ms.saturating_sub(then_ms).max(0) as f64) / half_life_ms)
}

/// What the log says about one card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemHistory {
    /// The card.
    pub item: ItemId,
    /// How often it was viewed.
    pub n_views: u32,
    /// How often it was put into the basket.
    pub n_carts: u32,
    /// How often it was bought.
    pub n_purchases: u32,
    /// Index in the log of its newest event.
    pub last_event: u32,
    /// Time of its newest event.
    pub last_at_ms: i64,
    /// Time of its newest purchase; meaningless without one.
    pub last_purchase_at_ms: i64,
    /// In the basket now.
    pub in_cart: bool,
    /// Purchases, half-life 30 days.
    pub purchases: DecayedSum,
    /// Views, half-life 6 hours.
    pub views: DecayedSum,
    first_purchase_day: i64,
    last_purchase_day: i64,
    n_purchase_days: u32,
}

impl ItemHistory {
    fn new(item: ItemId) -> Self {
        Self {
            item,
            n_views: 0,
            n_carts: 0,
            n_purchases: 0,
            last_event: 0,
            last_at_ms: 0,
            last_purchase_at_ms: 0,
            in_cart: false,
            purchases: DecayedSum::default(),
            views: DecayedSum::default(),
            first_purchase_day: 0,
            last_purchase_day: 0,
            n_purchase_days: 0,
        }
    }

    /// Mean days between purchases on different days; `None` before the second.
    pub fn purchase_interval_days(&self) -> Option<f64> {
        (self.n_purchase_days >= 2).then(|| {
            (self.last_purchase_day - self.first_purchase_day) as f64
                / f64::from(self.n_purchase_days - 1)
        })
    }

    /// Purchases on different days.
    pub fn n_purchase_days(&self) -> u32 {
        self.n_purchase_days
    }

    /// Days since the newest purchase.
    pub fn days_since_purchase(&self, now_ms: i64) -> f64 {
        (now_ms - self.last_purchase_at_ms).max(0) as f64 / DAY_MS as f64
    }

    /// How near a moment is to the card's next purchase by its own interval, 0..=1; 0 before
    /// the second purchase.
    pub fn due(&self, now_ms: i64) -> f64 {
        self.purchase_interval_days().map_or(0.0, |interval| {
            let late = math::ln((self.days_since_purchase(now_ms) / interval).max(0.05));
            math::exp(-late * late)
        })
    }

    fn record(&mut self, kind: EventKind, at_ms: i64, event: u32) {
        self.last_event = event;
        self.last_at_ms = at_ms;
        match kind {
            EventKind::ViewItem => {
                self.n_views += 1;
                self.views.add(at_ms, VIEW_HALF_LIFE_MS);
            }
            EventKind::AddToCart => {
                self.n_carts += 1;
                self.in_cart = true;
            }
            EventKind::RemoveFromCart => self.in_cart = false,
            EventKind::Purchase => self.record_purchase(at_ms),
        }
    }

    fn record_purchase(&mut self, at_ms: i64) {
        let day = at_ms.div_euclid(DAY_MS);
        if self.n_purchases == 0 {
            self.first_purchase_day = day;
            self.last_purchase_day = day;
            self.n_purchase_days = 1;
            self.last_purchase_at_ms = at_ms;
        } else if day > self.last_purchase_day {
            self.last_purchase_day = day;
            self.n_purchase_days += 1;
        }
        self.n_purchases += 1;
        self.last_purchase_at_ms = self.last_purchase_at_ms.max(at_ms);
        self.purchases.add(at_ms, PURCHASE_HALF_LIFE_MS);
        self.in_cart = false;
    }
}

/// Aggregates of one log.
#[derive(Clone, Debug, Default)]
pub struct History {
    items: Vec<ItemHistory>,
    position: IdMap<ItemId, u32>,
    departments: Vec<(u16, DecayedSum)>,
    categories: Vec<(u16, DecayedSum)>,
    interest: DecayedSum,
}

impl History {
    /// Adds the event with index `event` of the log.
    pub fn record(
        &mut self,
        event: u32,
        kind: EventKind,
        item: ItemId,
        at_ms: i64,
        (department, category): (u16, u16),
    ) {
        let next = self.items.len() as u32;
        let position = *self.position.entry(item).or_insert(next);
        if position == next {
            self.items.push(ItemHistory::new(item));
        }
        self.items[position as usize].record(kind, at_ms, event);
        if kind != EventKind::RemoveFromCart {
            self.interest.add(at_ms, PURCHASE_HALF_LIFE_MS);
            sum_of(&mut self.departments, department).add(at_ms, PURCHASE_HALF_LIFE_MS);
            sum_of(&mut self.categories, category).add(at_ms, PURCHASE_HALF_LIFE_MS);
        }
    }

    /// What the log says about a card.
    pub fn item(&self, item: ItemId) -> Option<&ItemHistory> {
        self.position.get(&item).map(|position| &self.items[*position as usize])
    }

    /// Every card of the log, in the order of its first event.
    pub fn items(&self) -> &[ItemHistory] {
        &self.items
    }

    /// At most `n` distinct cards, the most recently touched first.
    pub fn most_recent(&self, n: usize) -> Vec<&ItemHistory> {
        let mut items: Vec<&ItemHistory> = self.items.iter().collect();
        let newest_first = |item: &&ItemHistory| std::cmp::Reverse(item.last_event);
        if items.len() > n {
            items.select_nth_unstable_by_key(n, newest_first);
            items.truncate(n);
        }
        sort_by_key(&mut items, newest_first);
        items
    }

    /// Departments and their share of the decayed events, in the order of
    /// their first event. Shares add up to 1 and do not depend on the time.
    pub fn department_shares(&self) -> impl Iterator<Item = (u16, f64)> + '_ {
        shares(&self.departments, self.interest)
    }

    /// The same for categories.
    pub fn category_shares(&self) -> impl Iterator<Item = (u16, f64)> + '_ {
        shares(&self.categories, self.interest)
    }
}

fn sum_of(sums: &mut Vec<(u16, DecayedSum)>, key: u16) -> &mut DecayedSum {
    let position = sums.iter().position(|(k, _)| *k == key).unwrap_or_else(|| {
        sums.push((key, DecayedSum::default()));
        sums.len() - 1
    });
    &mut sums[position].1
}

fn shares(sums: &[(u16, DecayedSum)], total: DecayedSum) -> impl Iterator<Item = (u16, f64)> + '_ {
    sums.iter()
        .map(move |(key, sum)| (*key, sum.at(total.at_ms, PURCHASE_HALF_LIFE_MS) / total.sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decayed_sum_equals_the_sum_of_its_pulses_in_any_order() {
        let times = [5 * DAY_MS, 0, 33 * DAY_MS, 20 * DAY_MS];
        let mut sum = DecayedSum::default();
        for at_ms in times {
            sum.add(at_ms, PURCHASE_HALF_LIFE_MS);
        }
        let now_ms = 40 * DAY_MS;
        let expected: f64 =
            times.iter().map(|t| (-((now_ms - t) as f64) / PURCHASE_HALF_LIFE_MS).exp2()).sum();
        assert!((sum.at(now_ms, PURCHASE_HALF_LIFE_MS) - expected).abs() < 1e-12);
        assert_eq!(DecayedSum::default().at(now_ms, VIEW_HALF_LIFE_MS), 0.0);
    }

    #[test]
    fn baskets_intervals_and_shares_follow_the_log() {
        let mut history = History::default();
        let log = [
            (EventKind::Purchase, 1, 0, 7),
            (EventKind::Purchase, 1, DAY_MS / 2, 7),
            (EventKind::AddToCart, 2, 2 * DAY_MS, 8),
            (EventKind::Purchase, 1, 4 * DAY_MS, 7),
            (EventKind::Purchase, 1, 10 * DAY_MS, 7),
            (EventKind::RemoveFromCart, 2, 11 * DAY_MS, 8),
            (EventKind::AddToCart, 1, 11 * DAY_MS, 7),
        ];
        for (i, (kind, item, at_ms, department)) in log.into_iter().enumerate() {
            history.record(i as u32, kind, ItemId(item), at_ms, (department, 0));
        }
        let one = history.item(ItemId(1)).expect("logged");
        assert_eq!(one.purchase_interval_days(), Some(5.0));
        assert_eq!((one.n_purchases, one.in_cart, one.last_event), (4, true, 6));
        let two = history.item(ItemId(2)).expect("logged");
        assert!(!two.in_cart && two.purchase_interval_days().is_none());
        assert!(history.item(ItemId(3)).is_none());
        let recent: Vec<u64> = history.most_recent(1).iter().map(|i| i.item.0).collect();
        assert_eq!(recent, [1]);
        let total: f64 = history.department_shares().map(|(_, share)| share).sum();
        assert!((total - 1.0).abs() < 1e-12);
        let categories: Vec<_> = history.category_shares().collect();
        assert_eq!(categories.len(), 1);
    }
}
