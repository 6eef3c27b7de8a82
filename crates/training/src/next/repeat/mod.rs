//! What a shopper buys again: how likely each item of a history is in the next window.
//!
//! A few small networks over what is known of a shopper and an item at a moment ([`facts`],
//! [`features`]): how often, how lately and how regularly they took it, how the shop's
//! shoppers come back to it. They learn from earlier windows of the fitted log, each seen
//! with what was known at its start, so that they need nothing held out.

mod facts;
mod features;
mod fit;
mod network;
#[cfg(test)]
mod tests;

pub use fit::RepeatModel;
pub(crate) use fit::StoredRepeat;

use serde::{Deserialize, Serialize};

use super::TargetRule;

/// How a [`RepeatModel`] is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RepeatConfig {
    /// Seed of everything that is drawn.
    #[serde(skip)]
    pub seed: u64,
    /// Length of a window, in seconds; a third of the log at most.
    #[serde(skip)]
    pub window_seconds: i64,
    /// What counts as bought again in it.
    #[serde(skip)]
    pub rule: TargetRule,
    /// Most windows that are learned from, the newest.
    pub n_windows: usize,
    /// Networks whose probabilities are averaged; each begins elsewhere.
    pub n_networks: usize,
    /// Width of the hidden layers.
    pub hidden: usize,
    /// Passes over the rows.
    pub n_passes: usize,
    /// Rows of a step.
    pub batch: usize,
    /// Learning rate at first; it falls linearly.
    pub rate: f32,
}

impl Default for RepeatConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            window_seconds: 28 * 86_400,
            rule: TargetRule::WholeWindow,
            n_windows: 8,
            n_networks: 3,
            hidden: 32,
            n_passes: 5,
            batch: 1_024,
            rate: 2e-3,
        }
    }
}
