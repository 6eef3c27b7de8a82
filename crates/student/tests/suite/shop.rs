//! A random shop to test with.

use vitrine_domain::ItemId;
use vitrine_student::golden::Generator;
use vitrine_student::{CatalogueScale, ItemRow, ItemTable, LogEntry, Weights};

pub struct Shop {
    pub generator: Generator,
    pub weights: Weights,
    pub rows: Vec<ItemRow>,
    pub table: ItemTable,
}

pub fn shop(seed: u32, n_items: u64) -> Shop {
    let mut generator = Generator::new(seed);
    let weights = generator.weights();
    let rows: Vec<ItemRow> = (0..n_items).map(|id| generator.row(id)).collect();
    let mut table = ItemTable::from_rows(&weights, CatalogueScale::of(&rows, 500), rows.clone());
    let lists: Vec<_> = (0..n_items)
        .step_by(3)
        .map(|id| (ItemId(id), vec![(ItemId((id + 1) % n_items), 255), (ItemId(0), 51)]))
        .collect();
    table.set_related(&lists);
    Shop { generator, weights, rows, table }
}

impl Shop {
    /// A log with growing times, oldest first.
    pub fn log(&mut self, n_events: usize) -> Vec<LogEntry> {
        let mut at_ms = 1_600_000_000_000;
        (0..n_events)
            .map(|_| {
                at_ms += 1 << self.generator.below(30);
                self.generator.event(&self.rows, at_ms)
            })
            .collect()
    }
}
