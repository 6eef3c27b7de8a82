//! Rankers of "what comes next" that are compared on data sets: baselines,
//! linear item models, a sequence transformer, their fusion, and its student.
//!
//! [`task`] splits a log into what models are fitted on and what they are asked;
//! each model is a [`Scorer`]; [`run()`] has one rank the whole catalogue for every
//! case. A scorer sees a [`Task`]'s `fit` log when it is made and a history when
//! it is asked, and nothing else.

pub mod blend;
mod cadence;
mod counts;
pub mod dense;
pub mod fusion;
pub mod graph;
#[cfg(test)]
mod leak_tests;
pub mod linear;
pub mod local;
mod logistic;
mod mixture;
pub(crate) mod repeat;
mod run;
pub mod sequence;
mod shoppers;
mod sparse;
pub mod student;
pub mod task;
pub(crate) mod text;
mod tifu;
mod two_hop;

pub use cadence::Cadence;
pub use counts::{ItemKnn, ItemKnnConfig, PersonalFrequency, PopRec, PureSvd, RecentPop};
pub(crate) use mixture::cases_at_once;
pub use mixture::{Mixture, MixtureLearner, MixtureWeights};
pub use repeat::{RepeatConfig, RepeatModel};
pub use run::{RunControl, run, run_knowing};
pub use shoppers::{ShopperKnn, ShopperKnnConfig};
pub use task::{Split, TargetRule, Task};
pub use text::TextSimilarity;
pub use tifu::{TifuKnn, TifuKnnConfig};
pub use two_hop::TwoHop;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use vitrine_ranking::PastPurchase;

use crate::TrainingError;
pub use crate::scorer::Scorer;

/// A weighted sum of other scorers.
pub struct WeightedSum {
    /// Scorers with their weights; at least one.
    pub parts: Vec<(f32, Arc<dyn Scorer>)>,
}

impl Scorer for WeightedSum {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let mut sum: Vec<f32> = Vec::new();
        for (weight, part) in &self.parts {
            let scores = part.score(histories, now_seconds)?;
            sum.resize(scores.len(), 0.0);
            sum.iter_mut().zip(&scores).for_each(|(sum, score)| *sum += weight * score);
        }
        Ok(sum)
    }
}

/// How the parts of a history fade: each basket counts `decay` times the next newer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recency {
    /// Weight of a basket relative to the next newer one.
    pub decay: f32,
    /// Newest baskets that are read.
    pub baskets_max: usize,
}

impl Recency {
    /// Every basket counts alike.
    pub const NONE: Self = Self { decay: 1.0, baskets_max: usize::MAX };

    /// The items of a history with their weights, newest first.
    pub fn weigh(self, history: &[PastPurchase]) -> impl Iterator<Item = (u32, f32)> + '_ {
        let baskets = history.chunk_by(|a, b| a.basket == b.basket).rev().take(self.baskets_max);
        baskets.enumerate().flat_map(move |(age, basket)| {
            let weight = self.decay.powi(age as i32);
            basket.iter().map(move |entry| (entry.item_idx, weight))
        })
    }
}
