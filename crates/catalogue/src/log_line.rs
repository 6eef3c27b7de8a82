//! What a line of a log of lines is: an order line, a review.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::ChangeError;
use crate::repetition::Digest;

/// Turns an identifier of a person, an order or a review into a pseudonym before it is written.
pub type Pseudonymise = Box<dyn Fn(&str) -> String + Send>;

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "snake_case")]
pub enum LineOutcome {
    /// It is durable.
    Applied,
    /// It came before and says nothing new.
    Duplicate,
    /// It cannot be.
    Invalid(String),
}

/// A line as a log of lines keeps it.
pub trait LogLine: Serialize + DeserializeOwned + Send + 'static {
    /// The line as a shop pushes it.
    type Pushed: Send + 'static;
    /// What a line of the same digest must say anew to be more than a repetition; `()` where the
    /// first one stands.
    type Content: Clone + PartialEq + Send + 'static;
    /// Name of the thread that writes the log.
    const WRITER: &'static str;
    /// Newest lines whose repetition is noticed when they are pushed.
    const REMEMBERED_MAX: usize;

    /// Checks lengths and ranges.
    ///
    /// # Errors
    /// [`ChangeError`] with the name of the first field that is wrong.
    fn validate(pushed: &Self::Pushed) -> Result<(), ChangeError>;

    /// When it happened, in seconds since 1970-01-01 UTC, where it says so.
    fn seconds(pushed: &Self::Pushed) -> Option<i64>;

    /// The line with pseudonyms in the place of identifiers.
    fn of_pushed(pushed: Self::Pushed, pseudonymise: &Pseudonymise) -> Self;

    /// What tells lines apart.
    fn digest(&self) -> LineDigest;

    /// What it says.
    fn content(&self) -> Self::Content;
}

/// A hash that stands for an order line or a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LineDigest(pub(crate) Digest);
