//! `/v1/studio/rules`: what the shop wants to stand where, for the shop's product team.
//!
//! Behind the admin token, as all of the Studio. People edit a draft; what is published of it is a
//! version, which shoppers get as a shard of the next revision.

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use vitrine_publish::PublishedRules;
use vitrine_rules::authoring::{
    AuthorId, CheckContext, RuleRecord, SEASON_YEARS, Season, check, difference,
};
use vitrine_rules::{PublicRules, RULES_MAX};
use vitrine_studio_api::{
    DraftProblem, PreviewedRules, RULE_NOTE_CHARS_MAX, RuleDraft, RuleNames, RuleVersion,
    RulesState, RulesToPreview, RulesToPublish, RulesToRestore, RulesToSave, SeasonWindow,
};

use super::error::ApiError;
use super::state::AppState;
use super::{body, studio, work};
use crate::clock::now_seconds;
use crate::live::Live;
use crate::rules::{
    NewVersion, RuleStoreError, catalogue_names, rule_names, shipping, told_problem,
};

/// Largest body with rules, in bytes: more than 5,000 of them take.
pub const RULES_BYTES_MAX: usize = 16 << 20;
/// Largest body that says what is to be done with them.
pub const ORDER_BYTES_MAX: usize = 16 << 10;
/// Most rules of a draft.
const DRAFT_RULES_MAX: usize = 2 * RULES_MAX;
/// Whoever has the admin token: there are no accounts yet.
const ADMIN: AuthorId = AuthorId(0);

/// Where seasons are looked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeasonParams {
    #[serde(default = "utc")]
    time_zone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// `GET /v1/studio/rules`: the draft with its problems, what is live, and all versions.
pub async fn state(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<RulesState>, ApiError> {
    studio::authorise(&state, &headers)?;
    let work = Arc::clone(&state);
    in_slot(&state, move || told_state(&work)).await
}

/// `PUT /v1/studio/rules/draft`: saves a draft, with problems or without.
pub async fn save(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<RulesState>, ApiError> {
    let RulesToSave { revision, records } = read(&state, request, RULES_BYTES_MAX).await?;
    bounded(&records)?;
    let work = Arc::clone(&state);
    let save = move || {
        work.rules.save(revision, records, (ADMIN, now_seconds()))?;
        told_state(&work)
    };
    in_slot(&state, save).await
}

/// `POST /v1/studio/rules/publish`: makes a version of the draft.
pub async fn publish(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<RulesState>, ApiError> {
    let RulesToPublish { revision, note } = read(&state, request, ORDER_BYTES_MAX).await?;
    if note.chars().count() > RULE_NOTE_CHARS_MAX {
        return Err(ApiError::RuleNote);
    }
    let work = Arc::clone(&state);
    let publish = move || {
        let live = work.live()?;
        let new = NewVersion { note: note.trim(), by: ADMIN, at_seconds: now_seconds() };
        work.rules.publish(revision, new, |records| may_ship(&live, records))?;
        told_state(&work)
    };
    in_slot(&state, publish).await
}

/// `POST /v1/studio/rules/restore`: publishes the rules of a version anew.
pub async fn restore(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<RulesState>, ApiError> {
    let RulesToRestore { version } = read(&state, request, ORDER_BYTES_MAX).await?;
    let work = Arc::clone(&state);
    let restore = move || {
        let live = work.live()?;
        let new = NewVersion { note: "", by: ADMIN, at_seconds: now_seconds() };
        work.rules.restore(version, new, |records| may_ship(&live, records))?;
        told_state(&work)
    };
    in_slot(&state, restore).await
}

/// `POST /v1/studio/rules/preview`: what shoppers would have of some rules now.
pub async fn preview(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<PreviewedRules>, ApiError> {
    let RulesToPreview { records } = read(&state, request, RULES_BYTES_MAX).await?;
    bounded(&records)?;
    let work = Arc::clone(&state);
    let preview = move || {
        let live = work.live()?;
        let never_recommended = &live.manifest.catalogue.never_recommended;
        let rules = shipping(&records, now_seconds(), never_recommended);
        Ok(PreviewedRules { rules, problems: problems(&live, &records) })
    };
    in_slot(&state, preview).await
}

/// `GET /v1/studio/rules/versions/{number}`: a version, and what it changed.
pub async fn version(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    number: Result<Path<u64>, PathRejection>,
) -> Result<Json<RuleVersion>, ApiError> {
    studio::authorise(&state, &headers)?;
    let Path(number) = number.map_err(|_| ApiError::RuleVersionNumber)?;
    let work = Arc::clone(&state);
    let version = move || {
        let version = work.rules.version(number)?;
        // Of one before that cannot be read, nothing is said.
        let before = work.rules.newest_below(number).ok().flatten();
        let before = before.map_or_else(Vec::new, |before| before.records);
        let changes = difference(&before, &version.records);
        Ok(RuleVersion { version: version.info(), records: version.records, changes })
    };
    in_slot(&state, version).await
}

/// `GET /v1/studio/rules/names`: what rules can be about.
pub async fn names(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<RuleNames>, ApiError> {
    studio::authorise(&state, &headers)?;
    let live = state.live()?;
    let names = move || {
        let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
        Ok(rule_names(&rows))
    };
    in_slot(&state, names).await
}

/// `GET /v1/studio/rules/seasons/{year}`: when seasons and holidays are.
pub async fn seasons(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    year: Result<Path<i16>, PathRejection>,
    params: Result<Query<SeasonParams>, QueryRejection>,
) -> Result<Json<Vec<SeasonWindow>>, ApiError> {
    studio::authorise(&state, &headers)?;
    let (first, last) = SEASON_YEARS.into_inner();
    let unknown = || ApiError::UnknownSeason(format!("a year is from {first} to {last}"));
    let Path(year) = year.map_err(|_| unknown())?;
    let Query(params) = params.map_err(|error| ApiError::Query(error.body_text()))?;
    let windows = Season::ALL.into_iter().filter_map(|season| {
        let window = season.window(year, &params.time_zone).ok()?;
        Some(SeasonWindow { season, window })
    });
    let windows: Vec<SeasonWindow> = windows.collect();
    let Some(any) = windows.first() else { return Err(unknown()) };
    any.window.resolve().map_err(|error| ApiError::UnknownSeason(error.to_string()))?;
    Ok(Json(windows))
}

/// What is edited and what was published. What cannot be read is said, and takes nothing else
/// with it.
fn told_state(state: &AppState) -> Result<RulesState, ApiError> {
    let served = state.live()?;
    let history = state.rules.history()?;
    let mut damaged: Vec<String> = history.damaged.iter().map(ToString::to_string).collect();
    let live = state.rules.live().ok().flatten();
    let draft = match state.rules.draft() {
        Ok(draft) => Some(draft),
        Err(error @ RuleStoreError::Damaged { .. }) => {
            let error = error.to_string();
            // Where nothing was saved, it is what is live.
            if !damaged.contains(&error) {
                damaged.push(error);
            }
            None
        }
        Err(error) => return Err(error.into()),
    };
    let before = live.as_ref().map_or(&[][..], |live| live.records.as_slice());
    let changes = draft.as_ref().map(|draft| difference(before, &draft.records));
    Ok(RulesState {
        live: live.as_ref().map(|live| live.info()),
        versions: history.versions,
        changes: changes.unwrap_or_default(),
        damaged,
        draft: draft.map(|draft| RuleDraft {
            revision: draft.revision,
            saved_at_seconds: draft.saved_at_seconds,
            by: draft.by,
            problems: problems(&served, &draft.records),
            records: draft.records,
        }),
    })
}

/// Whether rules are few enough to be looked at. More than may ship can be saved.
fn bounded(records: &[RuleRecord]) -> Result<(), ApiError> {
    match records.len() > DRAFT_RULES_MAX {
        true => Err(ApiError::RulesTooLarge(format!(
            "{} rules, {DRAFT_RULES_MAX} at most, of which {RULES_MAX} can be published",
            records.len()
        ))),
        false => Ok(()),
    }
}

/// Whether rules can be published.
///
/// # Errors
/// One of them cannot, or they are too many together.
fn may_ship(live: &Live, records: &[RuleRecord]) -> Result<(), ApiError> {
    let mut refused = problems(live, records);
    refused.retain(|problem| problem.is_refused);
    if !refused.is_empty() {
        return Err(ApiError::RulesRefused(refused));
    }
    // As if all held on one day: what is published must ship on any.
    let rules = records.iter().filter_map(|record| record.to_rule().ok()).collect();
    let encoded = PublishedRules::new(PublicRules { rules });
    encoded.map(drop).map_err(|error| ApiError::RulesTooLarge(error.to_string()))
}

/// What is wrong with rules, by what is served.
fn problems(live: &Live, records: &[RuleRecord]) -> Vec<DraftProblem> {
    let now_seconds = now_seconds();
    let catalogue = {
        let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
        catalogue_names(&rows, now_seconds)
    };
    let never_recommended = &live.manifest.catalogue.never_recommended;
    let context = CheckContext { catalogue: &catalogue, never_recommended, now_seconds };
    check(records, context).into_iter().map(told_problem).collect()
}

async fn read<T: serde::de::DeserializeOwned>(
    state: &AppState,
    request: Request,
    bytes_max: usize,
) -> Result<T, ApiError> {
    studio::authorise(state, request.headers())?;
    body::json(request, bytes_max).await
}

async fn in_slot<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<Json<T>, ApiError> {
    let slot = work::studio_slot(state).await?;
    work::in_slot(slot, work).await.map(Json)
}
