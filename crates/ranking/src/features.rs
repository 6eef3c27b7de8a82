//! The numbers that the teacher weighs, for one shopper at one moment.

use crate::personal::{self, Personal};
use crate::{Components, Neighbours, PastPurchase};

/// What the teacher looks at. The first [`N_SHARED`] exist for every card, the
/// others only for cards that the shopper bought before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(usize)]
pub enum Feature {
    /// ln(1 + buyers), relative to the most bought card.
    Popularity,
    /// The same for buyers of the last four weeks.
    RecentPopularity,
    /// Bought by shoppers who bought what this one buys.
    BoughtBySameShoppers,
    /// Bought in baskets with what this one bought last.
    BoughtInSameBaskets,
    /// Bought by shoppers of this one's taste.
    Taste,
    /// Text similarity to what this one buys.
    TextSimilarity,
    /// Share of the department in the shopper's recent purchases.
    DepartmentShare,
    /// Share of the category in the shopper's recent purchases.
    CategoryShare,
    /// 1 if bought before.
    BoughtBefore,
    /// ln(1 + purchases).
    Purchases,
    /// ln(1 + purchases, half-life 30 d).
    PurchasesDecayed30,
    /// ln(1 + purchases, half-life 90 d).
    PurchasesDecayed90,
    /// exp(−days since the last / 7).
    Recency7,
    /// exp(−days since the last / 28).
    Recency28,
    /// exp(−days since the last / 90).
    Recency90,
    /// ln(1 + purchases per four weeks).
    Rate,
    /// Days since the last / usual interval, up to 4, / 4.
    IntervalFit,
    /// Bell around the moment at which it is due again.
    Due,
    /// Share of the last 4 baskets.
    Last4Baskets,
    /// Share of the last 16 baskets.
    Last16Baskets,
}

/// Features that every card has.
pub const N_SHARED: usize = 8;
/// All features, in the order of their numbers.
pub const FEATURES: [Feature; 20] = [
    Feature::Popularity,
    Feature::RecentPopularity,
    Feature::BoughtBySameShoppers,
    Feature::BoughtInSameBaskets,
    Feature::Taste,
    Feature::TextSimilarity,
    Feature::DepartmentShare,
    Feature::CategoryShare,
    Feature::BoughtBefore,
    Feature::Purchases,
    Feature::PurchasesDecayed30,
    Feature::PurchasesDecayed90,
    Feature::Recency7,
    Feature::Recency28,
    Feature::Recency90,
    Feature::Rate,
    Feature::IntervalFit,
    Feature::Due,
    Feature::Last4Baskets,
    Feature::Last16Baskets,
];

/// Half-life of department and category shares and of the weights of past cards, in days.
const INTEREST_HALF_LIFE_DAYS: f32 = 60.0;
/// Most recent distinct cards whose lists are read.
const HISTORY_ITEMS_MAX: usize = 200;
/// Most recent distinct cards whose basket lists are read.
const LAST_ITEMS_MAX: usize = 30;
const LAST_ITEMS_DECAY: f32 = 0.92;
/// x ↦ ln(1 + 100 x) / ln 101 spreads small similarities.
const SPREAD: f32 = 100.0;

/// All features of all cards for one shopper; rows are read card by card.
#[derive(Clone, Debug)]
pub struct FeatureRows {
    /// Shared features, column by column: \[8\]\[n_items\].
    shared: Vec<Vec<f32>>,
    slots: Vec<u32>,
    personal: Vec<Personal>,
    n_entries: usize,
}

impl FeatureRows {
    /// Features after `history` (oldest first) at `now_seconds`.
    ///
    /// # Panics
    /// When a card of the history is not one of the components'.
    pub fn new(components: &Components, history: &[PastPurchase], now_seconds: i64) -> Self {
        let n_items = components.n_items();
        let mut slots = vec![u32::MAX; n_items];
        let personal = personal::of_history(history, now_seconds, &mut slots);
        let recent = most_recent(&personal);
        let weighted = interest(&personal, &recent);
        let last: Vec<(u32, f32)> =
            normalised(recent.iter().take(LAST_ITEMS_MAX).enumerate().map(|(rank, position)| {
                (personal[*position as usize].item_idx, LAST_ITEMS_DECAY.powi(rank as i32))
            }));
        let spread = |lists: &Neighbours, weighted: &[(u32, f32)]| {
            let mut sums = vec![0.0; n_items];
            weighted.iter().for_each(|(item, weight)| lists.add_to(*item, *weight, &mut sums));
            spread_all(sums)
        };
        let shared = vec![
            relative_log(&components.popularity.n_buyers),
            relative_log(&components.popularity.n_buyers_recent),
            spread(&components.by_shopper, &weighted),
            spread(&components.by_basket, &last),
            spread_all(components.latent.affinities(history)),
            spread(&components.by_text, &weighted),
            shares(&components.departments, &personal),
            shares(&components.categories, &personal),
        ];
        Self { shared, slots, personal, n_entries: history.len() }
    }

    /// How short the log is: 1 / √entries, and 1 without any.
    pub fn shortness(&self) -> f32 {
        (self.n_entries.max(1) as f32).sqrt().recip()
    }

    /// How many cards there are.
    pub fn n_items(&self) -> usize {
        self.slots.len()
    }

    /// Cards that were bought before.
    pub fn bought_before(&self) -> impl Iterator<Item = u32> + '_ {
        self.personal.iter().map(|item| item.item_idx)
    }

    /// Statistics of a card that was bought before.
    pub fn personal(&self, item_idx: u32) -> Option<&Personal> {
        self.personal.get(self.slots[item_idx as usize] as usize)
    }

    /// One shared feature of all cards, \[n_items\].
    ///
    /// # Shapes
    /// → \[n_items\].
    pub fn column(&self, feature: usize) -> &[f32] {
        &self.shared[feature]
    }

    /// All features of one card.
    pub fn row(&self, item_idx: u32) -> [f32; FEATURES.len()] {
        let mut row = [0.0; FEATURES.len()];
        for (value, column) in row.iter_mut().zip(&self.shared) {
            *value = column[item_idx as usize];
        }
        if let Some(item) = self.personal(item_idx) {
            row[N_SHARED..].copy_from_slice(&personal_features(item));
        }
        row
    }
}

fn spread_all(mut values: Vec<f32>) -> Vec<f32> {
    let divisor = (1.0 + SPREAD).ln();
    for value in &mut values {
        *value = if *value > 0.0 { (1.0 + SPREAD * *value).ln() / divisor } else { 0.0 };
    }
    values
}

fn personal_features(item: &Personal) -> [f32; FEATURES.len() - N_SHARED] {
    let days = item.days_since_last;
    let fit = item.interval_days().map(|interval| days / interval);
    [
        1.0,
        (item.n_purchases as f32).ln_1p(),
        item.decayed[0].ln_1p(),
        item.decayed[1].ln_1p(),
        (-days / 7.0).exp(),
        (-days / 28.0).exp(),
        (-days / 90.0).exp(),
        item.rate_per_28_days().ln_1p(),
        fit.map_or(0.0, |fit| fit.min(4.0) / 4.0),
        fit.map_or(0.0, |fit| (-fit.max(0.05).ln().powi(2)).exp()),
        item.basket_shares[0],
        item.basket_shares[1],
    ]
}

/// Positions of the personal items, the most recently bought first.
fn most_recent(personal: &[Personal]) -> Vec<u32> {
    let mut positions: Vec<u32> = (0..personal.len() as u32).collect();
    positions.sort_by(|a, b| {
        let (x, y) = (&personal[*a as usize], &personal[*b as usize]);
        x.days_since_last
            .total_cmp(&y.days_since_last)
            .then(y.n_purchases.cmp(&x.n_purchases))
            .then(x.item_idx.cmp(&y.item_idx))
    });
    positions
}

fn interest(personal: &[Personal], recent: &[u32]) -> Vec<(u32, f32)> {
    normalised(recent.iter().take(HISTORY_ITEMS_MAX).map(|position| {
        let item = &personal[*position as usize];
        let weight = item.decayed[1].ln_1p() + 1e-3;
        (item.item_idx, weight)
    }))
}

fn normalised(weighted: impl Iterator<Item = (u32, f32)>) -> Vec<(u32, f32)> {
    let mut weighted: Vec<(u32, f32)> = weighted.collect();
    let sum: f32 = weighted.iter().map(|(_, weight)| weight).sum();
    weighted.iter_mut().for_each(|(_, weight)| *weight /= sum);
    weighted
}

fn relative_log(counts: &[u32]) -> Vec<f32> {
    let most = counts.iter().copied().max().unwrap_or(0);
    let divisor = (most as f32).ln_1p().max(f32::MIN_POSITIVE);
    counts.iter().map(|count| (*count as f32).ln_1p() / divisor).collect()
}

/// Share of each card's group in the decayed purchases, \[n_items\].
fn shares(groups: &[u16], personal: &[Personal]) -> Vec<f32> {
    let n_groups = groups.iter().copied().max().map_or(0, |most| usize::from(most) + 1);
    let mut sums = vec![0.0f32; n_groups];
    for item in personal {
        let age = (item.days_since_first + item.days_since_last) / 2.0;
        let weight = item.n_purchases as f32 * (-age / INTEREST_HALF_LIFE_DAYS).exp2();
        sums[usize::from(groups[item.item_idx as usize])] += weight;
    }
    let total: f32 = sums.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    groups.iter().map(|group| (sums[usize::from(*group)] / total).sqrt()).collect()
}
