//! Search: the server finds, the device orders.

use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_domain::pace::{Pace, Unpaced, at_once};
use vitrine_domain::{ItemId, ListedCard, Query, Sort};
use vitrine_student::{CODE_DIM, ItemTable};
use vitrine_suggest::Suggestion;
use vitrine_wire::{SearchHit, SearchReply, decode_search_reply};

use crate::fuse::{fused, server_score};
use crate::ledger::Request;
use crate::log::KeptCard;
use crate::offline::Alone;
use crate::pair::Pair;
use crate::rank_input::RankInput;
use crate::rules::PageExtras;
use crate::session::Session;
use crate::state::FoundCard;
use crate::{
    Backend, FoundBecause, ItemCard, ItemReason, SearchOrder, SearchResults, SessionError, Tile,
};

impl Session {
    /// Asks the server with text, filters, order and paging, nothing else; then
    /// orders the page of results on the device. With an empty log, without a
    /// model, when the reply's model is not the pinned one, or when another
    /// order is asked for than relevance: the server's order.
    /// When the server cannot answer, or the shopper searches in private
    /// ([`Session::set_private`]): the same engine over the synced cards, and
    /// [`SearchResults::offline`] or [`SearchResults::private`] says so. In private nothing is
    /// sent, whatever happens.
    ///
    /// # Errors
    /// When the text is too long, the server refuses the search (4xx), or its
    /// reply cannot be read.
    pub async fn search(&self, query: Query) -> Result<SearchResults, SessionError> {
        if query.text.chars().count() > QUERY_CHARS_MAX {
            return Err(SessionError::QueryTooLong { limit: QUERY_CHARS_MAX });
        }
        let clock = &self.inner.adapters.clock;
        let start_ms = clock.monotonic_ms();
        if self.is_private() {
            let alone = self.alone(&query, Alone::InPrivate).await?;
            let mut results = alone.ok_or(SessionError::NotSynced)?;
            self.keep_sponsored().await;
            results.total_ms = clock.monotonic_ms() - start_ms;
            return Ok(results);
        }
        let request = Request::Search(query);
        let answer = self.send(&request).await;
        let Request::Search(query) = &request else { return Err(SessionError::NotSynced) };
        let mut results = match answer {
            Ok(bytes) => {
                let results = self.online(read(&bytes)?, query);
                if self.inner.state.borrow().has_consent() {
                    self.inner.replies.keep(&serde_json::to_string(query)?, &bytes);
                }
                results
            }
            Err(error) if is_outage(&error) => {
                self.alone(query, Alone::Offline).await?.ok_or(error)?
            }
            Err(error) => return Err(error),
        };
        self.keep_sponsored().await;
        results.total_ms = clock.monotonic_ms() - start_ms;
        Ok(results)
    }

    /// Results of a search from the answer that the server gave in this tab
    /// before, in the order that follows from the log now. Sends nothing. `None`
    /// when this was not among the last [`crate::REPLIES_MAX`] searches.
    ///
    /// A page asks here first: a search that is sent again when the shopper comes
    /// back to it, or reloads its page, would tell where they were in between.
    pub fn search_again(&self, query: &Query) -> Option<SearchResults> {
        if self.is_private() {
            return None;
        }
        let body = serde_json::to_string(query).ok()?;
        let start_ms = self.inner.adapters.clock.monotonic_ms();
        let reply = read(&self.inner.replies.find(&body)?).ok()?;
        let mut results = self.online(reply, query);
        results.total_ms = self.inner.adapters.clock.monotonic_ms() - start_ms;
        Some(results)
    }

    /// Makes the vocabulary of [`Session::suggest`], in pieces, so that no typing waits for
    /// it. Call it after a sync.
    pub async fn prepare_suggestions(&self) {
        if let Some(pair) = self.active() {
            pair.prepare_suggester(self.pace()).await;
        }
    }

    /// Whether [`Session::suggest`] answers at once.
    pub fn can_suggest(&self) -> bool {
        self.active().is_none_or(|pair| pair.ready_suggester().is_some())
    }

    /// What an unfinished search may become, from the synced cards. Sends
    /// nothing. Makes the vocabulary unless [`Session::prepare_suggestions`] has.
    pub fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        self.active().map_or_else(Vec::new, |pair| pair.suggester().suggest(text, limit))
    }

    /// The past events that moved a result up among those of its search; empty
    /// where [`SearchResults::order`] is not personal.
    pub fn why_found(&self, results: &SearchResults, id: ItemId) -> Vec<ItemReason> {
        at_once(self.reasons_of_result(results, id, &Unpaced))
    }

    /// The reasons that [`Session::why_found`] gives, worked out in pieces.
    pub async fn why_found_paced(&self, results: &SearchResults, id: ItemId) -> Vec<ItemReason> {
        self.reasons_of_result(results, id, self.pace()).await
    }

    async fn reasons_of_result(
        &self,
        results: &SearchResults,
        id: ItemId,
        pace: &dyn Pace,
    ) -> Vec<ItemReason> {
        let tile = results.tiles.iter().find(|tile| tile.card.id == id);
        let found = tile.and_then(|tile| tile.found.as_ref());
        let Some(found) = found.filter(|_| results.order == SearchOrder::Personal) else {
            return Vec::new();
        };
        let place = found.place_found.saturating_sub(1) as usize;
        self.reasons(id, Some(server_score(place)), pace).await
    }

    fn online(&self, mut reply: SearchReply, query: &Query) -> SearchResults {
        let pair = self.active();
        let same_model = pair.as_ref().is_some_and(|pair| {
            reply.model.is_some() && pair.versions().model == reply.model && pair.has_model()
        });
        let base = pair.as_ref().and_then(|pair| pair.base()).filter(|_| same_model);
        let card_of = |hit: &SearchHit| {
            let listed = pair.as_ref().and_then(|pair| pair.card_of(hit.item));
            listed.unwrap_or_else(|| card_from(hit, pair.as_deref()))
        };
        // What rules may bring in stands behind the hits till they do.
        let has_extras = reply.cards_for_rules.is_some();
        let n_hits = reply.hits.len();
        reply.hits.extend(reply.cards_for_rules.take().unwrap_or_default());
        let cards: Vec<ItemCard> = reply.hits.iter().map(card_of).collect();
        let found = reply.hits.iter().zip(&cards).map(|(hit, card)| {
            let kept = KeptCard { card: card.clone(), base, code: hit.code.clone() };
            (hit.item, FoundCard { kept, picture: hit.picture })
        });
        self.inner.state.borrow_mut().found.add(found);
        let explanation = |hit: &SearchHit| (hit.explanation.clone(), hit.unconfirmed.clone());
        let mut explanations = reply.hits.iter().map(explanation);
        let shown = self.inner.state.borrow().shown_prices();
        let cards = cards.into_iter().map(|card| shown.card(card));
        let first = query.page.offset + 1;
        let tiles = cards.zip(first..).map(|(card, place)| {
            let (parts, unconfirmed) = explanations.next().unwrap_or_default();
            let found = FoundBecause { parts, unconfirmed, place_found: place, place };
            let found = Some(found);
            Tile { card, score: None, found, placed: None }
        });
        let mut tiles: Vec<Tile> = tiles.collect();
        let mut extras = tiles.split_off(n_hits);
        extras.iter_mut().filter_map(|tile| tile.found.as_mut()).for_each(|f| f.place_found = 0);
        let mut results = SearchResults {
            tiles,
            banners: Vec::new(),
            n_total: reply.n_total,
            corrections: reply.corrections,
            filters_read: reply.filters_read,
            synonyms: reply.synonyms,
            relaxed: reply.relaxed,
            free_of: reply.free_of,
            intent: reply.intent,
            facets: reply.facets,
            order: SearchOrder::Server,
            offline: false,
            private: false,
            catalogue: reply.catalogue,
            backend: Backend::Cpu,
            ranking_ms: 0.0,
            total_ms: 0.0,
        };
        let is_ours = same_model && query.sort == Sort::Relevance;
        if let Some(input) = self.rank_input().filter(|_| is_ours) {
            let grown = table_with(&input, &reply.hits[..n_hits]);
            let table = grown.as_ref().unwrap_or(&input.model().table);
            self.reorder(&mut results, &input, table, query.page.offset);
        }
        let extras = if has_extras { PageExtras::Carried(extras) } else { PageExtras::None };
        self.rule_results(&mut results, query, extras);
        results
    }

    /// Orders a page personally. The student scores each result by itself, with
    /// its place among the results as scalar 14; then the explicit fusion step
    /// joins the personal order with the found one, so that what the shopper
    /// likes rises among what fits the words, and never replaces it. What says that it
    /// is free of what must be absent stays before what does not say.
    pub(crate) fn reorder(
        &self,
        results: &mut SearchResults,
        input: &RankInput,
        table: &ItemTable,
        offset: u32,
    ) {
        let start_ms = self.inner.adapters.clock.monotonic_ms();
        let rows: Option<Vec<u32>> =
            results.tiles.iter().map(|tile| table.index_of(tile.card.id)).collect();
        let Some(rows) = rows else { return };
        let found: Vec<f32> =
            (0..rows.len()).map(|place| server_score(offset as usize + place)).collect();
        let scores = input.scores(table, &rows, &found);
        for (tile, score) in results.tiles.iter_mut().zip(&scores) {
            tile.score = Some(*score);
        }
        let order = fused(&scores, &results.tiles);
        results.tiles = order.into_iter().map(|place| results.tiles[place].clone()).collect();
        for (tile, place) in results.tiles.iter_mut().zip(offset + 1..) {
            if let Some(found) = &mut tile.found {
                found.place = place;
            }
        }
        results.order = SearchOrder::Personal;
        results.ranking_ms = self.inner.adapters.clock.monotonic_ms() - start_ms;
        let (backend, ranking_ms) = (results.backend, results.ranking_ms);
        self.inner.state.borrow_mut().ranking.note(backend, ranking_ms);
    }
}

/// The pair's table with those results that are not synced, if there are any.
fn table_with(input: &RankInput, hits: &[SearchHit]) -> Option<ItemTable> {
    let model = input.model();
    let new: Vec<&SearchHit> =
        hits.iter().filter(|hit| model.table.index_of(hit.item).is_none()).collect();
    if new.is_empty() {
        return None;
    }
    let mut table = model.table.clone();
    for hit in new {
        let mut code = [0; CODE_DIM];
        if hit.code.len() == CODE_DIM {
            code.copy_from_slice(&hit.code);
        }
        let card = ListedCard {
            id: hit.item,
            code,
            department: &hit.department,
            category: &hit.category,
            price_minor: hit.price_minor,
            n_buyers: hit.n_buyers,
            n_buyers_recent: hit.n_buyers_recent,
        };
        table.upsert_listed(&model.weights, &card);
    }
    Some(table)
}

fn card_from(hit: &SearchHit, pair: Option<&Pair>) -> ItemCard {
    ItemCard {
        id: hit.item,
        title: hit.title.clone(),
        department: hit.department.clone(),
        category: hit.category.clone(),
        brand: hit.brand.clone(),
        size: hit.size.clone(),
        variants: Vec::new(),
        n_variants: 1,
        price_minor: hit.price_minor,
        availability: hit.availability,
        n_buyers: hit.n_buyers,
        n_buyers_recent: hit.n_buyers_recent,
        rating: None,
        picture: pair.and_then(|pair| pair.catalogue.picture(hit.picture)),
        photos: Vec::new(),
        placeholder: Vec::new(),
        offer: pair.and_then(|pair| pair.catalogue.offer(hit.item)),
        listed: true,
    }
}

fn read(reply: &[u8]) -> Result<SearchReply, SessionError> {
    let path = || Request::Search(Query::default()).path();
    decode_search_reply(reply).map_err(|source| SessionError::Wire { path: path(), source })
}

/// Whether the device should answer in the server's place.
fn is_outage(error: &SessionError) -> bool {
    match error {
        SessionError::Transport(_) => true,
        SessionError::Status { status, .. } => *status >= 500 || *status == 429,
        _ => false,
    }
}
