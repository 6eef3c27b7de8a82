//! `POST /v1/search`: text, filters and paging in, candidates with cards and codes out.
//!
//! The shop's rules for everyone change its words, leave cards out and lead elsewhere. What a rule
//! for some shoppers could place is in every reply, so that a reply tells nothing of who asked.

mod ruled;

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::{Request, State};
use vitrine_domain::{ItemId, Query};
use vitrine_recall::{Answer, Deadline, RecallHit, RecallRequest, Searcher, Signal, TEXT_DIM};
use vitrine_wire::shard::CODE_DIM;
use vitrine_wire::{CatalogueRows, Contribution, SearchHit, SearchReply};

use self::ruled::RuledSearch;
use super::body;
use super::error::ApiError;
use super::state::AppState;
use super::work;
use crate::clock::now_seconds;
use crate::intent;
use crate::language::PreparedLanguage;
use crate::live::Live;

/// Answers one search.
pub async fn search(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<SearchReply>, ApiError> {
    let deadline: Deadline = request.extensions().get().copied().unwrap_or_default();
    let query: Query = body::json(request, state.limits.request_bytes_max).await?;
    found(&state, query, deadline).await.map(Json)
}

/// What a search finds, with a place among all searches.
///
/// # Errors
/// It breaks a limit, too many search, it takes too long.
pub async fn found(
    state: &AppState,
    query: Query,
    deadline: Deadline,
) -> Result<SearchReply, ApiError> {
    let live = state.live()?;
    let accepted = work::accept_search(state)?;
    let search = RuledSearch::of(&live, query, now_seconds())?;
    // Encoded before it takes a core, with the others that wait.
    let known = prepared(&live, search.query(), deadline).await?;
    let slot = work::search_slot(state, accepted).await?;
    let answered = move || {
        let language = PreparedLanguage { language: &*live.speech.language, known };
        answer(&live, &language, search, deadline)
    };
    work::in_slot(slot, answered).await
}

/// The words of a search, as they are looked for, with their vector; `None` where nothing
/// needs one, or where nobody encodes ahead.
async fn prepared(
    live: &Live,
    query: &Query,
    deadline: Deadline,
) -> Result<Option<(String, Arc<[f32]>)>, ApiError> {
    let Some(queries) = &live.speech.queries else { return Ok(None) };
    RecallRequest { query: query.clone(), ..RecallRequest::default() }.validate(TEXT_DIM)?;
    let text = live.understanding.read(&query.text).text.trim().to_owned();
    if text.is_empty() {
        return Ok(None);
    }
    let vector = queries.encode(&text, deadline).await?;
    Ok(Some((text, vector)))
}

/// Finds, explains and inlines. Computes on the calling thread.
fn answer(
    live: &Live,
    language: &PreparedLanguage<'_>,
    search: RuledSearch,
    deadline: Deadline,
) -> Result<SearchReply, ApiError> {
    let narrowed = search.narrowed_index(live)?;
    let engine = narrowed.as_deref().unwrap_or(&live.recall);
    let query = search.query();
    let searcher = Searcher { engine, understanding: &live.understanding, language };
    let Answer { reply, read, request, relaxed } = searcher.search(query, deadline)?;
    let placeable = search.placeable(live, engine, &request)?;
    let vector = request.vector;
    let query_code = match (&vector, &live.model) {
        (Some(vector), Some(model)) => model.trained.code_of_text(vector),
        // Nothing was searched for: near to nothing.
        (None, Some(_)) => vec![0; CODE_DIM],
        (_, None) => Vec::new(),
    };
    let intent = live.intent.as_ref().zip(vector).map(|(head, vector)| intent::of(head, &vector));
    let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
    let hits = reply.hits.into_iter().filter_map(|hit| inline(live, &rows, hit, query.explain));
    let hits: Vec<SearchHit> = hits.collect();
    let is_hit = |item: ItemId| hits.iter().any(|hit| hit.item == item);
    let cards_for_rules = placeable.map(|cards| {
        let others = cards.into_iter().filter(|card| !is_hit(card.item));
        others.filter_map(|card| inline(live, &rows, card, false)).collect()
    });
    Ok(SearchReply {
        intent,
        catalogue: live.manifest.catalogue.version,
        model: live.manifest.model.as_ref().map(|model| model.version),
        query_code,
        n_total: u32::try_from(reply.n_total).unwrap_or(u32::MAX),
        corrections: reply.corrections,
        filters_read: read.filters,
        synonyms: reply.synonyms,
        relaxed,
        free_of: reply.free_of,
        facets: reply.facets,
        redirect: search.into_redirect(),
        hits,
        cards_for_rules,
    })
}

/// A hit with its card and code, from the very rows that are published.
fn inline(live: &Live, rows: &CatalogueRows, hit: RecallHit, explain: bool) -> Option<SearchHit> {
    let at = rows.cards.binary_search_by_key(&hit.item, |card| card.id).ok()?;
    let card = &rows.cards[at];
    let price = rows.prices.binary_search_by_key(&hit.item, |row| row.id).ok();
    let price = price.map(|at| &rows.prices[at])?;
    let code = rows.code_ids.binary_search(&hit.item).ok();
    let code = code.map_or(&[][..], |at| &rows.codes[at * CODE_DIM..][..CODE_DIM]);
    let explanation = if explain { explanation(live, &hit) } else { Vec::new() };
    Some(SearchHit {
        item: hit.item,
        score: hit.score,
        sources: hit.sources.iter().map(|source| source.source).collect(),
        title: card.title.clone(),
        department: rows.departments[usize::from(card.department)].clone(),
        category: rows.categories[usize::from(card.category)].clone(),
        brand: card.brand.clone(),
        size: card.variants.first().map_or_else(String::new, |variant| variant.size.clone()),
        price_minor: price.price_minor,
        availability: price.availability,
        n_buyers: price.n_buyers,
        n_buyers_recent: price.n_buyers_recent,
        picture: card.picture,
        code: code.to_vec(),
        unconfirmed: hit.unconfirmed,
        explanation,
    })
}

/// What the score is made of; nothing when browsing, and no signal that adds nothing.
fn explanation(live: &Live, hit: &RecallHit) -> Vec<Contribution> {
    let contribution = |signal: Signal| Contribution {
        signal: signal.name().to_owned(),
        value: hit.signals[signal],
        contribution: live.relevance.contribution(&hit.signals, signal),
    };
    Signal::ALL.into_iter().map(contribution).filter(|part| part.contribution != 0.0).collect()
}
