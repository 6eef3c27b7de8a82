//! Cards for a newcomer to choose from: the log begins with what they like instead of with
//! nothing.

use std::collections::BTreeSet;

use vitrine_domain::limits::STARTER_CARDS;
use vitrine_student::candidates;

use crate::ItemCard;
use crate::session::Session;
use crate::unasked::Unasked;

impl Session {
    /// The most bought card of each of the departments with the most bought cards, at most
    /// [`STARTER_CARDS`]; none when the shopper has a log, is not recorded, has answered before, or the shop
    /// has too few departments. Choosing one is a look at it
    /// ([`Session::record`]), which sends nothing.
    pub fn starters(&self) -> Vec<ItemCard> {
        let Some(pair) = self.active() else { return Vec::new() };
        {
            let state = self.inner.state.borrow();
            if !state.log.is_empty() || !state.may_record() || state.settings.starters_answered {
                return Vec::new();
            }
        }
        let unasked = Unasked::of(self, &BTreeSet::new());
        let catalogue = &pair.catalogue;
        let may_show =
            |index: &u32| catalogue.price(*index).n_buyers > 0 && unasked.may_show(&pair, *index);
        let popular = pair.popularity.iter().copied().filter(may_show);
        let department = |index: &u32| catalogue.raw(*index).department;
        let chosen =
            candidates::first_of_departments(popular, department).take(*STARTER_CARDS.end());
        let shown = self.inner.state.borrow().shown_prices();
        let cards: Vec<ItemCard> = chosen.map(|index| shown.card(catalogue.card(index))).collect();
        if cards.len() < *STARTER_CARDS.start() { Vec::new() } else { cards }
    }

    /// The newcomer has chosen, or does not want to: they are not asked again on this device.
    pub async fn answer_starters(&self) {
        self.inner.state.borrow_mut().settings.starters_answered = true;
        self.store_settings().await;
    }
}
