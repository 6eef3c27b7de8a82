//! What the parts of the front page share.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::ItemId;
use vitrine_session::{Carousel, Feed, FeedReason, ItemCard, Session};
use vitrine_words::shop::t;

use crate::{motion, state::Shop};

/// Signals of the front page. A visit begins when the page is drawn: within it carousels keep
/// their cards, so that nothing is pushed away from under the shopper.
#[derive(Clone, Copy)]
pub struct HomeSignals {
    pub carousels: RwSignal<Vec<Carousel>>,
    /// The card that was the last to be called unwanted in this visit.
    pub unwanted: RwSignal<Option<ItemCard>>,
    /// What was put into the basket in this visit: its tiles stay.
    kept: StoredValue<BTreeSet<ItemId>>,
    /// Whether the carousels of this visit are drawn.
    is_drawn: StoredValue<bool>,
}

impl HomeSignals {
    /// Before the first visit.
    pub fn new() -> Self {
        Self {
            carousels: RwSignal::new(Vec::new()),
            unwanted: RwSignal::new(None),
            kept: StoredValue::new(BTreeSet::new()),
            is_drawn: StoredValue::new(false),
        }
    }

    /// Begins a visit.
    pub fn begin_visit(&self) {
        self.unwanted.set(None);
        self.kept.set_value(BTreeSet::new());
        self.draw_carousels_anew();
    }

    /// Whether this visit's carousels are there.
    pub fn has_drawn(&self) -> bool {
        self.is_drawn.get_value()
    }

    /// Lets the next home page have other carousels.
    pub fn draw_carousels_anew(&self) {
        self.is_drawn.set_value(false);
    }

    /// Keeps the tile of a card that goes into the basket.
    pub fn keep(&self, id: ItemId) {
        self.kept.update_value(|kept| {
            kept.insert(id);
        });
    }

    /// What [`vitrine_session::Session::home`] is to keep.
    pub fn kept(&self) -> BTreeSet<ItemId> {
        self.kept.get_value()
    }

    /// Takes the carousels of a home page, the first of a visit; later ones change the facts of
    /// the cards that are drawn, but not which they are.
    pub fn take(&self, session: &Session, carousels: Option<Vec<Carousel>>, feed: &Feed) {
        let carousels = carousels.unwrap_or_else(|| {
            let mut carousels = self.carousels.get_untracked();
            for card in carousels.iter_mut().flat_map(|carousel| &mut carousel.cards) {
                *card = session.item(card.id).unwrap_or_else(|| card.clone());
            }
            carousels
        });
        self.is_drawn.set_value(feed.reason != Some(FeedReason::NotSynced));
        if carousels != *self.carousels.read_untracked() {
            self.carousels.set(carousels);
        }
    }

    fn remove(&self, id: ItemId) {
        self.carousels.update(|carousels| {
            carousels.iter_mut().for_each(|carousel| carousel.cards.retain(|card| card.id != id));
            carousels.retain(|carousel| !carousel.cards.is_empty());
        });
    }
}

/// Leaves a card out from now on, and offers to take that back.
pub fn not_interested(shop: Shop, card: ItemCard) {
    spawn_local(async move {
        shop.session().not_interested(card.id).await;
        shop.home.remove(card.id);
        shop.home.unwanted.set(Some(card));
        shop.changed();
    });
}

/// Takes it back.
pub fn interested_again(shop: Shop, card: ItemCard) {
    spawn_local(async move {
        shop.session().interested_again(card.id).await;
        shop.announcement.set(t!("opinion.may_show", title = card.title));
        shop.home.unwanted.set(None);
        taken_back(shop);
    });
}

/// Takes a newcomer's choice of a card back.
pub fn choose_no_more(shop: Shop, card: ItemCard) {
    spawn_local(async move {
        shop.session().choose_no_more(card.id).await;
        shop.announcement.set(t!("opinion.removed", title = card.title));
        taken_back(shop);
    });
}

fn taken_back(shop: Shop) {
    shop.home.draw_carousels_anew();
    shop.changed();
    // The button that had the focus goes, and the card may be anywhere.
    motion::focus_heading();
}
