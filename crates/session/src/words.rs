//! What a shopper did, and what that has to do with a card, in words.

use vitrine_domain::{EventKind, ItemId};

use crate::{Feed, ItemReason, Link, RelatedBy, Status};

/// What the shopper did, in the past tense.
pub fn did(kind: EventKind) -> &'static str {
    match kind {
        EventKind::ViewItem => "looked at",
        EventKind::AddToCart => "added to the basket",
        EventKind::RemoveFromCart => "took out of the basket",
        EventKind::Purchase => "bought",
    }
}

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
        let times = if n > 1 { format!(" {n}×") } else { String::new() };
        let last = if n > 1 { ", last " } else { " " };
        let day = day(self.last_at_ms);
        match kind {
            EventKind::AddToCart => format!("You put {title} into the basket{times}{last}{day}."),
            EventKind::RemoveFromCart => {
                format!("You took {title} out of the basket{times}{last}{day}.")
            }
            _ => format!("You {} {title}{times}{last}{day}.", did(kind)),
        }
    }
}

impl Feed {
    /// Why a card stands before its rank; `None` where it does not.
    pub fn why_placed(&self, id: ItemId) -> Option<&'static str> {
        if self.promoted.contains(&id) {
            return Some(
                "In your feed it has its place because it is on offer, from among what ranks best \
                 for you anyway.",
            );
        }
        let unexplored = "Hardly anyone has bought it yet. The shop keeps a few places for such \
                          products, and of them this one suits you best.";
        self.explored.contains(&id).then_some(unexplored)
    }
}

impl Link {
    /// The link in words.
    pub fn words(&self) -> String {
        match self {
            Self::Alternative => "Often taken in its place".to_owned(),
            Self::BoughtTogether => "Often bought together".to_owned(),
            Self::Category(name) => format!("Both are {name}"),
            Self::Brand(name) => format!("Same brand: {name}"),
            Self::Department(name) => format!("Both are in {name}"),
        }
    }
}

impl RelatedBy {
    /// Why the card is shown, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::BoughtTogether => "Often bought together",
            Self::Alternative => "Often taken in its place",
            Self::Similar => "Similar",
        }
    }
}

impl Status {
    /// Why no past event can be named as the reason for a card.
    pub fn why_without_reasons(&self) -> &'static str {
        if !self.model_ready {
            "The shop has not published a model yet, so this is the order of what most people buy."
        } else if self.has_choice {
            "This browser knows nothing of you but what you chose at the start: cards of that sort come earlier in the order of what most people buy."
        } else if self.n_events == 0 {
            "This browser knows nothing about you yet, so this is the order of what most people buy."
        } else {
            "Nothing you did moved this up. It is here because many people buy it."
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
