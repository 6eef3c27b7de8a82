//! `GET /v1/manifest`: the one small document that everyone gets.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::state::AppState;

/// The current manifest. Never cached, and never with an ETag: a validator
/// that a browser sends back would tell visits apart.
pub async fn manifest(State(state): State<Arc<AppState>>) -> Result<Response, ApiError> {
    let live = state.live()?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, live.manifest_bytes.clone()).into_response())
}
