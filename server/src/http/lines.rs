//! Pushes into logs of lines: orders and reviews.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use serde::Serialize;
use vitrine_catalogue::{ChangeError, LineLog, LineOutcome, LineReceipt, LineRequest, LogLine};

use super::error::ApiError;
use super::push::{self, InvalidLine, ParsedPush};
use super::state::AppState;
use crate::keys::KeyScope;
use crate::pushed::Pushed;

/// A kind of line that systems of the shop push.
pub trait PushableLine: LogLine {
    /// What an answer calls a line by.
    type Named: Serialize + Send + 'static;
    /// What a key needs.
    const SCOPE: KeyScope;
    /// What metrics call it.
    const KIND: &'static str;

    /// Reads one line.
    ///
    /// # Errors
    /// What is wrong with it.
    fn from_line(line: &[u8]) -> Result<Self::Pushed, ChangeError>;

    /// What a line is called by.
    fn named(line: &Self::Pushed) -> Self::Named;

    /// The same of a line that cannot be, as far as it says it.
    fn named_invalid(line: &InvalidLine) -> Self::Named;

    /// Where such lines go.
    fn log(pushed: &Pushed) -> &LineLog<Self>;
}

/// The answer, given when all that was applied is on the disk.
#[derive(Debug, Serialize)]
pub struct LinesReply<N> {
    /// Whether the request had come before, and these are the outcomes of then.
    pub is_repetition: bool,
    /// Lines that were applied.
    pub n_applied: usize,
    /// What became of each line, in their order.
    pub results: Vec<LineResult<N>>,
}

/// What became of one line.
#[derive(Debug, Serialize)]
pub struct LineResult<N> {
    /// Its number in the body, from 1.
    pub line: usize,
    /// What it is called by.
    #[serde(flatten)]
    pub named: N,
    /// What became of it, and why where it was not applied.
    #[serde(flatten)]
    pub outcome: LineOutcome,
}

/// A line with its name; what became of it where the log need not be asked.
struct Asked<N> {
    line: usize,
    named: N,
    outcome: Option<LineOutcome>,
}

/// Takes lines.
///
/// # Errors
/// The request is refused, or the log cannot be written.
pub async fn take<L: PushableLine>(
    state: Arc<AppState>,
    request: Request,
) -> Result<Json<LinesReply<L::Named>>, ApiError> {
    let push = push::receive(&state, L::SCOPE, request).await?;
    push::in_time(&state, async {
        let parsed = push::parse(&state, push, L::from_line).await?;
        let state = Arc::clone(&state);
        push::blocking(move || apply::<L>(&state, parsed)).await
    })
    .await
    .map(Json)
}

/// Hands the lines to the log and waits for the disk.
fn apply<L: PushableLine>(
    state: &AppState,
    push: ParsedPush<L::Pushed>,
) -> Result<LinesReply<L::Named>, ApiError> {
    let mut lines = Vec::with_capacity(push.lines.len());
    let mut asked = Vec::with_capacity(push.lines.len());
    for pushed in push.lines {
        let (line, read) = (pushed.number, pushed.read);
        asked.push(match &read {
            Ok(read) => Asked { line, named: L::named(read), outcome: None },
            Err(invalid) => {
                let outcome = Some(LineOutcome::Invalid(invalid.reason.clone()));
                Asked { line, named: L::named_invalid(invalid), outcome }
            }
        });
        lines.extend(read.ok());
    }
    let receipt = L::log(state.pushed()?).submit(LineRequest { lines, key: push.key })?;
    drop(push.place);
    let reply = reply(asked, receipt)?;
    let repeated = reply.is_repetition.then_some("repeated");
    let names = reply.results.iter().map(|result| repeated.unwrap_or(name(&result.outcome)));
    state.metrics.pushed(L::KIND, names);
    Ok(reply)
}

/// Puts the outcomes of the log in the places of the lines that it was asked about.
fn reply<N>(asked: Vec<Asked<N>>, receipt: LineReceipt) -> Result<LinesReply<N>, ApiError> {
    let mut outcomes = receipt.outcomes.into_iter();
    let result = |asked: Asked<N>| {
        let outcome = asked.outcome.or_else(|| outcomes.next())?;
        Some(LineResult { line: asked.line, named: asked.named, outcome })
    };
    // Another version may have read fewer lines of the same body.
    let results: Option<Vec<_>> = asked.into_iter().map(result).collect();
    let results = results.ok_or(ApiError::KeyReused)?;
    Ok(LinesReply {
        is_repetition: receipt.is_repetition,
        n_applied: results.iter().filter(|r| r.outcome == LineOutcome::Applied).count(),
        results,
    })
}

/// As the answer writes it.
fn name(outcome: &LineOutcome) -> &'static str {
    match outcome {
        LineOutcome::Applied => "applied",
        LineOutcome::Duplicate => "duplicate",
        LineOutcome::Invalid(_) => "invalid",
    }
}
