//! Which cards are bought by the same shoppers, or in the same baskets.
//!
//! Row by row: for one card all its shoppers (or baskets) are walked and their
//! other cards counted into one row, so that memory is that of a row a thread.

use rayon::prelude::*;

use crate::neighbours::best;
use crate::{Neighbours, PurchaseLog};

/// Newest distinct cards of a shopper (or of a basket) that count: one buyer of
/// everything must not cost the square of everything.
pub const GROUP_ITEMS_MAX: usize = 1_000;

/// What "together" means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// Bought by the same shopper, ever.
    Shopper,
    /// In one basket.
    Basket,
}

/// How co-occurrence becomes similarity.
#[derive(Clone, Copy, Debug)]
pub struct CooccurrenceConfig {
    /// What is counted.
    pub together: Together,
    /// Strength = count / (count of the card ^ this · …
    pub exponent_from: f32,
    /// … count of the neighbour ^ this); ½ and ½ is the cosine.
    pub exponent_to: f32,
    /// A pair needs this many distinct shoppers who share it.
    pub buyers_min: u32,
    /// Longest list.
    pub n_neighbours: usize,
}

/// Groups of cards and, for each card, the groups it is in.
struct Groups {
    /// Distinct cards of each group.
    members: Vec<Vec<u32>>,
    /// The shopper of each group; groups of one shopper are adjacent.
    shopper: Vec<u32>,
    /// Groups of each card, ascending.
    of_item: Vec<Vec<u32>>,
}

impl Groups {
    fn new(log: &PurchaseLog, together: Together) -> Self {
        let mut groups =
            Self { members: Vec::new(), shopper: Vec::new(), of_item: vec![vec![]; log.n_items()] };
        for n in 0..log.n_shoppers() {
            let same_group = |a: &crate::PastPurchase, b: &crate::PastPurchase| match together {
                Together::Shopper => true,
                Together::Basket => a.basket == b.basket,
            };
            for group in log.of(n).chunk_by(same_group) {
                groups.push(n as u32, group.iter().rev().map(|entry| entry.item_idx));
            }
        }
        groups
    }

    fn push(&mut self, shopper: u32, newest_first: impl Iterator<Item = u32>) {
        let id = self.members.len() as u32;
        let mut members = Vec::new();
        for item in newest_first {
            let of_item = &mut self.of_item[item as usize];
            if of_item.last() != Some(&id) && members.len() < GROUP_ITEMS_MAX {
                of_item.push(id);
                members.push(item);
            }
        }
        self.members.push(members);
        self.shopper.push(shopper);
    }
}

/// Counts of one card against all others.
struct Row {
    counts: Vec<u32>,
    buyers: Vec<u32>,
    /// Shopper + 1 who was last counted in `buyers`.
    last_buyer: Vec<u32>,
    touched: Vec<u32>,
}

impl Row {
    fn new(n_items: usize) -> Self {
        let zeros = || vec![0; n_items];
        Self { counts: zeros(), buyers: zeros(), last_buyer: zeros(), touched: Vec::new() }
    }

    fn count(&mut self, groups: &Groups, item: u32) {
        for other in self.touched.drain(..) {
            let other = other as usize;
            (self.counts[other], self.buyers[other], self.last_buyer[other]) = (0, 0, 0);
        }
        for group in &groups.of_item[item as usize] {
            let buyer = groups.shopper[*group as usize] + 1;
            for other in &groups.members[*group as usize] {
                let o = *other as usize;
                if self.counts[o] == 0 {
                    self.touched.push(*other);
                }
                self.counts[o] += 1;
                if self.last_buyer[o] != buyer {
                    self.last_buyer[o] = buyer;
                    self.buyers[o] += 1;
                }
            }
        }
    }
}

/// Neighbour lists by co-occurrence; a card is not its own neighbour.
///
/// # Source
/// Sarwar et al., Item-based collaborative filtering (2001); Deshpande and
/// Karypis (2004) for the exponents.
pub fn neighbours(log: &PurchaseLog, config: &CooccurrenceConfig) -> Neighbours {
    let groups = Groups::new(log, config.together);
    let n_items = log.n_items();
    let to: Vec<f32> =
        groups.of_item.iter().map(|of| (of.len() as f32).powf(config.exponent_to)).collect();
    let lists = (0..n_items as u32)
        .into_par_iter()
        .map_init(
            || Row::new(n_items),
            |row, item| {
                row.count(&groups, item);
                let from = (groups.of_item[item as usize].len() as f32).powf(config.exponent_from);
                let list = row
                    .touched
                    .iter()
                    .filter(|other| **other != item)
                    .filter(|other| row.buyers[**other as usize] >= config.buyers_min)
                    .map(|other| {
                        let o = *other as usize;
                        (*other, row.counts[o] as f32 / (from * to[o]))
                    })
                    .collect();
                best(list, config.n_neighbours)
            },
        )
        .collect();
    Neighbours::from_lists(lists)
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};

    use super::*;

    /// Shoppers 0..4 buy cards 0 and 1 in one basket; shopper 4 twice; cards 2
    /// and 3 are each bought by shoppers 0 and 1, in other baskets.
    fn log() -> PurchaseLog {
        let mut lines = Vec::new();
        let mut buy = |shopper, basket, items: &[u64]| {
            lines.extend(items.iter().map(|item| Interaction {
                shopper: ShopperId(shopper),
                item: ItemId(*item),
                kind: EventKind::Purchase,
                at_seconds: i64::from(basket),
                basket,
                quantity: 1,
                price_minor: 1,
            }));
        };
        (0..5).for_each(|shopper| buy(shopper, shopper, &[0, 1]));
        buy(4, 10, &[0, 1]);
        buy(0, 11, &[2]);
        buy(0, 12, &[3]);
        buy(1, 13, &[2, 3]);
        PurchaseLog::new(&[0, 1, 2, 3].map(ItemId), &lines).expect("distinct ids")
    }

    fn config(together: Together, buyers_min: u32) -> CooccurrenceConfig {
        let (exponent_from, exponent_to) = (0.5, 0.5);
        CooccurrenceConfig { together, exponent_from, exponent_to, buyers_min, n_neighbours: 9 }
    }

    #[test]
    fn cosines_of_a_hand_worked_log() {
        let lists = neighbours(&log(), &config(Together::Shopper, 1));
        let of_2: Vec<_> = lists.of(2).collect();
        // Two shared buyers of 2 and 3 (2 buyers each); of 2 and 0 (5 buyers).
        assert!(of_2[0].0 == 3 && (of_2[0].1 - 1.0).abs() < 1e-6);
        assert!((of_2[1].1 - 2.0 / 10f32.sqrt()).abs() < 1e-6 && of_2[1].0 == 0);
        let baskets = neighbours(&log(), &config(Together::Basket, 1));
        let of_2: Vec<_> = baskets.of(2).collect();
        assert!(of_2.len() == 1 && of_2[0].0 == 3 && (of_2[0].1 - 0.5).abs() < 1e-6);
    }

    #[test]
    fn pairs_of_too_few_distinct_buyers_are_left_out() {
        let five = neighbours(&log(), &config(Together::Basket, 5));
        assert_eq!(five.of(0).map(|(item, _)| item).collect::<Vec<_>>(), [1]);
        assert_eq!(five.of(2).count(), 0);
        // Six baskets, but only five shoppers.
        let six = neighbours(&log(), &config(Together::Basket, 6));
        assert_eq!(six.of(0).count(), 0);
    }
}
