//! What a shopper had taken, and an item that was new to them next.

use rand::rngs::SmallRng;
use rand::seq::index;

use vitrine_ranking::{PastPurchase, PurchaseLog};

/// Newest entries of a history that are read.
const HISTORY_MAX: usize = 60;

/// A place in a log: the entry that came next, after those before its basket.
#[derive(Clone, Copy)]
struct Place {
    shopper: u32,
    /// Entries before its basket.
    n_before: u32,
    target: u32,
}

/// All examples of a log.
pub struct Examples<'a> {
    log: &'a PurchaseLog,
    places: Vec<Place>,
}

impl<'a> Examples<'a> {
    pub fn new(log: &'a PurchaseLog) -> Self {
        let mut places = Vec::new();
        // Shopper + 1 who was last seen with the item.
        let mut seen_by = vec![0u32; log.n_items()];
        for n in 0..log.n_shoppers() {
            let mut n_before = 0;
            for basket in log.of(n).chunk_by(|a, b| a.basket == b.basket) {
                for entry in basket {
                    let seen_by = &mut seen_by[entry.item_idx as usize];
                    if *seen_by != n as u32 + 1 && n_before > 0 {
                        places.push(Place { shopper: n as u32, n_before, target: entry.item_idx });
                    }
                    *seen_by = n as u32 + 1;
                }
                n_before += basket.len() as u32;
            }
        }
        Self { log, places }
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// At most so many of them, in a random order.
    pub fn drawn(&self, n_max: usize, rng: &mut SmallRng) -> Vec<usize> {
        index::sample(rng, self.places.len(), self.places.len().min(n_max)).into_vec()
    }

    pub fn target(&self, n: usize) -> u32 {
        self.places[n].target
    }

    pub fn history(&self, n: usize) -> &'a [PastPurchase] {
        let Place { shopper, n_before, .. } = self.places[n];
        let before = &self.log.of(shopper as usize)[..n_before as usize];
        &before[before.len().saturating_sub(HISTORY_MAX)..]
    }
}
