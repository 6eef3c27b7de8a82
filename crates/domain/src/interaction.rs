//! A line of the shop's own log, the training material of the server.

use serde::{Deserialize, Serialize};

use crate::{EventKind, ItemId, ShopperId};

/// One thing one shopper did with one card.
///
/// These come from the shop's own order log. No message of the browser can
/// become one: the wire has no type for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    /// Who, renumbered.
    pub shopper: ShopperId,
    /// The card.
    pub item: ItemId,
    /// What was done.
    pub kind: EventKind,
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// Order or basket, renumbered; lines of one basket share it.
    pub basket: u32,
    /// How many pieces.
    pub quantity: u32,
    /// Price of one piece in minor units.
    pub price_minor: u32,
}
