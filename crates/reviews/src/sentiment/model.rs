//! The fitted model, and what it says of a review.

use vitrine_optim::LinearMargin;

use super::error::SentimentError;
use super::fit::POSITIVE;
use super::stack::Stack;
use super::stars::StarDistribution;
use super::words::{BayesPart, Standard};
use crate::features::{ReviewText, Scaling, Vocabulary, grams, scaled};

/// What words say of a product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sentiment {
    /// Probability that the review is positive: recommends, or has four stars or more.
    pub positive: f32,
    /// How many stars; `None` where the reviews that were learned from had none.
    pub stars: Option<StarDistribution>,
}

/// The linear parts of a head.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parts {
    pub bayes: BayesPart,
    pub frequency: LinearMargin,
    pub vector: Option<LinearMargin>,
}

impl Parts {
    pub fn text_scores(&self, row: &[(u32, u16)], keys: &[u32], inverse: &[f32]) -> [f32; 2] {
        let frequency = self.frequency.margin(scaled(row, keys, inverse, Scaling::LogCount));
        [self.bayes.score(row, keys), frequency]
    }

    pub fn vector_score(&self, vector: &[f32], standard: &Standard) -> Option<f32> {
        self.vector.as_ref().map(|linear| linear.margin(standard.row(vector)))
    }
}

/// What tells one thing of a review.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    /// 0 for being positive, or the stars that a review has at least.
    pub target: u8,
    pub parts: Parts,
    pub by_text: Stack,
    pub by_all: Option<Stack>,
}

/// A model of a shop's reviews.
#[derive(Clone, Debug, PartialEq)]
pub struct SentimentModel {
    pub(super) vocabulary: Vocabulary,
    /// Inverse document frequency of each n-gram.
    pub(super) inverse: Vec<f32>,
    pub(super) standard: Standard,
    pub(super) heads: Vec<Head>,
    /// Shares of reviews with at least two to five stars.
    pub(super) shares: Option<[f32; 4]>,
}

/// A model with what it says of its own examples.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedSentiment {
    /// The model.
    pub model: SentimentModel,
    /// Of each example, what is said by the parts that have not learned from it.
    pub held_out: Vec<Sentiment>,
}

impl SentimentModel {
    /// What a review says, by its words and, where one is given, its vector.
    ///
    /// # Shapes
    /// `vector` as long as those that were learned from.
    ///
    /// # Errors
    /// A vector of another length or with a number that is not finite.
    pub fn read(
        &self,
        words: ReviewText<'_>,
        vector: Option<&[f32]>,
    ) -> Result<Sentiment, SentimentError> {
        let Some(vector) = vector else { return Ok(self.read_words(words)) };
        let (found, needed) = (vector.len(), self.standard.means.len());
        if found != needed || needed == 0 {
            return Err(SentimentError::OtherVectors { found, needed });
        }
        if vector.iter().any(|x| !x.is_finite()) {
            return Err(SentimentError::NotFinite { row: 0 });
        }
        let mut scores = self.text_scores(words);
        let parts = self.heads.iter().map(|head| &head.parts);
        scores.extend(parts.filter_map(|parts| parts.vector_score(vector, &self.standard)));
        Ok(self.told(&scores))
    }

    /// What a review, or a part of one, says by its words alone.
    pub fn read_words(&self, words: ReviewText<'_>) -> Sentiment {
        self.told(&self.text_scores(words))
    }

    fn text_scores(&self, words: ReviewText<'_>) -> Vec<f32> {
        let row = self.vocabulary.row(&grams(words));
        let keys = self.vocabulary.keys();
        let of = |head: &Head| head.parts.text_scores(&row, keys, &self.inverse);
        self.heads.iter().flat_map(of).collect()
    }

    /// # Shapes
    /// `scores`: two of each head, and one more of each where there is a vector.
    pub(super) fn told(&self, scores: &[f32]) -> Sentiment {
        let has_vector = scores.len() > 2 * self.heads.len();
        let probability = |head: &Head| match &head.by_all {
            Some(stack) if has_vector => stack.probability(scores),
            _ => head.by_text.probability(scores),
        };
        let mut told = Sentiment { positive: 0.5, stars: None };
        let mut at_least = self.shares;
        for head in &self.heads {
            let probability = probability(head);
            match (head.target, &mut at_least) {
                (POSITIVE, _) => told.positive = probability,
                (stars, Some(at_least)) => {
                    if let Some(share) = at_least.get_mut(usize::from(stars).saturating_sub(2)) {
                        *share = probability;
                    }
                }
                (_, None) => {}
            }
        }
        told.stars = at_least.map(StarDistribution::of_at_least);
        told
    }

    /// Numbers of a vector that was learned from; 0 for a model without.
    pub fn vector_dim(&self) -> usize {
        self.standard.means.len()
    }
}
