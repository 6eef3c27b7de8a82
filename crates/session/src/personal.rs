//! What is derived from the log for one pair: keyed by (base, catalogue),
//! thrown away and made anew when either changes.

use std::collections::BTreeMap;
use std::rc::Rc;

use vitrine_domain::{Event, EventKind, ItemId};
use vitrine_student::{CODE_DIM, LogEntry, Shopper};

use crate::learner::Learner;
use crate::log::{KeptCard, Log};
use crate::pair::{Model, Pair};

/// The shopper as the pinned student sees them.
pub(crate) struct Personal {
    /// Shared with rankings under way; changed by copy when one is.
    pub shopper: Rc<Shopper>,
    /// `None` when the shopper does not want it.
    pub learner: Option<Learner>,
}

impl Personal {
    /// From the whole log; `None` without a model. What is learned is learned anew, one
    /// ranking a basket: so events that are gone have taught nothing.
    pub fn rebuild(pair: &Pair, log: &Log, learns: bool) -> Option<Self> {
        let model = pair.model.as_ref()?;
        let mut learner = learns.then(Learner::new);
        let mut shopper = Shopper::new();
        for event in &log.events {
            if let Some(learner) = learner.as_mut().filter(|_| event.kind == EventKind::Purchase) {
                if learner.begins_basket(event.at_ms) {
                    shopper.encode(&model.weights);
                }
                learner.learn(model, &shopper, event.item, event.at_ms);
            }
            shopper.record(entry(pair, model, &log.kept, event));
        }
        shopper.encode(&model.weights);
        Some(Self { shopper: Rc::new(shopper), learner })
    }

    /// One event more; the same state as a rebuild, for the price of one token.
    pub fn append(&mut self, pair: &Pair, kept: &BTreeMap<ItemId, KeptCard>, event: &Event) {
        if let Some(model) = &pair.model {
            if let Some(learner) = &mut self.learner
                && event.kind == EventKind::Purchase
            {
                learner.learn(model, &self.shopper, event.item, event.at_ms);
            }
            let entry = entry(pair, model, kept, event);
            Rc::make_mut(&mut self.shopper).append(&model.weights, entry);
        }
    }
}

/// An event with the card's code and places: from the pair, else as kept on the
/// device. A kept code of another base means nothing to this one and counts as
/// 0, so that kind and time of the event still do.
fn entry(pair: &Pair, model: &Model, kept: &BTreeMap<ItemId, KeptCard>, event: &Event) -> LogEntry {
    let mut entry = LogEntry {
        kind: event.kind,
        item: event.item,
        at_ms: event.at_ms,
        code: [0; CODE_DIM],
        department: u16::MAX,
        category: u16::MAX,
    };
    if let Some(index) = pair.catalogue.index_of(event.item) {
        let card = pair.catalogue.raw(index);
        entry.code.copy_from_slice(model.table.code(index));
        (entry.department, entry.category) = (card.department, card.category);
    } else if let Some(kept) = kept.get(&event.item) {
        let card = &kept.card;
        (entry.department, entry.category) =
            pair.catalogue.places(&card.department, &card.category);
        if kept.base == Some(model.base) && kept.code.len() == CODE_DIM {
            entry.code.copy_from_slice(&kept.code);
        }
    }
    entry
}
