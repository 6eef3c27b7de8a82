//! Which cards may be shown to a shopper who has not asked for them.

use std::collections::BTreeSet;

use vitrine_domain::ItemId;

use crate::basket;
use crate::pair::Pair;
use crate::session::Session;

/// What is left out of the feed and of carousels.
pub(crate) struct Unasked {
    /// In the basket, or unwanted.
    left_out: BTreeSet<ItemId>,
}

impl Unasked {
    /// Of the shopper now. What is in the basket is left out unless it is among `kept`.
    pub fn of(session: &Session, kept: &BTreeSet<ItemId>) -> Self {
        let state = session.inner.state.borrow();
        let in_basket = basket::lines(state.for_basket()).into_iter().map(|line| line.item);
        let in_basket = in_basket.filter(|item| !kept.contains(item));
        Self { left_out: in_basket.chain(state.log.unwanted().into_keys()).collect() }
    }

    /// Whether a card may be recommended.
    pub fn may_show(&self, pair: &Pair, index: u32) -> bool {
        !pair.is_restricted(index) && self.may_show_bought(pair, index)
    }

    /// Rows that may be recommended, most buyers first.
    pub fn popular<'a>(&'a self, pair: &'a Pair) -> impl Iterator<Item = u32> + 'a {
        pair.popularity.iter().copied().filter(|index| self.may_show(pair, *index))
    }

    /// Whether a card that the shopper bought may be shown to be bought again: of any
    /// department.
    pub fn may_show_bought(&self, pair: &Pair, index: u32) -> bool {
        pair.catalogue.is_available(index) && !self.left_out.contains(&pair.catalogue.id(index))
    }
}
