//! Why a model could not be trained, stored or read.

use std::path::PathBuf;

use vitrine_ranking::RankingError;
use vitrine_student::StudentError;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// The input does not fit together.
    #[error("the training data do not fit together")]
    Data(#[from] RankingError),
    /// No shopper has purchases both before and inside the weeks that weights
    /// are learned on.
    #[error(
        "too little data: {n_shoppers} shoppers with purchases before and in the four weeks to learn from, {n_shoppers_min} needed"
    )]
    TooLittleData {
        /// Shoppers found.
        n_shoppers: usize,
        /// Shoppers needed.
        n_shoppers_min: usize,
    },
    /// What is evaluated does not fit together.
    #[error(transparent)]
    Evaluation(#[from] vitrine_evaluation::EvaluationError),
    /// A tensor operation failed.
    #[error("tensor operation failed")]
    Tensor(#[from] candle_core::Error),
    /// The student refused the weights.
    #[error("the trained weights are not a valid student")]
    Student(#[from] StudentError),
    /// The loss is not a number any more.
    #[error("the loss is not finite at step {step}")]
    Diverged {
        /// The step.
        step: usize,
    },
    /// A file could not be read or written.
    #[error("{path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be made durable, or is not what was saved.
    #[error(transparent)]
    Durable(#[from] vitrine_durable::DurableError),
    /// A matrix to be inverted is not positive definite.
    #[error("the matrix is not positive definite at row {row}: a larger ridge helps")]
    NotPositiveDefinite {
        /// Where.
        row: usize,
    },
    /// A dense model would not fit into memory.
    #[error(
        "{n_items} items are more than the {n_items_max} of a dense model: leave it out with --models"
    )]
    TooManyItems {
        /// Items there are.
        n_items: usize,
        /// The limit.
        n_items_max: usize,
    },
    /// The caller asked to stop.
    #[error("stopped")]
    Stopped,
    /// A stored tensor file is damaged.
    #[error("{path} is not a valid tensor file")]
    Tensors {
        /// The file.
        path: PathBuf,
        /// Why.
        source: safetensors::SafeTensorError,
    },
    /// A stored description is damaged.
    #[error("{path} is not a valid description")]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A stored part of a teacher is damaged, or of another version of Vitrine.
    #[error("{path} is not a valid part of a teacher")]
    Part {
        /// The file.
        path: PathBuf,
        /// Why.
        source: postcard::Error,
    },
    /// A stored file lacks something, or it has another shape.
    #[error("{path}: {name} is missing or has another shape")]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// What is missing.
        name: String,
    },
}

impl From<vitrine_optim::NotPositiveDefinite> for TrainingError {
    fn from(error: vitrine_optim::NotPositiveDefinite) -> Self {
        Self::NotPositiveDefinite { row: error.row }
    }
}
