//! What a shopper did, and what that has to do with a card, in words.

use vitrine_domain::{EventKind, ItemId};
use vitrine_words::session::t;

use crate::{Feed, ItemReason, Link, RelatedBy, Status};

impl ItemReason {
    /// "You bought Bananas 3×, last on 12 Oct." The strongest thing done is said: bought, else
    /// added, else looked at. `day` writes a moment, in milliseconds since 1970-01-01 UTC.
    pub fn words(&self, day: impl Fn(i64) -> String) -> String {
        let title = &self.card.title;
        let order = [
            EventKind::Purchase,
            EventKind::AddToCart,
            EventKind::ViewItem,
            EventKind::RemoveFromCart,
        ];
        let strongest = order.into_iter().find_map(|kind| {
            self.counts.iter().find(|(k, n)| *k == kind && *n > 0).map(|(_, n)| (kind, *n))
        });
        let Some((kind, n)) = strongest else { return title.clone() };
        let day = day(self.last_at_ms);
        match (kind, n > 1) {
            (EventKind::Purchase, false) => t!("reason.bought_once", title = title, day = day),
            (EventKind::Purchase, true) => {
                t!("reason.bought_often", title = title, n = n, day = day)
            }
            (EventKind::AddToCart, false) => t!("reason.put_once", title = title, day = day),
            (EventKind::AddToCart, true) => {
                t!("reason.put_often", title = title, n = n, day = day)
            }
            (EventKind::ViewItem, false) => t!("reason.looked_once", title = title, day = day),
            (EventKind::ViewItem, true) => {
                t!("reason.looked_often", title = title, n = n, day = day)
            }
            (EventKind::RemoveFromCart, false) => t!("reason.took_once", title = title, day = day),
            (EventKind::RemoveFromCart, true) => {
                t!("reason.took_often", title = title, n = n, day = day)
            }
        }
    }
}

impl Feed {
    /// Why a card stands before its rank; `None` where it does not.
    pub fn why_placed(&self, id: ItemId) -> Option<&'static str> {
        if self.promoted.contains(&id) {
            return Some(t!("placed.offer"));
        }
        self.explored.contains(&id).then(|| t!("placed.new"))
    }
}

impl Link {
    /// The link in words.
    pub fn words(&self) -> String {
        match self {
            Self::Alternative => t!("link.alternative").to_owned(),
            Self::BoughtTogether => t!("link.together").to_owned(),
            Self::Category(name) => t!("link.category", name = name),
            Self::Brand(name) => t!("link.brand", name = name),
            Self::Department(name) => t!("link.department", name = name),
        }
    }
}

impl RelatedBy {
    /// Why the card is shown, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::BoughtTogether => t!("link.together"),
            Self::Alternative => t!("link.alternative"),
            Self::Similar => t!("link.similar"),
        }
    }
}

impl Status {
    /// Why no past event can be named as the reason for a card.
    pub fn why_without_reasons(&self) -> &'static str {
        if !self.model_ready {
            t!("none.no_model")
        } else if self.has_choice {
            t!("none.choice")
        } else if self.n_events == 0 {
            t!("none.no_events")
        } else {
            t!("none.popular")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ItemCard;

    #[test]
    fn the_strongest_thing_done_is_said_with_how_often_and_when() {
        let reason = |counts: &[(EventKind, u32)]| {
            let reason = ItemReason {
                card: ItemCard { title: "Bananas".to_owned(), ..ItemCard::default() },
                counts: counts.to_vec(),
                last_at_ms: 5,
                effect: 1.0,
                share: 1.0,
                links: Vec::new(),
            };
            reason.words(|at_ms| format!("on day {at_ms}"))
        };
        let (looked, bought) = ((EventKind::ViewItem, 4), (EventKind::Purchase, 3));
        assert_eq!(reason(&[looked, bought]), "You bought Bananas 3×, last on day 5.");
        let put = (EventKind::AddToCart, 1);
        assert_eq!(reason(&[looked, put]), "You put Bananas into the basket on day 5.");
        assert_eq!(reason(&[looked]), "You looked at Bananas 4×, last on day 5.");
    }
}
