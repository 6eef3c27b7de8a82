//! Linear item-to-item models in closed form.
//!
//! Both come from one precision matrix P = (XᵀX + α·VVᵀ + λI)⁻¹, X the
//! shopper–item matrix of zeros and ones and V the items' texts. [`Ease`] reads
//! off its columns what predicts each item from the others, whatever the order;
//! [`Transition`] multiplies it by what followed what.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_ranking::text::TEXT_DIM;
use vitrine_ranking::{PastPurchase, PurchaseLog};

pub use super::sparse::SparseItems;
use super::sparse::newest_weights;
use super::{Recency, Scorer, dense};
use crate::TrainingError;

/// Most items of a dense model. A matrix takes 4 · n² bytes, and four are held at most:
/// both models fitted for validation, both again for the test. That is 4.8 GiB, which
/// leaves the other parts 1.2 GiB of six.
pub const DENSE_ITEMS_MAX: usize = 18_000;
/// Newest distinct items of a shopper that count: one shopper of everything must
/// not cost the square of everything.
const SHOPPER_ITEMS_MAX: usize = 1_000;
/// Rows of one block of text products.
const ROWS_AT_ONCE: usize = 1_024;

/// Weights and memories of both models.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearConfig {
    /// λ: pull towards zero.
    pub ridge: f32,
    /// α: how much alike texts count beside shared shoppers.
    pub text_weight: f32,
    /// How a history fades for [`ease`].
    pub ease: Recency,
    /// How a history fades for [`transition`].
    pub transition: Recency,
    /// How followers fade with their distance.
    pub follower_decay: f32,
}

impl Default for LinearConfig {
    fn default() -> Self {
        Self {
            ridge: 20.0,
            text_weight: 5.0,
            ease: Recency { decay: 0.85, baskets_max: 50 },
            transition: Recency { decay: 0.7, baskets_max: 50 },
            follower_decay: 0.5,
        }
    }
}

/// The precision matrix of a log.
pub struct Precision {
    n_items: usize,
    /// \[n · n\]
    values: Vec<f32>,
}

impl Precision {
    /// # Shapes
    /// `vectors` \[n_items, 384\].
    ///
    /// # Errors
    /// [`TrainingError::TooManyItems`]; when a tensor operation fails.
    pub fn fit(
        log: &PurchaseLog,
        vectors: Option<&[f32]>,
        config: &LinearConfig,
    ) -> Result<Self, TrainingError> {
        let n_items = log.n_items();
        if n_items > DENSE_ITEMS_MAX {
            return Err(TrainingError::TooManyItems { n_items, n_items_max: DENSE_ITEMS_MAX });
        }
        let mut values = vec![0.0f32; n_items * n_items];
        for n in 0..log.n_shoppers() {
            let mut items: Vec<u32> =
                log.of(n).iter().rev().take(SHOPPER_ITEMS_MAX).map(|e| e.item_idx).collect();
            items.sort_unstable();
            items.dedup();
            for i in &items {
                let row = &mut values[*i as usize * n_items..][..n_items];
                items.iter().for_each(|j| row[*j as usize] += 1.0);
            }
        }
        if let Some(vectors) = vectors.filter(|_| config.text_weight > 0.0) {
            add_texts(&mut values, vectors, n_items, config.text_weight)?;
        }
        (0..n_items).for_each(|i| values[i * n_items + i] += config.ridge);
        dense::invert(&mut values, n_items)?;
        Ok(Self { n_items, values })
    }
}

fn add_texts(
    values: &mut [f32],
    vectors: &[f32],
    n_items: usize,
    weight: f32,
) -> Result<(), TrainingError> {
    let vectors = Tensor::from_slice(vectors, (n_items, TEXT_DIM), &Device::Cpu)?;
    let transposed = vectors.t()?;
    for (block, rows) in values.chunks_mut(ROWS_AT_ONCE * n_items).enumerate() {
        let n_rows = rows.len() / n_items;
        let products = vectors.narrow(0, block * ROWS_AT_ONCE, n_rows)?.matmul(&transposed)?;
        let products = products.flatten_all()?.to_vec1::<f32>()?;
        rows.iter_mut().zip(products).for_each(|(x, product)| *x += weight * product);
    }
    Ok(())
}

/// A dense item-to-item matrix applied to a faded history.
pub struct DenseItems {
    n_items: usize,
    /// \[n · n\]: row of the item that was taken, column of the item that is scored.
    weights: Vec<f32>,
    recency: Recency,
}

impl DenseItems {
    /// The `n_kept` weights of each row that are furthest from 0, as a sparse matrix.
    pub fn strongest(&self, n_kept: usize) -> SparseItems {
        SparseItems::strongest(&self.weights, self.n_items, n_kept, self.recency)
    }
}

impl Scorer for DenseItems {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let n = self.n_items;
        let mut scores = vec![0.0; histories.len() * n];
        scores.par_chunks_exact_mut(n).zip(histories).for_each(|(scores, history)| {
            for (item, weight) in newest_weights(self.recency, history) {
                let row = &self.weights[item as usize * n..][..n];
                scores.iter_mut().zip(row).for_each(|(score, x)| *score += weight * x);
            }
        });
        Ok(scores)
    }
}

/// EASE: the linear autoencoder with a zero diagonal that loses least. Takes the
/// precision matrix's memory: make [`transition`] first.
///
/// # Source
/// Steck, Embarrassingly shallow autoencoders for sparse data (2019); Jeunen,
/// Van Balen and Goethals, Closed-form models for collaborative filtering with
/// side-information (2020).
pub fn ease(precision: Precision, config: &LinearConfig) -> DenseItems {
    let recency = config.ease;
    let Precision { n_items, values: mut weights } = precision;
    let diagonal: Vec<f32> = (0..n_items).map(|i| weights[i * n_items + i]).collect();
    weights.par_chunks_exact_mut(n_items).enumerate().for_each(|(i, row)| {
        row.iter_mut().zip(&diagonal).for_each(|(x, d)| *x /= -d);
        row[i] = 0.0;
    });
    DenseItems { n_items, weights, recency }
}

/// What follows what, freed of what merely goes together: P·T, with T_ij the faded
/// count of j taken after i by the same shopper.
///
/// # Source
/// Choi et al., Session-aware linear item-item models for session-based
/// recommendation (2021), SLIT.
pub fn transition(precision: &Precision, log: &PurchaseLog, config: &LinearConfig) -> DenseItems {
    let (n_items, recency) = (precision.n_items, config.transition);
    let fading = Recency { decay: config.follower_decay, baskets_max: FOLLOWED_BASKETS };
    let followers = followers(log, fading);
    let mut weights = vec![0.0f32; n_items * n_items];
    weights.par_chunks_exact_mut(n_items).enumerate().for_each(|(i, row)| {
        let precisions = &precision.values[i * n_items..][..n_items];
        for (factor, followers) in precisions.iter().zip(&followers) {
            for (item, count) in followers {
                row[*item as usize] += factor * count;
            }
        }
    });
    DenseItems { n_items, weights, recency }
}

/// Baskets after which an item is no longer a follower.
const FOLLOWED_BASKETS: usize = 7;

/// For each item what was taken in later baskets, with faded counts.
fn followers(log: &PurchaseLog, recency: Recency) -> Vec<Vec<(u32, f32)>> {
    let mut counts: Vec<BTreeMap<u32, f32>> = vec![BTreeMap::new(); log.n_items()];
    for n in 0..log.n_shoppers() {
        let history = log.of(n);
        let mut end = 0;
        for basket in history.chunk_by(|a, b| a.basket == b.basket) {
            let before = &history[..end];
            for (from, weight) in recency.weigh(before) {
                for to in basket.iter().filter(|to| to.item_idx != from) {
                    *counts[from as usize].entry(to.item_idx).or_default() += weight;
                }
            }
            end += basket.len();
        }
    }
    counts.into_iter().map(|of| of.into_iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(ridge: f32, text_weight: f32) -> LinearConfig {
        let even = Recency { decay: 1.0, baskets_max: 10 };
        LinearConfig { ridge, text_weight, ease: even, transition: even, follower_decay: 0.5 }
    }

    fn log() -> PurchaseLog {
        // 0 then 1 by many, 2 then 3 by some; 4 by everyone, anywhere.
        let mut sequences = vec![vec![0, 1, 4]; 12];
        sequences.extend(vec![vec![4, 2, 3]; 6]);
        PurchaseLog::of_sequences(6, &sequences).expect("in range")
    }

    fn precision(ridge: f32) -> Precision {
        Precision::fit(&log(), None, &config(ridge, 0.0)).expect("few items")
    }

    #[test]
    fn ease_solves_its_least_squares() {
        // Column 1 of B is the ridge regression of item 1 on all others.
        let (ridge, n) = (2.0, 6);
        let model = ease(precision(ridge), &config(ridge, 0.0));
        let columns: Vec<Vec<f32>> = (0..n as u32)
            .map(|item| {
                let log = log();
                let took = |n| log.of(n).iter().any(|entry| entry.item_idx == item);
                (0..log.n_shoppers()).map(|n| f32::from(u8::from(took(n)))).collect()
            })
            .collect();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        // Normal equations: for each other item i, X_i·(X·b − X_1) + λ·b_i = 0.
        let b: Vec<f32> = (0..n).map(|i| model.weights[i * n + 1]).collect();
        assert_eq!(b[1], 0.0);
        let predicted: Vec<f32> =
            (0..18).map(|shopper| (0..n).map(|i| b[i] * columns[i][shopper]).sum()).collect();
        let missing: Vec<f32> = predicted.iter().zip(&columns[1]).map(|(p, x)| p - x).collect();
        for i in (0..n).filter(|i| *i != 1) {
            assert!((dot(&columns[i], &missing) + ridge * b[i]).abs() < 1e-3);
        }
    }

    #[test]
    fn transitions_know_the_order_and_ease_does_not() {
        let (precision, log) = (precision(1.0), log());
        let model = transition(&precision, &log, &config(1.0, 0.0));
        let ask = |item: u32| PurchaseLog::of_sequences(6, &[vec![item]]).expect("in range");
        let scores = |model: &DenseItems, item: u32| {
            let log = ask(item);
            model.score(&[log.of(0)], 0).expect("shapes fit")
        };
        assert!(scores(&model, 0)[1] > scores(&model, 1)[0] + 0.1);
        assert!(scores(&model, 2)[3] > scores(&model, 2)[1]);
        let ease = ease(precision, &config(1.0, 0.0));
        assert!((scores(&ease, 0)[1] > 0.1) && (scores(&ease, 1)[0] > 0.1));
        assert_eq!(scores(&ease, 5), [0.0; 6], "nobody took item 5");
    }

    #[test]
    fn alike_texts_relate_items_that_nobody_took_together() {
        let mut vectors = vec![0.0; 6 * TEXT_DIM];
        (0..6).for_each(|i| vectors[i * TEXT_DIM + i] = 1.0);
        (vectors[5 * TEXT_DIM], vectors[5 * TEXT_DIM + 5]) = (0.8, 0.6);
        let config = config(2.0, 5.0);
        let precision = Precision::fit(&log(), Some(&vectors), &config).expect("few items");
        let model = ease(precision, &config);
        let log = PurchaseLog::of_sequences(6, &[vec![0]]).expect("in range");
        assert!(model.score(&[log.of(0)], 0).expect("shapes fit")[5] > 0.1);
    }
}
