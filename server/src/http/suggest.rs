//! `GET /v1/suggest`: what an unfinished search may become. The Shop does not ask
//! it: a browser completes from its own copy of the catalogue.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_recall::RecallError;
use vitrine_suggest::{SUGGESTIONS_MAX, Suggestion};

use super::error::ApiError;
use super::state::AppState;
use super::work;

/// The parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    q: String,
    #[serde(default = "limit_default")]
    limit: usize,
}

/// The answer.
#[derive(Debug, Default, Serialize)]
pub struct SuggestReply {
    /// The likeliest of each kind.
    pub suggestions: Vec<Suggestion>,
}

fn limit_default() -> usize {
    8
}

/// Answers one unfinished text.
pub async fn suggest(
    State(state): State<Arc<AppState>>,
    params: Result<Query<Params>, QueryRejection>,
) -> Result<Json<SuggestReply>, ApiError> {
    let Query(Params { q, limit }) =
        params.map_err(|rejection| ApiError::Query(rejection.body_text()))?;
    let n_chars = q.chars().count();
    if n_chars > QUERY_CHARS_MAX {
        return Err(RecallError::TextTooLong { n_chars, max: QUERY_CHARS_MAX }.into());
    }
    if limit > SUGGESTIONS_MAX {
        return Err(ApiError::Query(format!("limit {limit} is more than {SUGGESTIONS_MAX}")));
    }
    let live = state.live()?;
    let slot = work::search_slot(&state, work::accept_search(&state)?).await?;
    let suggestions = work::in_slot(slot, move || Ok(live.suggester.suggest(&q, limit))).await?;
    Ok(Json(SuggestReply { suggestions }))
}
