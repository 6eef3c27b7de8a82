//! `POST /v1/catalogue/changes`: changes of products.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde::Serialize;
use vitrine_catalogue::{ChangeOutcome, ChangeReceipt, ChangeRequest, ProductChange};

use super::error::ApiError;
use super::push::{self, InvalidLine, ParsedPush};
use super::quarantine::StoppedChange;
use super::state::AppState;
use crate::clock::now_seconds;
use crate::keys::KeyScope;

/// The answer, given when all that was applied is on the disk.
#[derive(Debug, Serialize)]
pub struct ChangesReply {
    /// Number of a record of the log from which on it has the request.
    pub record: u64,
    /// Whether the request had come before, and these are the outcomes of then.
    pub is_repetition: bool,
    /// Lines that were applied, also those that wait for their product.
    pub n_applied: usize,
    /// What became of each line, in their order.
    pub results: Vec<ChangeResult>,
}

/// What became of one line.
#[derive(Debug, Serialize)]
pub struct ChangeResult {
    /// Its number in the body, from 1.
    pub line: usize,
    /// The product, as far as the line says it.
    pub sku: Option<String>,
    /// The revision, where the line has one.
    pub revision: Option<u64>,
    /// What became of it, and why where it was not applied.
    #[serde(flatten)]
    pub outcome: ChangeOutcome,
}

/// Line, product and revision; what became of it where the log need not be asked.
struct Asked {
    line: usize,
    sku: Option<String>,
    revision: Option<u64>,
    outcome: Option<ChangeOutcome>,
}

/// Takes changes.
pub async fn push_changes(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Result<Json<ChangesReply>, ApiError> {
    let push = push::receive(&state, KeyScope::CatalogueWrite, request).await?;
    let client = push.client.clone();
    push::in_time(&state, async {
        let parsed = push::parse(&state, push, ProductChange::from_line).await?;
        let state = Arc::clone(&state);
        push::blocking(move || apply(&state, &client, parsed)).await
    })
    .await
    .map(Json)
}

/// Hands the changes to the log and waits for the disk.
fn apply(
    state: &AppState,
    client: &str,
    push: ParsedPush<ProductChange>,
) -> Result<ChangesReply, ApiError> {
    let mut changes = Vec::with_capacity(push.lines.len());
    let mut asked = Vec::with_capacity(push.lines.len());
    for line in push.lines {
        asked.push(match &line.read {
            Ok(change) => valid(line.number, change),
            Err(invalid) => refused(line.number, invalid),
        });
        changes.extend(line.read.ok());
    }
    let request = ChangeRequest { changes, key: push.key };
    let pushed = state.pushed_for_changes()?;
    let receipt = pushed.changes.submit(request)?;
    drop(push.place);
    let mut reply = reply(asked, receipt)?;
    // A product of an import waits for no upsert.
    for result in &mut reply.results {
        let is_published = || result.sku.as_ref().is_some_and(|sku| pushed.is_published(sku));
        if result.outcome == ChangeOutcome::Waiting && is_published() {
            result.outcome = ChangeOutcome::Applied;
        }
    }
    note(state, client, &reply);
    Ok(reply)
}

fn valid(line: usize, change: &ProductChange) -> Asked {
    Asked { line, sku: Some(change.sku.clone()), revision: change.revision, outcome: None }
}

fn refused(line: usize, invalid: &InvalidLine) -> Asked {
    let revision = invalid.fields.get("revision").and_then(serde_json::Value::as_u64);
    let sku = invalid.text("sku").or_else(|| invalid.text("id"));
    Asked { line, sku, revision, outcome: Some(ChangeOutcome::Invalid(invalid.reason.clone())) }
}

/// Puts the outcomes of the log in the places of the lines that it was asked about.
fn reply(asked: Vec<Asked>, receipt: ChangeReceipt) -> Result<ChangesReply, ApiError> {
    let mut outcomes = receipt.outcomes.into_iter();
    let result = |asked: Asked| {
        let outcome = asked.outcome.or_else(|| outcomes.next())?;
        let Asked { line, sku, revision, .. } = asked;
        Some(ChangeResult { line, sku, revision, outcome })
    };
    // Another version may have read fewer lines of the same body.
    let results: Option<Vec<_>> = asked.into_iter().map(result).collect();
    let results = results.ok_or(ApiError::KeyReused)?;
    let is_applied = |outcome: &ChangeOutcome| {
        matches!(outcome, ChangeOutcome::Applied | ChangeOutcome::Waiting)
    };
    Ok(ChangesReply {
        record: receipt.number,
        is_repetition: receipt.is_repetition,
        n_applied: results.iter().filter(|result| is_applied(&result.outcome)).count(),
        results,
    })
}

/// Counts what became of the lines, and remembers those that were stopped.
fn note(state: &AppState, client: &str, reply: &ChangesReply) {
    let names = reply.results.iter().map(|result| name(&result.outcome));
    if reply.is_repetition {
        return state.metrics.pushed("change", names.map(|_| "repeated"));
    }
    state.metrics.pushed("change", names);
    let at_seconds = now_seconds();
    for result in &reply.results {
        if let ChangeOutcome::Quarantined(reason) = &result.outcome {
            state.quarantine.note(StoppedChange {
                at_seconds,
                client: client.to_owned(),
                sku: result.sku.clone().unwrap_or_default(),
                revision: result.revision,
                reason: reason.clone(),
            });
        }
    }
}

/// As the answer writes it.
fn name(outcome: &ChangeOutcome) -> &'static str {
    match outcome {
        ChangeOutcome::Applied => "applied",
        ChangeOutcome::Waiting => "waiting",
        ChangeOutcome::Duplicate => "duplicate",
        ChangeOutcome::Stale => "stale",
        ChangeOutcome::Quarantined(_) => "quarantined",
        ChangeOutcome::Invalid(_) => "invalid",
    }
}
