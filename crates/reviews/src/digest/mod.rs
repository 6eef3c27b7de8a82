//! What a product's reviews say together: rating, aspects and a summary of quoted sentences.

mod counts;
mod rating;
mod summary;

pub(crate) use counts::sides_by_aspect;
pub use counts::{AspectCount, DIGEST_REVIEWS_MIN, ReviewDigest};
pub use rating::{RatingPrior, StarCounts};
pub use summary::{
    QUOTE_CHARS_MAX, QUOTE_CHARS_MIN, QuotedSentence, SUMMARY_CHARS_MAX, SUMMARY_QUOTES_MAX,
};
pub(crate) use summary::{Quotable, are_of_two, quotable};
