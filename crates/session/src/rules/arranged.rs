//! Places of the feed, given once. In this order:
//!
//! 1. Rules leave cards out, and move scores: what is boosted or buried competes with its moved
//!    score from here on. The score that a page shows stays the student's.
//! 2. Diversity, by the quota of a rule where one gives it (`select.rs`).
//! 3. Places that are kept for offers and for what has no past (`offers.rs`).
//! 4. Pins and sponsored cards take their places among what came of that.
//!
//! So the shop's own steps are what they are without rules, and without a rule that holds the
//! result is the same, bit for bit. What is not ranked stands behind, most bought first; rules
//! leave out of that, too, and move none of it.

use std::collections::{HashMap, HashSet};

use vitrine_device::Ranking;
use vitrine_domain::limits::FEED_CANDIDATES_MAX;
use vitrine_domain::sorting::sort_by;
use vitrine_domain::{ItemId, by_score_then_id};
use vitrine_rules::{ArrangedList, HoldingRules, ListToArrange, RankedCard};
use vitrine_student::counting::{self, CandidateGroup};

use super::{ShopRules, by_place, rows_wanted};
use crate::offers::{place_offers, place_unexplored};
use crate::placed::PlacedBy;
use crate::rank_input::RankInput;
use crate::select::{FEED_QUOTA, Scored, diversify};
use crate::session::Session;
use crate::unasked::Unasked;

/// A card at its place.
pub(crate) struct ArrangedCard {
    pub index: u32,
    /// The student's; `None` where it did not rank.
    pub score: Option<f32>,
    /// What a rule did to it.
    pub placed: Option<PlacedBy>,
}

/// Ranked cards in the order of the feed.
pub(crate) struct ArrangedFeed {
    pub cards: Vec<ArrangedCard>,
    /// Whether there are more than the cards.
    pub has_more: bool,
    /// Rows that were ranked or placed, or that rules left out of them.
    pub known: HashSet<u32>,
    pub promoted: Vec<ItemId>,
    pub explored: Vec<ItemId>,
}

impl Session {
    /// Which of the ranked cards stand where.
    pub(crate) fn arrange(
        &self,
        input: &RankInput,
        mut ranking: Ranking,
        limit: usize,
        unasked: &Unasked,
        (rules, holding): (&ShopRules, &HoldingRules<'_>),
    ) -> ArrangedFeed {
        input.correct(&ranking.items, &mut ranking.scores);
        let pair = &input.pair;
        let ranked = ranking.items.iter().zip(&ranking.scores);
        let ranked = ranked.map(|(&index, &score)| RankedCard { index, score });
        let ranked: Vec<RankedCard> =
            ranked.filter(|ranked| unasked.may_show(pair, ranked.index)).collect();
        if holding.is_empty() {
            let steps = OwnSteps::of(self, input, &ranked, limit, FEED_QUOTA);
            let card =
                |s: &Scored| ArrangedCard { index: s.index, score: Some(s.score), placed: None };
            return ArrangedFeed {
                cards: steps.chosen.iter().map(card).collect(),
                has_more: ranked.len() > steps.chosen.len(),
                known: ranked.iter().map(|ranked| ranked.index).collect(),
                promoted: steps.promoted,
                explored: steps.explored,
            };
        }
        let cards = rules.cards();
        let extras = rows_wanted(pair, holding, |row| unasked.may_show(pair, row));
        let mut sifted =
            holding.sift(ListToArrange { ranked: &ranked, extras: &extras, cards: &cards });
        let moved = sifted.ranked();
        let quota = holding.quota().unwrap_or(FEED_QUOTA);
        let steps = OwnSteps::of(self, input, &moved, limit, quota);
        steps.late.iter().for_each(|index| sifted.note_spread(*index));
        let mut order: Vec<u32> = steps.chosen.iter().map(|scored| scored.index).collect();
        let chosen: HashSet<u32> = order.iter().copied().collect();
        order.extend(moved.iter().map(|card| card.index).filter(|index| !chosen.contains(index)));
        let arranged = sifted.place(&order);
        let scores: HashMap<u32, f32> =
            ranked.iter().map(|ranked| (ranked.index, ranked.score)).collect();
        let cards = arranged_cards(rules, &arranged, &scores, limit);
        let is_there = |item: &ItemId| cards.iter().any(|c| pair.catalogue.id(c.index) == *item);
        ArrangedFeed {
            has_more: arranged.order.len() > cards.len(),
            known: scores.keys().chain(&arranged.order).copied().collect(),
            promoted: steps.promoted.into_iter().filter(is_there).collect(),
            explored: steps.explored.into_iter().filter(is_there).collect(),
            cards,
        }
    }
}

/// What the feed does by itself between moved scores and pins.
struct OwnSteps {
    /// At most so many as the feed shows.
    chosen: Vec<Scored>,
    /// Those that stand later than by their score, for diversity.
    late: Vec<u32>,
    promoted: Vec<ItemId>,
    explored: Vec<ItemId>,
}

impl OwnSteps {
    fn of(
        session: &Session,
        input: &RankInput,
        ranked: &[RankedCard],
        limit: usize,
        quota: vitrine_rules::Diversity,
    ) -> Self {
        let catalogue = &input.pair.catalogue;
        let scored = |ranked: &RankedCard| {
            let card = catalogue.raw(ranked.index);
            let group = (card.department, card.category);
            Scored { index: ranked.index, item: card.id, score: ranked.score, group }
        };
        let scored: Vec<Scored> = ranked.iter().map(scored).collect();
        let mut chosen = diversify(scored.clone(), limit, quota);
        // Where the quota is the feed's own, nobody asks.
        let late = if quota == FEED_QUOTA { Vec::new() } else { late(&scored, &chosen) };
        let now_ms = session.inner.adapters.clock.now_ms();
        let is_on_offer = |index: u32| {
            catalogue.offer(catalogue.id(index)).is_some_and(|offer| offer.is_on(now_ms))
        };
        let mut promoted = place_offers(&mut chosen, scored.clone(), quota, is_on_offer);
        let table = &input.model().table;
        // In a shop with prices, what has none is no discovery.
        let is_priced = |index: u32| {
            table.scale().price_minor_median == 0 || table.price_minor()[index as usize] > 0
        };
        let is_unexplored = |index: u32| {
            let group = counting::group(table, &input.shopper, index);
            group == CandidateGroup::WithoutPast && is_priced(index)
        };
        let explored = input.model().explore_every.map_or_else(Vec::new, |every| {
            place_unexplored(&mut chosen, scored, every, quota, is_unexplored)
        });
        let is_still_there = |item: &ItemId| chosen.iter().any(|s| s.item == *item);
        promoted.retain(|item| is_still_there(item) && !explored.contains(item));
        Self { chosen, late, promoted, explored }
    }
}

/// Rows of what stands later than by its score.
fn late(scored: &[Scored], chosen: &[Scored]) -> Vec<u32> {
    let mut by_score = scored.to_vec();
    sort_by(&mut by_score, |a, b| by_score_then_id((a.score, a.item), (b.score, b.item)));
    let place: HashMap<u32, usize> =
        by_score.iter().enumerate().map(|(place, s)| (s.index, place)).collect();
    let is_late = |(at, s): &(usize, &Scored)| place.get(&s.index).is_some_and(|place| place < at);
    chosen.iter().enumerate().filter(is_late).map(|(_, s)| s.index).collect()
}

fn arranged_cards(
    rules: &ShopRules,
    arranged: &ArrangedList,
    scores: &HashMap<u32, f32>,
    limit: usize,
) -> Vec<ArrangedCard> {
    let placed: HashMap<u32, PlacedBy> =
        arranged.touched.iter().map(|touched| (touched.index, rules.placed(touched))).collect();
    let card = |index: &u32| ArrangedCard {
        index: *index,
        score: scores.get(index).copied(),
        placed: placed.get(index).cloned(),
    };
    arranged.order.iter().take(limit).map(card).collect()
}

/// The order of popularity as rules have it, at most `limit` cards, and whether there are more.
/// Moved and spread is what stands among as many as a feed ranks.
pub(crate) fn arrange_popular(
    (rules, holding): (&ShopRules, &HoldingRules<'_>),
    unasked: &Unasked,
    mut rows: impl Iterator<Item = u32>,
    limit: usize,
) -> (Vec<ArrangedCard>, bool) {
    let unmoved = |index: u32| ArrangedCard { index, score: None, placed: None };
    if holding.is_empty() {
        let cards = rows.by_ref().take(limit).map(unmoved).collect();
        return (cards, rows.next().is_some());
    }
    let (pair, cards) = (&rules.pair, rules.cards());
    let head: Vec<u32> = rows.by_ref().take(FEED_CANDIDATES_MAX).collect();
    let extras = rows_wanted(pair, holding, |row| unasked.may_show(pair, row));
    let ranked = by_place(&head);
    let sifted = holding.sift(ListToArrange { ranked: &ranked, extras: &extras, cards: &cards });
    let arranged = sifted.arranged();
    let n_arranged = arranged.order.len();
    let known: HashSet<u32> = arranged.order.iter().copied().collect();
    let mut tail = rows
        .filter(|row| !known.contains(row) && holding.left_out_by(&cards, *row).is_none())
        .map(unmoved);
    let mut found = arranged_cards(rules, &arranged, &HashMap::new(), limit);
    found.extend(tail.by_ref().take(limit - found.len()));
    let has_more = n_arranged > found.len() || tail.next().is_some();
    (found, has_more)
}
