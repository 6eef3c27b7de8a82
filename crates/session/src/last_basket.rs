//! The basket that was bought last, to be filled again at today's prices.

use vitrine_domain::EventKind;

use crate::basket::{Line, basket};
use crate::learner::BASKET_MS;
use crate::log::DeviceEvent;
use crate::session::Session;
use crate::{BasketLine, Recorded};

/// What was bought last.
#[derive(Clone, Debug, PartialEq)]
pub struct LastBasket {
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// Its lines at today's prices; [`BasketLine::obstacle`] says what cannot be bought again.
    pub lines: Vec<BasketLine>,
}

impl Session {
    /// The basket that was bought last, in this browser or in the log that it was given; `None`
    /// when nothing was bought, or may be remembered.
    pub fn last_basket(&self) -> Option<LastBasket> {
        let now_ms = self.inner.adapters.clock.now_ms();
        let state = self.inner.state.borrow();
        let (at_ms, lines) = state.has_consent().then(|| last_bought(&state.log.events))??;
        let terms = (&state.shown_prices(), state.counter());
        let basket = basket(lines, |item| state.item(item), terms, now_ms);
        (!basket.lines.is_empty()).then_some(LastBasket { at_ms, lines: basket.lines })
    }

    /// Puts what was bought last into the basket, as far as it can be bought. Returns how many
    /// lines that were.
    pub async fn refill_basket(&self) -> usize {
        let Some(last) = self.last_basket() else { return 0 };
        let mut n_lines = 0;
        for line in last.lines.iter().filter(|line| line.obstacle.is_none()) {
            let recorded = self.put_pieces(line.card.id, line.sku(), line.quantity).await;
            n_lines += usize::from(!matches!(recorded, Recorded::NotForSale(_)));
        }
        n_lines
    }
}

/// When the last basket of a log was bought, and what was in it.
fn last_bought(events: &[DeviceEvent]) -> Option<(i64, Vec<Line>)> {
    let bought = || events.iter().filter(|event| event.kind == EventKind::Purchase);
    let at_ms = bought().map(|event| event.at_ms).max()?;
    let mut lines: Vec<Line> = Vec::new();
    for event in bought().filter(|event| at_ms - event.at_ms < BASKET_MS) {
        let sku = event.variant.as_ref().map(|variant| variant.sku.as_str());
        let pieces = event.pieces.unwrap_or(1);
        match lines.iter_mut().find(|line| line.is_of(event.item, sku)) {
            Some(line) => line.quantity = line.quantity.saturating_add(pieces),
            None => {
                let variant = event.variant.clone();
                lines.push(Line { item: event.item, variant, quantity: pieces });
            }
        }
    }
    Some((at_ms, lines))
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{Event, ItemId};

    use super::*;

    #[test]
    fn the_last_basket_is_what_was_bought_within_minutes() {
        let bought = |item, at_ms, pieces| DeviceEvent {
            pieces,
            ..Event { kind: EventKind::Purchase, item: ItemId(item), at_ms }.into()
        };
        let later = BASKET_MS * 3;
        let events = [
            bought(1, 0, Some(4)),
            bought(2, later, Some(3)),
            bought(3, later + 1, None),
            bought(2, later + 2, Some(2)),
        ];
        let (at_ms, lines) = last_bought(&events).expect("bought");
        let lines: Vec<_> = lines.iter().map(|line| (line.item.0, line.quantity)).collect();
        assert_eq!((at_ms, lines), (later + 2, vec![(2, 5), (3, 1)]));
        assert_eq!(last_bought(&[]), None);
    }
}
