//! Which reviews are copies, advertisements, written by machines, or say other than their stars.

mod bursts;
mod check;
mod copies;
mod reason;
mod spam;

pub use check::{CheckedReviews, check_reviews};
pub use reason::{CheckLimits, ReviewFinding, ReviewReason};
