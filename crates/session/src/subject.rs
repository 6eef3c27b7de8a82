//! What a line of the profile is made from: the events that go when it is forgotten.

use std::collections::BTreeMap;

use vitrine_domain::{EventKind, ItemId};

use crate::DeviceEvent;
use crate::log::Log;

/// What can be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileSubject {
    /// All that was done with a card.
    Card(ItemId),
    /// All that was done with the cards of a department.
    Department(String),
    /// All that was done with the cards of a brand.
    Brand(String),
    /// All purchases, with what was put into the basket for them.
    Purchases,
}

/// Events of a log by what a line of the profile says of them.
pub(crate) struct EventsOf<'a> {
    subject: &'a ProfileSubject,
    /// Department and brand of each card.
    facts: BTreeMap<ItemId, (String, String)>,
    /// When each card was last bought.
    last_purchase_ms: BTreeMap<ItemId, i64>,
}

impl<'a> EventsOf<'a> {
    /// Of a log whose cards have these departments and brands.
    pub fn new(
        subject: &'a ProfileSubject,
        log: &Log,
        facts: BTreeMap<ItemId, (String, String)>,
    ) -> Self {
        let mut last_purchase_ms = BTreeMap::new();
        for event in log.events.iter().filter(|event| event.kind == EventKind::Purchase) {
            let last = last_purchase_ms.entry(event.item).or_insert(event.at_ms);
            *last = event.at_ms.max(*last);
        }
        Self { subject, facts, last_purchase_ms }
    }

    /// Whether an event is one of them.
    pub fn has(&self, event: &DeviceEvent) -> bool {
        let facts = self.facts.get(&event.item);
        match self.subject {
            ProfileSubject::Card(item) => event.item == *item,
            ProfileSubject::Department(name) => facts.is_some_and(|(of, _)| of == name),
            ProfileSubject::Brand(name) => facts.is_some_and(|(_, of)| of == name),
            // What was put into the basket for a purchase goes with it, or it would lie there again.
            ProfileSubject::Purchases => match event.kind {
                EventKind::ViewItem => false,
                _ => self.last_purchase_ms.get(&event.item).is_some_and(|at| event.at_ms <= *at),
            },
        }
    }
}
