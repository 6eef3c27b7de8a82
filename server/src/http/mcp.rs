//! `POST /mcp`: other assistants shop here, by the Model Context Protocol over streamable HTTP.
//! Four tools: search, product, compare and ask. Behind the cargo feature `mcp` and the setting
//! `[mcp] enabled`.
//!
//! There are no sessions, no streams, no cookies; nothing of a caller or of what is asked is kept
//! or logged. Texts of products are data: they go out word for word, marked as words of the shop
//! or of its buyers.

mod arguments;
mod comparison;
mod endpoint;
mod errors;
mod facts;
mod shop_server;
mod tools;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::post;
use tokio::sync::Semaphore;

use self::endpoint::McpEndpoint;
use self::errors::RpcProblem;
use self::shop_server::ShopServer;
use super::ask::QUESTIONS_MAX;
use super::error::ApiError;
use super::state::AppState;
use super::{layers, method_not_allowed};

/// Messages of other assistants that are worked at or wait, at once; more are told to come again.
/// Each takes one place among questions at most, so that half of these are left to who has an API
/// key, however many without one call; and searches of shoppers keep places.
pub const MCP_MESSAGES_MAX: usize = QUESTIONS_MAX / 2;

/// Who answers messages, and how many at once.
struct McpService {
    endpoint: McpEndpoint<ShopServer>,
    places: Semaphore,
}

/// The endpoint, with the limits of other requests around it and errors as JSON-RPC has them.
pub fn routes(state: &Arc<AppState>) -> Router<Arc<AppState>> {
    let shop = Arc::clone(state);
    let handler = move || ShopServer::new(Arc::clone(&shop));
    let service = Arc::new(McpService {
        endpoint: McpEndpoint::new(handler, state.limits.request_bytes_max),
        places: Semaphore::new(MCP_MESSAGES_MAX),
    });
    let answer = move |State(_): State<Arc<AppState>>, request: Request| {
        let service = Arc::clone(&service);
        async move {
            let place = service.places.try_acquire().map_err(|_| ApiError::Overloaded)?;
            let response = service.endpoint.answer(request).await;
            drop(place);
            Ok::<Response, ApiError>(response)
        }
    };
    Router::new()
        .route("/mcp", post(answer))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(state), layers::limited))
        .layer(from_fn(told_in_json_rpc))
}

/// Refuses pages before anything is read, and puts problems of the layers inside into JSON-RPC.
async fn told_in_json_rpc(request: Request, next: Next) -> Response {
    if endpoint::comes_from_a_page(request.headers()) {
        let advice = "pages may not call this: call it from a program, which sends no Origin";
        return RpcProblem::request(StatusCode::FORBIDDEN, advice).into_response();
    }
    errors::told_anew(next.run(request).await).await
}
