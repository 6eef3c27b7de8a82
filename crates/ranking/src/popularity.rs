//! How many shoppers bought a card.

use serde::{Deserialize, Serialize};
use vitrine_domain::published_count;

use crate::PurchaseLog;

/// Length of "recent": four weeks.
pub const RECENT_SECONDS: i64 = 28 * 86_400;

/// Distinct buyers by card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Popularity {
    /// Over the whole log.
    pub n_buyers: Vec<u32>,
    /// In the last four weeks before `until`.
    pub n_buyers_recent: Vec<u32>,
}

impl Popularity {
    /// Counts buyers before `until_seconds`.
    pub fn new(log: &PurchaseLog, until_seconds: i64) -> Self {
        let mut counts =
            Self { n_buyers: vec![0; log.n_items()], n_buyers_recent: vec![0; log.n_items()] };
        let mut last = vec![(u32::MAX, false); log.n_items()];
        for n in 0..log.n_shoppers() {
            for entry in log.before(n, until_seconds) {
                let i = entry.item_idx as usize;
                let recent = entry.at_seconds >= until_seconds - RECENT_SECONDS;
                let (shopper, counted_recent) = last[i];
                let known = shopper == n as u32;
                counts.n_buyers[i] += u32::from(!known);
                counts.n_buyers_recent[i] += u32::from(recent && !(known && counted_recent));
                last[i] = (n as u32, recent || (known && counted_recent));
            }
        }
        counts
    }

    /// The counts as they are published, each by [`published_count`].
    pub fn published(&self) -> Self {
        let round = |counts: &[u32]| counts.iter().copied().map(published_count).collect();
        Self { n_buyers: round(&self.n_buyers), n_buyers_recent: round(&self.n_buyers_recent) }
    }
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};

    use super::*;

    #[test]
    fn buyers_are_counted_once_and_published_by_fives() {
        let now = 100 * 86_400;
        let buy = |shopper, basket, days_ago: i64| Interaction {
            shopper: ShopperId(shopper),
            item: ItemId(1),
            kind: EventKind::Purchase,
            at_seconds: now - days_ago * 86_400,
            basket,
            quantity: 1,
            price_minor: 1,
        };
        let lines =
            [buy(0, 0, 50), buy(0, 1, 3), buy(0, 2, 2), buy(1, 3, 60), buy(2, 4, 28), buy(3, 5, 0)];
        let log = PurchaseLog::new(&[ItemId(1)], &lines).expect("distinct ids");
        let counts = Popularity::new(&log, now);
        assert_eq!((counts.n_buyers[0], counts.n_buyers_recent[0]), (3, 2));
        let published = Popularity { n_buyers: vec![7, 4], n_buyers_recent: vec![5, 0] };
        let expected = Popularity { n_buyers: vec![5, 0], n_buyers_recent: vec![5, 0] };
        assert_eq!(published.published(), expected);
    }
}
