//! The shop's home: carousels, each with its reason, and the feed.
//!
//! Everything is worked out on the device, from the log and the synced catalogue.

pub(crate) mod buy_again;
mod carousels;
pub(crate) mod starters;

use std::collections::BTreeSet;

use vitrine_domain::ItemId;

use crate::session::Session;
use crate::unasked::Unasked;
use crate::{Feed, ItemCard, PlacedBy};

/// Most cards of one carousel.
pub const CAROUSEL_CARDS_MAX: usize = 12;

/// What a carousel shows, which is why its cards are there.
#[derive(Clone, Debug, PartialEq)]
pub enum CarouselKind {
    /// Bought on this device, or put into the basket often, and due by the card's own interval.
    BuyAgain,
    /// What stands for a card that was looked at and not bought, or is like it.
    BecauseOf {
        /// The card.
        looked_at: Box<ItemCard>,
    },
    /// What stands for a card that a newcomer chose and has not bought, or is like it.
    BecauseOfChoice {
        /// The card.
        chosen: Box<ItemCard>,
    },
    /// Offers and sales that hold now.
    OnOffer,
    /// Listed lately, by the shop's own dates.
    ListedLately,
    /// Hardly bought by anyone, in a shop that says no dates.
    HardlyBought,
    /// What most people buy in the shopper's main department.
    PopularIn {
        /// The department.
        department: String,
    },
    /// What the shopper looked at last.
    RecentlyViewed,
}

impl CarouselKind {
    /// What rules of the shop call it; append only.
    pub fn name(&self) -> &'static str {
        match self {
            Self::BuyAgain => "buy_again",
            Self::BecauseOf { .. } => "because_of",
            Self::BecauseOfChoice { .. } => "because_of_choice",
            Self::OnOffer => "on_offer",
            Self::ListedLately => "listed_lately",
            Self::HardlyBought => "hardly_bought",
            Self::PopularIn { .. } => "popular_in",
            Self::RecentlyViewed => "recently_viewed",
        }
    }

    /// Whether it tells what the shopper did: then no rule moves anything in it.
    pub(crate) fn is_own_past(&self) -> bool {
        matches!(self, Self::BuyAgain | Self::RecentlyViewed)
    }

    /// Fewest cards of a carousel that is worth its place.
    fn cards_min(&self) -> usize {
        match self {
            // What the shopper did themselves says something even alone.
            Self::BuyAgain | Self::RecentlyViewed => 1,
            _ => 3,
        }
    }
}

/// A row of cards with one reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Carousel {
    /// What it shows.
    pub kind: CarouselKind,
    /// Best first, at most [`CAROUSEL_CARDS_MAX`].
    pub cards: Vec<ItemCard>,
    /// What rules of the shop did to the places of some of them.
    pub placed: Vec<(ItemId, PlacedBy)>,
}

/// The home page.
#[derive(Clone, Debug, PartialEq)]
pub struct Home {
    /// In the order of [`CarouselKind`]; those with nothing to say are not there. No card is
    /// in two of them.
    pub carousels: Vec<Carousel>,
    /// The feed below them, as [`Session::feed`] makes it. It may repeat their cards.
    pub feed: Feed,
}

impl Session {
    /// The feed of the home page alone, where its carousels stay as they are.
    pub async fn feed_keeping(&self, limit: usize, kept: &BTreeSet<ItemId>) -> Feed {
        self.feed_of(limit, &Unasked::of(self, kept)).await
    }

    /// The home page: carousels and at most `limit` tiles of the feed.
    ///
    /// Left out of both is what cannot be bought, what the shopper is not interested in, what
    /// the shop never recommends unasked (unless it was bought on this device and is due), and
    /// what is in the basket. A page passes as `kept` what was put into the basket while it was
    /// shown, so that no tile vanishes under the shopper's finger.
    pub async fn home(&self, limit: usize, kept: &BTreeSet<ItemId>) -> Home {
        let unasked = Unasked::of(self, kept);
        let feed = self.feed_of(limit, &unasked).await;
        let carousels = self.carousels(&unasked).await;
        let placed = carousels.iter().flat_map(|carousel| &carousel.placed);
        self.note_sponsored(placed.filter(|(_, by)| by.is_sponsored()).map(|(item, _)| *item));
        self.keep_sponsored().await;
        Home { carousels, feed }
    }
}
