//! `GET /v1/manifest`: the one small document that everyone gets.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use super::assets::accepts_brotli;
use super::error::ApiError;
use super::state::AppState;

/// The current manifest. Never cached, and never with an ETag: a validator
/// that a browser sends back would tell visits apart.
pub async fn manifest(
    State(state): State<Arc<AppState>>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let live = state.live()?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept-Encoding"),
    ];
    Ok(match accepts_brotli(&asked) {
        true => {
            let encoding = [(header::CONTENT_ENCODING, "br")];
            (headers, encoding, live.manifest_compressed.clone()).into_response()
        }
        false => (headers, live.manifest_bytes.clone()).into_response(),
    })
}
