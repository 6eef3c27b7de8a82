//! Two hidden layers over standardised rows.

use candle_core::{Device, Tensor};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};

use vitrine_optim::{Epochs, Schedule};

use super::RepeatConfig;
use super::features::{N_FEATURES, Row};
use crate::TrainingError;
use crate::leaves::Leaves;
use crate::ops::{add_rows, add_rows_relu};
use crate::params::{Params, Rates, uniform};

/// Standardised values beyond this say no more.
const VALUE_MAX: f32 = 6.0;

/// A fitted network.
pub(crate) struct Network {
    leaves: Leaves,
    mean: Row,
    deviation: Row,
}

impl Network {
    /// Learns which rows are `true`, by their likelihood.
    ///
    /// # Errors
    /// [`TrainingError::TooLittleData`] without rows; [`TrainingError::Stopped`]; when a
    /// tensor operation fails.
    pub fn fit(
        rows: &[Row],
        is_true: &[bool],
        config: &RepeatConfig,
        stop: &AtomicBool,
    ) -> Result<Self, TrainingError> {
        if rows.is_empty() {
            return Err(TrainingError::TooLittleData { n_shoppers: 0, n_shoppers_min: 1 });
        }
        let (mean, deviation) = moments(rows);
        let mut rng = SmallRng::seed_from_u64(config.seed);
        let mut params = initial(config.hidden, &mut rng);
        let RepeatConfig { batch, n_passes, rate, .. } = *config;
        let passes = Epochs { n_examples: rows.len(), batch, n_passes };
        let schedule = Schedule::linear(rate, passes.n_steps());
        passes.run(&mut rng, |batch| {
            if stop.load(Ordering::Relaxed) {
                return Err(TrainingError::Stopped);
            }
            let chosen = batch.examples;
            let inputs = chosen.iter().map(|n| standardised(&rows[*n], &mean, &deviation));
            let truth = chosen.iter().map(|n| f32::from(u8::from(is_true[*n]))).collect();
            let truth = Tensor::from_vec(truth, (chosen.len(), 1), &Device::Cpu)?;
            let leaves = Leaves::plain(&params)?;
            let logits = logits(&leaves, &stacked(inputs)?)?;
            // ln(1 + e^z) − y·z, without overflow.
            let softplus = (logits.relu()? + (logits.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
            let loss = (softplus - (&logits * truth)?)?.mean_all()?;
            let rates = Rates { rate: schedule.rate(batch.step), residual_decay: 0.0 };
            params.step(&leaves.gradients(&loss)?, rates);
            Ok(())
        })?;
        Ok(Self { leaves: Leaves::plain(&params)?, mean, deviation })
    }

    /// How likely each row is `true`.
    ///
    /// # Shapes
    /// → \[rows\].
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn probabilities(&self, rows: &[Row]) -> Result<Vec<f32>, TrainingError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let inputs = rows.iter().map(|row| standardised(row, &self.mean, &self.deviation));
        let logits: Vec<f32> = logits(&self.leaves, &stacked(inputs)?)?.flatten_all()?.to_vec1()?;
        Ok(logits.into_iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect())
    }
}

/// A [`Network`] as plain arrays.
#[derive(Serialize, Deserialize)]
pub struct StoredNetwork {
    hidden: usize,
    /// Those of [`NAMES`].
    arrays: Vec<Vec<f32>>,
    mean: Row,
    deviation: Row,
}

/// Arrays of a network.
const NAMES: [&str; 6] = ["w1", "b1", "w2", "b2", "w3", "b3"];

impl Network {
    /// The stored form.
    ///
    /// # Errors
    /// When a tensor cannot be read.
    pub fn stored(&self) -> Result<StoredNetwork, TrainingError> {
        let array = |name| Ok(self.leaves.get(name)?.flatten_all()?.to_vec1::<f32>()?);
        let arrays = NAMES.into_iter().map(array).collect::<Result<Vec<_>, TrainingError>>()?;
        let hidden = arrays[1].len();
        Ok(StoredNetwork { hidden, arrays, mean: self.mean, deviation: self.deviation })
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When an array does not have its shape.
    pub fn from_stored(stored: &StoredNetwork) -> Result<Self, TrainingError> {
        let n = stored.hidden;
        if stored.arrays.len() != NAMES.len() {
            let message = format!("a network has {} arrays", NAMES.len());
            return Err(candle_core::Error::Msg(message).into());
        }
        let shapes: [&[usize]; 6] = [&[N_FEATURES, n], &[n], &[n, n], &[n], &[n, 1], &[1]];
        let mut params = Params::empty();
        for ((name, shape), values) in NAMES.into_iter().zip(shapes).zip(&stored.arrays) {
            params.push(name, shape, values.clone());
        }
        let leaves = Leaves::plain(&params)?;
        Ok(Self { leaves, mean: stored.mean, deviation: stored.deviation })
    }
}

fn initial(hidden: usize, rng: &mut SmallRng) -> Params {
    let mut params = Params::empty();
    for (name, from) in [("1", N_FEATURES), ("2", hidden)] {
        let deviation = (2.0 / from as f32).sqrt();
        params.push(&format!("w{name}"), &[from, hidden], uniform(rng, from * hidden, deviation));
        params.push(&format!("b{name}"), &[hidden], vec![0.0; hidden]);
    }
    params.push("w3", &[hidden, 1], vec![0.0; hidden]);
    params.push("b3", &[1], vec![0.0]);
    params
}

/// \[rows, 1\]
fn logits(leaves: &Leaves, inputs: &Tensor) -> candle_core::Result<Tensor> {
    let hidden = add_rows_relu(&inputs.matmul(leaves.get("w1")?)?, leaves.get("b1")?)?;
    let hidden = add_rows_relu(&hidden.matmul(leaves.get("w2")?)?, leaves.get("b2")?)?;
    add_rows(&hidden.matmul(leaves.get("w3")?)?, leaves.get("b3")?)
}

fn stacked(rows: impl Iterator<Item = Row>) -> candle_core::Result<Tensor> {
    let values: Vec<f32> = rows.flatten().collect();
    let n = values.len() / N_FEATURES;
    Tensor::from_vec(values, (n, N_FEATURES), &Device::Cpu)
}

fn standardised(row: &Row, mean: &Row, deviation: &Row) -> Row {
    std::array::from_fn(|i| ((row[i] - mean[i]) / deviation[i]).clamp(-VALUE_MAX, VALUE_MAX))
}

fn moments(rows: &[Row]) -> (Row, Row) {
    let n = rows.len() as f64;
    let mean_of = |of: &dyn Fn(&Row) -> f64| rows.iter().map(of).sum::<f64>() / n;
    let mean: Row = std::array::from_fn(|i| mean_of(&|row| f64::from(row[i])) as f32);
    let deviation = std::array::from_fn(|i| {
        let variance = mean_of(&|row| f64::from(row[i] - mean[i]).powi(2));
        // A number that never changes says nothing.
        if variance > 1e-12 { variance.sqrt() as f32 } else { f32::INFINITY }
    });
    (mean, deviation)
}
