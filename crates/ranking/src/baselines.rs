//! The yardsticks: what a shop gets without a learned ranker.

use crate::{Components, Neighbours, PastPurchase};

/// A ranker without learned weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Most buyers first, the same for everyone.
    Popularity,
    /// Sum of co-occurrence similarities to what the shopper bought, newer more.
    ItemKnn,
    /// What this shopper bought most often; popularity breaks ties.
    PersonalFrequency,
}

/// Each older basket counts this much of the next newer.
const BASKET_DECAY: f32 = 0.9;
/// Newest baskets that ItemKNN reads: the weight of older ones is below 1 %.
const BASKETS_MAX: usize = 44;

impl Baseline {
    /// All of them.
    pub const EACH: [Self; 3] = [Self::Popularity, Self::ItemKnn, Self::PersonalFrequency];

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Popularity => "popularity",
            Self::ItemKnn => "item-knn",
            Self::PersonalFrequency => "personal frequency",
        }
    }

    /// Scores of all cards after `history` (oldest first), \[n_items\].
    ///
    /// # Shapes
    /// → \[n_items\].
    ///
    /// # Panics
    /// When a card of the history is not one of the components'.
    pub fn score(self, components: &Components, history: &[PastPurchase]) -> Vec<f32> {
        let n_buyers = &components.popularity.n_buyers;
        let popular = || n_buyers.iter().map(|count| *count as f32).collect::<Vec<f32>>();
        match self {
            Self::Popularity => popular(),
            Self::ItemKnn => item_knn(&components.by_shopper, history),
            Self::PersonalFrequency => {
                let most = n_buyers.iter().copied().max().unwrap_or(0) as f32 + 1.0;
                let mut scores: Vec<f32> = popular().iter().map(|count| count / most).collect();
                history.iter().for_each(|entry| scores[entry.item_idx as usize] += 1.0);
                scores
            }
        }
    }
}

/// Sum of similarities to what the shopper bought, newer more.
///
/// # Shapes
/// `neighbours`: one list a card; returns \[n_items\].
///
/// # Panics
/// When a card of the history has no list.
pub fn item_knn(neighbours: &Neighbours, history: &[PastPurchase]) -> Vec<f32> {
    let mut scores = vec![0.0; neighbours.n_items()];
    let mut weight = 1.0;
    let baskets = history.chunk_by(|a, b| a.basket == b.basket).rev().take(BASKETS_MAX);
    for basket in baskets {
        for entry in basket {
            neighbours.add_to(entry.item_idx, weight, &mut scores);
        }
        weight *= BASKET_DECAY;
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Popularity;

    fn components() -> Components {
        let lists = vec![vec![(2, 0.5)], vec![(2, 0.5), (0, 0.1)], vec![]];
        Components {
            popularity: Popularity { n_buyers: vec![3, 9, 6], n_buyers_recent: vec![0; 3] },
            by_shopper: Neighbours::from_lists(lists.clone()),
            by_basket: Neighbours::from_lists(vec![vec![]; 3]),
            latent: crate::Latent::zeros(3),
            by_text: Neighbours::from_lists(vec![vec![]; 3]),
            departments: vec![0; 3],
            categories: vec![0; 3],
        }
    }

    #[test]
    fn each_ranks_by_what_it_is_named_after() {
        let entry = |basket, item_idx| PastPurchase { at_seconds: 0, basket, item_idx };
        let history = [entry(0, 0), entry(1, 0), entry(1, 1)];
        let components = components();
        let score = |baseline: Baseline| baseline.score(&components, &history);
        assert_eq!(score(Baseline::Popularity), [3.0, 9.0, 6.0]);
        let personal = score(Baseline::PersonalFrequency);
        assert!(personal[0] > personal[1] && personal[1] > personal[2]);
        let knn = score(Baseline::ItemKnn);
        assert!((knn[2] - (0.5 + 0.5 + 0.45)).abs() < 1e-6);
        assert!((knn[0] - 0.1).abs() < 1e-6 && knn[1] == 0.0);
    }
}
