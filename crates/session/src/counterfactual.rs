//! Where a card would stand in the feed if the shopper had not done something.

use std::collections::BTreeSet;
use std::rc::Rc;

use vitrine_device::Device;
use vitrine_domain::ItemId;
use vitrine_domain::limits::FEED_CANDIDATES_MAX;
use vitrine_rules::Surface;
use vitrine_student::explain::REASONS_MAX;
use vitrine_student::{LogEntry, Shopper};

use crate::device::milliseconds;
use crate::home::starters::popular_for_newcomer;
use crate::pair::Pair;
use crate::rank_input::RankInput;
use crate::rules::{ArrangedCard, arrange_popular};
use crate::session::Session;
use crate::unasked::Unasked;

/// Places of a card in the feed, from 1; `None` where it is not among the
/// [`FEED_CANDIDATES_MAX`] that are ranked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPlaces {
    /// With the whole log.
    pub now: Option<u32>,
    /// Without all events of each card that was asked about.
    pub without: Vec<(ItemId, Option<u32>)>,
}

impl Session {
    /// The place of a card in the feed now, and its places if the events of each of at most
    /// [`REASONS_MAX`] logged cards were not in the log. Each place is that of a whole feed:
    /// candidates, scores, diversity and kept places. What was learned on the device stays, as
    /// it does in [`Session::why`]. `None` when the feed is not personal.
    ///
    /// It ranks once for each card and once for now, on the processor, so it is for when a
    /// shopper asks.
    pub async fn feed_places(&self, id: ItemId, reasons: &[ItemId]) -> Option<FeedPlaces> {
        let input = self.rank_input()?;
        // A card in the basket has the place that it would have outside of it.
        let unasked = Unasked::of(self, &BTreeSet::from([id]));
        let now = self.place(&input, id, &unasked).await;
        let mut without = Vec::new();
        for reason in reasons.iter().take(REASONS_MAX) {
            self.pace().breathe().await;
            let log = input.shopper.log().iter();
            let rest: Vec<LogEntry> = log.filter(|entry| entry.item != *reason).copied().collect();
            let place = match rest.is_empty() {
                true => self.popular_place(&input, id, &unasked),
                false => {
                    let shopper = Rc::new(Shopper::from_log(&input.model().weights, &rest));
                    let pair = Rc::clone(&input.pair);
                    let other = RankInput { pair, shopper, layer: input.layer.clone(), ..input };
                    self.place(&other, id, &unasked).await
                }
            };
            without.push((*reason, place));
        }
        Some(FeedPlaces { now, without })
    }

    async fn place(&self, input: &RankInput, id: ItemId, unasked: &Unasked) -> Option<u32> {
        let clock = &self.inner.adapters.clock;
        self.pace().breathe().await;
        let ranking = input.rank_on(&mut Device::cpu(milliseconds(clock))).await;
        self.pace().breathe().await;
        let rules = self.shop_rules(&input.pair);
        let context = rules.context(Surface::Feed);
        let rules = (&rules, &rules.holding(&context));
        let arranged = self.arrange(input, ranking, FEED_CANDIDATES_MAX, unasked, rules);
        place_of(&arranged.cards, &input.pair, id)
    }

    /// The place that a newcomer's feed gives it.
    fn popular_place(&self, input: &RankInput, id: ItemId, unasked: &Unasked) -> Option<u32> {
        let pair = &input.pair;
        let categories = self.inner.state.borrow().categories_chosen(pair);
        let rows = popular_for_newcomer(pair, unasked, &categories);
        let rules = self.shop_rules(pair);
        let context = rules.context(Surface::Feed);
        let rules = (&rules, &rules.holding(&context));
        let (cards, _) = arrange_popular(rules, unasked, rows, FEED_CANDIDATES_MAX);
        place_of(&cards, pair, id)
    }
}

fn place_of(cards: &[ArrangedCard], pair: &Pair, id: ItemId) -> Option<u32> {
    let place = cards.iter().position(|card| pair.catalogue.id(card.index) == id)?;
    Some(place as u32 + 1)
}
