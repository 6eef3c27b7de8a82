//! The Studio's client: what only the admin token opens.
//!
//! These are the only requests of the page that do not go through a session,
//! since a session can send nothing about a shopper and these are about made-up
//! ones. Without a token there is no [`StudioClient`], and the Shop has none.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vitrine_domain::explanation::Explanation;
use vitrine_domain::{Event, ItemId, Ranked};
use vitrine_session::TransportError;

use crate::fetch::Call;

/// Why the Studio did not get what it asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StudioError {
    /// The server did not answer.
    #[error(transparent)]
    NoAnswer(#[from] TransportError),
    /// The server answered with a problem.
    #[error("{}", .0.detail)]
    Refused(Refusal),
    /// What was sent or received is not the JSON that was agreed on.
    #[error("unreadable answer to {path}: {reason}")]
    Unreadable {
        /// What was asked for.
        path: String,
        /// Why.
        reason: String,
    },
}

/// The part of the server's problem details that the Studio reads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// Stable code.
    pub code: String,
    /// What happened and what to do about it.
    pub detail: String,
}

/// A shopper to rank for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Persona {
    /// What they did, oldest first.
    pub events: Vec<Event>,
    /// When they look at the shop, milliseconds since 1970-01-01 UTC; `None`
    /// leaves it to the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now_ms: Option<i64>,
}

/// What the import and the gate found out about the published versions.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Report {
    /// Rows of the import.
    pub quality: Quality,
    /// The model's figures; `None` until one is published.
    pub gate: Option<GateReport>,
    /// Shoppers of the log, numbered from 0.
    pub n_shoppers: u32,
}

/// Rows of the import, by file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Quality {
    /// The files, in the order in which they were read.
    pub sources: Vec<Source>,
}

/// Rows of one file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Source {
    /// The file.
    pub name: String,
    /// Rows read.
    pub read: u64,
    /// Rows that went on.
    pub kept: u64,
    /// Rows that did not, by the code of the reason.
    pub quarantined: BTreeMap<String, u64>,
}

/// How the models compare, and whether the student may be published.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct GateReport {
    /// Figures by model.
    pub models: Vec<ModelFigures>,
    /// The verdict.
    pub gate: Gate,
    /// Cards that were ranked.
    pub n_items: u64,
}

/// Figures of one model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ModelFigures {
    /// The model.
    pub name: String,
    /// By kind of purchase or shopper.
    pub segments: Vec<SegmentFigures>,
    /// Share of the cards that are in somebody's first ten.
    pub coverage_at_10: f64,
}

/// Figures of one model for one kind of purchase or shopper.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SegmentFigures {
    /// Its code: all, repeat, new, little_history.
    pub segment: String,
    /// Shoppers measured.
    pub n_shoppers: u64,
    /// NDCG@10.
    pub ndcg_at_10: Interval,
    /// Share of shoppers with a hit among the first ten.
    pub hit_rate_at_10: Interval,
    /// Share of the purchases among the first 500.
    pub recall_at_500: f64,
    /// Mean reciprocal rank of the first hit.
    pub mean_reciprocal_rank: f64,
}

/// A mean with its 95 % bootstrap interval.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// The verdict on a model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Gate {
    /// Whether every condition holds.
    pub passed: bool,
    /// The conditions.
    pub checks: Vec<GateCheck>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct GateCheck {
    /// In words.
    pub condition: String,
    /// What was measured.
    pub estimate: Interval,
    /// What the mean of a difference must exceed, or the lower end of a ratio reach.
    pub threshold: f64,
    /// Whether it does.
    pub passed: bool,
}

/// The course of the newest training.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Course {
    /// In the order in which they were measured.
    pub points: Vec<Point>,
    /// How it ended: published, refused or stopped; `None` while it runs, and after a crash.
    pub ended: Option<String>,
    /// Since the newest point; `None` if there was no training.
    pub seconds_since: Option<u64>,
}

/// One figure at one moment of a training.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Point {
    /// What was measured: next_item, listwise or retrieval, each a mean loss.
    pub series: String,
    /// Passes or steps done.
    pub at: u32,
    /// Passes or steps in all.
    pub of: u32,
    /// The figure.
    pub value: f32,
}

/// Asks with the admin token. The token lives in this value alone.
#[derive(Clone, PartialEq, Eq)]
pub struct StudioClient {
    token: String,
}

impl fmt::Debug for StudioClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the token: this may end up in a log.
        f.debug_struct("StudioClient").finish_non_exhaustive()
    }
}

impl StudioClient {
    /// A client that shows `token`. Whether the server takes it, the first
    /// request tells.
    pub fn new(token: impl Into<String>) -> Self {
        Self { token: token.into() }
    }

    /// The quality and gate reports.
    ///
    /// # Errors
    /// No answer, a refusal (wrong token, Studio closed), or unreadable JSON.
    pub async fn report(&self) -> Result<Report, StudioError> {
        self.ask("/v1/studio/report", None).await
    }

    /// The loss curves of the newest training, also while it runs.
    ///
    /// # Errors
    /// As [`Self::report`].
    pub async fn training(&self) -> Result<Course, StudioError> {
        self.ask("/v1/studio/training", None).await
    }

    /// The newest events of one shopper of the order log, oldest first. Shoppers are
    /// numbered there: pseudonymous, not anonymous.
    ///
    /// # Errors
    /// As [`Self::report`], and when the log has no such shopper.
    pub async fn persona(&self, shopper: u32) -> Result<Persona, StudioError> {
        self.ask(&format!("/v1/studio/personas/{shopper}"), None).await
    }

    /// The teacher's order for a persona, best first; empty without a model.
    ///
    /// # Errors
    /// As [`Self::report`], and when the persona has more events than the
    /// server takes.
    pub async fn teacher(&self, persona: &Persona) -> Result<Vec<Ranked>, StudioError> {
        let path = "/v1/studio/teacher";
        let body = serde_json::to_string(persona).map_err(|error| unreadable(path, &error))?;
        self.ask(path, Some(&body)).await
    }

    /// What each part of the teacher adds to an item's score for a persona; `None` where
    /// there is no teacher that knows the item.
    ///
    /// # Errors
    /// As [`Self::teacher`].
    pub async fn teacher_why(
        &self,
        item: ItemId,
        persona: &Persona,
    ) -> Result<Option<Explanation>, StudioError> {
        let path = format!("/v1/studio/teacher/{}", item.0);
        let body = serde_json::to_string(persona).map_err(|error| unreadable(&path, &error))?;
        self.ask(&path, Some(&body)).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&str>,
    ) -> Result<T, StudioError> {
        let response = Call { path, body, bearer: Some(&self.token) }.send().await?;
        if response.status == 200 {
            return serde_json::from_slice(&response.body)
                .map_err(|error| unreadable(path, &error));
        }
        let refusal =
            serde_json::from_slice(&response.body).map_err(|error| unreadable(path, &error))?;
        Err(StudioError::Refused(refusal))
    }
}

fn unreadable(path: &str, error: &serde_json::Error) -> StudioError {
    StudioError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}
