//! A review, as it is pushed and as it is kept.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::change::identifier;
use crate::error::ChangeError;
use crate::limits;
use crate::line_log::LineLog;
use crate::log_line::{LineDigest, LogLine, Pseudonymise};
use crate::moment;
use crate::repetition::digest;

/// The durable log of what a shop's buyers wrote. It is never compacted: an import reads all of it,
/// and of each review the newest line holds.
pub type ReviewLog = LineLog<LoggedReview>;

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;
/// Characters of a day: 2026-11-29.
const DAY_CHARS: usize = 10;
/// Stars of the best rating.
const STARS_MAX: f64 = 5.0;

/// A review, as a shop pushes it.
#[derive(Clone, Debug, PartialEq)]
pub struct PushedReview {
    /// The shop's identifier of the review. Only its pseudonym is kept.
    pub review_id: String,
    /// What it says from now on; `None` takes the review away.
    pub content: Option<ReviewContent>,
}

/// What a review says. Who wrote it is not in it, so that it cannot be written anywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewContent {
    /// Of which product.
    pub sku: String,
    /// 1 to 5.
    pub stars: f64,
    /// Its heading; may be empty.
    pub title: String,
    /// What it says; may be empty.
    pub text: String,
    /// How many found it helpful.
    pub helpful: u32,
    /// When it was written.
    pub time: Option<ReviewTime>,
    /// Whether its author bought the product, as far as the shop knows.
    pub verified: bool,
}

/// When a review was written; text in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewTime {
    /// In seconds since 1970-01-01 UTC: `2026-11-29T09:14:00Z`.
    Moment(i64),
    /// In days since 1970-01-01, where no hour is known: `2026-11-29`.
    Day(i64),
}

/// A review, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedReview {
    /// Pseudonym of the review.
    pub review: String,
    /// What it says; `None` where it was taken away.
    pub content: Option<ReviewContent>,
}

/// What a line is to do.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReviewOp {
    #[default]
    Upsert,
    Delete,
}

/// The fields of a line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewFields {
    #[serde(default)]
    op: ReviewOp,
    review_id: String,
    sku: Option<String>,
    rating: Option<f64>,
    rating_best: Option<u32>,
    title: Option<String>,
    text: Option<String>,
    helpful: Option<u32>,
    time: Option<ReviewTime>,
    verified: Option<bool>,
    /// Whatever it is, it is neither kept nor shown in an error.
    author: Option<IgnoredAny>,
}

impl ReviewFields {
    /// The first field besides `op` and `review_id` that is given.
    fn first_further(&self) -> Option<&'static str> {
        let given = [
            ("sku", self.sku.is_some()),
            ("rating", self.rating.is_some()),
            ("rating_best", self.rating_best.is_some()),
            ("title", self.title.is_some()),
            ("text", self.text.is_some()),
            ("helpful", self.helpful.is_some()),
            ("time", self.time.is_some()),
            ("verified", self.verified.is_some()),
            ("author", self.author.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name)
    }

    fn content(self) -> Result<ReviewContent, ChangeError> {
        let rating = self.rating.ok_or(ChangeError::Missing { field: "rating" })?;
        Ok(ReviewContent {
            sku: self.sku.ok_or(ChangeError::Missing { field: "sku" })?,
            stars: stars(rating, self.rating_best)?,
            title: self.title.unwrap_or_default(),
            text: self.text.unwrap_or_default(),
            helpful: self.helpful.unwrap_or_default(),
            time: self.time,
            verified: self.verified.unwrap_or_default(),
        })
    }
}

/// Stars out of five, of a rating from 1 to the best.
fn stars(rating: f64, best: Option<u32>) -> Result<f64, ChangeError> {
    let best = best.unwrap_or(STARS_MAX as u32);
    let (min, max) = (2, limits::RATING_BEST_MAX);
    if !(min..=max).contains(&best) {
        let (min, max) = (min.into(), max.into());
        return Err(ChangeError::OutOfRange { field: "rating_best", min, max });
    }
    if !(1.0..=f64::from(best)).contains(&rating) {
        return Err(ChangeError::OutOfRange { field: "rating", min: 1, max: best.into() });
    }
    Ok(1.0 + (rating - 1.0) * (STARS_MAX - 1.0) / f64::from(best - 1))
}

impl PushedReview {
    /// Reads one line of NDJSON, or one element of an array.
    ///
    /// # Errors
    /// [`ChangeError`] says what is wrong with which field.
    pub fn from_line(line: &[u8]) -> Result<Self, ChangeError> {
        if line.len() > limits::LINE_BYTES_MAX {
            return Err(ChangeError::LineTooLong);
        }
        let mut fields: ReviewFields = serde_json::from_slice(line).map_err(ChangeError::Json)?;
        let review_id = std::mem::take(&mut fields.review_id);
        let content = match (fields.op, fields.first_further()) {
            (ReviewOp::Upsert, _) => Some(fields.content()?),
            (ReviewOp::Delete, None) => None,
            (ReviewOp::Delete, Some(name)) => {
                let (name, op) = (name.to_owned(), "delete".to_owned());
                return Err(ChangeError::UnknownField { name, op });
            }
        };
        let review = Self { review_id, content };
        review.validate()?;
        Ok(review)
    }

    /// Checks lengths and ranges, as [`Self::from_line`] and the log do.
    ///
    /// # Errors
    /// [`ChangeError`] with the name of the first field that is wrong.
    pub fn validate(&self) -> Result<(), ChangeError> {
        identifier("review_id", &self.review_id)?;
        let Some(content) = &self.content else { return Ok(()) };
        identifier("sku", &content.sku)?;
        if !(1.0..=STARS_MAX).contains(&content.stars) {
            return Err(ChangeError::OutOfRange { field: "rating", min: 1, max: STARS_MAX as u64 });
        }
        let max = limits::REVIEW_CHARS_MAX;
        let [title, text] = [&content.title, &content.text].map(|text| text.trim());
        if title.chars().count() + text.chars().count() > max {
            return Err(ChangeError::TooLong { field: "text with its title", max });
        }
        let is_writable = content.time.is_none_or(|time| time.text().is_some());
        // A moment without a text could not be written.
        is_writable.then_some(()).ok_or(ChangeError::Missing { field: "time" })
    }
}

impl ReviewTime {
    /// The moment, or the day's beginning in UTC, in seconds since 1970-01-01 UTC.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Moment(seconds) => seconds,
            Self::Day(day) => day.saturating_mul(DAY_SECONDS),
        }
    }

    /// The day in UTC, in days since 1970-01-01.
    pub fn day(self) -> i64 {
        self.seconds().div_euclid(DAY_SECONDS)
    }

    /// As it is written; `None` beyond the year 9999.
    fn text(self) -> Option<String> {
        let text = moment::text(self.seconds())?;
        match self {
            Self::Moment(_) => Some(text),
            Self::Day(_) => text.get(..DAY_CHARS).map(str::to_owned),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == DAY_CHARS {
            let seconds = moment::seconds(&format!("{text}T00:00:00Z"))?;
            return Some(Self::Day(seconds.div_euclid(DAY_SECONDS)));
        }
        moment::seconds(text).map(Self::Moment)
    }
}

impl Serialize for ReviewTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let beyond = || serde::ser::Error::custom("a time beyond the year 9999");
        serializer.serialize_str(&self.text().ok_or_else(beyond)?)
    }
}

impl<'de> Deserialize<'de> for ReviewTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "{text:?} is no time: write it as 2026-12-01T08:00:00Z, or as 2026-12-01"
            ))
        })
    }
}

impl LogLine for LoggedReview {
    type Pushed = PushedReview;
    /// A hash of what it says: the same review with other words replaces them.
    type Content = LineDigest;
    const WRITER: &'static str = "review-log";
    const REMEMBERED_MAX: usize = limits::REVIEWS_REMEMBERED_MAX;

    fn validate(pushed: &PushedReview) -> Result<(), ChangeError> {
        pushed.validate()
    }

    fn seconds(pushed: &PushedReview) -> Option<i64> {
        pushed.content.as_ref()?.time.map(ReviewTime::seconds)
    }

    fn of_pushed(pushed: PushedReview, pseudonymise: &Pseudonymise) -> Self {
        let review = pseudonymise(&format!("review {}", pushed.review_id));
        Self { review, content: pushed.content }
    }

    fn digest(&self) -> LineDigest {
        LineDigest(digest(&[self.review.as_bytes()]))
    }

    fn content(&self) -> LineDigest {
        let Some(content) = &self.content else { return LineDigest(digest(&[])) };
        let time = content.time.and_then(ReviewTime::text).unwrap_or_default();
        LineDigest(digest(&[
            content.sku.as_bytes(),
            &content.stars.to_le_bytes(),
            content.title.as_bytes(),
            content.text.as_bytes(),
            &content.helpful.to_le_bytes(),
            time.as_bytes(),
            &[u8::from(content.verified)],
        ]))
    }
}
