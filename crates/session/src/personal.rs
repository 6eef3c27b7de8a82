//! What is derived from the log for one pair: keyed by (base, catalogue),
//! thrown away and made anew when either changes.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use vitrine_domain::pace::Pace;
use vitrine_domain::{Event, EventKind, ItemId};
use vitrine_student::{LogEntry, Remembered, Shopper};

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

/// What a [`Personal`] is made of.
#[derive(PartialEq)]
pub(crate) struct Past {
    /// What was done, oldest first, beside how the student reads it.
    events: Vec<(Event, LogEntry)>,
    learns: bool,
}

impl Past {
    /// Of a log, as the model reads it.
    pub fn of(model: &Model, log: &Log, learns: bool) -> Self {
        let read = |event: Event| (event, entry(model, &log.kept, &event));
        Self { events: log.ranked().map(read).collect(), learns }
    }
}

impl Personal {
    /// From the whole log, in pieces. What is learned is learned anew, one ranking a basket:
    /// so events that are gone have taught nothing. Boxed, so that the bundle has it once.
    pub fn of<'a>(
        model: &'a Model,
        past: &'a Past,
        pace: &'a dyn Pace,
    ) -> LocalBoxFuture<'a, Self> {
        Box::pin(Self::replayed(model, past, pace))
    }

    async fn replayed(model: &Model, past: &Past, pace: &dyn Pace) -> Self {
        let mut learner = past.learns.then(Learner::new);
        let mut shopper = Shopper::new();
        for (event, entry) in &past.events {
            if let Some(learner) = learner.as_mut().filter(|_| event.kind == EventKind::Purchase) {
                if learner.begins_basket(event.at_ms) {
                    pace.breathe().await;
                    shopper.encode(&model.weights);
                }
                learner.learn(model, &shopper, event.item, event.at_ms);
            }
            shopper.record(*entry);
        }
        shopper.encode(&model.weights);
        Self { shopper: Rc::new(shopper), learner }
    }

    /// One event more; the same state as a rebuild, for the price of one token.
    pub fn append(&mut self, pair: &Pair, kept: &BTreeMap<ItemId, KeptCard>, event: &Event) {
        if let Some(model) = &pair.model {
            if let Some(learner) = &mut self.learner
                && event.kind == EventKind::Purchase
            {
                learner.learn(model, &self.shopper, event.item, event.at_ms);
            }
            let entry = entry(model, kept, event);
            Rc::make_mut(&mut self.shopper).append(&model.weights, entry);
        }
    }
}

/// An event with the card's code and places: from the pair, else as kept on the
/// device. A kept code of another base means nothing to this one and counts as
/// 0, so that kind and time of the event still do.
fn entry(model: &Model, kept: &BTreeMap<ItemId, KeptCard>, event: &Event) -> LogEntry {
    model.table.entry_or(event, || {
        let kept = kept.get(&event.item)?;
        Some(Remembered {
            department: &kept.card.department,
            category: &kept.card.category,
            code: (kept.base == Some(model.base)).then_some(kept.code.as_slice()),
        })
    })
}
