//! The wish list, and which of it has become cheaper: both are worked out on the device.

use std::cmp::Reverse;

use vitrine_domain::ItemId;

use crate::opinions::{OpinionKind, PriceSeen};
use crate::session::Session;
use crate::state::State;
use crate::{ItemCard, Recorded};

/// A card on the wish list.
#[derive(Clone, Debug, PartialEq)]
pub struct WishedCard {
    /// The card, with the prices that are shown now.
    pub card: ItemCard,
    /// Since when, in milliseconds since 1970-01-01 UTC.
    pub since_ms: i64,
    /// By how much it is cheaper than when it was wished, in minor units; `None` when it is
    /// not, and where the two prices are of different price lists.
    pub cheaper_by_minor: Option<u32>,
}

impl Session {
    /// Puts a card on the wish list of this device, with what it costs now. Sends nothing, and
    /// changes no score. While recording is paused it holds until the tab closes.
    pub async fn wish(&self, item: ItemId) -> Recorded {
        let price = {
            let state = self.inner.state.borrow();
            state.price_seen(item, self.inner.adapters.clock.now_ms())
        };
        self.say(OpinionKind::Wished, item, price).await
    }

    /// Takes a card off the wish list.
    pub async fn wish_no_more(&self, item: ItemId) -> Recorded {
        self.say(OpinionKind::WishedNoMore, item, None).await
    }

    /// Whether a card is on the wish list.
    pub fn is_wished(&self, item: ItemId) -> bool {
        self.inner.state.borrow().log.wished().contains_key(&item)
    }

    /// The wish list, the newest first, by the prices of the catalogue in use. A card that
    /// neither the catalogue nor the log knows any more is left out.
    pub fn wishes(&self) -> Vec<WishedCard> {
        let now_ms = self.inner.adapters.clock.now_ms();
        let state = self.inner.state.borrow();
        let shown = state.shown_prices();
        let wish = |(item, then): (ItemId, &crate::Opinion)| {
            let card = shown.card(state.item(item)?);
            let now = state.price_seen(item, now_ms).filter(|_| card.listed);
            let cheaper_by_minor = match (&then.price, now) {
                (Some(then), Some(now)) if then.list == now.list => {
                    then.minor.checked_sub(now.minor).filter(|less| *less > 0)
                }
                _ => None,
            };
            Some(WishedCard { card, since_ms: then.at_ms, cheaper_by_minor })
        };
        let wished = state.log.wished().into_iter().filter(|_| state.has_consent());
        let mut wishes: Vec<WishedCard> = wished.filter_map(wish).collect();
        vitrine_domain::sorting::sort_by_key(&mut wishes, |of| (Reverse(of.since_ms), of.card.id));
        wishes
    }
}

impl State {
    /// What a card costs in the prices that are shown; `None` when it has no price.
    fn price_seen(&self, item: ItemId, now_ms: i64) -> Option<PriceSeen> {
        let card = self.shown_prices().card(self.item(item)?);
        // As it is shown: which variant is the usual one may change.
        let minor = Some(card.lowest_price(now_ms).minor).filter(|minor| *minor > 0)?;
        let manifest = self.pairs.active().map(|pair| &pair.manifest);
        let list = manifest.and_then(|manifest| Some(self.price_list(manifest)?.1.key.clone()));
        Some(PriceSeen { minor, list })
    }
}
