//! Request bodies: read in full before a request takes a place among those at work.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::clients::{self, AuthorisedClient};
use super::error::ApiError;
use super::state::AppState;
use super::{ask, listings, rules, studio};
use crate::keys::KeyScope;

/// Bytes of a body beyond its limit that are read and dropped, so that whoever sent
/// them gets the answer, and not a connection that breaks off.
const BYTES_DISCARDED_MAX: usize = 1 << 20;

/// Reads the body of a request to `route` where the route takes one. Whoever sends
/// slowly holds up nobody but themselves.
///
/// # Errors
/// The body is too large, breaks off, or is not there in time; the route needs a token or an API
/// key that did not come with it.
pub async fn complete(
    state: &AppState,
    route: &str,
    mut request: Request,
) -> Result<Request, ApiError> {
    let Some(bytes_max) = bytes_max(state, route, &mut request)? else { return Ok(request) };
    let (parts, body) = request.into_parts();
    let bytes = in_time(state, body, bytes_max).await?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Reads a body of at most `bytes_max` bytes.
///
/// # Errors
/// It is too large, breaks off, or is not there in time.
pub async fn in_time(state: &AppState, body: Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    let time_max = Duration::from_millis(state.limits.body_ms_max);
    let bytes = tokio::time::timeout(time_max, collect(body, bytes_max)).await;
    bytes.map_err(|_| ApiError::BodyTooSlow)?
}

/// The media type that a request declares, without its parameters.
pub fn media_type(headers: &HeaderMap) -> &str {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    declared.and_then(|value| value.split(';').next()).map_or("", str::trim)
}

/// How large a body the route takes; `None` where it takes none.
fn bytes_max(
    state: &AppState,
    route: &str,
    request: &mut Request,
) -> Result<Option<usize>, ApiError> {
    match route {
        "/v1/search" => Ok(Some(state.limits.request_bytes_max)),
        #[cfg(feature = "mcp")]
        "/mcp" => Ok(Some(state.limits.request_bytes_max)),
        "/v1/ask" => {
            clients::authorise(state, request.headers(), KeyScope::CatalogueAsk)?;
            request.extensions_mut().insert(AuthorisedClient);
            Ok(Some(ask::ASK_BYTES_MAX))
        }
        "/v1/studio/teacher" | "/v1/studio/teacher/{item}" => {
            studio::authorise(state, request.headers())?;
            Ok(Some(studio::POSTED_BYTES_MAX))
        }
        "/v1/studio/listings/{item}"
        | "/v1/studio/listings/{item}/check"
        | "/v1/studio/listings/{item}/revert" => {
            studio::authorise(state, request.headers())?;
            Ok(Some(listings::LISTING_BYTES_MAX))
        }
        "/v1/studio/rules/draft" | "/v1/studio/rules/preview" => {
            studio::authorise(state, request.headers())?;
            Ok(Some(rules::RULES_BYTES_MAX))
        }
        "/v1/studio/rules/publish" | "/v1/studio/rules/restore" => {
            studio::authorise(state, request.headers())?;
            Ok(Some(rules::ORDER_BYTES_MAX))
        }
        _ => Ok(None),
    }
}

/// Reads a JSON body of at most `bytes_max` bytes.
///
/// # Errors
/// It is not declared as JSON, is too large, breaks off, or is no `T`.
pub async fn json<T: DeserializeOwned>(request: Request, bytes_max: usize) -> Result<T, ApiError> {
    if !media_type(request.headers()).eq_ignore_ascii_case("application/json") {
        return Err(ApiError::NotJson);
    }
    let bytes = collect(request.into_body(), bytes_max).await?;
    serde_json::from_slice(&bytes).map_err(ApiError::Body)
}

async fn collect(mut body: Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    let mut bytes = Vec::new();
    let mut n_bytes = 0;
    if body.size_hint().lower() > (bytes_max + BYTES_DISCARDED_MAX) as u64 {
        return Err(ApiError::BodyTooLarge(bytes_max));
    }
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| ApiError::BodyBroken)?;
        // Anything else is a trailer, which says nothing here.
        let Ok(data) = frame.into_data() else { continue };
        n_bytes += data.len();
        if n_bytes <= bytes_max {
            bytes.extend_from_slice(&data);
        } else if n_bytes > bytes_max + BYTES_DISCARDED_MAX {
            break;
        }
    }
    if n_bytes > bytes_max { Err(ApiError::BodyTooLarge(bytes_max)) } else { Ok(bytes.into()) }
}
