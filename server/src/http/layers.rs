//! What happens to every request: limits, time, headers, one log line.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use vitrine_recall::Deadline;

use super::body;
use super::error::ApiError;
use super::state::AppState;

/// Times and logs what is done.
///
/// The log line and the metrics have method, route pattern, status and time;
/// never a query, a body, an address or a shard's name.
pub async fn observed(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = route_of(&request);
    let response = next.run(request).await;
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    state.metrics.observe(&route, status, elapsed);
    tracing::info!(
        %method, route, status, elapsed_ms = elapsed.as_secs_f64() * 1e3, "request"
    );
    response
}

/// Refuses what exceeds the limits: reads the body, then takes a place among the
/// requests at work, then lets the route answer until [`Deadline`], which it finds
/// among the request's extensions.
pub async fn limited(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let route = route_of(&request);
    let mut request = match body::complete(&state, &route, request).await {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    let Ok(_permit) = state.requests.try_acquire() else {
        return ApiError::Overloaded.into_response();
    };
    let time_max = Duration::from_millis(state.limits.request_ms_max);
    request.extensions_mut().insert(Deadline::at(Instant::now() + time_max));
    match tokio::time::timeout(time_max, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::Timeout.into_response(),
    }
}

/// The pattern of the route that a request is for.
fn route_of(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned())
}

/// Says whose pages may have an answer without reading it.
pub const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The same strict headers on every response; an answer may have a [`RESOURCE_POLICY`] of its own.
pub async fn security_headers(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    const FIXED: [(HeaderName, &str); 4] = [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(self), geolocation=(), microphone=(), browsing-topics=()",
        ),
    ];
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(RESOURCE_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, state.content_security_policy.clone());
    response
}
