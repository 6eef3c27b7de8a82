//! Gradient steps.

use std::sync::atomic::Ordering;
use std::time::Instant;

use candle_core::{Device, Tensor, Var};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::index;

use vitrine_optim::{Schedule, pass_seed};
use vitrine_ranking::PurchaseLog;

use super::examples::Examples;
use super::model::{denormalise, normalise, pool};
use super::propagation::add;
use super::{GraphConfig, GraphModel, Propagation};
use crate::codec::TextBasis;
use crate::leaves::Gradients;
use crate::next::counts::item_counts;
use crate::next::sequence::items::ItemTable;
use crate::next::sequence::{Epoch, FitControl};
use crate::ops::{Sampled, group_dot, sampled_softmax};
use crate::params::{CODEC, Params, RESIDUAL, Rates};
use crate::{TrainingError, checkpoint};

/// Learns rows under which a shopper is near what was new to them next.
///
/// # Errors
/// [`TrainingError::TooLittleData`] when no shopper took two items;
/// [`TrainingError::Diverged`]; [`TrainingError::Stopped`]; when a checkpoint cannot be
/// read or written, or a tensor operation fails.
///
/// # Source
/// He et al., LightGCN (2020); Wu et al., On the effectiveness of sampled softmax loss for
/// item recommendation (2022), for cosines over a temperature; Menon et al., Long-tail
/// learning via logit adjustment (2021), for `debias`.
pub fn fit(
    log: &PurchaseLog,
    propagation: &Propagation,
    text: Option<&TextBasis>,
    config: GraphConfig,
    control: &mut FitControl<'_>,
) -> Result<GraphModel, TrainingError> {
    let examples = Examples::new(log);
    if examples.len() == 0 {
        return Err(TrainingError::TooLittleData { n_shoppers: 0, n_shoppers_min: 1 });
    }
    let table = ItemTable::new(text, log.n_items(), config.width)?;
    let counts = item_counts(log).into_iter();
    let log_counts = counts.map(|count| (count as f32).ln_1p()).collect();
    let trainer = Trainer { propagation, table, examples, log_counts, config };
    let params = trainer.run(control)?;
    let rows = trainer.rows(&params)?;
    GraphModel::new(rows, config.width, config.recency)
}

struct Trainer<'a> {
    propagation: &'a Propagation,
    table: ItemTable<'a>,
    examples: Examples<'a>,
    /// ln(1 + interactions), \[n_items\].
    log_counts: Vec<f32>,
    config: GraphConfig,
}

impl Trainer<'_> {
    fn run(&self, control: &mut FitControl<'_>) -> Result<Params, TrainingError> {
        let config = self.config;
        let mut params = Params::empty();
        self.table.push_params(&mut params, config.seed);
        if !config.has_residuals
            && let Some(residuals) = params.values_mut(RESIDUAL)
        {
            residuals.fill(0.0);
        }
        let fingerprint = self.fingerprint();
        if let Some(path) = control.checkpoint {
            checkpoint::load(path, &mut params, &fingerprint)?;
        }
        let a_pass = self.examples.len().min(config.examples_max).div_ceil(config.batch);
        let schedule = Schedule::linear(config.rate, a_pass * config.n_passes);
        let first = params.n_steps as usize / a_pass;
        for epoch in first..config.n_passes {
            let started = Instant::now();
            let mut rng = SmallRng::seed_from_u64(pass_seed(config.seed, epoch as u64));
            let drawn = self.examples.drawn(config.examples_max, &mut rng);
            let mut loss = 0.0;
            for chosen in drawn.chunks(config.batch) {
                if control.stop.load(Ordering::Relaxed) {
                    return Err(TrainingError::Stopped);
                }
                let step = params.n_steps as usize;
                let (gradients, step_loss) = self.step(&params, chosen, &mut rng)?;
                if !step_loss.is_finite() {
                    return Err(TrainingError::Diverged { step });
                }
                loss += step_loss * chosen.len() as f64;
                let rate = schedule.rate(step);
                params.step(&gradients, Rates { rate, residual_decay: 0.0 });
            }
            if let Some(path) = control.checkpoint {
                checkpoint::save(path, &params, &fingerprint)?;
            }
            (control.progress)(Epoch {
                epoch: epoch + 1,
                n_epochs: config.n_passes,
                loss: (loss / drawn.len() as f64) as f32,
                validation_ndcg: None,
                best_ndcg: 0.0,
                seconds: started.elapsed().as_secs_f64(),
            });
        }
        Ok(params)
    }

    /// Smoothed rows of all items.
    fn rows(&self, params: &Params) -> Result<Vec<f32>, TrainingError> {
        let all: Vec<u32> = (0..self.table.n_items() as u32).collect();
        let rows = self.table.rows(params, &all)?;
        Ok(self.propagation.smooth(rows, self.config.width, self.config.n_layers))
    }

    /// Gradients and mean loss of some examples.
    fn step(
        &self,
        params: &Params,
        chosen: &[usize],
        rng: &mut SmallRng,
    ) -> Result<(Gradients, f64), TrainingError> {
        let GraphConfig { width, recency, .. } = self.config;
        let mut rows = self.rows(params)?;
        let scales: Vec<f32> = rows.chunks_exact_mut(width).map(normalise).collect();
        let mut shoppers = vec![0.0; chosen.len() * width];
        let mut shopper_scales = Vec::with_capacity(chosen.len());
        for (shopper, n) in shoppers.chunks_exact_mut(width).zip(chosen) {
            pool(&rows, recency, self.examples.history(*n), shopper);
            shopper_scales.push(normalise(shopper));
        }
        let right: Vec<u32> = chosen.iter().map(|n| self.examples.target(*n)).collect();
        let n_items = self.table.n_items();
        let n_others = self.config.n_negatives.min(n_items);
        let others = index::sample(rng, n_items, n_others);
        let others: Vec<u32> = others.into_iter().map(|item| item as u32).collect();
        let (mut of_shoppers, of_items, loss) = self.losses(&rows, &shoppers, &right, &others)?;
        let mut of_rows = vec![0.0; rows.len()];
        for (item, gradient) in right.iter().chain(&others).zip(of_items.chunks_exact(width)) {
            add(&mut of_rows[*item as usize * width..][..width], gradient, 1.0);
        }
        for (i, gradient) in of_shoppers.chunks_exact_mut(width).enumerate() {
            denormalise(gradient, &shoppers[i * width..][..width], shopper_scales[i]);
            for (item, weight) in recency.weigh(self.examples.history(chosen[i])) {
                add(&mut of_rows[item as usize * width..][..width], gradient, weight);
            }
        }
        for (i, gradient) in of_rows.chunks_exact_mut(width).enumerate() {
            denormalise(gradient, &rows[i * width..][..width], scales[i]);
        }
        let of_rows = self.propagation.smooth(of_rows, width, self.config.n_layers);
        let all: Vec<u32> = (0..n_items as u32).collect();
        let (of_codec, of_residuals) = self.table.spread(&all, &of_rows)?;
        let mut gradients = Gradients::new();
        gradients.extend(of_codec.map(|gradient| (CODEC.to_owned(), gradient)));
        if self.config.has_residuals {
            gradients.insert(RESIDUAL.to_owned(), of_residuals);
        }
        Ok((gradients, loss))
    }

    /// Gradients of the rows of shoppers and, right ones first, of items; the mean loss.
    ///
    /// With a perturbation, rows are first moved by so much along the gradient, to where
    /// the model is worse, and learned from there, too.
    ///
    /// # Source
    /// He et al., Adversarial personalized ranking for recommendation (2018).
    fn losses(
        &self,
        rows: &[f32],
        shoppers: &[f32],
        right: &[u32],
        others: &[u32],
    ) -> Result<(Vec<f32>, Vec<f32>, f64), TrainingError> {
        let width = self.config.width;
        let items: Vec<f32> = right
            .iter()
            .chain(others)
            .flat_map(|item| &rows[*item as usize * width..][..width])
            .copied()
            .collect();
        let (mut of_shoppers, mut of_items, loss) =
            self.gradients(shoppers, &items, right, others)?;
        let size = self.config.perturbation;
        if size > 0.0 {
            let moved = |rows: &[f32], gradients: &[f32]| {
                let mut moved = rows.to_vec();
                let pairs = moved.chunks_exact_mut(width).zip(gradients.chunks_exact(width));
                for (row, gradient) in pairs {
                    let mut direction = gradient.to_vec();
                    normalise(&mut direction);
                    add(row, &direction, size);
                }
                moved
            };
            let (shoppers, items) = (moved(shoppers, &of_shoppers), moved(&items, &of_items));
            let (more_shoppers, more_items, _) =
                self.gradients(&shoppers, &items, right, others)?;
            add(&mut of_shoppers, &more_shoppers, 1.0);
            add(&mut of_items, &more_items, 1.0);
        }
        Ok((of_shoppers, of_items, loss))
    }

    fn gradients(
        &self,
        shoppers: &[f32],
        items: &[f32],
        right: &[u32],
        others: &[u32],
    ) -> Result<(Vec<f32>, Vec<f32>, f64), TrainingError> {
        let (width, n) = (self.config.width, right.len());
        let var =
            |values: &[f32]| Var::from_slice(values, (values.len() / width, width), &Device::Cpu);
        let (shoppers, items) = (var(shoppers)?, var(items)?);
        let scaled = (shoppers.as_tensor() / f64::from(self.config.temperature))?;
        let of_right = group_dot(&scaled, &items.narrow(0, 0, n)?.contiguous()?)?;
        let of_others = scaled.matmul(&items.narrow(0, n, others.len())?.t()?)?;
        let granted = |of: &[u32]| -> Vec<f32> {
            of.iter().map(|item| self.config.debias * self.log_counts[*item as usize]).collect()
        };
        let of_right = (of_right + Tensor::from_vec(granted(right), (n, 1), &Device::Cpu)?)?;
        let granted = Tensor::from_vec(granted(others), (1, others.len()), &Device::Cpu)?;
        let of_others = of_others.broadcast_add(&granted)?;
        // Each drawn item stands for an even part of the catalogue.
        let offset = (self.table.n_items() as f32 / others.len() as f32).ln();
        let sampled = Sampled { targets: right.into(), sampled: others.into(), offset };
        let loss = (sampled_softmax(&of_right, &of_others, sampled)? / n as f64)?;
        let gradients = loss.backward()?;
        let of = |var: &Var| -> Result<Vec<f32>, TrainingError> {
            match gradients.get(var) {
                Some(gradient) => Ok(gradient.flatten_all()?.to_vec1()?),
                None => Ok(vec![0.0; var.elem_count()]),
            }
        };
        let loss = f64::from(loss.flatten_all()?.to_vec1::<f32>()?[0]);
        Ok((of(&shoppers)?, of(&items)?, loss))
    }

    /// Names the run: a checkpoint of another is not gone on with.
    fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{:?} {}", self.config, self.table.n_items()).as_bytes());
        self.table.hash_into(&mut hasher);
        for n in 0..self.examples.len() {
            hasher.update(&self.examples.target(n).to_le_bytes());
            let newest = self.examples.history(n).last();
            hasher.update(&newest.map_or(0, |entry| entry.item_idx).to_le_bytes());
        }
        self.propagation.hash_into(&mut hasher);
        hasher.finalize().to_hex().to_string()
    }
}
