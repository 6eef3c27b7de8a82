//! *Did you forget?*: a few cards beside the basket, each with its reason.

use std::collections::BTreeSet;

use vitrine_domain::{Event, EventKind, ItemId};

use crate::ItemCard;
use crate::home::buy_again;
use crate::session::Session;
use crate::unasked::Unasked;

/// Most cards that are asked about.
pub const FORGOTTEN_CARDS_MAX: usize = 6;

/// Why a card may have been forgotten.
#[derive(Clone, Debug, PartialEq)]
pub enum ForgottenBecause {
    /// The shopper buys it regularly, and it is due by its own interval.
    Due {
        /// When it was bought last, or put into the basket, in milliseconds since 1970-01-01 UTC.
        last_at_ms: i64,
    },
    /// Enough buyers put it into one basket with something that is in this one.
    GoesWith {
        /// Title of what is in the basket.
        title: String,
    },
}

/// A card that may have been forgotten.
#[derive(Clone, Debug, PartialEq)]
pub struct ForgottenCard {
    /// The card.
    pub card: ItemCard,
    /// Why it is asked about.
    pub because: ForgottenBecause,
}

impl Session {
    /// What may be missing in the basket, at most [`FORGOTTEN_CARDS_MAX`] cards: what is due
    /// first, then what goes with the lines, the strongest of each line before the second of
    /// any. Empty while the basket is. Left out is what cannot be bought, what is in
    /// the basket, what the shopper does not want to see, and what the shop never recommends
    /// unasked, even if it is due.
    pub fn forgotten(&self) -> Vec<ForgottenCard> {
        let lines = self.basket().lines;
        let Some(pair) = self.active().filter(|_| !lines.is_empty()) else { return Vec::new() };
        let unasked = Unasked::of(self, &BTreeSet::new());
        let catalogue = &pair.catalogue;
        let mut seen = BTreeSet::new();
        let mut card = |item: ItemId| {
            let index = catalogue.index_of(item).filter(|row| unasked.may_show(&pair, *row))?;
            let shown = self.inner.state.borrow().shown_prices();
            let card = shown.card(catalogue.card(index));
            (self.obstacle(&card, None).is_none() && seen.insert(item)).then_some(card)
        };
        let events: Vec<Event> = self.inner.state.borrow().ranked().collect();
        let due = buy_again::due(&events, self.inner.adapters.clock.now_ms());
        let mut forgotten: Vec<ForgottenCard> = due
            .into_iter()
            .filter_map(|item| {
                let because = ForgottenBecause::Due { last_at_ms: last_taken(&events, item)? };
                Some(ForgottenCard { card: card(item)?, because })
            })
            .take(FORGOTTEN_CARDS_MAX)
            .collect();
        let related: Vec<(&str, &[ItemId])> = (lines.iter())
            .filter_map(|line| {
                let row = catalogue.rows().related_to(line.card.id)?;
                Some((line.card.title.as_str(), row.related.as_slice()))
            })
            .collect();
        let n_related_max = related.iter().map(|(_, items)| items.len()).max().unwrap_or(0);
        for rank in 0..n_related_max {
            for (title, items) in &related {
                if forgotten.len() == FORGOTTEN_CARDS_MAX {
                    return forgotten;
                }
                let Some(card) = items.get(rank).and_then(|item| card(*item)) else { continue };
                let because = ForgottenBecause::GoesWith { title: (*title).to_owned() };
                forgotten.push(ForgottenCard { card, because });
            }
        }
        forgotten
    }
}

/// When a card was bought last; when it was put into the basket last if it was never bought.
fn last_taken(events: &[Event], item: ItemId) -> Option<i64> {
    let last = |kind| events.iter().rev().find(|event| event.item == item && event.kind == kind);
    let event = last(EventKind::Purchase).or_else(|| last(EventKind::AddToCart))?;
    Some(event.at_ms)
}
