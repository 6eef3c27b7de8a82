//! Sequences as rows of a batch, without padding: each begins with a row that
//! stands for "nothing yet", so that an empty history has a state too.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};

use vitrine_ranking::PastPurchase;

use crate::ops::Query;

/// Inputs of several sequences.
pub(super) struct Windows {
    /// Input items of each sequence, oldest first.
    items: Vec<Vec<u32>>,
    distinct: Vec<u32>,
}

/// Tensors of several sequences; item rows count in the table of distinct items,
/// beginning at 1: row 0 is that of "nothing yet".
pub(super) struct Batch {
    /// \[rows\] u32
    pub items: Tensor,
    /// Place in its window, \[rows\] u32.
    pub places: Tensor,
    /// What each row sees.
    pub queries: Arc<[Query]>,
    /// Row of the end of each sequence, \[sequences\] u32.
    pub ends: Tensor,
    /// What the row of each end sees.
    pub end_queries: Arc<[Query]>,
}

impl Windows {
    /// The newest items of histories.
    pub fn of_histories(histories: &[&[PastPurchase]], length_max: usize) -> Self {
        let newest = |history: &&[PastPurchase]| {
            let from = history.len().saturating_sub(length_max);
            history[from..].iter().map(|entry| entry.item_idx).collect()
        };
        Self::new(histories.iter().map(newest).collect())
    }

    pub fn new(items: Vec<Vec<u32>>) -> Self {
        let mut distinct: Vec<u32> = items.iter().flatten().copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        Self { items, distinct }
    }

    /// Items of the table that a batch indexes, ascending.
    pub fn distinct(&self) -> &[u32] {
        &self.distinct
    }

    /// Tensors over the table of [`Self::distinct`].
    pub fn batch(&self) -> Result<Batch> {
        self.batch_over(&self.distinct)
    }

    /// Tensors over a larger table.
    ///
    /// # Shapes
    /// `table` is ascending and has every item.
    pub fn batch_over(&self, table: &[u32]) -> Result<Batch> {
        let (mut items, mut places, mut queries) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ends, mut end_queries) = (Vec::new(), Vec::new());
        for sequence in &self.items {
            let first = items.len() as u32;
            items.push(0);
            items.extend(sequence.iter().map(|item| index_in(table, *item) + 1));
            let last = items.len() as u32 - 1;
            places.extend(0..=last - first);
            queries.extend((first..=last).map(|last| Query { first, last }));
            ends.push(last);
            end_queries.push(Query { first, last });
        }
        let indices = |values: Vec<u32>| {
            let n = values.len();
            Tensor::from_vec(values, n, &Device::Cpu)
        };
        Ok(Batch {
            items: indices(items)?,
            places: indices(places)?,
            queries: queries.into(),
            ends: indices(ends)?,
            end_queries: end_queries.into(),
        })
    }
}

/// Place of an item in an ascending table that has it.
pub(super) fn index_in(table: &[u32], item: u32) -> u32 {
    table.partition_point(|other| *other < item) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_sees_its_own_sequence_up_to_itself() {
        let windows = Windows::new(vec![vec![9, 4], vec![], vec![4]]);
        assert_eq!(windows.distinct(), [4, 9]);
        let batch = windows.batch().expect("tensors");
        assert_eq!(batch.items.to_vec1::<u32>().expect("u32"), [0, 2, 1, 0, 0, 1]);
        assert_eq!(batch.places.to_vec1::<u32>().expect("u32"), [0, 1, 2, 0, 0, 1]);
        assert_eq!(batch.ends.to_vec1::<u32>().expect("u32"), [2, 3, 5]);
        let seen: Vec<(u32, u32)> = batch.queries.iter().map(|q| (q.first, q.last)).collect();
        assert_eq!(seen, [(0, 0), (0, 1), (0, 2), (3, 3), (4, 4), (4, 5)]);
    }
}
