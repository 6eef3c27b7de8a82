//! Sizes of a training run.

use serde::{Deserialize, Serialize};

/// Of what is drawn and how it is learned: a run of another is not gone on with.
pub(crate) const FORMAT: u32 = 5;

/// Sizes of a run. What a caller decides, not a file, is no part of its JSON: the seed,
/// and what may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Of everything that is drawn.
    #[serde(skip)]
    pub seed: u64,
    /// Nothing at or after this moment is looked at, in seconds since 1970-01-01
    /// UTC; by default the last four weeks are left for the report.
    #[serde(skip)]
    pub until_seconds: Option<i64>,
    /// Logs with moments to learn from.
    pub n_sequences: usize,
    /// Entries of the log to learn from what came next, before distillation.
    pub n_entries: usize,
    /// Gradient steps.
    pub n_steps: usize,
    /// Highest learning rate.
    pub rate: f32,
    /// Pull of the codes' residuals towards zero.
    pub residual_decay: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            until_seconds: None,
            n_sequences: 10_000,
            n_entries: 4_500_000,
            n_steps: 1_000,
            rate: 5e-4,
            residual_decay: 0.05,
        }
    }
}
