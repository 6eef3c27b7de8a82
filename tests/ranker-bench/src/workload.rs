//! One shop and one shopper, the same at every run and on every platform.

use vitrine_domain::ItemId;
use vitrine_student::candidates;
use vitrine_student::golden::Generator;
use vitrine_student::{
    CatalogueScale, ItemRow, ItemTable, LogEntry, RelatedList, Shopper, Weights,
};

/// Cards of the shop: about as many as the demo's.
pub const N_ITEMS: usize = 5_000;
/// Most candidates that are ranked.
pub const N_CANDIDATES: usize = 1_000;
/// Events that the encoder sees.
pub const N_EVENTS: usize = 64;
/// Cards that the shopper has touched are among so many.
const N_KNOWN: usize = 300;
/// Related cards of each card.
const N_RELATED: usize = 12;
const PRICE_MINOR_MEDIAN: u32 = 700;
const SEED: u32 = 64_1000;

/// Random weights in the layout's order, as f32.
pub fn weights() -> Weights {
    Generator::new(SEED).weights()
}

/// A shop with all that a ranking reads, and a shopper's log.
pub struct Workload {
    /// The shop's cards.
    pub table: ItemTable,
    /// 65 events, oldest first; the last one moves the window.
    pub log: Vec<LogEntry>,
    /// Rows of the table, as the feed draws them after 64 events.
    pub candidates: Vec<u32>,
    /// Time of the ranking.
    pub now_ms: i64,
}

impl Workload {
    /// Makes it up.
    pub fn new(weights: &Weights) -> Self {
        let mut generator = Generator::new(SEED + 1);
        let rows: Vec<ItemRow> = (0..N_ITEMS as u64).map(|id| generator.row(id)).collect();
        let related: Vec<RelatedList> =
            rows.iter().map(|row| (row.id, related_cards(&mut generator, &rows))).collect();
        let scale = CatalogueScale::of(&rows, PRICE_MINOR_MEDIAN);
        let mut table = ItemTable::from_rows(weights, scale, rows.clone());
        table.set_related(&related);
        let mut now_ms = 1_700_000_000_000;
        let event = |_| {
            // From a millisecond to 12 days, in powers of two.
            now_ms += 1 << generator.below(31);
            generator.event(&rows[..N_KNOWN], now_ms)
        };
        let log: Vec<LogEntry> = (0..=N_EVENTS).map(event).collect();
        let shopper = Shopper::from_log(weights, &log[..N_EVENTS]);
        let candidates = candidates::feed(&table, weights, &shopper, N_CANDIDATES);
        Self { table, log, candidates, now_ms: now_ms + 3_600_000 }
    }
}

fn related_cards(generator: &mut Generator, rows: &[ItemRow]) -> Vec<(ItemId, u8)> {
    let one = |_| {
        let row = &rows[generator.below(rows.len() as u32) as usize];
        (row.id, generator.below(256) as u8)
    };
    (0..N_RELATED).map(one).collect()
}
