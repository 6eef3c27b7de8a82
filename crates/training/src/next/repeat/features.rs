//! What is known of a shopper and an item of their history, as numbers.

use std::collections::BTreeMap;

use vitrine_ranking::PastPurchase;

use super::facts::{Facts, ItemFacts};

/// Numbers of a row.
pub const N_FEATURES: usize = 26;
/// Place of the share of an item's buyers that came back to it.
pub const RETURNING: usize = 18;
/// One shopper and one item of their history.
pub(crate) type Row = [f32; N_FEATURES];

/// Half-lives of counts that fade with time, in days.
const HALF_LIVES_DAYS: [f32; 4] = [7.0, 28.0, 90.0, 200.0];
/// Counts that fade with every basket.
const BASKET_DECAYS: [f32; 3] = [0.6, 0.9, 0.98];
/// Smallest faded count that is told from nothing.
const FADED_MIN: f32 = 1e-3;

pub fn days_between(from_seconds: i64, to_seconds: i64) -> f32 {
    (to_seconds - from_seconds).max(0) as f32 / 86_400.0
}

/// Purchases of one item by one shopper.
#[derive(Clone, Copy, Default)]
struct ItemPurchases {
    n: f32,
    by_time: [f32; HALF_LIVES_DAYS.len()],
    by_basket: [f32; BASKET_DECAYS.len()],
    first_days: f32,
    last_days: f32,
    /// Baskets since the last.
    baskets_since: f32,
}

/// What is known of the shopper, whatever the item.
#[derive(Clone, Copy, Default)]
struct Habit {
    n_baskets: f32,
    n_baskets_28: f32,
    n_baskets_84: f32,
    n_entries: f32,
    first_days: f32,
    last_days: f32,
}

/// The distinct items of a history, ascending, and a row for each.
///
/// # Shapes
/// `history` oldest first, as `facts` index items; nothing in it is later than
/// `now_seconds`.
pub fn rows(history: &[PastPurchase], facts: &Facts, now_seconds: i64) -> (Vec<u32>, Vec<Row>) {
    let mut items: BTreeMap<u32, ItemPurchases> = BTreeMap::new();
    let mut habit = Habit { n_entries: history.len() as f32, ..Habit::default() };
    for (age, basket) in history.chunk_by(|a, b| a.basket == b.basket).rev().enumerate() {
        let days = days_between(basket[0].at_seconds, now_seconds);
        habit.see(age, days);
        let by_time = HALF_LIVES_DAYS.map(|half_life| (-days / half_life).exp2());
        let by_basket = BASKET_DECAYS.map(|decay| decay.powi(age as i32));
        for entry in basket {
            let purchases = items.entry(entry.item_idx).or_insert(ItemPurchases {
                last_days: days,
                baskets_since: age as f32,
                ..ItemPurchases::default()
            });
            purchases.n += 1.0;
            purchases.first_days = days;
            purchases.by_time.iter_mut().zip(by_time).for_each(|(sum, x)| *sum += x);
            purchases.by_basket.iter_mut().zip(by_basket).for_each(|(sum, x)| *sum += x);
        }
    }
    let row = |(item, purchases): (&u32, &ItemPurchases)| {
        row(purchases, &habit, &facts.items[*item as usize])
    };
    let rows = items.iter().map(row).collect();
    (items.into_keys().collect(), rows)
}

impl Habit {
    /// Baskets come newest first.
    fn see(&mut self, age: usize, days: f32) {
        if age == 0 {
            self.last_days = days;
        }
        self.first_days = days;
        self.n_baskets += 1.0;
        self.n_baskets_28 += f32::from(u8::from(days <= 28.0));
        self.n_baskets_84 += f32::from(u8::from(days <= 84.0));
    }
}

fn row(purchases: &ItemPurchases, habit: &Habit, item: &ItemFacts) -> Row {
    let ItemPurchases { n, first_days, last_days, .. } = *purchases;
    let usual = item.interval.exp_m1();
    // Own intervals count more, the more of them there are.
    let own = if n > 1.0 { (first_days - last_days) / (n - 1.0) } else { usual };
    let interval = (own * (n - 1.0) + usual) / n;
    let faded = |sum: f32| (sum + FADED_MIN).ln();
    let [by_7, by_28, by_90, by_200] = purchases.by_time.map(faded);
    let [fast, middle, slow] = purchases.by_basket.map(faded);
    [
        n.ln_1p(),
        n / habit.n_baskets,
        by_7,
        by_28,
        by_90,
        by_200,
        last_days.ln_1p(),
        last_days / interval.max(1.0),
        interval.max(0.0).ln_1p(),
        purchases.baskets_since.ln_1p(),
        fast,
        middle,
        slow,
        first_days.ln_1p(),
        28.0 * n / first_days.max(1.0),
        item.buyers,
        item.recent,
        item.trend,
        item.returning,
        item.interval,
        habit.n_baskets.ln_1p(),
        habit.n_baskets_28.ln_1p(),
        habit.n_baskets_84.ln_1p(),
        habit.last_days.ln_1p(),
        habit.n_entries.ln_1p(),
        habit.first_days.max(1.0).ln_1p(),
    ]
}
