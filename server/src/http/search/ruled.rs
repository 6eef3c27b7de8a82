//! A search after the shop's rules for everyone.

use std::collections::HashSet;
use std::sync::Arc;

use vitrine_domain::limits::PAGE_LIMIT_MAX;
use vitrine_domain::{ItemId, Page, Query};
use vitrine_recall::{EmbeddedRecall, Recall as _, RecallHit, RecallRequest, TEXT_DIM};
use vitrine_rules::{
    ListContext, RewriteContext, RewrittenSearch, ShopRoute, Surface, cards_needed, rewrite,
};

use crate::http::error::ApiError;
use crate::live::Live;
use crate::rules::WholeIndex;

/// A search after the shop's rules for everyone. Without rules it is the search itself.
pub struct RuledSearch {
    /// With the words that are searched for.
    query: Query,
    /// The words as they were typed; `None` where no rules are served.
    typed: Option<String>,
    redirect: Option<ShopRoute>,
    now_seconds: i64,
}

impl RuledSearch {
    /// Applies the served rules to a search at a moment, in seconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// It breaks a limit as it was typed.
    pub fn of(live: &Live, query: Query, now_seconds: i64) -> Result<Self, ApiError> {
        if live.rules.is_empty() {
            return Ok(Self { query, typed: None, redirect: None, now_seconds });
        }
        let asked = RecallRequest { query, ..RecallRequest::default() };
        asked.validate(TEXT_DIM)?;
        let query = asked.query;
        let (department, category) = within(&query);
        let locale = live.language.code();
        let context = RewriteContext { now_seconds, locale, category, department };
        // Conditions are met by the index: see `narrowed_index`.
        let RewrittenSearch { text, redirect, .. } =
            rewrite(&query.text, &live.rules.rewrite, &context);
        let typed = Some(query.text.clone());
        Ok(Self { query: Query { text, ..query }, typed, redirect, now_seconds })
    }

    /// What is searched for.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Where a rule leads it instead.
    pub fn into_redirect(self) -> Option<ShopRoute> {
        self.redirect
    }

    /// The index without what rules leave out of it; `None` where none does.
    ///
    /// # Errors
    /// None of a sound index.
    pub fn narrowed_index(&self, live: &Live) -> Result<Option<Arc<EmbeddedRecall>>, ApiError> {
        let Some(typed) = &self.typed else { return Ok(None) };
        let (department, category) = within(&self.query);
        let context = ListContext {
            surface: Surface::Search,
            query: typed,
            department,
            category,
            locale: live.language.code(),
            now_seconds: self.now_seconds,
            ..ListContext::default()
        };
        let Live { recall, rows, rules, .. } = live;
        Ok(live.narrowed.of(WholeIndex { recall, rows, rules }, &context)?)
    }

    /// The cards that a rule could place among the results on some device, in the order of the
    /// rules, as far as they meet what was asked: a rule brings nothing to somebody who asked to
    /// be spared of it. `None` where no rule could place any.
    ///
    /// # Errors
    /// The time is up.
    pub fn placeable(
        &self,
        live: &Live,
        engine: &EmbeddedRecall,
        request: &RecallRequest,
    ) -> Result<Option<Vec<RecallHit>>, ApiError> {
        let Some(typed) = &self.typed else { return Ok(None) };
        let needed = cards_needed(&live.rules.compiled, typed);
        if needed.is_empty() {
            return Ok(None);
        }
        let filters = request.query.filters.clone();
        if filters.inverted_prices().is_some() {
            return Ok(Some(Vec::new()));
        }
        let wanted: HashSet<ItemId> = needed.iter().copied().collect();
        let index = engine.narrowed(|item| wanted.contains(&item))?;
        let page = Page { offset: 0, limit: PAGE_LIMIT_MAX };
        let query = Query { filters, page, ..Query::default() };
        let deadline = request.deadline;
        let reply = index.search(&RecallRequest { query, deadline, ..RecallRequest::default() })?;
        let mut cards = reply.hits;
        for card in &mut cards {
            // It was not searched for.
            card.score = 0.0;
            card.sources.clear();
        }
        cards.sort_by_key(|card| needed.iter().position(|item| *item == card.item));
        Ok(Some(cards))
    }
}

/// The one department and the one category that a search is within; empty without one.
fn within(query: &Query) -> (&str, &str) {
    fn one(names: &[String]) -> &str {
        match names {
            [name] => name,
            _ => "",
        }
    }
    (one(&query.filters.departments), one(&query.filters.categories))
}
