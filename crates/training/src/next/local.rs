//! EASE where a matrix of all items would not fit into memory: each item is predicted from
//! its nearest neighbours alone.

use rayon::prelude::*;

use vitrine_ranking::PurchaseLog;
use vitrine_ranking::cooccurrence::{self, CooccurrenceConfig, Together};

use super::dense::invert_small;
use super::linear::{LinearConfig, SparseItems};
use crate::TrainingError;

/// Neighbours that an item is predicted from.
const PREDICTORS: usize = 64;

/// For each item the ridge regression of who took it on who took its nearest neighbours by
/// cosine; memory grows with the items, not with their square.
///
/// # Errors
/// [`TrainingError::NotPositiveDefinite`] when the ridge is not positive.
///
/// # Source
/// Ning and Karypis, SLIM: Sparse linear methods for top-n recommender systems (2011), with
/// feature selection; Steck, Embarrassingly shallow autoencoders for sparse data (2019).
pub fn local_ease(log: &PurchaseLog, config: &LinearConfig) -> Result<SparseItems, TrainingError> {
    let n_items = log.n_items();
    let by_cosine = CooccurrenceConfig {
        together: Together::Shopper,
        exponent_from: 0.5,
        exponent_to: 0.5,
        buyers_min: 1,
        n_neighbours: PREDICTORS,
    };
    let shared = Shared::new(log);
    let nearest = cooccurrence::neighbours(log, &by_cosine);
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

/// How many shoppers took two items: counted when it is asked, because all pairs together
/// would be more than fits into memory.
struct Shared {
    /// By item: who took it, ascending.
    buyers: Vec<Vec<u32>>,
}

impl Shared {
    fn new(log: &PurchaseLog) -> Self {
        let mut buyers = vec![Vec::new(); log.n_items()];
        for shopper in 0..log.n_shoppers() {
            for entry in log.of(shopper) {
                let of_item = &mut buyers[entry.item_idx as usize];
                if of_item.last() != Some(&(shopper as u32)) {
                    of_item.push(shopper as u32);
                }
            }
        }
        Self { buyers }
    }

    fn of(&self, a: u32, b: u32) -> f64 {
        let (a, b) = (&self.buyers[a as usize], &self.buyers[b as usize]);
        let (few, mut many) = if a.len() <= b.len() { (a, &b[..]) } else { (b, &a[..]) };
        let mut n = 0;
        for shopper in few {
            many = &many[many.partition_point(|other| other < shopper)..];
            n += u32::from(many.first() == Some(shopper));
        }
        f64::from(n)
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
        // Every two items are taken together by somebody.
        let mut state = 7u32;
        let mut item = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % 30
        };
        let sequences: Vec<Vec<u32>> =
            (0..300).map(|_| (0..10).map(|_| item()).collect()).collect();
        let log = PurchaseLog::of_sequences(30, &sequences).expect("in range");
        let config = LinearConfig { ridge: 3.0, text_weight: 0.0, ..LinearConfig::default() };
        let precision = Precision::fit(&log, None, &config).expect("few items");
        let dense = linear::ease(precision, &config);
        let local = local_ease(&log, &config).expect("a ridge");
        let scores =
            |scorer: &dyn Scorer| scorer.score(&[log.of(3), log.of(8)], 0).expect("scores");
        let (dense, local) = (scores(&dense), scores(&local));
        let furthest = dense.iter().zip(&local).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let largest = dense.iter().copied().fold(0.0, f32::max);
        assert!(furthest < 0.01 * largest, "{furthest} of {largest}");
    }
}
