//! Sequences as rows of a batch, without padding.

use std::sync::Arc;

use candle_core::{Result, Tensor};

use vitrine_domain::EventKind;
use vitrine_ranking::PastPurchase;
use vitrine_student::window;

use super::Form;
use crate::batch::{Events, indices};
use crate::ops::AttentionWindow;

/// One entry of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::next) struct Step {
    pub item: u32,
    /// Bucket of the time since the entry before, as the student sees it.
    pub gap: u8,
}

/// Inputs of several sequences.
pub(super) struct Windows {
    form: Form,
    /// Steps of each sequence, oldest first.
    steps: Vec<Vec<Step>>,
    distinct: Vec<u32>,
}

/// Tensors of several sequences; item rows count in a table of distinct items.
pub(super) struct Batch {
    /// Rows; that of "nothing yet" has the item after the last of the table.
    pub events: Events,
    /// Place of each row in its window, \[rows\] u32.
    pub places: Tensor,
    /// Row of the end of each sequence, \[sequences\] u32.
    pub ends: Tensor,
    /// What the row of each end sees.
    pub end_queries: Arc<[AttentionWindow]>,
}

/// Entries with the gaps between them.
pub(super) fn steps(entries: &[PastPurchase], form: Form) -> Vec<Step> {
    let Form::Device { ms_a_second, .. } = form else {
        return entries.iter().map(|entry| Step { item: entry.item_idx, gap: 0 }).collect();
    };
    let times: Vec<i64> = entries.iter().map(|entry| entry.at_seconds * ms_a_second).collect();
    let gaps = window::gap_buckets(&times);
    let step = |(entry, gap): (&PastPurchase, usize)| Step { item: entry.item_idx, gap: gap as u8 };
    entries.iter().zip(gaps).map(step).collect()
}

impl Windows {
    /// The newest items of histories.
    pub fn of_histories(histories: &[&[PastPurchase]], length_max: usize, form: Form) -> Self {
        let newest = |history: &&[PastPurchase]| {
            let from = match form {
                Form::Wide => history.len().saturating_sub(length_max),
                Form::Device { .. } => window::start(history.len()),
            };
            steps(&history[from..], form)
        };
        Self::new(histories.iter().map(newest).collect(), form)
    }

    /// The form's first row stands for "nothing yet"; the device's has none, and an
    /// empty sequence is there a row of item 0 that nobody should read.
    pub fn new(mut steps: Vec<Vec<Step>>, form: Form) -> Self {
        if !form.has_start() {
            let nothing = Step { item: 0, gap: 0 };
            steps.iter_mut().filter(|of| of.is_empty()).for_each(|of| of.push(nothing));
        }
        let mut distinct: Vec<u32> = steps.iter().flatten().map(|step| step.item).collect();
        distinct.sort_unstable();
        distinct.dedup();
        Self { form, steps, distinct }
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
        let (mut items, mut gaps, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let (mut queries, mut ends, mut end_queries) = (Vec::new(), Vec::new(), Vec::new());
        for sequence in &self.steps {
            let first = items.len() as u32;
            if self.form.has_start() {
                items.push(table.len() as u32);
                gaps.push(0);
            }
            items.extend(sequence.iter().map(|step| index_in(table, step.item)));
            gaps.extend(sequence.iter().map(|step| u32::from(step.gap)));
            let last = items.len() as u32 - 1;
            places.extend(0..=last - first);
            queries.extend((first..=last).map(|last| AttentionWindow { first, last }));
            ends.push(last);
            end_queries.push(AttentionWindow { first, last });
        }
        let kind = match self.form {
            Form::Wide => EventKind::Purchase,
            Form::Device { kind, .. } => kind,
        };
        let kinds = vec![kind as u32; items.len()];
        Ok(Batch {
            events: Events {
                items: indices(items)?,
                kinds: indices(kinds)?,
                gaps: indices(gaps)?,
                rows: queries.into(),
            },
            places: indices(places)?,
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

    fn of(items: &[u32]) -> Vec<Step> {
        items.iter().map(|item| Step { item: *item, gap: 2 }).collect()
    }

    fn numbers(tensor: &Tensor) -> Vec<u32> {
        tensor.to_vec1().expect("u32")
    }

    #[test]
    fn each_row_sees_its_own_sequence_up_to_itself() {
        let windows = Windows::new(vec![of(&[9, 4]), of(&[]), of(&[4])], Form::Wide);
        assert_eq!(windows.distinct(), [4, 9]);
        let batch = windows.batch().expect("tensors");
        assert_eq!(numbers(&batch.events.items), [2, 1, 0, 2, 2, 0]);
        assert_eq!(numbers(&batch.places), [0, 1, 2, 0, 0, 1]);
        assert_eq!(numbers(&batch.ends), [2, 3, 5]);
        let seen: Vec<(u32, u32)> = batch.events.rows.iter().map(|q| (q.first, q.last)).collect();
        assert_eq!(seen, [(0, 0), (0, 1), (0, 2), (3, 3), (4, 4), (4, 5)]);
    }

    #[test]
    fn the_device_has_no_row_for_nothing_and_sees_gaps() {
        let form = Form::Device { ms_a_second: 86_400_000, kind: EventKind::Purchase };
        let windows = Windows::new(vec![of(&[9, 4]), of(&[]), of(&[4])], form);
        let batch = windows.batch().expect("tensors");
        assert_eq!(numbers(&batch.events.items), [2, 1, 0, 1]);
        assert_eq!(numbers(&batch.events.gaps), [2, 2, 0, 2]);
        assert_eq!(numbers(&batch.ends), [1, 2, 3]);
        let entry = |at_seconds| PastPurchase { at_seconds, basket: 0, item_idx: 5 };
        let gaps: Vec<u8> =
            steps(&[entry(3), entry(4), entry(40)], form).iter().map(|s| s.gap).collect();
        assert_eq!(gaps, [0, 5, 9]);
    }
}
