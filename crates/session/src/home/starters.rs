//! Cards for a newcomer to choose from, and what follows from the choice while the log is empty.

use std::collections::{BTreeMap, BTreeSet};

use vitrine_domain::ItemId;
use vitrine_domain::limits::STARTER_CARDS;
use vitrine_rules::Surface;
use vitrine_student::candidates;

use crate::opinions::{Opinion, OpinionKind};
use crate::pair::Pair;
use crate::session::Session;
use crate::standing::CardSince;
use crate::state::State;
use crate::unasked::Unasked;
use crate::{ItemCard, Recorded};

impl Session {
    /// The most bought card of each of the departments with the most bought cards, at most
    /// [`STARTER_CARDS`]; none when the shopper has a log, is not recorded, has answered before, or the shop
    /// has too few departments. They are answered with [`Session::answer_starters`].
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
        let rules = self.shop_rules(&pair);
        let context = rules.context(Surface::Feed);
        let (holding, cards) = (rules.holding(&context), rules.cards());
        let may_show = |index: &u32| {
            catalogue.price(*index).n_buyers > 0
                && unasked.may_show(&pair, *index)
                && holding.left_out_by(&cards, *index).is_none()
        };
        let popular = pair.popularity.iter().copied().filter(may_show);
        let department = |index: &u32| catalogue.raw(*index).department;
        let chosen =
            candidates::first_of_departments(popular, department).take(*STARTER_CARDS.end());
        let shown = self.inner.state.borrow().shown_prices();
        let cards: Vec<ItemCard> = chosen.map(|index| shown.card(catalogue.card(index))).collect();
        if cards.len() < *STARTER_CARDS.start() { Vec::new() } else { cards }
    }

    /// The newcomer has chosen some, or does not want to: they are not asked again on this device.
    /// A choice is an opinion and no event: while there is no event, cards of the chosen categories
    /// come earlier in the order of popularity, and a carousel has what is like the card that was
    /// chosen last. Sends nothing.
    pub async fn answer_starters(&self, chosen: &[ItemId]) {
        for item in chosen {
            self.say(OpinionKind::Chosen, *item, None).await;
        }
        self.inner.state.borrow_mut().settings.starters_answered = true;
        self.store_settings().await;
    }

    /// Takes the choice of a card back.
    pub async fn choose_no_more(&self, item: ItemId) -> Recorded {
        self.say(OpinionKind::ChosenNoMore, item, None).await
    }

    /// Cards that were chosen, the newest first, as [`Session::unwanted`] lists its own.
    pub fn chosen(&self) -> Vec<CardSince> {
        let state = self.inner.state.borrow();
        state.cards_since(state.log.chosen())
    }
}

impl State {
    /// What was chosen, as far as it may be used.
    pub fn chosen(&self) -> BTreeMap<ItemId, &Opinion> {
        if self.has_consent() { self.log.chosen() } else { BTreeMap::new() }
    }

    /// Categories of chosen cards, each once, by their numbers in the catalogue of a pair; a card
    /// without a category says nothing of others.
    pub fn categories_chosen(&self, pair: &Pair) -> Vec<u16> {
        let catalogue = &pair.catalogue;
        let rows = self.chosen().into_keys().filter_map(|item| catalogue.index_of(item));
        let rows = rows.filter(|row| !catalogue.category(*row).is_empty());
        let categories: BTreeSet<u16> = rows.map(|row| catalogue.raw(row).category).collect();
        categories.into_iter().collect()
    }
}

/// What may be shown unasked to somebody of whom nothing is known but what they chose.
pub(crate) fn popular_for_newcomer<'a>(
    pair: &'a Pair,
    unasked: &'a Unasked,
    categories: &[u16],
) -> Box<dyn Iterator<Item = u32> + 'a> {
    let popular = unasked.popular(pair);
    if categories.is_empty() {
        return Box::new(popular);
    }
    let catalogue = &pair.catalogue;
    let factor = candidates::choice_factor(candidates::CHOICE_BONUS, categories.len());
    let n_buyers = |row| catalogue.price(row).n_buyers;
    let is_chosen = |row| categories.contains(&catalogue.raw(row).category);
    Box::new(candidates::popular_with_choice(popular, n_buyers, is_chosen, factor).into_iter())
}
