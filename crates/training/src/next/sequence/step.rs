//! One gradient step: what was taken next, and what a teacher recommends.

use candle_core::Tensor;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::index;
use rayon::prelude::*;

use super::batches::{Windows, index_in};
use super::fit::Trainer;
use super::lists::ListLoss;
use super::network::Network;
use crate::TrainingError;
use crate::batch::indices;
use crate::block::Dropout;
use crate::leaves::{CODES, Gradients, Leaves, add_gradients};
use crate::ops::{Sampled, group_dot, sampled_softmax};
use crate::params::{CODEC, Params, RESIDUAL};

/// Graphs of one step, whatever the number of cores: their gradients are added in
/// order, so that a run gives the same bits on any machine of one kind.
const PARTS: usize = 2;

impl Trainer<'_> {
    /// Gradients of one step, the sum of losses, and the rows it is of.
    pub(super) fn gradients(
        &self,
        params: &Params,
        chosen: &[usize],
        seed: u64,
    ) -> Result<(Gradients, f64, usize), TrainingError> {
        let n_items = self.table.n_items();
        let mut rng = SmallRng::seed_from_u64(seed);
        let n_negatives = self.config.n_negatives.min(n_items);
        let mut negatives: Vec<u32> = index::sample(&mut rng, n_items, n_negatives)
            .into_iter()
            .map(|item| item as u32)
            .collect();
        negatives.sort_unstable();
        let mut items: Vec<u32> =
            chosen.iter().flat_map(|n| &self.sequences[*n]).map(|step| step.item).collect();
        items.extend(&negatives);
        let listed = self.listed(chosen.len(), &mut rng, &mut items);
        items.sort_unstable();
        items.dedup();
        let rows = self.table.rows(params, &items)?;
        let leaves = Leaves::with_table(params, &rows, self.config.width)?;
        let n_rows: usize = chosen.iter().map(|n| self.form.n_targets(&self.sequences[*n])).sum();
        let parts: Vec<(Gradients, f64)> = chosen
            .par_chunks(chosen.len().div_ceil(PARTS))
            .enumerate()
            .map(|(i, chosen)| {
                let rng = SmallRng::seed_from_u64(seed ^ (i as u64 + 1));
                let (leaves, items, negatives) = (&leaves, &items, &negatives);
                let listed = listed.chunks(listed.len().div_ceil(PARTS).max(1)).nth(i);
                let listed = listed.unwrap_or_default();
                let part = Part { trainer: self, leaves, items, negatives, listed };
                part.gradients(chosen, n_rows, rng)
            })
            .collect::<Result<_, _>>()?;
        let (mut sums, mut loss) = (Gradients::new(), 0.0);
        for (gradients, part) in parts {
            add_gradients(&mut sums, gradients);
            loss += part;
        }
        if let Some(of_rows) = sums.remove(CODES) {
            let (of_codec, of_residuals) = self.table.spread(&items, &of_rows)?;
            sums.extend(of_codec.map(|gradient| (CODEC.to_owned(), gradient)));
            sums.insert(RESIDUAL.to_owned(), of_residuals);
        }
        Ok((sums, loss, n_rows))
    }

    /// Shoppers whose lists teach in one step; what they need is added to `items`.
    fn listed(&self, n: usize, rng: &mut SmallRng, items: &mut Vec<u32>) -> Vec<usize> {
        let Some((lists, _)) = self.lists else { return Vec::new() };
        let n_shoppers = self.log.n_shoppers();
        let listed = index::sample(rng, n_shoppers, n.min(n_shoppers)).into_vec();
        for shopper in &listed {
            items.extend(self.log.of(*shopper).iter().map(|entry| entry.item_idx));
            items.extend(lists.of(*shopper).0);
        }
        listed
    }
}

/// One graph of a step.
struct Part<'a> {
    trainer: &'a Trainer<'a>,
    leaves: &'a Leaves,
    /// Items of the step's table, ascending.
    items: &'a [u32],
    negatives: &'a [u32],
    /// Shoppers whose lists teach.
    listed: &'a [usize],
}

impl Part<'_> {
    fn gradients(
        &self,
        chosen: &[usize],
        n_rows: usize,
        rng: SmallRng,
    ) -> Result<(Gradients, f64), TrainingError> {
        let Trainer { config, form, sequences, table, .. } = self.trainer;
        let inputs = chosen.iter().map(|n| {
            let sequence = &sequences[*n];
            sequence[..sequence.len() - 1].to_vec()
        });
        let batch = Windows::new(inputs.collect(), *form).batch_over(self.items)?;
        let (leaves, form, dropout) = (self.leaves, *form, Dropout::new(config.dropout, rng));
        let network = Network { leaves, config, form, dropout };
        let states = network.states(&batch, false)?;
        let first = usize::from(!form.has_start());
        let targets: Vec<u32> =
            chosen.iter().flat_map(|n| &sequences[*n][first..]).map(|step| step.item).collect();
        let negatives = self.rows_of(self.negatives)?;
        let right = group_dot(&states, &self.rows_of(&targets)?)?;
        let others = states.matmul(&negatives.t()?)?;
        // Each sampled item stands for an even part of the catalogue.
        let offset = (table.n_items() as f32 / self.negatives.len() as f32).ln();
        let sampled = Sampled { targets: targets.into(), sampled: self.negatives.into(), offset };
        let loss = sampled_softmax(&right, &others, sampled)?;
        let mut total = (&loss / n_rows as f64)?;
        if let Some((lists, weight)) = self.trainer.lists.filter(|_| !self.listed.is_empty()) {
            let list_loss = ListLoss { lists, shoppers: self.listed, offset };
            let ends = self.ends(&network)?;
            let rows = self.rows_of(&list_loss.items())?;
            let of_lists = list_loss.loss(&ends, &rows, (self.negatives, &negatives))?;
            let n_lists = (self.listed.len() * PARTS) as f64;
            total = (total + (of_lists * (weight / n_lists))?)?;
        }
        let gradients = self.leaves.gradients(&total)?;
        Ok((gradients, f64::from(loss.to_vec1::<f32>()?[0])))
    }

    /// States after all that the listed shoppers took, \[shoppers, width\].
    fn ends(&self, network: &Network<'_>) -> Result<Tensor, TrainingError> {
        let Trainer { config, form, log, .. } = self.trainer;
        let histories: Vec<_> = self.listed.iter().map(|n| log.of(*n)).collect();
        let windows = Windows::of_histories(&histories, config.length_max, *form);
        Ok(network.states(&windows.batch_over(self.items)?, true)?)
    }

    fn rows_of(&self, items: &[u32]) -> Result<Tensor, TrainingError> {
        let rows: Vec<u32> = items.iter().map(|item| index_in(self.items, *item)).collect();
        Ok(self.leaves.get(CODES)?.index_select(&indices(rows)?, 0)?)
    }
}
