//! `GET /v1/shards/{hash}`: immutable, compressed, named by content.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use vitrine_domain::ContentHash;
use vitrine_publish::Encoding;

use super::assets::accepts_brotli;
use super::error::ApiError;
use super::state::{AppState, StoredShard};

/// What browsers are told of what never changes.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// One shard, as brotli where the client takes it and the store has it whole.
pub async fn shard(
    State(state): State<Arc<AppState>>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(name) = name.map_err(|_| ApiError::ShardName)?;
    let hash: ContentHash = name.parse().map_err(|_| ApiError::ShardName)?;
    let brotli = accepts_brotli(&headers);
    let StoredShard { bytes, encoding, may_be_kept } =
        tokio::task::spawn_blocking(move || state.shard(hash, brotli))
            .await
            .map_err(|error| ApiError::Internal(error.into()))??;
    let mut response = bytes.into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let keep = match may_be_kept {
        true => IMMUTABLE,
        false => "no-store",
    };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if encoding == Encoding::Brotli {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    Ok(response)
}
