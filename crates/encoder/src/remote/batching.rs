//! Cutting texts into batches for a device that likes large ones.

use std::collections::VecDeque;

use super::protocol::{BATCH_TEXTS_MAX, padded_length};

/// Indices of texts, cut into batches as they are asked for. Longest first: a batch that does
/// not fit into the memory shows at once.
pub struct Batches<'a> {
    token_ids: &'a [Vec<u32>],
    /// Each sorted by falling length.
    left: VecDeque<Vec<u32>>,
}

impl<'a> Batches<'a> {
    pub fn of(token_ids: &'a [Vec<u32>]) -> Self {
        let mut all: Vec<u32> = (0..token_ids.len() as u32).collect();
        all.sort_by_key(|&i| std::cmp::Reverse(token_ids[i as usize].len()));
        Self { token_ids, left: VecDeque::from([all]) }
    }

    /// The next texts: as many as have `n_tokens_max` tokens when all are filled up to the
    /// longest, and one at least.
    pub fn next(&mut self, n_tokens_max: usize) -> Option<Vec<u32>> {
        let mut first = self.left.pop_front()?;
        let Some(longest) = first.first() else { return self.next(n_tokens_max) };
        let length = padded_length(self.token_ids[*longest as usize].len());
        let n_texts = (n_tokens_max / length).clamp(1, BATCH_TEXTS_MAX);
        if first.len() > n_texts {
            self.left.push_front(first.split_off(n_texts));
        }
        Some(first)
    }

    /// Takes a batch back that was not encoded; it comes next.
    pub fn give_back(&mut self, batch: Vec<u32>) {
        self.left.push_front(batch);
    }

    /// What no batch has, or was given back.
    pub fn into_left(self) -> Vec<u32> {
        self.left.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lengths: &[usize]) -> Vec<Vec<u32>> {
        lengths.iter().map(|n| vec![7; *n]).collect()
    }

    #[test]
    fn batches_go_by_length_and_count_what_is_filled_up() {
        let texts = texts(&[3, 17, 5, 24, 2, 200]);
        let mut batches = Batches::of(&texts);
        // 200 of 48 tokens: alone all the same.
        assert_eq!(batches.next(48), Some(vec![5]));
        assert_eq!(batches.next(48), Some(vec![3, 1]));
        assert_eq!(batches.next(16), Some(vec![2, 0]));
        assert_eq!(batches.next(16), Some(vec![4]));
        assert_eq!(batches.next(16), None);
        assert!(batches.into_left().is_empty());
    }

    #[test]
    fn what_is_given_back_is_cut_anew() {
        let texts = texts(&[8; 10]);
        let mut batches = Batches::of(&texts);
        let batch = batches.next(64).unwrap();
        assert_eq!(batch.len(), 8);
        batches.give_back(batch);
        assert_eq!(batches.next(32), Some(vec![0, 1, 2, 3]));
        assert_eq!(batches.next(32), Some(vec![4, 5, 6, 7]));
        assert_eq!(batches.into_left(), [8, 9]);
    }

    #[test]
    fn no_batch_has_more_texts_than_a_frame() {
        let texts = texts(&vec![2; BATCH_TEXTS_MAX + 1]);
        let mut batches = Batches::of(&texts);
        assert_eq!(batches.next(usize::MAX).unwrap().len(), BATCH_TEXTS_MAX);
        assert_eq!(batches.next(usize::MAX).unwrap().len(), 1);
    }
}
