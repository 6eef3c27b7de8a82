//! Liveness and readiness, for whoever watches the process.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Serialize;

use super::error::ApiError;
use super::layers::RESOURCE_POLICY;
use super::state::AppState;

/// What is served.
#[derive(Serialize)]
pub struct Ready {
    catalogue: u64,
    model: Option<u64>,
    n_items: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    degraded: Option<Degraded>,
}

/// An older version is served, because the published one is damaged.
#[derive(Serialize)]
pub struct Degraded {
    published_version: u64,
    served_version: u64,
}

/// `GET /healthz`: the process answers. Any page may have that, so that one that embeds the shop
/// can tell a server that is down from one that does not allow its origin.
pub async fn healthz() -> impl IntoResponse {
    ([(RESOURCE_POLICY, "cross-origin")], "ok\n")
}

/// `GET /readyz`: something is published and its index is up.
pub async fn readyz(State(state): State<Arc<AppState>>) -> Result<Json<Ready>, ApiError> {
    let live = state.live()?;
    let (published_version, served_version) = (state.current(), live.number);
    let degraded = Degraded { published_version, served_version };
    Ok(Json(Ready {
        catalogue: live.manifest.catalogue.version.0,
        model: live.manifest.model.as_ref().map(|model| model.version.0),
        n_items: live.manifest.catalogue.n_items,
        degraded: (published_version != served_version).then_some(degraded),
    }))
}
