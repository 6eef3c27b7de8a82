//! What the log says about prices: a median of recent ones, in fixed memory.

/// Recent unit prices remembered for each product.
pub const PRICES_KEPT: usize = 9;

/// Sales of one product, as far as prices and order of variants need them.
///
/// The latest [`PRICES_KEPT`] prices by time are kept, the higher price in the
/// same minute, so the state depends on the lines and not on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sales {
    /// (minutes since 1970, price), the earliest first.
    recent: [(u32, u32); PRICES_KEPT],
    n_recent: u8,
    /// Lines of the log that bought it.
    pub n_bought: u32,
}

impl Sales {
    /// Counts a purchase; a price of 0 is unknown.
    pub fn observe(&mut self, at_seconds: i64, price_minor: u32) {
        self.n_bought = self.n_bought.saturating_add(1);
        if price_minor == 0 {
            return;
        }
        let n = usize::from(self.n_recent);
        let at_minutes = u32::try_from((at_seconds / 60).max(0)).unwrap_or(u32::MAX);
        let new = (at_minutes, price_minor);
        if n < PRICES_KEPT {
            self.recent[n] = new;
            self.n_recent += 1;
            self.recent[..=n].sort_unstable();
        } else if new > self.recent[0] {
            self.recent[0] = new;
            self.recent.sort_unstable();
        }
    }

    /// Adds what another part of the log says.
    pub fn merge(&mut self, other: &Self) {
        let n_bought = self.n_bought.saturating_add(other.n_bought);
        for &(at_minutes, price_minor) in &other.recent[..usize::from(other.n_recent)] {
            self.observe(i64::from(at_minutes) * 60, price_minor);
        }
        self.n_bought = n_bought;
    }

    /// Median of the recent prices in minor units, the lower one of two; 0 without any.
    pub fn price_minor(&self) -> u32 {
        let n = usize::from(self.n_recent);
        let mut prices = [0; PRICES_KEPT];
        for (price, (_, recent)) in prices.iter_mut().zip(&self.recent[..n]) {
            *price = *recent;
        }
        prices[..n].sort_unstable();
        prices[..n].get(n.saturating_sub(1) / 2).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_median_is_of_recent_prices() {
        let mut sales = Sales::default();
        assert_eq!(sales.price_minor(), 0);
        for day in 0..100 {
            sales.observe(day * 86_400, if day < 90 { 100 } else { 250 });
        }
        assert_eq!((sales.price_minor(), sales.n_bought), (250, 100));
    }

    proptest! {
        #[test]
        fn order_of_lines_does_not_matter(
            mut lines in prop::collection::vec((-90_i64..3_000, 0_u32..9), 0..40),
            seed in any::<u64>(),
        ) {
            let state = |lines: &[(i64, u32)]| {
                let mut sales = Sales::default();
                lines.iter().for_each(|&(at, price)| sales.observe(at, price));
                sales
            };
            let before = state(&lines);
            let n = lines.len().max(1) as u64;
            let len = lines.len();
            for idx in 0..len {
                lines.swap(idx, (seed.wrapping_mul(idx as u64 + 1) % n) as usize);
            }
            prop_assert_eq!(before, state(&lines));
            let (left, right) = lines.split_at((seed % n) as usize % (len + 1));
            let mut parts = state(left);
            parts.merge(&state(right));
            prop_assert_eq!(before, parts);
        }
    }
}
