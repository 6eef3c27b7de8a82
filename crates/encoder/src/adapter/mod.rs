//! Adapters: small additions to the products of a model, fitted to a shop and merged at load.
//!
//! A matrix W \[out, in\] becomes W + s · B · A with A \[rank, in\] and B \[out, rank\], so that a
//! file of 2 MiB at most says all that was learned, and a search takes no longer.
//!
//! | module | what |
//! |---|---|
//! | [`file`](self) | the adapter as bytes, its limits, what it adds to a matrix |
//! | `network`, `ops` | the forward pass with gradients |
//! | `contrast` | the loss of a batch of pairs |
//! | `negatives` | which wrong passage a query is shown beside its own |
//! | `fit` | from pairs to an adapter |
//!
//! # Source
//! Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2022.

mod contrast;
mod file;
mod fit;
mod negatives;
mod network;
mod ops;
#[cfg(test)]
mod tests;

pub(crate) use file::ReadAdapter;
pub use file::{Adapter, AdapterFault, BYTES_MAX};
pub use fit::{AdapterConfig, AdapterStep, TrainingPair, TrainingTexts, fit_adapter};
pub use negatives::Negatives;

use serde::{Deserialize, Serialize};

/// A product of each layer that may be adapted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdapterTarget {
    /// Queries of the attention.
    Query,
    /// Keys of the attention.
    Key,
    /// Values of the attention.
    Value,
    /// What the attention's result is multiplied by.
    Output,
    /// Into the wide inner layer.
    Up,
    /// Out of it.
    Down,
}

impl AdapterTarget {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Query, Self::Key, Self::Value, Self::Output, Self::Up, Self::Down];

    /// The name of its weight in a layer, as Hugging Face's `BertModel` has it.
    fn tensor_name(self, layer: usize) -> String {
        let part = match self {
            Self::Query => "attention.self.query",
            Self::Key => "attention.self.key",
            Self::Value => "attention.self.value",
            Self::Output => "attention.output.dense",
            Self::Up => "intermediate.dense",
            Self::Down => "output.dense",
        };
        format!("encoder.layer.{layer}.{part}")
    }

    /// Inputs and outputs of the product.
    fn shape(self, dim: usize, n_inner: usize) -> (usize, usize) {
        match self {
            Self::Up => (dim, n_inner),
            Self::Down => (n_inner, dim),
            _ => (dim, dim),
        }
    }
}
