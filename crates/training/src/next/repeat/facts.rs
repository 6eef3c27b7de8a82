//! What all shoppers together say of an item, up to a moment.

use serde::{Deserialize, Serialize};

use vitrine_ranking::{PastPurchase, PurchaseLog};

use super::features::days_between;

/// Days that "lately" means for popularity, and the stretch before it.
const RECENT_DAYS: f32 = 28.0;
const BEFORE_DAYS: f32 = 84.0;
/// Intervals of the whole shop that each item's own are mixed with.
const INTERVALS_ASSUMED: f32 = 5.0;
/// Buyers that came back, and buyers, that each item's own are mixed with.
const RETURNS_ASSUMED: [f32; 2] = [1.0, 10.0];

/// One item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemFacts {
    /// ln(1 + distinct buyers).
    pub buyers: f32,
    /// ln(1 + purchases lately).
    pub recent: f32,
    /// The same, less that of the stretch before at the same length.
    pub trend: f32,
    /// Share of the buyers that bought it again.
    pub returning: f32,
    /// Mean of ln(1 + days) between two purchases of one shopper.
    pub interval: f32,
}

/// All items at one moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// \[n_items\]
    pub items: Vec<ItemFacts>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    buyers: f32,
    returned: f32,
    recent: f32,
    before: f32,
    n_intervals: f32,
    intervals: f32,
}

impl Facts {
    /// Counts a log, all of it before `now_seconds`.
    pub fn count(log: &PurchaseLog, now_seconds: i64) -> Self {
        let mut counts = vec![Counts::default(); log.n_items()];
        let mut of_shopper: Vec<PastPurchase> = Vec::new();
        for n in 0..log.n_shoppers() {
            of_shopper.clear();
            of_shopper.extend(log.of(n));
            // Stable: each item's purchases stay in order of time.
            of_shopper.sort_by_key(|entry| entry.item_idx);
            for entries in of_shopper.chunk_by(|a, b| a.item_idx == b.item_idx) {
                let counts = &mut counts[entries[0].item_idx as usize];
                counts.buyers += 1.0;
                counts.returned += f32::from(u8::from(entries.len() > 1));
                for pair in entries.windows(2) {
                    counts.n_intervals += 1.0;
                    counts.intervals +=
                        days_between(pair[0].at_seconds, pair[1].at_seconds).ln_1p();
                }
                for entry in entries {
                    let days = days_between(entry.at_seconds, now_seconds);
                    counts.recent += f32::from(u8::from(days <= RECENT_DAYS));
                    counts.before += f32::from(u8::from(days > RECENT_DAYS && days <= BEFORE_DAYS));
                }
            }
        }
        let sum = |of: fn(&Counts) -> f32| counts.iter().map(of).map(f64::from).sum::<f64>();
        let usual = (sum(|c| c.intervals) / sum(|c| c.n_intervals).max(1.0)) as f32;
        Self { items: counts.iter().map(|counts| counts.facts(usual)).collect() }
    }
}

impl Counts {
    fn facts(&self, usual_interval: f32) -> ItemFacts {
        let recent = self.recent.ln_1p();
        let before = self.before * RECENT_DAYS / (BEFORE_DAYS - RECENT_DAYS);
        let [returned, buyers] = RETURNS_ASSUMED;
        ItemFacts {
            buyers: self.buyers.ln_1p(),
            recent,
            trend: recent - before.ln_1p(),
            returning: (self.returned + returned) / (self.buyers + buyers),
            interval: (self.intervals + INTERVALS_ASSUMED * usual_interval)
                / (self.n_intervals + INTERVALS_ASSUMED),
        }
    }
}
