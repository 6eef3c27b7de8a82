//! What a teacher recommends to each shopper, as something to learn from.

use candle_core::Tensor;
use rayon::prelude::*;

use vitrine_evaluation::top_k;
use vitrine_ranking::{PastPurchase, PurchaseLog};

use crate::TrainingError;
use crate::checkpoint::bytes_of;
use crate::next::Scorer;
use crate::ops::{cross_entropy, group_dot};

/// Best items of a list.
const LENGTH: usize = 100;
/// Histories that a teacher scores at once.
const AT_ONCE: usize = 256;
/// Offset of what is left out of a list.
const ABSENT: f32 = -1e4;

/// For each shopper of a log what a teacher puts first after all they took: its best
/// items, with its probabilities among them.
///
/// The teacher was fitted on the same log, so that within it it knows what comes
/// next; at its end it does not, and what it says there holds for any history.
pub struct TeacherLists {
    length: usize,
    /// \[shoppers · length\]
    items: Vec<u32>,
    /// \[shoppers · length\], each list sums to 1.
    shares: Vec<f32>,
}

impl TeacherLists {
    /// Asks a teacher whose scores are logits. With `masks_seen` what a shopper took
    /// is not recommended.
    ///
    /// # Errors
    /// What the teacher says.
    pub fn of_teacher(
        teacher: &dyn Scorer,
        log: &PurchaseLog,
        masks_seen: bool,
    ) -> Result<Self, TrainingError> {
        let n_items = log.n_items();
        let now_seconds = log.last_seconds().map_or(0, |last| last + 1);
        let length = LENGTH.min(n_items);
        let mut lists = Self { length, items: Vec::new(), shares: Vec::new() };
        let shoppers: Vec<usize> = (0..log.n_shoppers()).collect();
        for shoppers in shoppers.chunks(AT_ONCE) {
            let histories: Vec<&[PastPurchase]> = shoppers.iter().map(|n| log.of(*n)).collect();
            let mut scores = teacher.score(&histories, now_seconds)?;
            let found: Vec<(Vec<u32>, Vec<f32>)> = scores
                .par_chunks_exact_mut(n_items)
                .zip(&histories)
                .map(|(scores, history)| {
                    if masks_seen {
                        let seen = history.iter().map(|entry| entry.item_idx as usize);
                        seen.for_each(|item| scores[item] = f32::NEG_INFINITY);
                    }
                    let items = top_k(scores, length);
                    let logits = items.iter().map(|item| scores[*item as usize]).collect();
                    (items, softmax(logits))
                })
                .collect();
            for (items, shares) in found {
                lists.items.extend(items);
                lists.shares.extend(shares);
            }
        }
        Ok(lists)
    }

    /// Items and shares of one shopper's list, best first.
    ///
    /// # Shapes
    /// → \[list length\] each.
    pub fn of(&self, shopper: usize) -> (&[u32], &[f32]) {
        let from = shopper * self.length;
        (&self.items[from..][..self.length], &self.shares[from..][..self.length])
    }

    pub(super) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        for item in &self.items {
            hasher.update(&item.to_le_bytes());
        }
        hasher.update(&bytes_of(&self.shares));
    }
}

/// e^logit over their sum.
pub(in crate::next) fn softmax(mut logits: Vec<f32>) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= sum);
    logits
}

/// Lists of some shoppers as a loss.
pub(super) struct ListLoss<'a> {
    pub lists: &'a TeacherLists,
    pub shoppers: &'a [usize],
    /// ln of how many items each sampled one stands for.
    pub offset: f32,
}

impl ListLoss<'_> {
    /// Items of all lists, one below the other.
    pub fn items(&self) -> Vec<u32> {
        self.shoppers.iter().flat_map(|n| self.lists.of(*n).0).copied().collect()
    }

    /// Cross-entropy of the lists with a softmax over them and sampled others, summed.
    ///
    /// # Shapes
    /// `states` \[shoppers, width\], `rows` \[shoppers · length, width\], sampled items
    /// with their rows \[n, width\] → \[1\].
    pub fn loss(
        &self,
        states: &Tensor,
        rows: &Tensor,
        (sampled, sampled_rows): (&[u32], &Tensor),
    ) -> candle_core::Result<Tensor> {
        let logits = [group_dot(states, rows)?, states.matmul(&sampled_rows.t()?)?];
        let (mut targets, mut offsets) = (Vec::new(), Vec::new());
        for shopper in self.shoppers {
            let (items, shares) = self.lists.of(*shopper);
            targets.extend_from_slice(shares);
            targets.resize(targets.len() + sampled.len(), 0.0);
            offsets.resize(offsets.len() + items.len(), 0.0);
            let mut listed = items.to_vec();
            listed.sort_unstable();
            // What is in the list is not sampled as well.
            let is_listed = |item: &u32| listed.binary_search(item).is_ok();
            let offset = |item| if is_listed(item) { ABSENT } else { self.offset };
            offsets.extend(sampled.iter().map(offset));
        }
        cross_entropy(&Tensor::cat(&logits, 1)?, targets.into(), offsets.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Scorer for Fixed {
        fn score(
            &self,
            histories: &[&[PastPurchase]],
            _now_seconds: i64,
        ) -> Result<Vec<f32>, TrainingError> {
            Ok([0.0, 1.0, 2.0, 3.0].repeat(histories.len()))
        }
    }

    #[test]
    fn lists_leave_out_what_was_taken_where_it_is_not_asked_for() {
        let log = PurchaseLog::of_sequences(4, &[vec![3], vec![0, 1]]).expect("in range");
        let masked = TeacherLists::of_teacher(&Fixed, &log, true).expect("scores");
        assert_eq!(masked.of(0).0[..3], [2, 1, 0]);
        assert_eq!(masked.of(0).1[3], 0.0, "what was taken has no share");
        assert_eq!(masked.of(1).0[..2], [3, 2]);
        let ratio = masked.of(1).1[0] / masked.of(1).1[1];
        assert!((ratio - std::f32::consts::E).abs() < 1e-5);
        let all = TeacherLists::of_teacher(&Fixed, &log, false).expect("scores");
        assert_eq!(all.of(0).0, [3, 2, 1, 0]);
        assert!((all.of(0).1.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }
}
