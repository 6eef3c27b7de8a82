//! What pages of other origins may read: public data and searches, from the origins that the
//! settings allow. Everything else has no CORS headers, so that no page but the server's own
//! can read it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::state::AppState;

/// What a preflight is answered with besides the origin. Browsers keep no answer: a preflight
/// that is not needed again would tell that this browser has searched before.
const PREFLIGHT: [(header::HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
    (header::ACCESS_CONTROL_MAX_AGE, "0"),
];

/// What pages of other origins may read, where the settings allow theirs.
fn is_shared(path: &str) -> bool {
    matches!(path, "/v1/manifest" | "/v1/search")
        || ["/v1/shards/", "/v1/pictures/"].iter().any(|start| path.starts_with(start))
}

/// Lets pages of allowed origins read what is shared with them, without credentials. It lies
/// around the limits: a page has to read that the server is busy, too.
pub async fn shared(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let origins = &state.embed.origins;
    if origins.is_empty() || !is_shared(request.uri().path()) {
        return next.run(request).await;
    }
    let asked = request.headers().get(header::ORIGIN);
    let is_allowed = |origin: &&HeaderValue| origin.to_str().is_ok_and(|text| origins.allow(text));
    let allowed = asked.filter(is_allowed).cloned();
    let mut response = match allowed.is_some() && is_preflight(request.method(), request.headers())
    {
        true => (StatusCode::NO_CONTENT, PREFLIGHT).into_response(),
        false => next.run(request).await,
    };
    let headers = response.headers_mut();
    // To every origin: a cache must not give one the answer of another.
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}
