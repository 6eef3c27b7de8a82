//! Why a review is kept apart.

use serde::{Deserialize, Serialize};

/// Why a review is kept apart from those that are shown and counted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ReviewReason {
    /// Neither title nor text has a letter or a digit.
    Empty,
    /// The text is longer than any review.
    TooLong {
        /// Its characters.
        n_chars: usize,
    },
    /// Stars that are not 1 to 5.
    StarsOutOfRange {
        /// What was given.
        stars: u8,
    },
    /// The words of an earlier review.
    Copy {
        /// Which one.
        of: usize,
    },
    /// Nearly the words of an earlier review.
    NearCopy {
        /// Which one.
        of: usize,
    },
    /// Its words, or nearly these, stand under several products.
    ManyProducts {
        /// How many.
        n_products: usize,
    },
    /// Its author wrote many reviews in a short time.
    AuthorBurst {
        /// How many.
        n_reviews: usize,
    },
    /// Many reviews that no purchase is known of give a product the same stars in a short time.
    ProductBurst {
        /// How many.
        n_reviews: usize,
    },
    /// It has the address of a page.
    Link,
    /// It has a telephone number.
    PhoneNumber,
    /// It advertises.
    Promotion,
    /// Its words say other than its stars, by a model that has not seen it.
    Contradiction {
        /// Stars that the words stand for.
        told: u8,
    },
}

impl ReviewReason {
    /// A stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too-long",
            Self::StarsOutOfRange { .. } => "stars-out-of-range",
            Self::Copy { .. } => "copy",
            Self::NearCopy { .. } => "near-copy",
            Self::ManyProducts { .. } => "many-products",
            Self::AuthorBurst { .. } => "author-burst",
            Self::ProductBurst { .. } => "product-burst",
            Self::Link => "link",
            Self::PhoneNumber => "phone-number",
            Self::Promotion => "promotion",
            Self::Contradiction { .. } => "contradiction",
        }
    }
}

/// A review that is kept apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewFinding {
    /// Which one, from 0.
    pub review: usize,
    /// All that is found, at least one.
    pub reasons: Vec<ReviewReason>,
}

/// From where on something is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckLimits {
    /// Most characters of a text.
    pub n_chars_max: usize,
    /// Words that a text has at least before having them twice says anything.
    pub copy_words_min: usize,
    /// Share of runs of three words that near-copies have in common, of those of both.
    pub near_copy_share_min: f64,
    /// Products under which the same words are no coincidence.
    pub n_products_min: usize,
    /// Reviews of an author in a burst.
    pub n_author_burst_min: usize,
    /// Seconds in which they are written.
    pub author_burst_seconds: i64,
    /// Reviews of a product in a burst.
    pub n_product_burst_min: usize,
    /// Seconds in which they are written.
    pub product_burst_seconds: i64,
    /// Probability of the other end of the scale, by the words, from which stars contradict them.
    pub contradiction_min: f32,
}

impl Default for CheckLimits {
    fn default() -> Self {
        Self {
            n_chars_max: 10_000,
            copy_words_min: 8,
            near_copy_share_min: 0.6,
            n_products_min: 3,
            n_author_burst_min: 10,
            author_burst_seconds: 3_600,
            n_product_burst_min: 12,
            product_burst_seconds: 3_600,
            contradiction_min: 0.9,
        }
    }
}
