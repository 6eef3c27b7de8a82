//! Whether a review is positive and how many stars its words stand for, learned from a shop's own
//! reviews.

mod error;
mod example;
mod file;
mod fit;
mod folds;
mod model;
mod stack;
mod stars;
mod words;

pub use error::{SentimentError, SentimentFileFault};
pub use example::{SentimentConfig, SentimentExample, SentimentProgress};
pub use file::MODEL_BYTES_MAX;
pub use folds::balanced_folds;
pub use model::{FittedSentiment, Sentiment, SentimentModel};
pub use stars::StarDistribution;
