//! `/v1/studio/listings`: products whose texts are poor, for the shop's product team.
//!
//! Behind the admin token, as all of the Studio. What is written goes through the log of changes,
//! as if one of the shop's own systems had pushed it, and shows as a revision.

mod write;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use vitrine_domain::ItemId;
use vitrine_studio_api::{
    CheckedTexts, PoorListings, PublishedTexts, TakenBack, TextsToCheck, TextsToPublish,
    WrittenEdit, WrittenEdits,
};

use super::error::ApiError;
use super::state::AppState;
use super::{body, studio, work};
use crate::listings::{self, CardSources, EditLog, ListingEdit, ServedListings};
use crate::live::Live;

/// Largest body, in bytes: two texts, and claims that a person confirmed.
pub const LISTING_BYTES_MAX: usize = 256 << 10;
/// Most listings of a page.
const PAGE_LISTINGS_MAX: usize = 50;
/// Edits that are told, the newest.
const EDITS_TOLD_MAX: usize = 100;

/// Which listings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageParams {
    #[serde(default)]
    offset: usize,
    #[serde(default = "limit_default")]
    limit: usize,
}

fn limit_default() -> usize {
    20
}

/// `GET /v1/studio/listings`: those that lack something, the worst and most bought first.
pub async fn page(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    params: Result<Query<PageParams>, QueryRejection>,
) -> Result<Json<PoorListings>, ApiError> {
    studio::authorise(&state, &headers)?;
    let Query(params) = params.map_err(|error| ApiError::Query(error.body_text()))?;
    let work = Arc::clone(&state);
    in_slot(&state, move || Ok(poor_listings(&work, &*work.live()?, &params))).await
}

fn poor_listings(state: &AppState, live: &Live, params: &PageParams) -> PoorListings {
    let index = state.listings.index(live);
    let n_wanted = params.limit.min(PAGE_LISTINGS_MAX);
    let edits = state.listings.edits();
    let shown = index.items.iter().skip(params.offset).take(n_wanted);
    let served = served(state, live, edits.as_ref());
    let cards: Vec<CardSources> = shown.filter_map(|item| served.card(*item)).collect();
    drop(edits);
    PoorListings {
        n_total: index.n_poor,
        language: live.language.code().to_owned(),
        listings: cards.iter().filter_map(|card| listings::poor_listing(card, &index)).collect(),
    }
}

/// `POST /v1/studio/listings/{item}/check`: what texts claim, with sources and without.
pub async fn check(
    State(state): State<Arc<AppState>>,
    item: Result<Path<u64>, PathRejection>,
    request: Request,
) -> Result<Json<CheckedTexts>, ApiError> {
    let (item, texts): (_, TextsToCheck) = read(&state, item, request).await?;
    let work = Arc::clone(&state);
    let check = move || {
        let live = work.live()?;
        let card = served(&work, &live, work.listings.edits().as_ref()).card(item);
        let card = card.ok_or(ApiError::NoSuchListing)?;
        let texts = (texts.title.as_deref(), texts.description.as_deref());
        Ok(listings::checked(&card, listings::language(&live), texts))
    };
    in_slot(&state, check).await
}

/// `PUT /v1/studio/listings/{item}`: publishes a title, a description, or both.
pub async fn publish(
    State(state): State<Arc<AppState>>,
    item: Result<Path<u64>, PathRejection>,
    request: Request,
) -> Result<Json<PublishedTexts>, ApiError> {
    let (item, texts): (_, TextsToPublish) = read(&state, item, request).await?;
    let work = Arc::clone(&state);
    in_slot(&state, move || write::publish(&work, item, texts)).await
}

/// `POST /v1/studio/listings/{item}/revert`: writes back what was there before an edit.
pub async fn revert(
    State(state): State<Arc<AppState>>,
    item: Result<Path<u64>, PathRejection>,
    request: Request,
) -> Result<Json<PublishedTexts>, ApiError> {
    let (item, taken): (_, TakenBack) = read(&state, item, request).await?;
    let work = Arc::clone(&state);
    in_slot(&state, move || write::revert(&work, item, taken.edit)).await
}

/// `GET /v1/studio/listings/edits`: what was written here, the newest first.
pub async fn edits(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<WrittenEdits>, ApiError> {
    studio::authorise(&state, &headers)?;
    let work = Arc::clone(&state);
    let list = move || {
        let live = work.live()?;
        let edits = work.listings.edits();
        let edits = edits.as_ref().ok_or(ApiError::LogUnavailable)?;
        let served = served(&work, &live, Some(edits));
        let newest = edits.newest().take(EDITS_TOLD_MAX);
        let told = newest.map(|edit| told(edit, served.card(edit.item).as_ref()));
        Ok(WrittenEdits { edits: told.collect() })
    };
    in_slot(&state, list).await
}

fn told(edit: &ListingEdit, card: Option<&CardSources>) -> WrittenEdit {
    WrittenEdit {
        edit: edit.edit,
        item: edit.item,
        at_seconds: edit.at_seconds,
        title: edit.title.clone(),
        description: edit.description.clone(),
        confirmed: edit.confirmed.clone(),
        takes_back: edit.takes_back,
        stands: card.is_some_and(|card| write::stands(edit, card)),
    }
}

/// The listings as they are now.
fn served<'a>(state: &AppState, live: &'a Live, edits: Option<&'a EditLog>) -> ServedListings<'a> {
    ServedListings { live, edits, served_record: state.served_record.load(Ordering::Acquire) }
}

async fn read<T: serde::de::DeserializeOwned>(
    state: &AppState,
    item: Result<Path<u64>, PathRejection>,
    request: Request,
) -> Result<(ItemId, T), ApiError> {
    studio::authorise(state, request.headers())?;
    let Path(item) = item.map_err(|_| ApiError::NoSuchListing)?;
    Ok((ItemId(item), body::json(request, LISTING_BYTES_MAX).await?))
}

async fn in_slot<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<Json<T>, ApiError> {
    let slot = work::studio_slot(state).await?;
    work::in_slot(slot, work).await.map(Json)
}
