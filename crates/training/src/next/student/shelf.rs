//! What a device knows of the items besides what is learned.

use vitrine_domain::{CODE_DIM, ItemId, ListedCard};
use vitrine_ranking::Popularity;
use vitrine_student::{ItemTable, TableBuilder, Weights};

/// Items by index; an item's id is its index.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// Department by item.
    pub departments: Vec<String>,
    /// Category by item.
    pub categories: Vec<String>,
    /// Milliseconds of a second of the log: logs of bare sequences count in steps.
    pub ms_a_second: i64,
}

impl Shelf {
    /// Items with these departments and categories; empty where there are none.
    pub fn new<T: AsRef<str>>(departments: &[T], categories: &[T], ms_a_second: i64) -> Self {
        let owned = |names: &[T]| names.iter().map(|name| name.as_ref().to_owned()).collect();
        Self { departments: owned(departments), categories: owned(categories), ms_a_second }
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
        let card = |(i, code): (usize, &[i8; CODE_DIM])| ListedCard {
            id: ItemId(i as u64),
            code: *code,
            department: &self.departments[i],
            category: &self.categories[i],
            price_minor: 0,
            n_buyers: published.n_buyers[i],
            n_buyers_recent: published.n_buyers_recent[i],
        };
        let codes = codes.as_chunks::<CODE_DIM>().0.iter().enumerate();
        TableBuilder::new(codes.map(card)).build(weights)
    }
}
