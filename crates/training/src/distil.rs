//! Distillation: gradient steps towards the teacher's order and the shoppers'
//! choices.

use std::time::Instant;

use candle_core::{Device, Tensor};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rayon::prelude::*;

use vitrine_domain::limits;
use vitrine_optim::{Fall, Schedule, pass_seed, shuffled};
use vitrine_student::CODE_DIM;

use crate::as_new::AsNew;
use crate::batch::Batch;
use crate::codec::{self, RANK, TextBasis};
use crate::config::Config;
use crate::control::{Control, TrainingProgress};
use crate::leaves::{CODES, Gradients, Leaves, add_gradients};
use crate::params::{CODEC, Params, RESIDUAL, Rates};
use crate::samples::Sample;
use crate::{TrainingError, checkpoint};

/// Sequences of one graph.
const BATCH: usize = 8;
/// Graphs of one step, whatever the number of cores: their gradients are added
/// in order, so that a run gives the same bits on any machine of one kind.
const BATCHES_A_STEP: usize = 2;
const WARM_UP_STEPS: usize = 40;
/// The last rate, as a part of the highest.
const FINAL_RATE: f32 = 0.02;
const RETRIEVAL_WEIGHT: f64 = 1.0;
const NEW_WEIGHT: f64 = 1.0;
const REPORT_EVERY: usize = 25;
const CHECKPOINT_EVERY: usize = 200;

/// How long and how fast.
#[derive(Clone, Copy, Debug)]
pub struct DistilConfig {
    /// Gradient steps.
    pub n_steps: usize,
    /// Highest learning rate.
    pub rate: f32,
    /// Pull of residuals towards zero.
    pub residual_decay: f32,
    /// Of weights and order of samples.
    pub seed: u64,
}

impl From<&Config> for DistilConfig {
    fn from(config: &Config) -> Self {
        let Config { n_steps, rate, residual_decay, seed, .. } = *config;
        Self { n_steps, rate, residual_decay, seed }
    }
}

/// What distillation works on.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// Samples.
    pub samples: &'a [Sample],
    /// Texts.
    pub text: &'a TextBasis,
    /// Buyers by card: those of too few get no residual.
    pub n_buyers: &'a [u32],
}

/// Runs all steps, or until stopped. `None` when stopped: then the state is in
/// the checkpoint, if one was named.
///
/// # Errors
/// When the loss is not finite, or the checkpoint cannot be read or written.
pub fn distil(
    material: Material<'_>,
    config: &DistilConfig,
    mut params: Params,
    fingerprint: &str,
    control: &mut Control<'_>,
) -> Result<Option<Params>, TrainingError> {
    if let Some(path) = control.checkpoint
        && checkpoint::load(path, &mut params, fingerprint)?
    {
        (control.progress)(TrainingProgress::Resumed { step: params.n_steps as usize });
    }
    let schedule = Schedule {
        peak: config.rate,
        n_steps: config.n_steps,
        n_warm_up: WARM_UP_STEPS,
        fall: Fall::Cosine { last_share: FINAL_RATE },
    };
    let mut meter = Meter::new();
    while (params.n_steps as usize) < config.n_steps {
        if control.stopped() {
            save(control, &params, fingerprint)?;
            return Ok(None);
        }
        let step = params.n_steps as usize;
        let (gradients, losses) = gradients(material, config, &params, step)?;
        if !losses.iter().all(|loss| loss.is_finite()) {
            return Err(TrainingError::Diverged { step });
        }
        let rate = schedule.rate(step);
        params.step(&gradients, Rates { rate, residual_decay: config.residual_decay });
        meter.add(losses);
        let done = step + 1;
        if done.is_multiple_of(REPORT_EVERY) || done == config.n_steps {
            (control.progress)(meter.report(done, config.n_steps));
        }
        if done.is_multiple_of(CHECKPOINT_EVERY) && done < config.n_steps {
            save(control, &params, fingerprint)?;
        }
    }
    Ok(Some(params))
}

fn save(control: &Control<'_>, params: &Params, fingerprint: &str) -> Result<(), TrainingError> {
    control.checkpoint.map_or(Ok(()), |path| checkpoint::save(path, params, fingerprint))
}

/// Item codes before rounding, `[n_items · 64]`.
fn codes(
    material: Material<'_>,
    params: &Params,
    as_new: &AsNew,
) -> Result<Vec<f32>, TrainingError> {
    let codec = Tensor::from_slice(params.values(CODEC), (RANK, CODE_DIM), &Device::Cpu)?;
    let mut codes = material.text.coordinates.matmul(&codec)?.flatten_all()?.to_vec1::<f32>()?;
    let mut residuals = params.values(RESIDUAL).to_vec();
    as_new.clear_residuals(&mut residuals);
    codes.iter_mut().zip(residuals).for_each(|(code, residual)| *code += residual);
    Ok(codes)
}

/// Gradients of one step by name, and (listwise loss, retrieval loss, cuts).
fn gradients(
    material: Material<'_>,
    config: &DistilConfig,
    params: &Params,
    step: usize,
) -> Result<(Gradients, [f64; 3]), TrainingError> {
    let step_seed = config.seed ^ (step as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let as_new = AsNew::draw(material.n_buyers.len(), step_seed);
    let mut codes = codes(material, params, &as_new)?;
    // What ships is rounded, so that is what is learned with; the gradient
    // passes the rounding unchanged.
    let scale = codec::code_scale(&codes);
    let rounded = codec::quantise(&codes, scale);
    codes.iter_mut().zip(rounded).for_each(|(code, q)| *code = f32::from(q) * scale);
    let leaves = Leaves::new(params, &codes)?;
    let batches = batches(material, &as_new, config.seed, step)?;
    let n_cuts: usize = batches.iter().map(Batch::n_cuts).sum();
    let parts: Vec<(Gradients, [f64; 2])> = batches
        .into_par_iter()
        .map(|batch| {
            let losses = leaves.losses(&batch)?;
            let weighted = (&losses.listwise + (&losses.retrieval * RETRIEVAL_WEIGHT)?)?;
            let weighted = (weighted + (&losses.new * NEW_WEIGHT)?)?;
            let gradients = leaves.gradients(&(weighted / n_cuts as f64)?)?;
            let value = |loss: &Tensor| Ok::<_, candle_core::Error>(loss.to_vec1::<f32>()?[0]);
            let values = [value(&losses.listwise)?, value(&losses.retrieval)?];
            Ok((gradients, values.map(f64::from)))
        })
        .collect::<Result<_, TrainingError>>()?;
    let mut sums = Gradients::new();
    let mut losses = [0.0, 0.0, n_cuts as f64];
    for (gradients, part) in parts {
        losses.iter_mut().zip(part).for_each(|(sum, loss)| *sum += loss);
        add_gradients(&mut sums, gradients);
    }
    spread_code_gradient(material, &as_new, &mut sums)?;
    Ok((sums, losses))
}

/// The codes' gradient goes to the codec, and to the residuals of cards that
/// enough shoppers bought.
fn spread_code_gradient(
    material: Material<'_>,
    as_new: &AsNew,
    gradients: &mut Gradients,
) -> Result<(), TrainingError> {
    let Some(mut of_codes) = gradients.remove(CODES) else { return Ok(()) };
    let n_items = material.n_buyers.len();
    let tensor = Tensor::from_slice(&of_codes, (n_items, CODE_DIM), &Device::Cpu)?;
    let of_codec = material.text.coordinates.t()?.matmul(&tensor)?.flatten_all()?.to_vec1()?;
    gradients.insert(CODEC.to_owned(), of_codec);
    for (row, n_buyers) in of_codes.chunks_exact_mut(CODE_DIM).zip(material.n_buyers) {
        if *n_buyers < limits::BUYERS_MIN {
            row.fill(0.0);
        }
    }
    as_new.clear_residuals(&mut of_codes);
    gradients.insert(RESIDUAL.to_owned(), of_codes);
    Ok(())
}

/// The batches of a step: each pass over the samples has its own order.
fn batches(
    material: Material<'_>,
    as_new: &AsNew,
    seed: u64,
    step: usize,
) -> Result<Vec<Batch>, TrainingError> {
    let n = material.samples.len();
    let a_step = BATCH * BATCHES_A_STEP;
    let steps_a_pass = (n / a_step).max(1);
    let pass = pass_seed(seed, (step / steps_a_pass) as u64);
    let order = shuffled(n, &mut SmallRng::seed_from_u64(pass));
    let from = step % steps_a_pass * a_step;
    let chosen = &order[from..n.min(from + a_step)];
    chosen
        .chunks(BATCH)
        .enumerate()
        .map(|(i, chunk)| {
            let samples: Vec<&Sample> = chunk.iter().map(|i| &material.samples[*i]).collect();
            let seed =
                seed ^ ((step * BATCHES_A_STEP + i) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            Ok(Batch::new(&samples, as_new, material.n_buyers.len(), seed)?)
        })
        .collect()
}

/// Sums since the last report.
struct Meter {
    sums: [f64; 3],
    since: Instant,
}

impl Meter {
    fn new() -> Self {
        Self { sums: [0.0; 3], since: Instant::now() }
    }

    fn add(&mut self, losses: [f64; 3]) {
        self.sums.iter_mut().zip(losses).for_each(|(sum, loss)| *sum += loss);
    }

    fn report(&mut self, step: usize, n_steps: usize) -> TrainingProgress {
        let [listwise, retrieval, n_cuts] = self.sums;
        let seconds = self.since.elapsed().as_secs_f64();
        *self = Self::new();
        TrainingProgress::Step {
            step,
            n_steps,
            loss: (listwise / n_cuts) as f32,
            retrieval_loss: (retrieval / n_cuts) as f32,
            cuts_per_second: n_cuts / seconds,
        }
    }
}
