//! Distinct buyers of each product, counted while the log streams by.

/// Collects (product, shopper) pairs and forgets repeats now and then: 8 bytes for each
/// distinct pair, 16 at most.
#[derive(Debug, Default)]
pub(crate) struct BuyerPairs {
    pairs: Vec<u64>,
    /// Pairs at which repeats are forgotten next.
    compact_at: usize,
}

/// Pairs that are collected before repeats are looked for.
const PAIRS_MIN: usize = 1 << 16;

impl BuyerPairs {
    pub(crate) fn push(&mut self, product: u32, shopper: u32) {
        self.pairs.push(u64::from(product) << 32 | u64::from(shopper));
        if self.pairs.len() >= self.compact_at.max(PAIRS_MIN) {
            self.compact();
            self.compact_at = self.pairs.len() * 2;
        }
    }

    fn compact(&mut self) {
        self.pairs.sort_unstable();
        self.pairs.dedup();
    }

    /// Distinct shoppers by product, `[n_products]`.
    pub(crate) fn counts(mut self, n_products: usize) -> Vec<u32> {
        self.compact();
        let mut counts = vec![0; n_products];
        self.pairs.iter().for_each(|pair| counts[(pair >> 32) as usize] += 1);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shoppers_count_once_however_often_they_come() {
        let mut pairs = BuyerPairs::default();
        for n in 0..300_000_u32 {
            pairs.push(n % 3, n % 7);
            pairs.push(1, u32::MAX);
        }
        assert!(pairs.pairs.len() < 2 * PAIRS_MIN);
        assert_eq!(pairs.counts(4), [7, 8, 7, 0]);
    }
}
