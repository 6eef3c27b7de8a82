//! The HTTP side: the page, the manifest, the shards, the search; the catalogue API.

mod ask;
mod ask_model;
mod assets;
mod body;
mod changes;
mod clients;
pub mod connections;
mod cors;
mod error;
mod front;
mod health;
mod layers;
mod lines;
mod listings;
mod manifest;
#[cfg(feature = "mcp")]
mod mcp;
mod metrics;
mod openapi;
mod orders;
mod pages;
mod pictures;
mod products;
mod published;
mod push;
mod quarantine;
mod reviews;
mod rules;
mod search;
mod shards;
mod state;
mod studio;
mod suggest;
#[cfg(test)]
pub mod tests;
mod timed;
mod work;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};

use error::ApiError;
pub use state::AppState;

/// All routes, with limits, headers and logs around them.
pub fn router(state: Arc<AppState>) -> Router {
    let limited = Router::new()
        .route("/", get(assets::shop))
        .route("/front.html", get(front::front))
        .route("/studio", get(assets::studio))
        .route("/{*file}", get(assets::file))
        .route("/v1/manifest", get(manifest::manifest))
        .route("/v1/shards/{hash}", get(shards::shard))
        .route("/v1/pictures/{hash}", get(pictures::picture))
        .route("/v1/search", post(search::search))
        .route("/v1/suggest", get(suggest::suggest))
        .route("/v1/ask", post(ask::ask))
        .route("/v1/studio/report", get(studio::report))
        .route("/v1/studio/training", get(studio::training))
        .route("/v1/studio/personas/{shopper}", get(studio::persona))
        .route("/v1/studio/listings", get(listings::page))
        .route("/v1/studio/listings/edits", get(listings::edits))
        .route("/v1/studio/listings/{item}", put(listings::publish))
        .route("/v1/studio/listings/{item}/check", post(listings::check))
        .route("/v1/studio/listings/{item}/revert", post(listings::revert))
        .route("/v1/studio/rules", get(rules::state))
        .route("/v1/studio/rules/draft", put(rules::save))
        .route("/v1/studio/rules/publish", post(rules::publish))
        .route("/v1/studio/rules/restore", post(rules::restore))
        .route("/v1/studio/rules/preview", post(rules::preview))
        .route("/v1/studio/rules/versions/{number}", get(rules::version))
        .route("/v1/studio/rules/names", get(rules::names))
        .route("/v1/studio/rules/seasons/{year}", get(rules::seasons))
        .route("/v1/studio/teacher", post(studio::teacher))
        .route("/v1/studio/teacher/{item}", post(studio::teacher_why))
        .route("/v1/catalogue/products/{sku}", get(products::product))
        .route("/v1/catalogue/status", get(products::status))
        .route("/v1/catalogue/quarantine", get(quarantine::quarantine))
        .route("/v1/{*rest}", get(not_found))
        .route("/openapi.json", get(openapi::document))
        .route("/docs", get(openapi::page))
        .route("/docs/style.css", get(openapi::style))
        .merge(if state.pages.is_some() { pages::routes() } else { Router::new() })
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(state.clone(), layers::limited));
    // Pushes have limits of their own, so that they take no place from shoppers.
    let pushes = Router::new()
        .route("/v1/catalogue/changes", post(changes::push_changes))
        .route("/v1/orders", post(orders::push_orders))
        .route("/v1/reviews", post(reviews::push_reviews))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::disable());
    // A language model takes longer than any other answer may.
    let questions = Router::new()
        .route("/v1/ask/model", post(ask_model::ask))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::disable());
    // Whoever watches the process is answered however many requests are at work.
    let router = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .method_not_allowed_fallback(method_not_allowed)
        .merge(limited)
        .merge(pushes)
        .merge(questions);
    #[cfg(feature = "mcp")]
    let router = match state.has_mcp {
        true => router.merge(mcp::routes(&state)),
        false => router,
    };
    router
        .layer(from_fn_with_state(state.clone(), cors::shared))
        .layer(from_fn_with_state(state.clone(), layers::observed))
        .layer(from_fn_with_state(state.clone(), layers::security_headers))
        .with_state(state)
}

/// What connections beyond the limit get: a sign of life, and word that the server is busy.
pub fn busy_router(state: Arc<AppState>) -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .fallback(overloaded)
        .layer(from_fn_with_state(state.clone(), cors::shared))
        .layer(from_fn_with_state(state.clone(), layers::security_headers))
        .with_state(state)
}

async fn not_found() -> ApiError {
    ApiError::NotFound
}

async fn method_not_allowed() -> ApiError {
    ApiError::MethodNotAllowed
}

async fn overloaded() -> ApiError {
    ApiError::Overloaded
}
