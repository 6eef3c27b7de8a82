//! What the shopper's own device remembers. Never leaves it.

use serde::{Deserialize, Serialize};

use crate::ItemId;

/// GA4 e-commerce event names, those that Vitrine understands.
///
/// The discriminant is the row of the student's event embedding; append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum EventKind {
    /// A product page was opened.
    ViewItem = 0,
    /// Put into the basket.
    AddToCart = 1,
    /// Taken out of the basket.
    RemoveFromCart = 2,
    /// Bought.
    Purchase = 3,
}

impl EventKind {
    /// How many kinds there are.
    pub const COUNT: usize = 4;
}

/// One entry of the on-device event log.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What was done.
    pub kind: EventKind,
    /// With which card.
    pub item: ItemId,
    /// When, in milliseconds since 1970-01-01 UTC by the device's clock.
    pub at_ms: i64,
}
