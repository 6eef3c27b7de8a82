//! The loss curves of a training.

use serde::{Deserialize, Serialize};

/// What is known of the newest training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// In the order in which they were measured.
    pub points: Vec<LossPoint>,
    /// How it ended; `None` while it runs, and after a crash.
    pub ended: Option<Ending>,
    /// Seconds since the newest figure was written; `None` if there was no training.
    pub seconds_since: Option<u64>,
}

/// One figure at one moment of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossPoint {
    /// What was measured: `next_item`, `listwise` or `retrieval`, each a mean loss.
    pub series: String,
    /// Passes or steps done.
    pub at: u32,
    /// Passes or steps in all.
    pub of: u32,
    /// The figure.
    pub value: f32,
}

/// How a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Its model was published.
    Published,
    /// The gate refused its model.
    Refused,
    /// It failed or was asked to stop.
    Stopped,
}
