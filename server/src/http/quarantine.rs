//! Changes that the judge stopped, and `GET /v1/catalogue/quarantine`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;

use super::clients;
use super::error::ApiError;
use super::state::AppState;
use crate::keys::KeyScope;

/// Stopped changes that are remembered; then the oldest go.
pub const STOPPED_KEPT_MAX: usize = 100;

/// A change that was stopped until somebody has looked at it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StoppedChange {
    /// When it came, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// Name of the API key that it came with.
    pub client: String,
    /// The product.
    pub sku: String,
    /// The revision, where the change had one.
    pub revision: Option<u64>,
    /// Why it was stopped.
    pub reason: String,
}

/// The newest stopped changes, in memory: a server that is started anew knows none.
#[derive(Default)]
pub struct StoppedChanges {
    /// The oldest first.
    stopped: Mutex<VecDeque<StoppedChange>>,
}

/// The answer.
#[derive(Debug, Default, Serialize)]
pub struct QuarantineReply {
    /// The newest first.
    pub changes: Vec<StoppedChange>,
}

impl StoppedChanges {
    /// Remembers one more.
    pub fn note(&self, change: StoppedChange) {
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.push_back(change);
        if stopped.len() > STOPPED_KEPT_MAX {
            stopped.pop_front();
        }
    }

    /// Those that are remembered, the newest first.
    pub fn newest(&self) -> Vec<StoppedChange> {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.iter().rev().cloned().collect()
    }
}

/// Answers with what was stopped.
pub async fn quarantine(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<QuarantineReply>, ApiError> {
    clients::authorise(&state, &headers, KeyScope::CatalogueRead)?;
    state.pushed()?;
    Ok(Json(QuarantineReply { changes: state.quarantine.newest() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept() {
        let quarantine = StoppedChanges::default();
        for at_seconds in 0..150 {
            quarantine.note(StoppedChange { at_seconds, ..StoppedChange::default() });
        }
        let times: Vec<_> = quarantine.newest().iter().map(|change| change.at_seconds).collect();
        assert_eq!(times, (50..150).rev().collect::<Vec<_>>());
    }
}
