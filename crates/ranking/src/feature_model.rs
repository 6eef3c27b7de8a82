//! A linear model over the features, one set of weights for
//! cards that the shopper bought before and one for those that are new to them. How much
//! a feature says depends on how much is known of the shopper: a second set is added to
//! the first as far as the log is short.

use serde::{Deserialize, Serialize};

use crate::features::{FEATURES, Feature, FeatureRows, N_SHARED};
use crate::{Components, PastPurchase, RankingError};

/// Weights of one linear model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinearWeights {
    /// For cards never bought by the shopper: shared features only.
    pub new: [f32; N_SHARED],
    /// For cards bought before: all features.
    pub repeat: [f32; FEATURES.len()],
}

impl LinearWeights {
    /// Every weight zero.
    pub fn zeros() -> Self {
        Self { new: [0.0; N_SHARED], repeat: [0.0; FEATURES.len()] }
    }

    /// All weights, those for new cards first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut f32> {
        self.new.iter_mut().chain(&mut self.repeat)
    }

    /// The score of one row of features.
    pub fn score(&self, row: &[f32; FEATURES.len()], bought_before: bool) -> f32 {
        if bought_before { dot(&self.repeat, row) } else { dot(&self.new, row) }
    }
}

/// Learned weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureWeights {
    /// When everything is known of a shopper.
    pub long: LinearWeights,
    /// What is added, times [`FeatureRows::shortness`].
    pub short: LinearWeights,
}

impl FeatureWeights {
    /// Every weight zero.
    pub fn zeros() -> Self {
        Self { long: LinearWeights::zeros(), short: LinearWeights::zeros() }
    }

    /// The weights for a log of this shortness, 0..1.
    pub fn at(&self, shortness: f32) -> LinearWeights {
        let (mut weights, mut short) = (self.long, self.short);
        weights.iter_mut().zip(short.iter_mut()).for_each(|(w, added)| *w += shortness * *added);
        weights
    }
}

fn dot(weights: &[f32], row: &[f32]) -> f32 {
    weights.iter().zip(row).map(|(weight, value)| weight * value).sum()
}

/// Components and the weights learned for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureModel {
    /// What is looked up.
    pub components: Components,
    /// How it is weighed.
    pub weights: FeatureWeights,
}

impl FeatureModel {
    /// Scores of all cards after `history` (oldest first) at `now_seconds`, \[n_items\].
    ///
    /// # Shapes
    /// → \[n_items\].
    ///
    /// # Panics
    /// When a card of the history is not one of the components'.
    pub fn score(&self, history: &[PastPurchase], now_seconds: i64) -> Vec<f32> {
        self.score_rows(&FeatureRows::new(&self.components, history, now_seconds))
    }

    /// Scores of all cards from their features, \[n_items\].
    ///
    /// # Shapes
    /// → \[n_items\].
    pub fn score_rows(&self, rows: &FeatureRows) -> Vec<f32> {
        let weights = self.weights.at(rows.shortness());
        let mut scores = vec![0.0; rows.n_items()];
        for (feature, weight) in weights.new.iter().enumerate() {
            for (score, value) in scores.iter_mut().zip(rows.column(feature)) {
                *score += weight * value;
            }
        }
        for item in rows.bought_before() {
            scores[item as usize] = weights.score(&rows.row(item), true);
        }
        scores
    }

    /// What each feature adds to a card's score, largest first; they add up to it.
    ///
    /// # Panics
    /// When a card is not one of the components'.
    pub fn explain(
        &self,
        history: &[PastPurchase],
        now_seconds: i64,
        item_idx: u32,
    ) -> Vec<(Feature, f32)> {
        let rows = FeatureRows::new(&self.components, history, now_seconds);
        let bought_before = rows.personal(item_idx).is_some();
        let weights = self.weights.at(rows.shortness());
        let weights: &[f32] = if bought_before { &weights.repeat } else { &weights.new };
        let row = rows.row(item_idx);
        let mut parts: Vec<(Feature, f32)> =
            FEATURES.into_iter().zip(weights.iter().zip(row).map(|(w, x)| w * x)).collect();
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        parts
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("plain data into memory")
    }

    /// Reads a stored teacher and checks that its parts fit together.
    ///
    /// # Errors
    /// [`RankingError::Decode`], [`RankingError::Inconsistent`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RankingError> {
        let teacher: Self = postcard::from_bytes(bytes).map_err(RankingError::Decode)?;
        teacher.components.check()?;
        Ok(teacher)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Popularity;
    use crate::neighbours::Neighbours;

    const N: u32 = 6;

    fn teacher() -> FeatureModel {
        let ring = |strength: f32| {
            let list = |i: u32| vec![((i + 1) % N, strength), ((i + 2) % N, strength / 2.0)];
            Neighbours::from_lists((0..N).map(list).collect())
        };
        let components = Components {
            popularity: Popularity {
                n_buyers: vec![9, 8, 7, 6, 5, 4],
                n_buyers_recent: vec![0, 1, 2, 3, 4, 5],
            },
            by_shopper: ring(0.2),
            by_basket: ring(0.1),
            latent: crate::Latent::zeros(N as usize),
            by_text: ring(0.9),
            departments: vec![0, 0, 0, 1, 1, 1],
            categories: vec![0, 1, 2, 3, 4, 4],
        };
        let mut weights = FeatureWeights::zeros();
        for (i, weight) in weights.long.repeat.iter_mut().enumerate() {
            *weight = 0.3 + 0.1 * i as f32;
        }
        weights.long.new = std::array::from_fn(|i| 0.5 - 0.05 * i as f32);
        weights.short.new[0] = 0.2;
        weights.short.repeat[8] = -0.4;
        FeatureModel { components, weights }
    }

    fn history(items: &[u32]) -> Vec<PastPurchase> {
        items
            .iter()
            .enumerate()
            .map(|(n, item)| PastPurchase {
                at_seconds: n as i64 * 400_000,
                basket: n as u32 / 2,
                item_idx: *item,
            })
            .collect()
    }

    #[test]
    fn without_a_past_the_order_is_that_of_popularity() {
        let mut teacher = teacher();
        let n_buyers = vec![5, 90, 1, 40, 0, 12];
        let n_buyers_recent = n_buyers.iter().map(|n| n / 2).collect();
        teacher.components.popularity = Popularity { n_buyers, n_buyers_recent };
        let scores = teacher.score(&[], 1_000_000);
        let mut order: Vec<usize> = (0..N as usize).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        assert_eq!(order, [1, 3, 5, 0, 2, 4]);

        let of_popularity = Feature::RecentPopularity as usize + 1;
        for weights in [&mut teacher.weights.long, &mut teacher.weights.short] {
            weights.new[of_popularity..].fill(9.0);
            weights.repeat.fill(-7.0);
        }
        assert_eq!(teacher.score(&[], 1_000_000), scores, "no other feature has a say");
    }

    #[test]
    fn a_neighbour_of_what_was_bought_gains() {
        let teacher = teacher();
        let (without, with) = (teacher.score(&[], 0), teacher.score(&history(&[3]), 0));
        assert!(with[4] > without[4] && with[3] > without[3]);
        assert_eq!(with[1], without[1]);
    }

    #[test]
    fn a_stored_teacher_comes_back_and_a_damaged_one_does_not() {
        let teacher = teacher();
        let bytes = teacher.to_bytes();
        assert_eq!(FeatureModel::from_bytes(&bytes).expect("as stored"), teacher);
        assert!(FeatureModel::from_bytes(&bytes[..bytes.len() / 2]).is_err());
        let mut other = teacher;
        other.components.categories.pop();
        assert!(matches!(
            FeatureModel::from_bytes(&other.to_bytes()),
            Err(RankingError::Inconsistent { n_items: 6 })
        ));
    }

    proptest! {
        #[test]
        fn explanations_add_up_and_rows_agree_with_all_scores(
            items in prop::collection::vec(0..N, 0..20),
        ) {
            let teacher = teacher();
            let (history, now) = (history(&items), 20_000_000);
            let scores = teacher.score(&history, now);
            let rows = FeatureRows::new(&teacher.components, &history, now);
            for item in 0..N {
                let sum: f32 =
                    teacher.explain(&history, now, item).iter().map(|(_, part)| part).sum();
                prop_assert!((sum - scores[item as usize]).abs() < 1e-4);
                let weights = teacher.weights.at(rows.shortness());
                let row = weights.score(&rows.row(item), rows.personal(item).is_some());
                prop_assert!((row - scores[item as usize]).abs() < 1e-4);
            }
        }
    }
}
