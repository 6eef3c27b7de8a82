//! What the log says about the price of a product: a median over recent buyers, in fixed
//! memory.

use vitrine_domain::limits::BUYERS_MIN;

/// Recent buyers whose price is remembered for each product.
pub const PRICES_KEPT: usize = 9;

/// The latest price that one shopper paid; ordered by time, then price, then shopper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Paid {
    /// Minutes since 1970.
    at_minutes: u32,
    price_minor: u32,
    shopper: u64,
}

/// Prices of one product as its buyers paid them.
///
/// Of each of the latest [`PRICES_KEPT`] buyers the latest price is kept, the higher one
/// of the same minute, so the state depends on the lines and not on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sales {
    /// The earliest first, each shopper once.
    recent: [Paid; PRICES_KEPT],
    n_recent: u8,
}

impl Sales {
    /// Notes a purchase by a shopper, who has one number or hash throughout; a price of 0 is
    /// unknown.
    pub fn observe(&mut self, shopper: u64, at_seconds: i64, price_minor: u32) {
        if price_minor == 0 {
            return;
        }
        let at_minutes = u32::try_from((at_seconds / 60).max(0)).unwrap_or(u32::MAX);
        self.note(Paid { at_minutes, price_minor, shopper });
    }

    fn note(&mut self, new: Paid) {
        let n = usize::from(self.n_recent);
        let own = self.recent[..n].iter().position(|paid| paid.shopper == new.shopper);
        match own {
            Some(at) => self.recent[at] = self.recent[at].max(new),
            None if n < PRICES_KEPT => {
                self.recent[n] = new;
                self.n_recent += 1;
            }
            None => self.recent[0] = self.recent[0].max(new),
        }
        self.recent[..usize::from(self.n_recent)].sort_unstable();
    }

    /// Adds what another part of the log says of the same shoppers.
    pub fn merge(&mut self, other: &Self) {
        other.recent[..usize::from(other.n_recent)].iter().for_each(|paid| self.note(*paid));
    }

    /// The price to publish: [`Self::median_minor`], or 0 where fewer than
    /// [`BUYERS_MIN`] shoppers paid a known price, so that no price says what a single
    /// shopper paid, nor whether anybody bought.
    pub fn price_minor(&self) -> u32 {
        if u32::from(self.n_recent) < BUYERS_MIN { 0 } else { self.median_minor() }
    }

    /// Median of the prices of the recent buyers in minor units, the lower one of two; 0
    /// without any. For checks: it may be what one shopper paid.
    pub fn median_minor(&self) -> u32 {
        let n = usize::from(self.n_recent);
        let mut prices = self.recent.map(|paid| paid.price_minor);
        prices[..n].sort_unstable();
        prices[..n].get(n.saturating_sub(1) / 2).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_median_is_of_recent_buyers() {
        let mut sales = Sales::default();
        assert_eq!(sales.price_minor(), 0);
        for day in 0..100_u64 {
            let price = if day < 90 { 100 } else { 250 };
            sales.observe(day, day.cast_signed() * 86_400, price);
        }
        assert_eq!(sales.price_minor(), 250);
    }

    #[test]
    fn a_price_needs_five_buyers_and_one_of_them_is_no_majority() {
        let mut sales = Sales::default();
        for shopper in 0..4 {
            (0..20).for_each(|day| sales.observe(shopper, day * 86_400, 777));
            assert_eq!(sales.price_minor(), 0, "{} buyers", shopper + 1);
        }
        sales.observe(4, 0, 0);
        assert_eq!(sales.price_minor(), 0, "the fifth paid an unknown price");
        sales.observe(4, 0, 500);
        assert_eq!(sales.price_minor(), 777);
        // A regular who pays another price ever so often still counts once.
        (20..90).for_each(|day| sales.observe(0, day * 86_400, 1));
        assert_eq!(sales.price_minor(), 777);
    }

    proptest! {
        #[test]
        fn order_of_lines_does_not_matter(
            mut lines in prop::collection::vec((0_u64..14, -90_i64..3_000, 0_u32..9), 0..60),
            seed in any::<u64>(),
        ) {
            let state = |lines: &[(u64, i64, u32)]| {
                let mut sales = Sales::default();
                lines.iter().for_each(|&(who, at, price)| sales.observe(who, at, price));
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
