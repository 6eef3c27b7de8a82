//! The one feature function: 16 scalars of a candidate, for training, the
//! server and the browser alike.
//!
//! | # | scalar |
//! |---|---|
//! | 0 | ln(1 + buyers) / ln(1 + most buyers) |
//! | 1 | the same for recent buyers |
//! | 2 | ln(price / median price), clamped to ±3, / 3; 0 if not priced |
//! | 3 | ln(1 + own purchases of the card) / 4 |
//! | 4 | ln(1 + own purchases decayed, half-life 30 d) / 2 |
//! | 5, 6 | exp(−days since the last purchase / 7), the same / 60; 0 if never |
//! | 7 | 1 if ever bought |
//! | 8 | days since the last purchase / mean days between purchases (of two or more days), clamped to 0..4, / 4; else 0 |
//! | 9 | ln(1 + own views decayed, half-life 6 h) / 2 |
//! | 10 | 1 if in the basket now |
//! | 11, 12 | share of its department, its category, among own events (half-life 30 d; taking out of the basket does not count) |
//! | 13 | share of its category among the last 20 events |
//! | 14 | server's score, 0..1; 0 without a search |
//! | 15 | ln(1 + Σ strength / 255) over the last 20 distinct logged cards that list this one as related |

use crate::history::{DAY_MS, ItemHistory, PURCHASE_HALF_LIFE_MS, VIEW_HALF_LIFE_MS};
use crate::history::{History, IdMap};
use crate::layout::{N_DYNAMIC, N_SCALARS, N_STATIC};
use crate::{CatalogueScale, ItemRow, ItemTable, Shopper, math};

/// The scalar that only a search fills. No sample of a shop has a search, so training
/// ships a zero weight for it; a base of several shops is told something else in it.
pub const SERVER_SCORE: usize = 14;

/// Scalars that say how a card was bought by others.
pub const OF_THE_PAST: [usize; 3] = [0, 1, 15];

/// The scalar that is 1 for what was ever bought, else 0.
pub const EVER_BOUGHT: usize = 7;

/// Events that "lately" means.
pub const RECENT_EVENTS: usize = 20;
/// Distinct cards whose related lists count.
pub const RECENT_ITEMS: usize = 20;

/// Scalars 0 to 2 of a card.
pub fn static_scalars(scale: &CatalogueScale, row: &ItemRow) -> [f32; N_STATIC] {
    let price = if row.price_minor == 0 || scale.price_minor_median == 0 {
        0.0
    } else {
        let ratio = f64::from(row.price_minor) / f64::from(scale.price_minor_median);
        math::ln(ratio).clamp(-3.0, 3.0) / 3.0
    };
    [
        relative_log(row.n_buyers, scale.n_buyers_max),
        relative_log(row.n_buyers_recent, scale.n_buyers_recent_max),
        price as f32,
    ]
}

fn relative_log(count: u32, count_max: u32) -> f32 {
    if count_max == 0 {
        return 0.0;
    }
    (math::ln_1p(f64::from(count)) / math::ln_1p(f64::from(count_max))) as f32
}

/// All 16 scalars of the items at `indices` of the table, for this shopper at
/// `now_ms` (milliseconds since 1970-01-01 UTC).
///
/// # Shapes
/// `server_scores` `[n]` when there was a search; `out` `[n, 16]`.
///
/// # Panics
/// When an index is not in the table or a length does not fit.
pub fn dynamic(
    table: &ItemTable,
    shopper: &Shopper,
    now_ms: i64,
    indices: &[u32],
    server_scores: Option<&[f32]>,
    out: &mut [f32],
) {
    assert_eq!(out.len(), indices.len() * N_SCALARS, "out is [n, 16]");
    if let Some(scores) = server_scores {
        assert_eq!(scores.len(), indices.len(), "one server score a candidate");
    }
    let context = Context::new(table, shopper, now_ms);
    for (i, (row, index)) in out.chunks_exact_mut(N_SCALARS).zip(indices).enumerate() {
        let (fixed, moving) = row.split_at_mut(N_STATIC);
        fixed.copy_from_slice(table.static_scalars(*index));
        let server_score = server_scores.map_or(0.0, |scores| scores[i]);
        context.fill(*index, server_score, moving);
    }
}

/// What is the same for all candidates of one ranking.
struct Context<'a> {
    table: &'a ItemTable,
    history: &'a History,
    now_ms: i64,
    departments: IdMap<u16, f32>,
    /// Share of all events, share of the last ones.
    categories: IdMap<u16, (f32, f32)>,
    related: IdMap<u32, f32>,
}

impl<'a> Context<'a> {
    fn new(table: &'a ItemTable, shopper: &'a Shopper, now_ms: i64) -> Self {
        let history = shopper.history();
        let departments = history.department_shares().map(|(d, share)| (d, share as f32)).collect();
        let mut categories: IdMap<u16, (f32, f32)> =
            history.category_shares().map(|(c, share)| (c, (share as f32, 0.0))).collect();
        let log = shopper.log();
        let recent = &log[log.len().saturating_sub(RECENT_EVENTS)..];
        for entry in recent {
            categories.entry(entry.category).or_default().1 += 1.0 / recent.len() as f32;
        }
        Self { table, history, now_ms, departments, categories, related: related(table, history) }
    }

    /// Scalars 3 to 15 of one candidate, `[13]`.
    fn fill(&self, index: u32, server_score: f32, out: &mut [f32]) {
        debug_assert_eq!(out.len(), N_DYNAMIC);
        out.fill(0.0);
        let i = index as usize;
        if let Some(item) = self.history.item(self.table.ids()[i]) {
            self.fill_own(item, out);
        }
        out[8] = self.departments.get(&self.table.departments()[i]).copied().unwrap_or(0.0);
        let category = self.categories.get(&self.table.categories()[i]).copied();
        (out[9], out[10]) = category.unwrap_or_default();
        out[SERVER_SCORE - N_STATIC] = server_score;
        out[12] = self.related.get(&index).copied().unwrap_or(0.0);
    }

    /// Scalars 3 to 10: the shopper and this very card.
    fn fill_own(&self, item: &ItemHistory, out: &mut [f32]) {
        if item.n_purchases > 0 {
            let since_ms = self.now_ms.saturating_sub(item.last_purchase_at_ms).max(0);
            let days = since_ms as f64 / DAY_MS as f64;
            let decayed = item.purchases.at(self.now_ms, PURCHASE_HALF_LIFE_MS);
            out[0] = (math::ln_1p(f64::from(item.n_purchases)) / 4.0) as f32;
            out[1] = (math::ln_1p(decayed) / 2.0) as f32;
            out[2] = math::exp(-days / 7.0) as f32;
            out[3] = math::exp(-days / 60.0) as f32;
            out[4] = 1.0;
            let fit = item.purchase_interval_days().map_or(0.0, |interval| days / interval);
            out[5] = (fit.clamp(0.0, 4.0) / 4.0) as f32;
        }
        if item.n_views > 0 {
            let decayed = item.views.at(self.now_ms, VIEW_HALF_LIFE_MS);
            out[6] = (math::ln_1p(decayed) / 2.0) as f32;
        }
        out[7] = f32::from(u8::from(item.in_cart));
    }
}

/// Scalar 15 by row, for the rows where it is not 0.
fn related(table: &ItemTable, history: &History) -> IdMap<u32, f32> {
    let mut sums: IdMap<u32, u32> = IdMap::default();
    for item in history.most_recent(RECENT_ITEMS) {
        let Some(index) = table.index_of(item.item) else { continue };
        for (other, strength) in table.related(index) {
            *sums.entry(*other).or_default() += u32::from(*strength);
        }
    }
    let scalar = |sum: u32| math::ln_1p(f64::from(sum) / 255.0) as f32;
    sums.into_iter().map(|(index, sum)| (index, scalar(sum))).collect()
}
