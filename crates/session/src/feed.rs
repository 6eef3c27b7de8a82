//! The feed and what hangs on a card: related items, reasons, facets.

use std::collections::{BTreeSet, HashSet};

use vitrine_device::Ranking;
use vitrine_domain::pace::{Pace, Unpaced, at_once};
use vitrine_domain::{EventKind, Facet, ItemId};
use vitrine_student::counting::{self, CandidateGroup};
use vitrine_student::explain::{self, Why};
use vitrine_student::{CODE_DIM, scan};
use vitrine_wire::RelatedRow;

use crate::home::starters::popular_for_newcomer;
use crate::links::links;
use crate::offers::{place_offers, place_unexplored};
use crate::rank_input::RankInput;
use crate::select::{Scored, diversify};
use crate::session::Session;
use crate::unasked::Unasked;
use crate::{Backend, Feed, FeedOrder, FeedReason, ItemReason, Related, RelatedBy, Tile};

/// Ranked cards in the order of the feed.
pub(crate) struct Arranged {
    pub chosen: Vec<Scored>,
    /// Rows of all that were ranked and may be shown.
    ranked: HashSet<u32>,
    promoted: Vec<ItemId>,
    explored: Vec<ItemId>,
}

impl Session {
    /// The feed: at most `limit` tiles, best first, as [`Session::home`] has it with nothing
    /// kept.
    pub async fn feed(&self, limit: usize) -> Feed {
        self.feed_of(limit, &Unasked::of(self, &BTreeSet::new())).await
    }

    /// The feed of what may be shown unasked.
    ///
    /// With a log and a model: up to 500 candidates drawn and scored on the
    /// device, those that may not be shown left out, then the diversity rule
    /// (at most [`crate::CATEGORY_TILES_MAX`] of a category in
    /// [`crate::SELECT_BLOCK`] places), then offers (one of [`crate::OFFER_EVERY`]
    /// places), then what hardly anyone has bought yet (one of as many places as the shop
    /// says); behind the candidates everything else by popularity. Else the popularity order
    /// of all, while the log is empty with what a newcomer chose ([`Session::answer_starters`])
    /// earlier.
    pub(crate) async fn feed_of(&self, limit: usize, unasked: &Unasked) -> Feed {
        self.pace().breathe().await;
        let start_ms = self.inner.adapters.clock.monotonic_ms();
        let Some(input) = self.rank_input() else {
            return self.popular(limit, unasked, start_ms);
        };
        let ranking = self.rank_feed(&input).await;
        let (backend, n_candidates) = (Backend::from(ranking.backend), ranking.items.len());
        let Arranged { chosen, ranked, promoted, explored } =
            self.arrange(&input, ranking, limit, unasked);
        let catalogue = &input.pair.catalogue;
        let ranking_ms = self.inner.adapters.clock.monotonic_ms() - start_ms;
        self.inner.state.borrow_mut().ranking.note(backend, ranking_ms);
        self.pace().breathe().await;
        let shown = self.inner.state.borrow().shown_prices();
        let tile = |index: u32, score: Option<f32>| Tile {
            card: shown.card(catalogue.card(index)),
            score,
            found: None,
        };
        let mut others = unasked.popular(&input.pair).filter(|index| !ranked.contains(index));
        let n_others = limit - chosen.len();
        let mut tiles: Vec<Tile> = chosen.iter().map(|s| tile(s.index, Some(s.score))).collect();
        tiles.extend(others.by_ref().take(n_others).map(|index| tile(index, None)));
        Feed {
            has_more: ranked.len() > chosen.len() || others.next().is_some(),
            tiles,
            order: FeedOrder::Personal,
            promoted,
            explored,
            reason: None,
            backend,
            ranking_ms,
            n_candidates,
        }
    }

    /// Which of the ranked cards stand where.
    pub(crate) fn arrange(
        &self,
        input: &RankInput,
        mut ranking: Ranking,
        limit: usize,
        unasked: &Unasked,
    ) -> Arranged {
        input.correct(&ranking.items, &mut ranking.scores);
        let catalogue = &input.pair.catalogue;
        let scored = ranking.items.iter().zip(&ranking.scores).filter_map(|(&index, &score)| {
            let card = catalogue.raw(index);
            let group = (card.department, card.category);
            unasked.may_show(&input.pair, index).then_some(Scored {
                index,
                item: card.id,
                score,
                group,
            })
        });
        let scored: Vec<Scored> = scored.collect();
        let ranked: HashSet<u32> = scored.iter().map(|s| s.index).collect();
        let mut chosen = diversify(scored.clone(), limit);
        let now_ms = self.inner.adapters.clock.now_ms();
        let is_on_offer = |index: u32| {
            catalogue.offer(catalogue.id(index)).is_some_and(|offer| offer.is_on(now_ms))
        };
        let mut promoted = place_offers(&mut chosen, scored.clone(), is_on_offer);
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
            place_unexplored(&mut chosen, scored, every, is_unexplored)
        });
        let is_still_there = |item: &ItemId| chosen.iter().any(|s| s.item == *item);
        promoted.retain(|item| is_still_there(item) && !explored.contains(item));
        Arranged { chosen, ranked, promoted, explored }
    }

    fn popular(&self, limit: usize, unasked: &Unasked, start_ms: f64) -> Feed {
        let state = self.inner.state.borrow();
        let active = state.pairs.active();
        let reason = match active {
            None => FeedReason::NotSynced,
            Some(_) if state.log.is_empty() || !state.has_consent() => FeedReason::EmptyLog,
            Some(_) => FeedReason::NoModel,
        };
        let shown = &state.shown_prices();
        let has_events = !state.log.is_empty();
        let mut all = active.into_iter().flat_map(|pair| {
            let categories = if has_events { Vec::new() } else { state.categories_chosen(pair) };
            let tile = |index| Tile {
                card: shown.card(pair.catalogue.card(index)),
                score: None,
                found: None,
            };
            popular_for_newcomer(pair, unasked, &categories).map(tile)
        });
        let tiles: Vec<Tile> = all.by_ref().take(limit).collect();
        Feed {
            n_candidates: tiles.len(),
            has_more: all.next().is_some(),
            tiles,
            order: FeedOrder::Popularity,
            promoted: Vec::new(),
            explored: Vec::new(),
            reason: Some(reason),
            backend: Backend::Cpu,
            ranking_ms: self.inner.adapters.clock.monotonic_ms() - start_ms,
        }
    }

    /// What is related to a card, at most `limit` items of each sort: what stands for
    /// it, what enough buyers put into one basket with it, and, where nothing is known
    /// to stand for it, what is alike in code. What the shop never recommends unasked is
    /// there only on the page of a card of which the same is true.
    pub fn related(&self, id: ItemId, limit: usize) -> Vec<Related> {
        let Some(pair) = self.active() else { return Vec::new() };
        let catalogue = &pair.catalogue;
        let rows = catalogue.rows();
        let is_restricted = |index| pair.is_restricted(index);
        let is_of_restricted = catalogue.index_of(id).is_some_and(is_restricted);
        let may_show = |index| is_of_restricted || !is_restricted(index);
        let listed = |row: Option<&RelatedRow>| -> Vec<u32> {
            let ids = row.map_or(&[][..], |row| &row.related);
            let indexes = ids.iter().filter_map(|other| catalogue.index_of(*other));
            indexes.filter(|index| may_show(*index)).collect()
        };
        let alternatives = listed(rows.alternatives_to(id));
        let mut together = listed(rows.related_to(id));
        together.retain(|other| !alternatives.contains(other));
        let similar = match (&pair.model, catalogue.index_of(id)) {
            (Some(model), Some(own)) if alternatives.is_empty() => {
                let is_taken = |row: u32| row == own || together.contains(&row) || !may_show(row);
                let (codes, code) = (model.table.codes(), model.table.code(own));
                scan::scan_top_k(codes, CODE_DIM, code, limit, is_taken)
            }
            _ => Vec::new(),
        };
        let sorts = [
            (RelatedBy::BoughtTogether, together),
            (RelatedBy::Alternative, alternatives),
            (RelatedBy::Similar, similar.into_iter().map(|(index, _)| index).collect()),
        ];
        let shown = &self.inner.state.borrow().shown_prices();
        let cards = |(by, indexes): (RelatedBy, Vec<u32>)| {
            let of_sort = indexes.into_iter().take(limit);
            of_sort.map(move |index| Related { card: shown.card(catalogue.card(index)), by })
        };
        sorts.into_iter().flat_map(cards).collect()
    }

    /// The logged items (at most three) without which this item would score
    /// lower now, strongest first. Exact: each is taken out of the log in turn.
    /// Empty when the order is not personal or the item is not synced.
    pub fn why(&self, id: ItemId) -> Vec<ItemReason> {
        at_once(self.reasons(id, None, &Unpaced))
    }

    /// The reasons that [`Session::why`] gives, worked out in pieces.
    pub async fn why_paced(&self, id: ItemId) -> Vec<ItemReason> {
        self.reasons(id, None, self.pace()).await
    }

    /// Reasons of an item; of a result of a search, which the student scores with its place,
    /// with the server's score.
    pub(crate) async fn reasons(
        &self,
        id: ItemId,
        server_score: Option<f32>,
        pace: &dyn Pace,
    ) -> Vec<ItemReason> {
        let Some(input) = self.rank_input() else { return Vec::new() };
        let model = input.model();
        let Some(index) = model.table.index_of(id) else { return Vec::new() };
        let question = Why { index, now_ms: input.now_ms, server_score };
        let (weights, table) = (&model.weights, &model.table);
        let reasons = explain::why_paced(weights, table, &input.shopper, question, pace).await;
        let sum: f32 = reasons.iter().map(|reason| reason.contribution).sum();
        let Some(asked) = self.item(id) else { return Vec::new() };
        reasons
            .into_iter()
            .filter_map(|reason| {
                let card = self.item(reason.item)?;
                Some(ItemReason {
                    links: links(&input.pair.catalogue, &asked, &card),
                    card,
                    counts: counts(&input, reason.item),
                    last_at_ms: reason.last_at_ms,
                    effect: reason.contribution,
                    share: reason.contribution / sum,
                })
            })
            .collect()
    }

    /// Departments of the synced cards, the largest first.
    pub fn departments(&self) -> Vec<Facet> {
        self.active().map_or_else(Vec::new, |pair| pair.departments().to_vec())
    }

    /// Categories of one department, the largest first.
    pub fn categories(&self, department: &str) -> Vec<Facet> {
        let Some(pair) = self.active() else { return Vec::new() };
        let catalogue = &pair.catalogue;
        let is_in = |index: &u32| catalogue.department(*index) == department;
        let all = (0..catalogue.n_items()).filter(is_in);
        catalogue.facets(all.map(|index| catalogue.category(index)))
    }
}

/// What was done with an item, by kind, kinds that never happened left out.
fn counts(input: &RankInput, item: ItemId) -> Vec<(EventKind, u32)> {
    let n_of = |kind: EventKind| {
        let log = input.shopper.log().iter();
        log.filter(|entry| entry.item == item && entry.kind == kind).count() as u32
    };
    crate::log::KINDS.map(|kind| (kind, n_of(kind))).into_iter().filter(|(_, n)| *n > 0).collect()
}
