//! A sequence transformer: who took this, in this order, takes what next?
//!
//! Items are a projection of their text plus a learned residual, so that a new
//! item is ranked from its text. The network is the student's block, wider;
//! the loss is a softmax over sampled items, the recipe of eSASRec and gSASRec.
//!
//! # Source
//! Kang and McAuley, Self-attentive sequential recommendation (2018); Petrov and
//! Macdonald, gSASRec (2023); Tikhonovich et al., eSASRec (2025).

mod batches;
mod fit;
pub(super) mod items;
mod lists;
mod network;
mod step;
#[cfg(test)]
mod tests;

pub(crate) use fit::best_path;
pub use fit::{DeviceFit, Epoch, FitControl, fit, fit_device, fit_for};
pub use lists::TeacherLists;
pub(in crate::next) use lists::softmax;
pub use network::Form;

use candle_core::{Device, Tensor};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_ranking::PastPurchase;

use super::Scorer;
use crate::TrainingError;
use crate::block::Dropout;
use crate::leaves::Leaves;
use crate::params::Params;
use batches::Windows;
use items::ItemTable;
use network::Network;

/// Sizes and rates of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SequenceConfig {
    /// Of weights, order, negatives and dropout.
    pub seed: u64,
    /// Numbers of a state and of an item.
    pub width: usize,
    /// Numbers of one attention head.
    pub head_dim: usize,
    /// Blocks of attention and feed-forward.
    pub n_blocks: usize,
    /// Share of values that is dropped in training.
    pub dropout: f32,
    /// Items sampled for each step, shared by its rows.
    pub n_negatives: usize,
    /// Sequences of one step.
    pub batch: usize,
    /// Highest learning rate.
    pub rate: f32,
    /// Pull of residuals towards zero, per step and unit rate.
    pub residual_decay: f32,
    /// Newest items of a history that are read.
    pub length_max: usize,
    /// Passes over the data, over which the rate falls.
    pub n_epochs: usize,
    /// Passes without a better validation figure before the end.
    pub patience: usize,
}

impl Default for SequenceConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            width: 64,
            head_dim: 32,
            n_blocks: 2,
            dropout: 0.3,
            n_negatives: 1_024,
            batch: 128,
            rate: 1e-3,
            residual_decay: 0.0,
            length_max: 50,
            n_epochs: 30,
            patience: 6,
        }
    }
}

/// Histories encoded at once.
const HISTORIES_AT_ONCE: usize = 64;

/// A trained transformer.
#[derive(Clone, Debug)]
pub struct SequenceModel {
    config: SequenceConfig,
    form: Form,
    params: Params,
    /// All items, \[n_items · width\].
    items: Vec<f32>,
    /// \[width, n_items\]
    transposed: Tensor,
}

impl SequenceModel {
    fn new(
        config: SequenceConfig,
        form: Form,
        params: Params,
        table: &ItemTable<'_>,
    ) -> Result<Self, TrainingError> {
        let all: Vec<u32> = (0..table.n_items() as u32).collect();
        let items = table.rows(&params, &all)?;
        let transposed = Tensor::from_slice(&items, (all.len(), config.width), &Device::Cpu)?
            .t()?
            .contiguous()?;
        Ok(Self { config, form, params, items, transposed })
    }

    /// What was learned.
    pub(crate) fn params(&self) -> &Params {
        &self.params
    }

    /// Rows of all items, \[n_items · width\].
    pub(super) fn items(&self) -> &[f32] {
        &self.items
    }

    /// The state after each history, \[histories · width\].
    fn states(&self, histories: &[&[PastPurchase]]) -> Result<Vec<f32>, TrainingError> {
        let blocks: Vec<Vec<f32>> = histories
            .par_chunks(HISTORIES_AT_ONCE)
            .map(|histories| {
                let windows = Windows::of_histories(histories, self.config.length_max, self.form);
                let width = self.config.width;
                let rows = windows
                    .distinct()
                    .iter()
                    .flat_map(|item| &self.items[*item as usize * width..][..width])
                    .copied()
                    .collect::<Vec<f32>>();
                let leaves = Leaves::with_table(&self.params, &rows, width)?;
                let (leaves, config, form) = (&leaves, &self.config, self.form);
                let network = Network { leaves, config, form, dropout: Dropout::NONE };
                let states = network.states(&windows.batch()?, true)?;
                Ok::<_, TrainingError>(states.flatten_all()?.to_vec1()?)
            })
            .collect::<Result<_, _>>()?;
        Ok(blocks.concat())
    }
}

impl Scorer for SequenceModel {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let shape = (histories.len(), self.config.width);
        let mut states = self.states(histories)?;
        if !self.form.has_start() {
            // Nothing is known of a device without a log.
            let rows = states.chunks_exact_mut(self.config.width).zip(histories);
            rows.filter(|(_, of)| of.is_empty()).for_each(|(state, _)| state.fill(0.0));
        }
        let states = Tensor::from_vec(states, shape, &Device::Cpu)?;
        Ok(states.matmul(&self.transposed)?.flatten_all()?.to_vec1()?)
    }
}
