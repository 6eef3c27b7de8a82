//! Sparse lists of the nearest cards of each card.

use serde::{Deserialize, Serialize};

/// For each card its most similar others, best first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Neighbours {
    offsets: Vec<u32>,
    items: Vec<u32>,
    strengths: Vec<f32>,
}

impl Neighbours {
    /// From one list a card, already best first.
    pub fn from_lists(lists: Vec<Vec<(u32, f32)>>) -> Self {
        let mut neighbours = Self { offsets: vec![0], ..Self::default() };
        for list in lists {
            neighbours.items.extend(list.iter().map(|(item, _)| *item));
            neighbours.strengths.extend(list.iter().map(|(_, strength)| *strength));
            neighbours.offsets.push(neighbours.items.len() as u32);
        }
        neighbours
    }

    /// How many cards have a list.
    pub fn n_items(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The list of one card: (other card, strength), best first.
    pub fn of(&self, item_idx: u32) -> impl Iterator<Item = (u32, f32)> + '_ {
        let range = self.range(item_idx);
        self.items[range.clone()].iter().copied().zip(self.strengths[range].iter().copied())
    }

    /// Adds `weight` × strength to the score of each neighbour of a card.
    ///
    /// # Shapes
    /// `scores`: \[n_items\].
    pub fn add_to(&self, item_idx: u32, weight: f32, scores: &mut [f32]) {
        for (item, strength) in self.of(item_idx) {
            scores[item as usize] += weight * strength;
        }
    }

    /// Whether every index and offset is within bounds: for stored lists.
    pub(crate) fn is_consistent(&self, n_items: usize) -> bool {
        let n = self.items.len();
        self.offsets.len() == n_items + 1
            && self.offsets[0] == 0
            && self.offsets[n_items] as usize == n
            && self.strengths.len() == n
            && self.offsets.windows(2).all(|pair| pair[0] <= pair[1])
            && self.items.iter().all(|item| (*item as usize) < n_items)
    }

    fn range(&self, item_idx: u32) -> std::ops::Range<usize> {
        let i = item_idx as usize;
        self.offsets[i] as usize..self.offsets[i + 1] as usize
    }
}

/// The `k` largest of a list, best first, ties by card.
pub(crate) fn best(mut list: Vec<(u32, f32)>, k: usize) -> Vec<(u32, f32)> {
    let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if list.len() > k && k > 0 {
        list.select_nth_unstable_by(k - 1, order);
    }
    list.truncate(k);
    // There is one such list a card, each made of perhaps all cards.
    list.shrink_to_fit();
    list.sort_unstable_by(order);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_as_they_went_in() {
        let lists = vec![vec![(1, 0.5), (2, 0.25)], vec![], vec![(0, 1.0)]];
        let neighbours = Neighbours::from_lists(lists.clone());
        for (item, list) in lists.iter().enumerate() {
            assert_eq!(&neighbours.of(item as u32).collect::<Vec<_>>(), list);
        }
        assert!(neighbours.is_consistent(3));
        assert!(!neighbours.is_consistent(2));
        let mut scores = [0.0; 3];
        neighbours.add_to(0, 2.0, &mut scores);
        assert_eq!(scores, [0.0, 1.0, 0.5]);
    }

    #[test]
    fn best_keeps_the_largest_and_breaks_ties_by_card() {
        assert_eq!(
            best(vec![(3, 1.0), (1, 1.0), (0, 0.5), (2, 2.0)], 3),
            [(2, 2.0), (1, 1.0), (3, 1.0)]
        );
        let of_many = best((0..10_000).map(|card| (card, 0.5)).collect(), 3);
        assert!(of_many.capacity() < 100, "room for {} cards is kept", of_many.capacity());
    }
}
