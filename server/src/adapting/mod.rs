//! Fitting the encoder to a shop: pairs of texts from its catalogue, an adapter from the pairs, and
//! whether it finds better what it was not fitted to.
//!
//! | module | what |
//! |---|---|
//! | `pairs` | what lies near what, and what is held out |
//! | `noise` | searches as people type them |
//! | `fitting` | the fit |
//! | `measure` | with the adapter beside without |

pub mod fitting;
pub mod measure;
mod noise;
pub mod pairs;

use serde::{Deserialize, Serialize};
use vitrine_encoder::adapter::AdapterConfig;

/// How an adapter is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdaptConfig {
    /// The fit.
    pub fit: AdapterConfig,
    /// Searches that are made up, for each product: few, because many teach the vectors what words
    /// say already (docs/experiments/adapters.md).
    pub searches_per_item: f64,
    /// All of them at most.
    pub n_searches_max: usize,
    /// Share of made-up searches with a slip of the keyboard.
    pub typos: f64,
    /// Share with a word cut short.
    pub abbreviations: f64,
    /// Share with a word replaced by a synonym, where there is one.
    pub synonyms: f64,
    /// Share with a word dropped.
    pub dropped: f64,
    /// Products that at least five people bought together with one, at most, for each.
    pub n_bought_together: usize,
    /// Lowest grade of a judged pair that is learned from.
    pub grade_min: u8,
    /// Times that a judged pair stands among the others.
    pub judged_repeats: usize,
}

impl Default for AdaptConfig {
    fn default() -> Self {
        Self {
            fit: AdapterConfig::default(),
            searches_per_item: 0.1,
            n_searches_max: 40_000,
            typos: 0.15,
            abbreviations: 0.05,
            synonyms: 0.1,
            dropped: 0.1,
            n_bought_together: 2,
            grade_min: 2,
            judged_repeats: 2,
        }
    }
}
