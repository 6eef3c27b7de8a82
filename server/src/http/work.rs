//! Places for what computes. A place is held by the work itself: when nobody waits
//! for a request any more, its work may still run, and its place is not free.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::ApiError;
use super::state::AppState;
use crate::language_model::LanguageModel;

/// A place among those at work, given back when dropped.
pub struct Slot {
    _accepted: OwnedSemaphorePermit,
    _core: OwnedSemaphorePermit,
}

/// A place among the searches that are accepted.
///
/// # Errors
/// Too many wait already.
pub fn accept_search(state: &AppState) -> Result<OwnedSemaphorePermit, ApiError> {
    state.searches.clone().try_acquire_owned().map_err(|_| ApiError::TooManySearches)
}

/// Waits for a core. As many searches as there are cores compute at once, because more
/// would only slow each other down; as many as the limits allow wait, and cost nothing
/// if they wait in vain.
///
/// # Errors
/// The server is ending.
pub async fn search_slot(
    state: &AppState,
    accepted: OwnedSemaphorePermit,
) -> Result<Slot, ApiError> {
    let core = state.cores.clone().acquire_owned().await;
    let core = core.map_err(|_| ApiError::TooManySearches)?;
    Ok(Slot { _accepted: accepted, _core: core })
}

/// A place for what the Studio asks.
///
/// # Errors
/// Too many wait already.
pub async fn studio_slot(state: &AppState) -> Result<Slot, ApiError> {
    slot(&state.studio_requests, &state.studio_cores).await.ok_or(ApiError::Overloaded)
}

/// A place for a page at an address of its own.
///
/// # Errors
/// Too many wait already.
pub async fn page_slot(state: &AppState) -> Result<Slot, ApiError> {
    slot(&state.page_requests, &state.page_cores).await.ok_or(ApiError::Overloaded)
}

/// A place for a question about products.
///
/// # Errors
/// Too many wait already.
pub async fn question_slot(state: &AppState) -> Result<Slot, ApiError> {
    slot(&state.questions, &state.question_cores).await.ok_or(ApiError::TooManyQuestions)
}

/// A place among the questions that the shop's language model works at. Its answer is held by no
/// core: the model computes elsewhere.
///
/// # Errors
/// It works at as many as there may be.
pub fn accept_question(model: &LanguageModel) -> Result<OwnedSemaphorePermit, ApiError> {
    model.places.clone().try_acquire_owned().map_err(|_| ApiError::ModelBusy)
}

async fn slot(accepted: &Arc<Semaphore>, cores: &Arc<Semaphore>) -> Option<Slot> {
    let _accepted = accepted.clone().try_acquire_owned().ok()?;
    let _core = cores.clone().acquire_owned().await.ok()?;
    Some(Slot { _accepted, _core })
}

/// Runs work on a thread that may block, and gives the place back when it has ended.
///
/// # Errors
/// Those of the work; it panicked.
pub async fn in_slot<T: Send + 'static>(
    slot: impl Send + 'static,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let held = move || {
        let result = work();
        drop(slot);
        result
    };
    tokio::task::spawn_blocking(held).await.map_err(|error| ApiError::Internal(error.into()))?
}
