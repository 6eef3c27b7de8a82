//! Why a model cannot be fitted, asked or read.

use thiserror::Error;

use super::example::{EXAMPLES_MIN, VECTOR_DIM_MAX};
use super::file::MODEL_BYTES_MAX;

/// Why a model cannot be fitted or asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SentimentError {
    /// Words of so few reviews say nothing yet.
    #[error(
        "{n} labelled reviews are too few to learn from, {EXAMPLES_MIN} are needed: until then stars speak, and aspects are read by word lists alone"
    )]
    TooFew {
        /// Labelled reviews.
        n: usize,
    },
    /// All reviews say the same.
    #[error(
        "{n_rare} of {n} reviews are of the rarer kind, {n_needed} are needed: until then stars speak"
    )]
    OneSided {
        /// Reviews of the rarer kind.
        n_rare: usize,
        /// Labelled reviews.
        n: usize,
        /// How many of the rarer kind it takes.
        n_needed: usize,
    },
    /// Vectors do not fit the reviews.
    #[error(
        "{n_numbers} numbers are no vectors of {n_reviews} reviews: give as many of equal length to each, at most {VECTOR_DIM_MAX}"
    )]
    Shape {
        /// Numbers given.
        n_numbers: usize,
        /// Reviews given.
        n_reviews: usize,
    },
    /// A vector has a number that is none.
    #[error("the vector of review {row} has a number that is not finite: encode it again")]
    NotFinite {
        /// Which review, from 0.
        row: usize,
    },
    /// Stars out of range.
    #[error("review {row} has {stars} stars: they go from 1 to 5")]
    Stars {
        /// Which review, from 0.
        row: usize,
        /// Its stars.
        stars: u8,
    },
    /// Vectors of another length than those that were learned from.
    #[error("a vector of {found} numbers was given, the model has learned from {needed}")]
    OtherVectors {
        /// Length given.
        found: usize,
        /// Length learned from; 0 where there were no vectors.
        needed: usize,
    },
    /// What was learned is no function.
    #[error("what the parts of the model say cannot be weighed: {0}")]
    Singular(#[from] vitrine_optim::NotPositiveDefinite),
    /// Asked to stop.
    #[error("stopped before the model was fitted")]
    Cancelled,
}

/// Why bytes are no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SentimentFileFault {
    /// More than [`MODEL_BYTES_MAX`].
    #[error("the model has {n_bytes} bytes, more than {MODEL_BYTES_MAX}")]
    TooLarge {
        /// How many.
        n_bytes: usize,
    },
    /// Something else, or of another version.
    #[error("this is no sentiment model of this version: fit it again")]
    Version,
    /// Its checksum does not fit it.
    #[error("the sentiment model is damaged: fit it again")]
    Checksum,
    /// It has parts that no fit writes.
    #[error("the sentiment model has parts that no fit writes: fit it again")]
    Damaged,
}
