//! Learning on the device: what the shopper bought corrects the frozen student, see
//! [`vitrine_student::personal`]. Nothing of it is stored: it is made of the log.

use std::rc::Rc;

use vitrine_domain::ItemId;
use vitrine_domain::limits::FEED_CANDIDATES_MAX;
use vitrine_student::{PersonalConfig, PersonalLayer, Prediction, Ranker, Shopper, candidates};

use crate::Learning;
use crate::pair::Model;

/// Purchases within this time of the first are of one basket, and are learned from what
/// was predicted before it.
pub(crate) const BASKET_MS: i64 = 600_000;

/// The layer, and the prediction that the basket under way is learned from.
pub(crate) struct Learner {
    /// Shared with rankings under way.
    layer: Rc<PersonalLayer>,
    basket: Option<Basket>,
}

struct Basket {
    at_ms: i64,
    rows: Vec<u32>,
    scores: Vec<f32>,
}

impl Learner {
    pub fn new() -> Self {
        Self { layer: Rc::new(PersonalLayer::new(PersonalConfig::default())), basket: None }
    }

    /// Whether a purchase at this time begins a basket: then the shopper's log must be
    /// encoded before it is learned from.
    pub fn begins_basket(&self, at_ms: i64) -> bool {
        let is_same = |basket: &Basket| (0..BASKET_MS).contains(&(at_ms - basket.at_ms));
        !self.basket.as_ref().is_some_and(is_same)
    }

    /// Learns from a purchase that is about to be logged. What was no candidate of the
    /// feed teaches nothing.
    pub fn learn(&mut self, model: &Model, shopper: &Shopper, item: ItemId, at_ms: i64) {
        if self.begins_basket(at_ms) {
            self.basket = (!shopper.log().is_empty()).then(|| Basket::new(model, shopper, at_ms));
        }
        let (Some(basket), Some(row)) = (&self.basket, model.table.index_of(item)) else { return };
        if let Some(taken) = basket.rows.iter().position(|candidate| *candidate == row) {
            let Basket { rows, scores, .. } = basket;
            Rc::make_mut(&mut self.layer).learn(Prediction { rows, scores }, taken);
        }
    }

    pub fn layer(&self) -> Rc<PersonalLayer> {
        Rc::clone(&self.layer)
    }

    /// What the page may say of it.
    pub fn status(&self) -> Learning {
        Learning {
            n_events: self.layer.n_events(),
            n_events_min: PersonalConfig::default().guard_events,
            speaks: self.layer.is_on(),
        }
    }
}

impl Basket {
    fn new(model: &Model, shopper: &Shopper, at_ms: i64) -> Self {
        let (weights, table) = (&model.weights, &model.table);
        let rows = candidates::feed(table, weights, shopper, FEED_CANDIDATES_MAX);
        let scores = Ranker::new().rank(weights, table, shopper, at_ms, &rows, None);
        Self { at_ms, rows, scores }
    }
}
