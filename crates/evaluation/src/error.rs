//! Why an evaluation could not be made.

/// Errors of this crate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// Paired samples must be of the same shoppers in the same order.
    #[error("paired samples differ in length: {left} and {right}")]
    Unpaired {
        /// Length of the first sample.
        left: usize,
        /// Length of the second sample.
        right: usize,
    },
    /// An interval of nothing.
    #[error("no sample to estimate from")]
    Empty,
    /// A report lacks a model that the gate compares.
    #[error("the report has no model named {name:?}")]
    MissingModel {
        /// The model looked for.
        name: String,
    },
}
