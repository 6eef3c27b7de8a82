//! Cards that the shopper does not want to see: said, listed, and taken back.

use vitrine_domain::ItemId;

use crate::Recorded;
use crate::opinions::OpinionKind;
use crate::session::Session;
use crate::standing::CardSince;

impl Session {
    /// Leaves a card out of the feed and of carousels from now on, on this device. Sends
    /// nothing, and changes no score: cards like it stay where they are. While recording is
    /// paused it holds until the tab closes.
    pub async fn not_interested(&self, item: ItemId) -> Recorded {
        self.say(OpinionKind::NotInterested, item, None).await
    }

    /// Takes [`Session::not_interested`] back.
    pub async fn interested_again(&self, item: ItemId) -> Recorded {
        self.say(OpinionKind::InterestedAgain, item, None).await
    }

    /// Cards that the shopper does not want to see, the newest first. One that neither the
    /// catalogue nor the log knows any more is left out, as it is from every list.
    pub fn unwanted(&self) -> Vec<CardSince> {
        let state = self.inner.state.borrow();
        state.cards_since(state.log.unwanted())
    }
}
