//! What kind of shop a log is of: which parts a teacher can have there.

use vitrine_ranking::PurchaseLog;
use vitrine_ranking::text::TEXT_DIM;

use crate::next::linear::DENSE_ITEMS_MAX;

/// Share of the purchases that were made before by the same shopper, from which people buy
/// again.
const REPEATS_MIN: f64 = 0.02;
/// Share of the items whose text differs from that of the item before, from which texts
/// tell items apart.
const TEXTS_MIN: f64 = 0.5;

/// A shop, as far as it decides on parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many items there are.
    pub n_items: usize,
    /// Whether purchases have times, and not only an order.
    pub has_times: bool,
    /// Whether shoppers buy again what they had.
    pub has_repeats: bool,
    /// Whether texts tell items apart.
    pub has_texts: bool,
}

impl Shape {
    /// The shape of a log of purchases with times.
    ///
    /// # Shapes
    /// `vectors` \[n_items, 384\].
    pub fn of(log: &PurchaseLog, vectors: &[f32]) -> Self {
        let has_repeats = repeats(log) >= REPEATS_MIN;
        let has_texts = texts(vectors) >= TEXTS_MIN;
        Self { n_items: log.n_items(), has_times: true, has_repeats, has_texts }
    }

    /// Whether item matrices fit into memory.
    pub fn fits_dense(self) -> bool {
        self.n_items <= DENSE_ITEMS_MAX
    }
}

/// Share of the entries whose item the shopper took before.
fn repeats(log: &PurchaseLog) -> f64 {
    let n_repeats = (0..log.n_shoppers()).map(|n| {
        let mut items: Vec<u32> = log.of(n).iter().map(|entry| entry.item_idx).collect();
        let n_entries = items.len();
        items.sort_unstable();
        items.dedup();
        n_entries - items.len()
    });
    n_repeats.sum::<usize>() as f64 / log.entries().len().max(1) as f64
}

/// Share of the vectors that are not those of the item before.
fn texts(vectors: &[f32]) -> f64 {
    let rows = vectors.as_chunks::<TEXT_DIM>().0;
    let n_new = rows.windows(2).filter(|pair| pair[0] != pair[1]).count();
    n_new as f64 / rows.len().max(1) as f64
}
