//! Why an evaluation could not be made.

use std::path::PathBuf;

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
    /// Scores that are no numbers.
    #[error("a score is not finite")]
    NotFinite,
    /// A report lacks a model that the gate compares.
    #[error("the report has no model named {name:?}")]
    MissingModel {
        /// The model looked for.
        name: String,
    },
    /// A file of a data set cannot be read.
    #[error(
        "{path}: {reason}; a data set is a folder with sequences.txt[.gz] and, optionally, items.jsonl[.gz]"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// Why, in the system's words.
        reason: String,
    },
    /// A line of a data set is not as described.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A data set is larger than what is supported.
    #[error("{path} has more than {n_max} {what}: take a sample")]
    TooMany {
        /// The file.
        path: PathBuf,
        /// Users or items.
        what: &'static str,
        /// The limit.
        n_max: usize,
    },
}
