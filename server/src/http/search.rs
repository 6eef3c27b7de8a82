//! `POST /v1/search`: text, filters and paging in, candidates with cards and codes out.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use vitrine_domain::Query;
use vitrine_recall::{Answer, RecallHit, Relevance, Signal, search_relaxed};
use vitrine_wire::shard::CODE_DIM;
use vitrine_wire::{Contribution, SearchHit, SearchReply};

use super::error::ApiError;
use super::state::AppState;
use crate::intent;
use crate::language::Encoded;
use crate::live::Live;

/// Answers one search.
pub async fn search(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<SearchReply>, ApiError> {
    let query: Query = read_json(request, state.limits.request_bytes_max).await?;
    let Ok(_permit) = state.searches.try_acquire() else {
        return Err(ApiError::TooManySearches);
    };
    let live = state.live()?;
    let encoder = state.encoder.clone();
    let handle = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        // As a signal intent has no weight; what the reply says of it is read once, below.
        let language = Encoded { encoder: &encoder, intent: None };
        let search = search_relaxed(&*live.recall, &live.understanding, &language, &query);
        let Answer { reply, read, request, relaxed } = handle.block_on(search)?;
        let vector = request.vector;
        let query_code = match (&vector, &live.model) {
            (Some(vector), Some(model)) => model.trained.code_of_text(vector),
            // Nothing was searched for: near to nothing.
            (None, Some(_)) => vec![0; CODE_DIM],
            (_, None) => Vec::new(),
        };
        let intent =
            live.intent.as_ref().zip(vector).map(|(head, vector)| intent::of(head, &vector));
        let hits = reply.hits.into_iter().filter_map(|hit| inline(&live, hit, query.explain));
        Ok(Json(SearchReply {
            intent,
            catalogue: live.manifest.catalogue.version,
            model: live.manifest.model.as_ref().map(|model| model.version),
            query_code,
            n_total: u32::try_from(reply.n_total).unwrap_or(u32::MAX),
            corrections: reply.corrections,
            filters_read: read.filters,
            synonyms: reply.synonyms,
            relaxed,
            facets: reply.facets,
            hits: hits.collect(),
        }))
    })
    .await
    .map_err(|error| ApiError::Internal(error.into()))?
}

/// Reads a JSON body of at most `bytes_max` bytes.
pub async fn read_json<T: serde::de::DeserializeOwned>(
    request: Request,
    bytes_max: usize,
) -> Result<T, ApiError> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let essence = media_type.and_then(|value| value.split(';').next()).map(str::trim);
    if !essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
        return Err(ApiError::NotJson);
    }
    let body: Body = request.into_body();
    let bytes = axum::body::to_bytes(body, bytes_max)
        .await
        .map_err(|_| ApiError::BodyTooLarge(bytes_max))?;
    serde_json::from_slice(&bytes).map_err(ApiError::Body)
}

/// A hit with its card and code, from the very rows that are published.
fn inline(live: &Live, hit: RecallHit, explain: bool) -> Option<SearchHit> {
    let rows = &live.rows;
    let at = rows.cards.binary_search_by_key(&hit.item, |card| card.id).ok()?;
    let card = &rows.cards[at];
    let price = rows.prices.binary_search_by_key(&hit.item, |row| row.id).ok();
    let price = price.map(|at| &rows.prices[at])?;
    let code = rows.code_ids.binary_search(&hit.item).ok();
    let code = code.map_or(&[][..], |at| &rows.codes[at * CODE_DIM..][..CODE_DIM]);
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
        explanation: if explain { explanation(&hit) } else { Vec::new() },
    })
}

/// What the score is made of; nothing when browsing, and no signal that adds nothing.
fn explanation(hit: &RecallHit) -> Vec<Contribution> {
    let relevance = Relevance::default();
    let contribution = |signal: Signal| Contribution {
        signal: signal.name().to_owned(),
        value: hit.signals[signal],
        contribution: relevance.contribution(&hit.signals, signal),
    };
    Signal::ALL.into_iter().map(contribution).filter(|part| part.contribution != 0.0).collect()
}
