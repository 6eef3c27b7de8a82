//! A synthetic shopper: what they did, and when they look at the shop.

use vitrine_domain::{Event, EventKind, ItemId};
use vitrine_studio_api::Persona;
use vitrine_words::studio::t;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A shopper of the log comes back a day after the last order in it.
const RETURN_MS: i64 = DAY_MS;

/// Where a shopper comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Made up here.
    #[default]
    Composed,
    /// Drawn from the order log, where shoppers are numbered: pseudonymous, not anonymous.
    Drawn {
        /// Their number there.
        shopper: u32,
    },
}

/// A synthetic shopper.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shopper {
    /// Where they come from.
    pub origin: Origin,
    /// What they did, oldest first.
    pub events: Vec<Event>,
    /// When they look at the shop; `None` is now.
    pub now_ms: Option<i64>,
}

impl Shopper {
    /// A shopper of the log, looking at the shop a day after their last order.
    pub fn drawn(shopper: u32, events: Vec<Event>) -> Self {
        let now_ms = events.last().map(|event| event.at_ms + RETURN_MS);
        Self { origin: Origin::Drawn { shopper }, events, now_ms }
    }

    /// Adds what they did `ago` before they look at the shop, at its place in time.
    pub fn did(&mut self, kind: EventKind, item: ItemId, ago: Ago, clock_ms: i64) {
        let at_ms = self.now_ms.unwrap_or(clock_ms) - ago.ms();
        let place = self.events.partition_point(|event| event.at_ms <= at_ms);
        self.events.insert(place, Event { kind, item, at_ms });
    }

    /// Events and moment, as a session and the teacher want them.
    pub fn persona(&self, clock_ms: i64) -> Persona {
        Persona { events: self.events.clone(), now_ms: Some(self.now_ms.unwrap_or(clock_ms)) }
    }

    /// How many of the events the teacher can use.
    pub fn n_purchases(&self) -> usize {
        self.events.iter().filter(|event| event.kind == EventKind::Purchase).count()
    }
}

/// How long ago something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ago {
    /// This moment.
    Now,
    /// Three hours.
    Hours,
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
}

impl Ago {
    /// All, the latest first.
    pub const ALL: [Self; 5] = [Self::Now, Self::Hours, Self::Day, Self::Week, Self::Month];

    fn ms(self) -> i64 {
        match self {
            Self::Now => 0,
            Self::Hours => 3 * HOUR_MS,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
            Self::Month => 30 * DAY_MS,
        }
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Now => t!("ago.now"),
            Self::Hours => t!("ago.hours"),
            Self::Day => t!("ago.day"),
            Self::Week => t!("ago.week"),
            Self::Month => t!("ago.month"),
        }
    }
}
