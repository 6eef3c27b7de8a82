//! What of a shop's log counts as wanting a card.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{EventKind, Interaction};

/// From so many buyers on purchases teach, however many others only look.
pub const BUYERS_ENOUGH: usize = 1_000;
/// With fewer, they teach if at least one in so many of those who did anything bought.
pub const SHOPPERS_PER_BUYER_MAX: usize = 20;

/// Which interactions the models of a shop learn from, and its published counts count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Positives {
    /// Purchases; what else was done says only what came before them.
    #[default]
    Purchases,
    /// Views, basket events and purchases alike: the log has no purchases, or almost none.
    Clicks,
}

impl Positives {
    /// What a log has enough of. Purchases mean more than clicks, so clicks teach only where
    /// fewer than [`BUYERS_ENOUGH`] shoppers bought anything and fewer than one in
    /// [`SHOPPERS_PER_BUYER_MAX`].
    pub fn of(interactions: &[Interaction]) -> Self {
        let (mut shoppers, mut buyers) = (HashSet::new(), HashSet::new());
        for line in interactions {
            shoppers.insert(line.shopper);
            if line.kind == EventKind::Purchase {
                buyers.insert(line.shopper);
            }
        }
        let is_enough = buyers.len() >= BUYERS_ENOUGH
            || buyers.len() * SHOPPERS_PER_BUYER_MAX >= shoppers.len();
        if is_enough { Self::Purchases } else { Self::Clicks }
    }

    /// Whether an event is one.
    pub fn include(self, kind: EventKind) -> bool {
        match self {
            Self::Purchases => kind == EventKind::Purchase,
            Self::Clicks => kind != EventKind::RemoveFromCart,
        }
    }

    /// As what a device has most of them in its log.
    pub fn logged_as(self) -> EventKind {
        match self {
            Self::Purchases => EventKind::Purchase,
            Self::Clicks => EventKind::ViewItem,
        }
    }

    /// Whether they are purchases: what is not said is.
    pub fn are_purchases(&self) -> bool {
        *self == Self::Purchases
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ItemId, ShopperId};

    fn log(n_buyers: u32, n_viewers: u32) -> Vec<Interaction> {
        let line = |shopper, kind| Interaction {
            shopper: ShopperId(shopper),
            item: ItemId(1),
            kind,
            at_seconds: 0,
            basket: shopper,
            quantity: 1,
            price_minor: 0,
        };
        let views = (n_buyers..n_buyers + n_viewers).map(|n| line(n, EventKind::ViewItem));
        (0..n_buyers).map(|n| line(n, EventKind::Purchase)).chain(views).collect()
    }

    #[test]
    fn clicks_teach_only_where_almost_nobody_bought() {
        let of = |n_buyers, n_viewers| Positives::of(&log(n_buyers, n_viewers));
        assert_eq!(of(0, 0), Positives::Purchases, "of an empty log nothing is learned");
        assert_eq!(of(0, 1), Positives::Clicks);
        assert_eq!(of(3, 0), Positives::Purchases);
        assert_eq!((of(5, 95), of(5, 96)), (Positives::Purchases, Positives::Clicks));
        assert_eq!((of(999, 99_000), of(1_000, 99_000)), (Positives::Clicks, Positives::Purchases));
    }
}
