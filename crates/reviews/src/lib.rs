//! What reviews say: whether they are positive and how many stars their words stand for
//! ([`SentimentModel`]), what they praise and blame ([`AspectReader`]), what those of a product say together ([`ReviewDigest`]),
//! which are no honest reviews ([`check_reviews`]), and what all of them tell the shop's own people ([`ReviewSurvey`]).
//!
//! Vectors of reviews come in as numbers; nothing here encodes a text.
#![deny(missing_docs)]

pub mod aspects;
pub mod checks;
pub mod digest;
mod features;
mod languages;
mod record;
pub mod report;
pub mod sentiment;
mod text;

pub use aspects::{Aspect, AspectMention, AspectReader, KnownAspect, LearnedAspects, Polarity};
pub use checks::{CheckLimits, CheckedReviews, ReviewFinding, ReviewReason, check_reviews};
pub use digest::{AspectCount, QuotedSentence, RatingPrior, ReviewDigest, StarCounts};
pub use features::{FEATURES_MAX, ReviewText};
pub use record::ReviewRecord;
pub use report::{
    BlamedAspect, DropFigure, DropSubject, ProductBlame, ReviewDrop, ReviewSurvey, SurveyedProduct,
    SurveyedReviews,
};
pub use sentiment::{
    FittedSentiment, Sentiment, SentimentConfig, SentimentError, SentimentExample,
    SentimentFileFault, SentimentModel, SentimentProgress, StarDistribution, balanced_folds,
};
pub use text::{SENTENCES_MAX, sentences};
