//! EASE where a matrix of all items would not fit into memory: each item is predicted from
//! its nearest neighbours alone.

use rayon::prelude::*;

use vitrine_ranking::cooccurrence::{self, CooccurrenceConfig, Together};
use vitrine_ranking::{Neighbours, Popularity, PurchaseLog};

use super::dense::invert_small;
use super::linear::{LinearConfig, SparseItems};
use crate::TrainingError;

/// Neighbours that an item is predicted from.
const PREDICTORS: usize = 64;

/// For each item the ridge regression of who took it on who took its nearest neighbours by
/// cosine; time and memory grow with the items, not with their square.
///
/// # Errors
/// [`TrainingError::NotPositiveDefinite`] when the ridge is not positive.
///
/// # Source
/// Ning and Karypis, SLIM: Sparse linear methods for top-n recommender systems (2011), with
/// feature selection; Steck, Embarrassingly shallow autoencoders for sparse data (2019).
pub fn local_ease(log: &PurchaseLog, config: &LinearConfig) -> Result<SparseItems, TrainingError> {
    let n_items = log.n_items();
    let together = |exponent: f32, n_neighbours: usize| {
        let (exponent_from, exponent_to) = (exponent, exponent);
        let together = Together::Shopper;
        cooccurrence::neighbours(
            log,
            &CooccurrenceConfig {
                together,
                exponent_from,
                exponent_to,
                buyers_min: 1,
                n_neighbours,
            },
        )
    };
    let shared = Shared::new(&together(0.0, n_items), log);
    let nearest = together(0.5, PREDICTORS);
    let columns: Vec<Vec<(u32, f32)>> = (0..n_items as u32)
        .into_par_iter()
        .map(|item| {
            let predictors: Vec<u32> = nearest.of(item).map(|(other, _)| other).collect();
            let weights = shared.regress(item, &predictors, f64::from(config.ridge))?;
            Ok(predictors.into_iter().zip(weights).collect())
        })
        .collect::<Result<_, TrainingError>>()?;
    let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); n_items];
    for (item, column) in (0..).zip(columns) {
        for (from, weight) in column {
            rows[from as usize].push((item, weight));
        }
    }
    Ok(SparseItems::of_rows(rows, config.ease))
}

/// How many shoppers took two items.
struct Shared {
    /// By item: (other item, shoppers), ascending.
    pairs: Vec<Vec<(u32, f32)>>,
    n_buyers: Vec<u32>,
}

impl Shared {
    fn new(counts: &Neighbours, log: &PurchaseLog) -> Self {
        let sorted = |item: usize| {
            let mut list: Vec<(u32, f32)> = counts.of(item as u32).collect();
            list.sort_unstable_by_key(|(other, _)| *other);
            list
        };
        let pairs = (0..counts.n_items()).into_par_iter().map(sorted).collect();
        let n_buyers = Popularity::new(log, i64::MAX).n_buyers;
        Self { pairs, n_buyers }
    }

    fn of(&self, a: u32, b: u32) -> f64 {
        if a == b {
            return f64::from(self.n_buyers[a as usize]);
        }
        let list = &self.pairs[a as usize];
        let found = list.binary_search_by_key(&b, |(other, _)| *other);
        found.map_or(0.0, |at| f64::from(list[at].1))
    }

    /// Weights of the predictors of an item.
    fn regress(
        &self,
        item: u32,
        predictors: &[u32],
        ridge: f64,
    ) -> Result<Vec<f32>, TrainingError> {
        let n = predictors.len();
        let mut gram = vec![0.0; n * n];
        for (i, a) in predictors.iter().enumerate() {
            for (j, b) in predictors.iter().enumerate().skip(i) {
                let count = self.of(*a, *b);
                (gram[i * n + j], gram[j * n + i]) = (count, count);
            }
            gram[i * n + i] += ridge;
        }
        invert_small(&mut gram, n).map_err(|row| TrainingError::NotPositiveDefinite { row })?;
        let right: Vec<f64> = predictors.iter().map(|other| self.of(item, *other)).collect();
        let weight =
            |row: &[f64]| row.iter().zip(&right).map(|(x, count)| x * count).sum::<f64>() as f32;
        Ok(gram.chunks_exact(n.max(1)).map(weight).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scorer;
    use super::super::linear::{self, Precision};
    use super::*;

    #[test]
    fn where_all_items_are_neighbours_it_is_ease() {
        let sequences: Vec<Vec<u32>> = (0..200u32)
            .map(|n| (0..6).map(|i| (n * 5 + i * i * (1 + n % 3)) % 30).collect())
            .collect();
        let log = PurchaseLog::of_sequences(30, &sequences).expect("in range");
        let config = LinearConfig { ridge: 3.0, text_weight: 0.0, ..LinearConfig::default() };
        let precision = Precision::fit(&log, None, &config).expect("few items");
        let dense = linear::ease(precision, &config);
        let local = local_ease(&log, &config).expect("a ridge");
        let scores =
            |scorer: &dyn Scorer| scorer.score(&[log.of(3), log.of(8)], 0).expect("scores");
        let (dense, local) = (scores(&dense), scores(&local));
        // Pairs that nobody took together are no predictors here, and small ones there.
        let furthest = dense.iter().zip(&local).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let largest = dense.iter().copied().fold(0.0, f32::max);
        assert!(furthest < 0.1 * largest, "{furthest} of {largest}");
    }
}
