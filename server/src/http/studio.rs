//! What the Studio asks for, behind the admin token: reports, pseudonymous
//! shoppers of the training log, and the teacher's order for a persona.
//!
//! A persona is made up or drawn from the shop's own log; the Shop page has no
//! way to call any of this.

use std::path::Path as FsPath;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use serde_json::{Value, json};
use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_domain::explanation::Explanation;
use vitrine_domain::{Event, Interaction, ItemId, Positives, Ranked, by_score_then_id};
use vitrine_quality::LogReader;
use vitrine_ranking::PastPurchase;
use vitrine_studio_api::{Course, Persona};

use super::error::ApiError;
use super::state::AppState;
use super::{body, clients, work};
use crate::looks::PICTURE_REPORT_FILE;
use crate::{catalogue, curve, model};

/// Newest events of a shopper of the log that make up a persona.
const PERSONA_EVENTS_MAX: usize = 400;
/// Most events a posted persona may have.
const POSTED_EVENTS_MAX: usize = 5_000;
/// Items of the teacher's order that are returned.
const TEACHER_ITEMS: usize = 60;
/// Largest posted persona, in bytes.
pub const POSTED_BYTES_MAX: usize = 1 << 20;

/// `GET /v1/studio/report`: a [`vitrine_studio_api::StudioReport`]. Summary and gate report
/// are passed on as they were stored, with what the Studio does not show.
pub async fn report(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    authorise(&state, &headers)?;
    let live = state.live()?;
    let folder = catalogue::folder(&state.data_dir, live.manifest.catalogue.version);
    let data_dir = state.data_dir.clone();
    let read = move || -> anyhow::Result<Value> {
        let summary = vitrine_durable::read(&folder, catalogue::SUMMARY_FILE)?;
        let summary: Value = serde_json::from_slice(&summary)?;
        let gate = match &live.manifest.model {
            Some(info) => model::read_report(&data_dir, info.version)?,
            None => Value::Null,
        };
        let n_shoppers = read_log(&folder, |_| {})?;
        let pictures = stored_report(&folder, PICTURE_REPORT_FILE)?;
        let reviews = stored_report(&folder, catalogue::REVIEW_REPORT_FILE)?;
        Ok(json!({
            "quality": summary, "gate": gate, "n_shoppers": n_shoppers, "pictures": pictures,
            "reviews": reviews,
        }))
    };
    blocking(&state, read).await.map(Json)
}

/// A report of a catalogue's folder; an empty one where the import had nothing to report on.
fn stored_report(folder: &FsPath, name: &str) -> anyhow::Result<Value> {
    match folder.join(name).exists() {
        true => Ok(serde_json::from_slice(&vitrine_durable::read(folder, name)?)?),
        false => Ok(json!({})),
    }
}

/// `GET /v1/studio/training`: the loss curves of the newest training.
pub async fn training(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<Course>, ApiError> {
    authorise(&state, &headers)?;
    let data_dir = state.data_dir.clone();
    blocking(&state, move || curve::read(&data_dir)).await.map(Json)
}

/// `GET /v1/studio/personas/{shopper}`: the newest events of one shopper of the log.
pub async fn persona(
    State(state): State<Arc<AppState>>,
    shopper: Result<Path<u32>, PathRejection>,
    headers: HeaderMap,
) -> Result<Json<Persona>, ApiError> {
    authorise(&state, &headers)?;
    let Path(shopper) = shopper.map_err(|_| ApiError::ShopperNumber)?;
    let version = state.live()?.manifest.catalogue.version;
    let folder = catalogue::folder(&state.data_dir, version);
    let read = move || -> anyhow::Result<(Vec<Event>, u32)> {
        let mut events = Vec::new();
        let n_shoppers = read_log(&folder, |line| {
            if line.shopper.0 == shopper {
                let at_ms = line.at_seconds * 1_000;
                events.push(Event { kind: line.kind, item: line.item, at_ms });
            }
        })?;
        events.sort_by_key(|event| event.at_ms);
        events.drain(..events.len().saturating_sub(PERSONA_EVENTS_MAX));
        events.iter_mut().for_each(|event| event.at_ms = day_ms(event.at_ms));
        Ok((events, n_shoppers))
    };
    let (events, n_shoppers) = blocking(&state, read).await?;
    if events.is_empty() {
        return Err(ApiError::NoSuchShopper(n_shoppers.saturating_sub(1)));
    }
    Ok(Json(Persona { events, now_ms: None }))
}

/// `POST /v1/studio/teacher`: the teacher's order after what a persona bought (or clicked,
/// where that is what the shop's models learn from).
pub async fn teacher(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<Vec<Ranked>>, ApiError> {
    let persona = read_persona(&state, request).await?;
    let live = state.live()?;
    let rank = move || -> anyhow::Result<Vec<Ranked>> {
        let model = live.model.as_ref();
        let Some(teacher) = model.and_then(|model| model.teacher.as_ref()) else {
            return Ok(Vec::new());
        };
        let (history, now) =
            purchases(&persona, teacher.items(), live.manifest.catalogue.positives);
        let scores = teacher.score_one(&history, now)?;
        let mut ranked: Vec<_> = scores.into_iter().zip(teacher.items().iter().copied()).collect();
        ranked.sort_by(|a, b| by_score_then_id(*a, *b));
        ranked.truncate(TEACHER_ITEMS);
        Ok(ranked.into_iter().map(|(score, item)| Ranked { item, score }).collect())
    };
    blocking(&state, rank).await.map(Json)
}

/// `POST /v1/studio/teacher/{item}`: what each part of the teacher adds to an item's score
/// after a persona's purchases; null without a teacher that knows the item.
pub async fn teacher_why(
    State(state): State<Arc<AppState>>,
    item: Result<Path<u64>, PathRejection>,
    request: Request,
) -> Result<Json<Option<Explanation>>, ApiError> {
    let persona = read_persona(&state, request).await?;
    let Path(item) = item.map_err(|_| ApiError::NotFound)?;
    let live = state.live()?;
    let explain = move || -> anyhow::Result<Option<Explanation>> {
        let model = live.model.as_ref();
        let Some(teacher) = model.and_then(|model| model.teacher.as_ref()) else {
            return Ok(None);
        };
        let Ok(item_idx) = teacher.items().binary_search(&ItemId(item)) else { return Ok(None) };
        let (history, now) =
            purchases(&persona, teacher.items(), live.manifest.catalogue.positives);
        Ok(Some(teacher.explain(&history, now, item_idx as u32)?))
    };
    blocking(&state, explain).await.map(Json)
}

async fn read_persona(state: &AppState, request: Request) -> Result<Persona, ApiError> {
    authorise(state, request.headers())?;
    let mut persona: Persona = body::json(request, POSTED_BYTES_MAX).await?;
    if persona.events.len() > POSTED_EVENTS_MAX {
        let n = persona.events.len();
        return Err(ApiError::Query(format!("{n} events, {POSTED_EVENTS_MAX} are allowed")));
    }
    persona.events.sort_by_key(|event| event.at_ms);
    Ok(persona)
}

/// What a persona bought of some items (ids ascending), and the moment to rank at, in seconds.
fn purchases(
    persona: &Persona,
    items: &[ItemId],
    positives: Positives,
) -> (Vec<PastPurchase>, i64) {
    let purchase = |event: &Event| {
        let item_idx = items.binary_search(&event.item).ok()?;
        positives.include(event.kind).then_some(PastPurchase {
            at_seconds: event.at_ms / 1_000,
            // What was bought in one minute is one basket.
            basket: u32::try_from(event.at_ms / 60_000).unwrap_or(u32::MAX),
            item_idx: item_idx as u32,
        })
    };
    let after_last = persona.events.last().map_or(0, |event| event.at_ms / 1_000 + 1);
    let now = persona.now_ms.map_or(after_last, |ms| after_last.max(ms / 1_000));
    (persona.events.iter().filter_map(purchase).collect(), now)
}

/// The beginning of the day of a moment in UTC: a persona shows on which days somebody
/// bought something. With seconds it could be joined with any other list of the shop's.
fn day_ms(at_ms: i64) -> i64 {
    const DAY_MS: i64 = DAY_SECONDS * 1_000;
    at_ms.div_euclid(DAY_MS) * DAY_MS
}

/// Shows every line of the order log to `see`; returns how many shoppers it
/// has, who are numbered from 0.
fn read_log(folder: &FsPath, mut see: impl FnMut(&Interaction)) -> anyhow::Result<u32> {
    let mut n_shoppers = 0;
    for line in LogReader::open(&catalogue::interactions_file(folder))? {
        let line = line?;
        n_shoppers = n_shoppers.max(line.shopper.0 + 1);
        see(&line);
    }
    Ok(n_shoppers)
}

async fn blocking<T: Send + 'static>(
    state: &AppState,
    read: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> Result<T, ApiError> {
    let slot = work::studio_slot(state).await?;
    work::in_slot(slot, move || read().map_err(ApiError::Internal)).await
}

/// Lets in whoever has the admin token.
///
/// # Errors
/// The Studio is closed, or the token is another.
pub fn authorise(state: &AppState, headers: &HeaderMap) -> Result<(), ApiError> {
    if state.admin_token.is_empty() {
        return Err(ApiError::StudioClosed);
    }
    // Hashes are compared, so that the time taken says nothing about the token.
    let same =
        |token: &str| blake3::hash(token.as_bytes()) == blake3::hash(state.admin_token.as_bytes());
    if clients::bearer(headers).is_some_and(same) { Ok(()) } else { Err(ApiError::Unauthorized) }
}

#[cfg(test)]
mod tests {
    use vitrine_quality::{Reason, SourceSummary, Summary};
    use vitrine_studio_api::{
        DroppedFigure, DroppedSubject, ReviewReport, StudioReport, SuddenDrop,
    };

    use super::*;

    #[test]
    fn the_studio_reads_what_an_import_and_a_training_store() {
        let file = SourceSummary {
            name: "products.csv".to_owned(),
            read: 10,
            kept: 9,
            quarantined: [(Reason::EmptyId, 1)].into(),
        };
        let stored = json!({
            "quality": Summary { sources: vec![file] },
            "gate": Value::Null,
            "n_shoppers": 3,
            "reviews": {},
        });
        let report: StudioReport = serde_json::from_value(stored).expect("readable");
        let [file] = &report.quality.sources[..] else { panic!("one file") };
        assert_eq!((file.read, file.kept, file.quarantined["empty_id"]), (10, 9, 1));
        assert_eq!((report.gate, report.n_shoppers), (None, 3));
        assert_eq!(report.reviews, ReviewReport::default());
    }

    #[test]
    fn what_reviews_tell_is_passed_on_as_it_was_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let none = stored_report(folder.path(), catalogue::REVIEW_REPORT_FILE).expect("nothing");
        assert_eq!(none, json!({}));
        let drop = SuddenDrop {
            subject: DroppedSubject::Product(ItemId(7), "Kettle".to_owned()),
            figure: DroppedFigure::Blame("quality".to_owned()),
            before: 0.05,
            recent: 0.5,
            n_before: 60,
            n_recent: 12,
            chance: 1e-5,
        };
        let told = ReviewReport { drops: vec![drop], ..ReviewReport::default() };
        let file = folder.path().join(catalogue::REVIEW_REPORT_FILE);
        std::fs::write(file, serde_json::to_vec(&told).expect("encoded")).expect("written");
        let read = stored_report(folder.path(), catalogue::REVIEW_REPORT_FILE).expect("readable");
        assert_eq!(serde_json::from_value::<ReviewReport>(read).expect("a report"), told);
    }

    #[test]
    fn a_persona_has_days_and_no_times_of_day() {
        let day = 17_000 * 86_400_000;
        assert_eq!([day, day + 1, day + 86_399_999].map(day_ms), [day; 3]);
        assert_eq!(day_ms(day - 1), day - 86_400_000);
        assert_eq!(day_ms(-1), -86_400_000);
    }
}
