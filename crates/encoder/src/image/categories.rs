//! Which category a picture looks like: logistic regression on vectors.

use std::sync::atomic::{AtomicBool, Ordering};

use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use vitrine_optim::{Adam, Epochs, Moments, Schedule, Update};
use vitrine_vision::PICTURE_DIM;

use super::ImageError;
use crate::lanes::dot;

const ADAM: Adam = Adam::new(0.999);
/// Length to which vectors are scaled about their mean.
const INPUT_NORM: f32 = 4.0;
const RATE: f32 = 0.02;
/// Decay of the weights, in parts of the rate.
const DECAY: f32 = 1.0;
const BATCH: usize = 256;
const PASSES: usize = 30;
/// Most categories.
const CATEGORIES_MAX: usize = 1 << 14;

/// A fitted classifier of pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureCategories {
    mean: Vec<f32>,
    /// \[n_categories, 1280\]
    weights: Vec<f32>,
    biases: Vec<f32>,
}

impl PictureCategories {
    /// Fits pictures to the categories that they are in. The same pictures and seed give the
    /// same bits.
    ///
    /// # Shapes
    /// `vectors` \[n, 1280\] of norm 1; `categories` \[n\], numbers from 0; `rows`: which of them
    /// are learned from.
    ///
    /// # Errors
    /// [`ImageError::Categories`] when they do not fit each other, or are too many;
    /// [`ImageError::Cancelled`].
    pub fn fit(
        vectors: &[f32],
        categories: &[u32],
        rows: &[usize],
        seed: u64,
        cancel: &AtomicBool,
    ) -> Result<Self, ImageError> {
        let n_categories = check(vectors, categories)?;
        let row = |at: usize| &vectors[at * PICTURE_DIM..][..PICTURE_DIM];
        let mut mean = vec![0.0f32; PICTURE_DIM];
        for &at in rows {
            let share = 1.0 / rows.len() as f32;
            mean.iter_mut().zip(row(at)).for_each(|(sum, x)| *sum += share * x);
        }
        let inputs: Vec<Vec<f32>> = rows.iter().map(|at| about(row(*at), &mean)).collect();
        let width = PICTURE_DIM + 1;
        let n = n_categories * width;
        let (mut values, mut first, mut second) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let epochs = Epochs { n_examples: rows.len(), batch: BATCH, n_passes: PASSES };
        let schedule = Schedule::linear(RATE, epochs.n_steps());
        epochs.run(&mut SmallRng::seed_from_u64(seed), |batch| {
            if cancel.load(Ordering::Relaxed) {
                return Err(ImageError::Cancelled { n_done: 0, n_total: rows.len() });
            }
            let mut gradient = vec![0.0; n];
            let share = 1.0 / batch.examples.len() as f32;
            for &example in batch.examples {
                let input = &inputs[example];
                let mut wrong: Vec<f32> = values
                    .chunks_exact(width)
                    .map(|w| dot(&w[..PICTURE_DIM], input) + w[PICTURE_DIM])
                    .collect();
                log_shares(&mut wrong);
                wrong.iter_mut().for_each(|x| *x = x.exp());
                wrong[categories[rows[example]] as usize] -= 1.0;
                for (gradient, wrong) in gradient.chunks_exact_mut(width).zip(&wrong) {
                    let by = wrong * share;
                    gradient.iter_mut().zip(input).for_each(|(sum, x)| *sum += by * x);
                    gradient[PICTURE_DIM] += by;
                }
            }
            let rate = schedule.rate(batch.step);
            let update = Update { number: batch.step as u32 + 1, rate, decay: rate * DECAY };
            let moments = Moments { first: &mut first, second: &mut second };
            ADAM.update(update, &mut values, &gradient, moments);
            Ok(())
        })?;
        let biases = values.chunks_exact(width).map(|row| row[PICTURE_DIM]).collect();
        let weights =
            values.chunks_exact(width).flat_map(|row| &row[..PICTURE_DIM]).copied().collect();
        Ok(Self { mean, weights, biases })
    }

    /// Log probabilities of the categories of a picture.
    ///
    /// # Shapes
    /// \[1280\] → \[n_categories\].
    pub fn log_probabilities(&self, vector: &[f32]) -> Vec<f32> {
        let input = about(vector, &self.mean);
        let rows = self.weights.chunks_exact(PICTURE_DIM);
        let mut logits: Vec<f32> =
            rows.zip(&self.biases).map(|(weights, bias)| dot(weights, &input) + bias).collect();
        log_shares(&mut logits);
        logits
    }
}

/// How many categories there are.
pub(super) fn check(vectors: &[f32], categories: &[u32]) -> Result<usize, ImageError> {
    let n_categories = categories.iter().max().map_or(0, |most| *most as usize + 1);
    let fits = vectors.len() == categories.len() * PICTURE_DIM && n_categories <= CATEGORIES_MAX;
    match fits && vectors.iter().all(|x| x.is_finite()) {
        true => Ok(n_categories),
        false => Err(ImageError::Categories { max: CATEGORIES_MAX }),
    }
}

/// A vector about a mean, scaled to one length.
fn about(vector: &[f32], mean: &[f32]) -> Vec<f32> {
    let mut out: Vec<f32> = vector.iter().zip(mean).map(|(x, mean)| x - mean).collect();
    let norm = dot(&out, &out).sqrt();
    if norm > 0.0 {
        out.iter_mut().for_each(|x| *x *= INPUT_NORM / norm);
    }
    out
}

/// Logits to log probabilities.
fn log_shares(logits: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|x| (x - most).exp()).sum();
    logits.iter_mut().for_each(|x| *x -= most + sum.ln());
}
