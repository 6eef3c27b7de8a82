//! What a model is fitted to, and how.

use crate::features::ReviewText;

/// Labelled reviews below which no model is fitted.
pub const EXAMPLES_MIN: usize = 200;
/// Reviews of the rarer label below which no model is fitted.
pub(super) const RARE_MIN: usize = 10;
/// Longest vector of a review.
pub const VECTOR_DIM_MAX: usize = 4_096;
/// Stars from which a review without a recommendation counts as positive.
const POSITIVE_STARS_MIN: u8 = 4;

/// A review with what its author decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentimentExample<'a> {
    /// What it says.
    pub words: ReviewText<'a>,
    /// 1 to 5, if it has any.
    pub stars: Option<u8>,
    /// Whether the product is recommended, if the author was asked.
    pub recommended: Option<bool>,
    /// Number of the product: reviews of one are never on both sides of an inner fold.
    pub product: u32,
}

impl SentimentExample<'_> {
    /// Whether it recommends, else whether it has four stars or more; `None` for a review with neither.
    pub fn positive(&self) -> Option<bool> {
        self.recommended.or(self.stars.map(|stars| stars >= POSITIVE_STARS_MIN))
    }
}

/// How a model is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SentimentConfig {
    /// Parts by product whose scores the parts of the model are weighed by.
    pub n_inner_folds: usize,
    /// Cost of a unit of loss of n-grams by label.
    pub bayes_cost: f32,
    /// Cost of a unit of loss of n-grams by frequency.
    pub frequency_cost: f32,
    /// Cost of a unit of loss of vectors.
    pub vector_cost: f32,
    /// Ridge of the weights of parts.
    pub stack_ridge: f64,
    /// Seed of the order of examples.
    pub seed: u64,
}

impl Default for SentimentConfig {
    fn default() -> Self {
        Self {
            n_inner_folds: 4,
            bayes_cost: 0.1,
            frequency_cost: 0.3,
            vector_cost: 0.3,
            stack_ridge: 100.0,
            seed: 1,
        }
    }
}

/// How far a fit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentimentProgress {
    /// Linear parts fitted.
    pub n_done: usize,
    /// Linear parts to fit.
    pub n_total: usize,
}
