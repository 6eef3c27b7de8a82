//! Stars, counted, and a mean that few reviews do not decide.

use serde::{Deserialize, Serialize};

/// Bounds of the number of reviews that a prior stands for.
const WEIGHT_MIN: f64 = 1.0;
const WEIGHT_MAX: f64 = 50.0;
/// Reviews of a product that takes part in the estimate of the prior.
const PRODUCT_REVIEWS_MIN: u32 = 2;
/// Without any reviews: the middle of the scale.
const MEAN_UNKNOWN: f64 = 3.0;

/// Numbers of reviews with one to five stars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StarCounts(pub [u32; 5]);

impl StarCounts {
    /// Counts stars; what is not 1 to 5 is left out.
    pub fn of(stars: impl IntoIterator<Item = u8>) -> Self {
        let mut counts = Self::default();
        for stars in stars {
            if let Some(count) = usize::from(stars).checked_sub(1).and_then(|i| counts.0.get_mut(i))
            {
                *count += 1;
            }
        }
        counts
    }

    /// Reviews.
    pub fn n(&self) -> u32 {
        self.0.iter().sum()
    }

    /// Mean of the stars; `None` without reviews.
    pub fn mean(&self) -> Option<f64> {
        (self.n() > 0).then(|| self.sum(|stars| stars) / f64::from(self.n()))
    }

    fn sum(&self, of: impl Fn(f64) -> f64) -> f64 {
        self.0.iter().zip(1_u8..).map(|(n, stars)| f64::from(*n) * of(f64::from(stars))).sum()
    }

    /// Sum of squared distances to the mean.
    fn scatter(&self) -> f64 {
        self.mean().map_or(0.0, |mean| self.sum(|stars| (stars - mean).powi(2)))
    }
}

/// What is believed of a product before its reviews are read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatingPrior {
    /// Mean stars of the shop's products.
    pub mean: f64,
    /// How many reviews it is worth.
    pub weight: f64,
}

impl RatingPrior {
    /// The prior that a shop's products make likely: its weight is the variance of stars within
    /// products over the variance of the products' means, from 1 to 50.
    ///
    /// # Source
    /// Bühlmann and Gisler, "A course in credibility theory" (2005), 4.8, with equal products' means
    /// estimated by moments.
    pub fn of_products(products: &[StarCounts]) -> Self {
        let n: f64 = products.iter().map(|counts| f64::from(counts.n())).sum();
        if n == 0.0 {
            return Self { mean: MEAN_UNKNOWN, weight: WEIGHT_MAX };
        }
        let mean = products.iter().map(|counts| counts.sum(|stars| stars)).sum::<f64>() / n;
        let rated: Vec<&StarCounts> =
            products.iter().filter(|counts| counts.n() >= PRODUCT_REVIEWS_MIN).collect();
        let n_free: f64 = rated.iter().map(|counts| f64::from(counts.n() - 1)).sum();
        let within = rated.iter().map(|counts| counts.scatter()).sum::<f64>() / n_free.max(1.0);
        let n_rated: f64 = rated.iter().map(|counts| f64::from(counts.n())).sum();
        let squares: f64 = rated.iter().map(|counts| f64::from(counts.n()).powi(2)).sum();
        let room = n_rated - squares / n_rated.max(1.0);
        let apart = |counts: &&StarCounts| {
            f64::from(counts.n()) * (counts.mean().unwrap_or(mean) - mean).powi(2)
        };
        let scatter: f64 = rated.iter().map(apart).sum();
        let groups = rated.len().saturating_sub(1) as f64;
        let between = if room > 0.0 { (scatter - groups * within) / room } else { 0.0 };
        let weight = if between > 0.0 { within / between } else { WEIGHT_MAX };
        Self { mean, weight: weight.clamp(WEIGHT_MIN, WEIGHT_MAX) }
    }

    /// Mean of a product's stars and of the prior, weighted by reviews.
    pub fn rating(&self, counts: &StarCounts) -> f64 {
        let stars = counts.sum(|stars| stars) + self.weight * self.mean;
        stars / (f64::from(counts.n()) + self.weight)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, proptest};

    use super::*;

    #[test]
    fn products_that_differ_make_a_light_prior() {
        let apart: Vec<StarCounts> = (0..40)
            .map(|i| StarCounts(if i % 2 == 0 { [9, 1, 0, 0, 0] } else { [0, 0, 0, 1, 9] }))
            .collect();
        assert_eq!(RatingPrior::of_products(&apart).weight, WEIGHT_MIN);
        let alike = vec![StarCounts([3, 3, 3, 3, 3]); 40];
        let prior = RatingPrior::of_products(&alike);
        assert_eq!(prior, RatingPrior { mean: 3.0, weight: WEIGHT_MAX });
        assert_eq!(RatingPrior::of_products(&[]).rating(&StarCounts::default()), MEAN_UNKNOWN);
    }

    #[test]
    fn one_review_moves_little_and_many_decide() {
        let prior = RatingPrior { mean: 4.0, weight: 10.0 };
        assert!((prior.rating(&StarCounts::of([1])) - 41.0 / 11.0).abs() < 1e-12);
        assert!(prior.rating(&StarCounts([1_000, 0, 0, 0, 0])) < 1.1);
        assert_eq!(StarCounts::of([0, 6, 5, 5, 1]), StarCounts([1, 0, 0, 0, 2]));
    }

    proptest! {
        #[test]
        fn a_rating_lies_between_prior_and_mean(counts in prop::array::uniform5(0u32..50), mean in 1f64..5.0) {
            let (counts, prior) = (StarCounts(counts), RatingPrior { mean, weight: 5.0 });
            let own = counts.mean().unwrap_or(mean);
            let rating = prior.rating(&counts);
            prop_assert!(own.min(mean) - 1e-9 <= rating && rating <= own.max(mean) + 1e-9);
        }
    }
}
