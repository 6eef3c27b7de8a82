//! What one shopper's past says about one card: how often, how lately, how regularly.

use crate::PastPurchase;

const DAY_SECONDS: f32 = 86_400.0;
/// Half-lives of the decayed counts, in days.
pub const HALF_LIVES_DAYS: [f32; 2] = [30.0, 90.0];
/// Baskets that "lately" means.
pub const LAST_BASKETS: [u32; 2] = [4, 16];

/// A shopper's purchases of one card, up to some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Personal {
    /// The card.
    pub item_idx: u32,
    /// Baskets with the card.
    pub n_purchases: u32,
    /// Purchases that halve every 30 and every 90 days.
    pub decayed: [f32; 2],
    /// Days since the first purchase.
    pub days_since_first: f32,
    /// Days since the last purchase.
    pub days_since_last: f32,
    /// Distinct days with a purchase.
    pub n_days: u32,
    /// Share of the last 4 and of the last 16 baskets that have the card.
    pub basket_shares: [f32; 2],
}

impl Personal {
    /// Mean days between purchases on different days; `None` before the second.
    pub fn interval_days(&self) -> Option<f32> {
        let span = self.days_since_first - self.days_since_last;
        (self.n_days >= 2).then(|| (span / (self.n_days - 1) as f32).max(1.0))
    }

    /// Purchases a four weeks, as the past would have it; a short past counts as
    /// two weeks at least.
    pub fn rate_per_28_days(&self) -> f32 {
        28.0 * self.n_purchases as f32 / (self.days_since_first + 14.0)
    }
}

/// Statistics of every card of a history, in the order of first purchase.
///
/// `slots` is scratch, \[n_items\] of `u32::MAX`, and comes back filled: the
/// position of each card in the result.
pub fn of_history(history: &[PastPurchase], now_seconds: i64, slots: &mut [u32]) -> Vec<Personal> {
    let mut items: Vec<Personal> = Vec::new();
    let mut last_day: Vec<i64> = Vec::new();
    let mut baskets_left = n_baskets(history);
    let n_baskets = baskets_left;
    for basket in history.chunk_by(|a, b| a.basket == b.basket) {
        baskets_left -= 1;
        let days = (now_seconds - basket[0].at_seconds).max(0) as f32 / DAY_SECONDS;
        let day = basket[0].at_seconds.div_euclid(86_400);
        let decay = HALF_LIVES_DAYS.map(|half_life| (-days / half_life).exp2());
        for entry in basket {
            let slot = &mut slots[entry.item_idx as usize];
            if *slot == u32::MAX {
                *slot = items.len() as u32;
                let item_idx = entry.item_idx;
                items.push(Personal { item_idx, days_since_first: days, ..Personal::default() });
                last_day.push(i64::MIN);
            }
            let position = *slot as usize;
            let item = &mut items[position];
            item.n_purchases += 1;
            item.days_since_last = days;
            item.n_days += u32::from(last_day[position] != day);
            last_day[position] = day;
            for (sum, decay) in item.decayed.iter_mut().zip(decay) {
                *sum += decay;
            }
            for (share, last) in item.basket_shares.iter_mut().zip(LAST_BASKETS) {
                if baskets_left < last {
                    *share += 1.0 / last.min(n_baskets) as f32;
                }
            }
        }
    }
    items
}

fn n_baskets(history: &[PastPurchase]) -> u32 {
    history.chunk_by(|a, b| a.basket == b.basket).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_a_hand_worked_history() {
        let day = 86_400;
        let entry = |basket: u32, at_day: i64, item_idx| PastPurchase {
            at_seconds: at_day * day,
            basket,
            item_idx,
        };
        let history = [entry(1, 0, 5), entry(1, 0, 2), entry(2, 10, 5), entry(3, 40, 5)];
        let mut slots = vec![u32::MAX; 6];
        let items = of_history(&history, 70 * day, &mut slots);
        let five = items[slots[5] as usize];
        assert_eq!((five.n_purchases, five.n_days), (3, 3));
        assert_eq!((five.days_since_first, five.days_since_last), (70.0, 30.0));
        assert_eq!(five.interval_days(), Some(20.0));
        assert!((five.decayed[0] - (0.5 + 0.25 + 0.5f32.powf(70.0 / 30.0))).abs() < 1e-5);
        assert!((five.rate_per_28_days() - 1.0).abs() < 1e-6);
        assert_eq!(five.basket_shares, [1.0, 1.0]);
        let two = items[slots[2] as usize];
        assert_eq!((two.interval_days(), two.n_purchases), (None, 1));
        assert!((two.basket_shares[0] - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(slots[0], u32::MAX);
    }
}
