//! Items embedded by what they are connected to: through shoppers who took both, and
//! through names that both have in the product graph.
//!
//! [`Propagation`] smooths rows along those connections without a single weight of its
//! own; what is learned are the rows it starts from, text projected plus a residual. A
//! shopper is the faded sum of what they took, so that one who was never seen can be
//! asked about. Without layers and residuals this is a projection of the texts alone.

mod examples;
mod fit;
mod model;
mod propagation;
#[cfg(test)]
mod tests;

pub use fit::fit;
pub use model::GraphModel;
pub use propagation::Propagation;

use serde::{Deserialize, Serialize};

use super::Recency;

/// Sizes and rates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GraphConfig {
    /// Seed of everything that is drawn.
    #[serde(skip)]
    pub seed: u64,
    /// Numbers of a row.
    pub width: usize,
    /// Times that rows are smoothed, each over two edges: item to shopper to item.
    pub n_layers: usize,
    /// How much the names of the product graph count beside shoppers, 0 to 1.
    pub name_share: f32,
    /// Whether an item may differ from what its text and its connections say.
    pub has_residuals: bool,
    /// How a history fades.
    pub recency: Recency,
    /// Divides cosines before the softmax.
    pub temperature: f32,
    /// Items drawn beside the right ones of a step.
    pub n_negatives: usize,
    /// Examples of a step.
    pub batch: usize,
    /// Most examples of a pass; others are drawn for the next.
    pub examples_max: usize,
    /// Passes.
    pub n_passes: usize,
    /// Learning rate at first; it falls linearly.
    pub rate: f32,
    /// How much of the logarithm of an item's popularity is taken for granted while
    /// learning, so that rows hold what it does not explain; 0: nothing.
    pub debias: f32,
    /// Most the rows of items and shoppers are moved against the model in each step,
    /// as a part of their length; 0: not at all.
    pub perturbation: f32,
}

impl Default for GraphConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            width: 64,
            n_layers: 2,
            name_share: 0.2,
            has_residuals: true,
            recency: Recency { decay: 0.8, baskets_max: 20 },
            temperature: 0.1,
            n_negatives: 1_024,
            batch: 2_048,
            examples_max: 200_000,
            n_passes: 12,
            rate: 1e-2,
            debias: 0.0,
            perturbation: 0.0,
        }
    }
}
