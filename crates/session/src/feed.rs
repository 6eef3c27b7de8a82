//! The feed and what hangs on a card: related items, reasons, facets.

use std::collections::BTreeSet;

use vitrine_domain::pace::{Pace, Unpaced, at_once};
use vitrine_domain::{EventKind, Facet, ItemId};
use vitrine_rules::{ListContext, Surface};
use vitrine_student::explain::{self, Why};
use vitrine_student::{CODE_DIM, scan};
use vitrine_wire::RelatedRow;

use crate::home::starters::popular_for_newcomer;
use crate::links::links;
use crate::pair::Pair;
use crate::rank_input::RankInput;
use crate::rules::{ArrangedCard, ArrangedFeed, arrange_popular, sponsored_of};
use crate::session::Session;
use crate::unasked::Unasked;
use crate::{Backend, Feed, FeedOrder, FeedReason, ItemReason, PlacedBy, Related, RelatedBy, Tile};

impl Session {
    /// The feed: at most `limit` tiles, best first, as [`Session::home`] has it with nothing
    /// kept.
    pub async fn feed(&self, limit: usize) -> Feed {
        self.feed_of(limit, &Unasked::of(self, &BTreeSet::new())).await
    }

    /// The feed of what may be shown unasked, with what it shows of sponsored cards noted.
    ///
    /// With a log and a model: up to 500 candidates drawn and scored on the
    /// device, those that may not be shown left out, then the diversity rule
    /// (at most [`crate::CATEGORY_TILES_MAX`] of a category in
    /// [`crate::SELECT_BLOCK`] places), then offers (one of [`crate::OFFER_EVERY`]
    /// places), then what hardly anyone has bought yet (one of as many places as the shop
    /// says); behind the candidates everything else by popularity. Else the popularity order
    /// of all, while the log is empty with what a newcomer chose ([`Session::answer_starters`])
    /// earlier. What rules of the shop do to either is told in `rules/arranged.rs`.
    pub(crate) async fn feed_of(&self, limit: usize, unasked: &Unasked) -> Feed {
        let feed = self.ranked_feed(limit, unasked).await;
        self.note_sponsored(sponsored_of(&feed.tiles));
        self.keep_sponsored().await;
        feed
    }

    async fn ranked_feed(&self, limit: usize, unasked: &Unasked) -> Feed {
        self.pace().breathe().await;
        let start_ms = self.inner.adapters.clock.monotonic_ms();
        let Some(input) = self.rank_input() else {
            return self.popular(limit, unasked, start_ms);
        };
        let ranking = self.rank_feed(&input).await;
        let (backend, n_candidates) = (Backend::from(ranking.backend), ranking.items.len());
        let rules = self.shop_rules(&input.pair);
        let context = rules.context(Surface::Feed);
        let holding = rules.holding(&context);
        let arranged = self.arrange(&input, ranking, limit, unasked, (&rules, &holding));
        let ArrangedFeed { cards, has_more, known, promoted, explored } = arranged;
        let ranking_ms = self.inner.adapters.clock.monotonic_ms() - start_ms;
        self.inner.state.borrow_mut().ranking.note(backend, ranking_ms);
        self.pace().breathe().await;
        let listed = rules.cards();
        let mut others = unasked.popular(&input.pair).filter(|index| {
            !known.contains(index) && holding.left_out_by(&listed, *index).is_none()
        });
        let n_others = limit - cards.len();
        let mut tiles = self.tiles(&input.pair, cards);
        let behind = others.by_ref().take(n_others);
        let behind = behind.map(|index| ArrangedCard { index, score: None, placed: None });
        tiles.extend(self.tiles(&input.pair, behind));
        Feed {
            has_more: has_more || others.next().is_some(),
            tiles,
            order: FeedOrder::Personal,
            promoted,
            explored,
            banners: rules.banners(&holding),
            reason: None,
            backend,
            ranking_ms,
            n_candidates,
        }
    }

    fn tiles(&self, pair: &Pair, cards: impl IntoIterator<Item = ArrangedCard>) -> Vec<Tile> {
        let shown = self.inner.state.borrow().shown_prices();
        let tile = |ArrangedCard { index, score, placed }: ArrangedCard| Tile {
            card: shown.card(pair.catalogue.card(index)),
            score,
            found: None,
            placed,
        };
        cards.into_iter().map(tile).collect()
    }

    fn popular(&self, limit: usize, unasked: &Unasked, start_ms: f64) -> Feed {
        let active = self.active();
        let (reason, chosen) = {
            let state = self.inner.state.borrow();
            let reason = match active {
                None => FeedReason::NotSynced,
                Some(_) if state.log.is_empty() || !state.has_consent() => FeedReason::EmptyLog,
                Some(_) => FeedReason::NoModel,
            };
            let pair = active.as_ref().filter(|_| state.log.is_empty());
            (reason, pair.map_or_else(Vec::new, |pair| state.categories_chosen(pair)))
        };
        let (mut tiles, mut has_more, mut banners) = (Vec::new(), false, Vec::new());
        if let Some(pair) = &active {
            let rules = self.shop_rules(pair);
            let context = rules.context(Surface::Feed);
            let holding = rules.holding(&context);
            let rows = popular_for_newcomer(pair, unasked, &chosen);
            let (cards, more) = arrange_popular((&rules, &holding), unasked, rows, limit);
            (tiles, has_more) = (self.tiles(pair, cards), more);
            banners = rules.banners(&holding);
        }
        Feed {
            n_candidates: tiles.len(),
            has_more,
            tiles,
            order: FeedOrder::Popularity,
            promoted: Vec::new(),
            explored: Vec::new(),
            banners,
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
        let rules = self.shop_rules(&pair);
        let (department, category) = match catalogue.index_of(id) {
            Some(index) => (catalogue.department(index), catalogue.category(index)),
            None => ("", ""),
        };
        let context = ListContext { department, category, ..rules.context(Surface::ProductPage) };
        let shown = self.inner.state.borrow().shown_prices();
        let cards = |(by, indexes): (RelatedBy, Vec<u32>)| {
            let of_sort = rules.arranged_rows(indexes, &context).into_iter().take(limit);
            let card = |index| shown.card(catalogue.card(index));
            let of_sort = of_sort.map(|(index, placed)| Related { card: card(index), by, placed });
            of_sort.collect::<Vec<_>>()
        };
        let related: Vec<Related> = sorts.into_iter().flat_map(cards).collect();
        let is_sponsored = |of: &&Related| of.placed.as_ref().is_some_and(PlacedBy::is_sponsored);
        self.note_sponsored(related.iter().filter(is_sponsored).map(|of| of.card.id));
        related
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
