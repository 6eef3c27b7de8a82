//! How many places one category may have.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// At most so many cards of a category in each so many places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Diversity {
    /// Most cards of one category (of one department), at least 1.
    pub most_of_a_category: u16,
    /// In each block of so many places, at least as many.
    pub of_places: u16,
}

impl Default for Diversity {
    /// Four of twenty.
    fn default() -> Self {
        Self { most_of_a_category: 4, of_places: 20 }
    }
}

impl Diversity {
    /// The order of what stands best first, by the category of each: one that is over the
    /// quota of a block waits for the next, where it comes before all that was behind it.
    /// Where nothing else is left, the quota yields. Returns places of `categories`.
    ///
    /// # Units
    /// Places count from 0.
    pub fn spread(self, categories: &[(u32, u32)]) -> Vec<u32> {
        let most = usize::from(self.most_of_a_category.max(1));
        let block = usize::from(self.of_places.max(1));
        let mut waiting: Vec<u32> = (0..categories.len() as u32).collect();
        let mut chosen = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let end = chosen.len() + block;
            let mut n_of: HashMap<(u32, u32), usize> = HashMap::new();
            let mut rest = Vec::with_capacity(waiting.len());
            for place in waiting {
                if chosen.len() == end {
                    rest.push(place);
                    continue;
                }
                let n = n_of.entry(categories[place as usize]).or_default();
                if *n < most {
                    *n += 1;
                    chosen.push(place);
                } else {
                    rest.push(place);
                }
            }
            let n_over = (end - chosen.len()).min(rest.len());
            chosen.extend(rest.drain(..n_over));
            waiting = rest;
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_has_at_most_four_of_twenty_places() {
        let mut categories = vec![(0, 100); 10];
        categories.extend((10..60).map(|i| (0, i % 9)));
        let chosen = Diversity::default().spread(&categories);
        let n = |part: &[u32]| part.iter().filter(|place| **place < 10).count();
        assert_eq!(n(&chosen[..20]), 4);
        assert_eq!(chosen[..5], [0, 1, 2, 3, 10]);
        assert_eq!(chosen[20..24], [4, 5, 6, 7], "those over the quota come next");
    }

    #[test]
    fn the_quota_yields_when_nothing_else_is_left() {
        let spread = Diversity { most_of_a_category: 1, of_places: 3 }.spread(&[(1, 1); 7]);
        assert_eq!(spread, [0, 1, 2, 3, 4, 5, 6]);
    }
}
