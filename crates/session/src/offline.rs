//! Searches that the device answers: in private, and where the server cannot be reached.

use std::rc::Rc;

use vitrine_domain::{Query, Sort};
use vitrine_recall::Answer;

use crate::finder::Finder;
use crate::pair::Pair;
use crate::rules::PageExtras;
use crate::session::Session;
use crate::{Backend, FoundBecause, SearchOrder, SearchResults, SessionError, Tile};

/// Why the device answers a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alone {
    /// The shopper wants it so.
    InPrivate,
    /// The server could not be reached, or not answer.
    Offline,
}

impl Session {
    /// Answers a search from the synced cards; sends nothing. `None` when nothing is synced.
    ///
    /// # Errors
    /// The search asks for more than the limits allow.
    pub(crate) async fn alone(
        &self,
        query: &Query,
        why: Alone,
    ) -> Result<Option<SearchResults>, SessionError> {
        let Some(pair) = self.active() else { return Ok(None) };
        let Some(finder) = self.finder(&pair).await else { return Ok(None) };
        self.pace().breathe().await;
        let answer = finder.search(query)?;
        let mut results = self.results(&pair, query, answer);
        results.offline = why == Alone::Offline;
        results.private = why == Alone::InPrivate;
        if let Some(input) = self.rank_input().filter(|_| query.sort == Sort::Relevance) {
            let table = &input.model().table;
            self.reorder(&mut results, &input, table, query.page.offset);
        }
        self.rule_results(&mut results, query, PageExtras::None);
        Ok(Some(results))
    }

    /// What answers searches over a pair, made when it is first asked for; `None` only where the
    /// shards contradict each other.
    pub(crate) async fn finder(&self, pair: &Rc<Pair>) -> Option<Rc<Finder>> {
        let _only_one = self.inner.finder_lock.lock().await;
        let known = self.inner.finder.borrow().clone();
        if let Some((of, finder)) = &known
            && of.upgrade().is_some_and(|of| Rc::ptr_eq(&of, pair))
        {
            return Some(Rc::clone(finder));
        }
        let before = known.as_ref().map(|(_, finder)| finder.as_ref());
        let made = Finder::of(pair, before, self.pace()).await.ok()?;
        let finder = Rc::new(made);
        *self.inner.finder.borrow_mut() = Some((Rc::downgrade(pair), Rc::clone(&finder)));
        Some(finder)
    }

    fn results(&self, pair: &Pair, query: &Query, answer: Answer) -> SearchResults {
        let Answer { reply, read, relaxed, .. } = answer;
        let catalogue = &pair.catalogue;
        let shown = self.inner.state.borrow().shown_prices();
        let places = query.page.offset + 1..;
        let tiles = reply.hits.into_iter().zip(places).filter_map(|(hit, place)| {
            let card = shown.card(catalogue.card(catalogue.index_of(hit.item)?));
            let unconfirmed = hit.unconfirmed;
            let found =
                FoundBecause { unconfirmed, place_found: place, place, ..FoundBecause::default() };
            Some(Tile { card, score: None, found: Some(found), placed: None })
        });
        SearchResults {
            tiles: tiles.collect(),
            banners: Vec::new(),
            n_total: u32::try_from(reply.n_total).unwrap_or(u32::MAX),
            corrections: reply.corrections,
            filters_read: read.filters,
            synonyms: reply.synonyms,
            relaxed,
            free_of: reply.free_of,
            intent: None,
            facets: reply.facets,
            order: SearchOrder::Device,
            offline: false,
            private: false,
            catalogue: pair.manifest.catalogue.version,
            backend: Backend::Cpu,
            ranking_ms: 0.0,
            total_ms: 0.0,
        }
    }
}
