//! The digest of a product.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rating::{RatingPrior, StarCounts};
use super::summary::{QuotedSentence, summary};
use crate::aspects::{Aspect, AspectMention, Polarity};
use crate::record::ReviewRecord;

/// Reviews of a product with words below which it has neither aspects nor a summary.
pub const DIGEST_REVIEWS_MIN: usize = 5;
/// Reviews that must speak about an aspect.
const ASPECT_REVIEWS_MIN: u32 = 2;

/// How many reviews praise and blame an aspect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AspectCount {
    /// What they speak about.
    pub aspect: Aspect,
    /// Reviews that only praise it.
    pub n_positive: u32,
    /// Reviews that only blame it.
    pub n_negative: u32,
    /// Reviews that do both.
    pub n_mixed: u32,
}

impl AspectCount {
    /// Reviews that speak about it.
    pub fn n(&self) -> u32 {
        self.n_positive + self.n_negative + self.n_mixed
    }
}

/// What a product's reviews say together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewDigest {
    /// Numbers of reviews by their stars.
    pub stars: StarCounts,
    /// Mean stars, drawn to the shop's mean where there are few reviews.
    pub rating: f64,
    /// Aspects that at least two reviews speak about, the most frequent first; none for fewer than five
    /// reviews.
    pub aspects: Vec<AspectCount>,
    /// Sentences of reviews, as they were written; none for fewer than five reviews.
    pub summary: Vec<QuotedSentence>,
}

impl ReviewDigest {
    /// Of the reviews of one product, and what was read in each of their texts.
    ///
    /// # Shapes
    /// `mentions` \[n\], those of each review.
    ///
    /// # Panics
    /// When there are not as many lists of mentions as reviews.
    pub fn new(
        reviews: &[ReviewRecord<'_>],
        mentions: &[Vec<AspectMention>],
        prior: &RatingPrior,
    ) -> Self {
        assert_eq!(reviews.len(), mentions.len(), "the mentions of each review");
        let stars = StarCounts::of(reviews.iter().map(|review| review.stars));
        let rating = prior.rating(&stars);
        if reviews.iter().filter(|review| review.has_words()).count() < DIGEST_REVIEWS_MIN {
            return Self { stars, rating, aspects: Vec::new(), summary: Vec::new() };
        }
        let aspects = counted(mentions);
        let summary = summary(reviews, mentions, &aspects);
        Self { stars, rating, aspects, summary }
    }
}

/// Whether a review blames, and whether it praises, each aspect that it speaks about.
pub(crate) fn sides_by_aspect(mentions: &[AspectMention]) -> BTreeMap<&Aspect, [bool; 2]> {
    let mut of_review: BTreeMap<&Aspect, [bool; 2]> = BTreeMap::new();
    for mention in mentions {
        let [bad, good] = of_review.entry(&mention.aspect).or_default();
        *bad |= mention.polarity != Polarity::Positive;
        *good |= mention.polarity != Polarity::Negative;
    }
    of_review
}

fn counted(mentions: &[Vec<AspectMention>]) -> Vec<AspectCount> {
    let mut counts: BTreeMap<&Aspect, AspectCount> = BTreeMap::new();
    for mentions in mentions {
        for (aspect, said) in sides_by_aspect(mentions) {
            let zero =
                || AspectCount { aspect: aspect.clone(), n_positive: 0, n_negative: 0, n_mixed: 0 };
            let count = counts.entry(aspect).or_insert_with(zero);
            match said {
                [false, _] => count.n_positive += 1,
                [true, false] => count.n_negative += 1,
                [true, true] => count.n_mixed += 1,
            }
        }
    }
    let mut aspects: Vec<AspectCount> =
        counts.into_values().filter(|count| count.n() >= ASPECT_REVIEWS_MIN).collect();
    aspects.sort_by(|a, b| b.n().cmp(&a.n()).then_with(|| a.aspect.cmp(&b.aspect)));
    aspects
}
