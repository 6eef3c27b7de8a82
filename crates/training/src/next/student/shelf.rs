//! What a device knows of the items besides what is learned.

use vitrine_domain::{EventKind, ItemId};
use vitrine_ranking::components::intern;
use vitrine_ranking::{PastPurchase, Popularity};
use vitrine_student::{CODE_DIM, CatalogueScale, ItemRow, ItemTable, LogEntry, Weights};

/// Items by index; an item's id is its index.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// Interned department by item.
    pub departments: Vec<u16>,
    /// Interned category by item.
    pub categories: Vec<u16>,
    /// Milliseconds of a second of the log: logs of bare sequences count in steps.
    pub ms_a_second: i64,
}

impl Shelf {
    /// Items with these departments and categories; empty where there are none.
    pub fn new<T: AsRef<str>>(departments: &[T], categories: &[T], ms_a_second: i64) -> Self {
        let interned = |names: &[T]| intern(names.iter().map(AsRef::as_ref));
        Self { departments: interned(departments), categories: interned(categories), ms_a_second }
    }

    /// The table of a device. Rows are in the order of the items; nothing is priced.
    ///
    /// # Shapes
    /// `codes` \[n_items · 64\].
    pub(super) fn table(
        &self,
        weights: &Weights,
        codes: &[i8],
        published: &Popularity,
    ) -> ItemTable {
        let rows: Vec<ItemRow> = codes
            .as_chunks::<CODE_DIM>()
            .0
            .iter()
            .enumerate()
            .map(|(i, code)| ItemRow {
                id: ItemId(i as u64),
                code: *code,
                department: self.departments[i],
                category: self.categories[i],
                price_minor: 0,
                n_buyers: published.n_buyers[i],
                n_buyers_recent: published.n_buyers_recent[i],
            })
            .collect();
        ItemTable::from_rows(weights, CatalogueScale::of(&rows, 0), rows)
    }
}

/// An entry of a log as the device keeps it.
pub(super) fn entry(table: &ItemTable, entry: &PastPurchase, ms_a_second: i64) -> LogEntry {
    let i = entry.item_idx as usize;
    let mut code = [0; CODE_DIM];
    code.copy_from_slice(table.code(entry.item_idx));
    LogEntry {
        kind: EventKind::Purchase,
        item: table.ids()[i],
        at_ms: entry.at_seconds * ms_a_second,
        code,
        department: table.departments()[i],
        category: table.categories()[i],
    }
}
