//! The scorer of a distilled encoder, learned on lists that it retrieves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::index;
use rayon::prelude::*;

use candle_core::{Device, Tensor};

use vitrine_evaluation::top_k;
use vitrine_optim::{Epochs, Schedule};
use vitrine_ranking::PastPurchase;
use vitrine_student::layout::{CODE_DIM, HIDDEN1, HIDDEN2};
use vitrine_student::{N_SCALARS, features};

use super::super::sequence::softmax;
use super::{Student, StudentConfig};
use crate::TrainingError;
use crate::leaves::{CODES, Gradients, Leaves, add_gradients};
use crate::next::{Scorer, Task};
use crate::ops::cross_entropy;
use crate::params::{Params, Rates, SCORE_INPUTS};

/// Candidates of a list: the best by inner product, and a sample of the others.
const BEST: usize = 88;
const SAMPLED: usize = 40;
const LENGTH: usize = BEST + SAMPLED;
/// Lists of one step.
const BATCH: usize = 64;
/// Graphs of one step.
const PARTS: usize = 2;
/// Lists made at once: bounds the memory of the teacher's scores.
const AT_ONCE: usize = 256;
/// Lifts the inner product over zero, where the hidden unit that passes it on bends.
const LIFT: f32 = 24.0;
/// Part of the random start that is left beside the inner product.
const NOISE: f32 = 0.1;
/// Offset of padding.
const ABSENT: f32 = -1e4;

/// One list to be ordered.
pub(crate) struct Sample {
    state: [f32; CODE_DIM],
    /// \[128\]
    candidates: Vec<u32>,
    /// \[128 · 16\]
    scalars: Vec<f32>,
    /// \[128\], sums to 1.
    targets: Vec<f32>,
    /// \[128\], ln of how many candidates each stands for.
    offsets: Vec<f32>,
}

/// Encoder arrays with a scorer that passes on the inner product of state and code.
pub fn headless(encoder: &Params) -> Params {
    let mut params = encoder.clone();
    let mut rng = SmallRng::seed_from_u64(1);
    params.push_initial(&mut rng, |name| name.starts_with("score") || name == "retrieve");
    params.push_inputs(&mut rng);
    let mut set = |name: &str, change: &dyn Fn(usize, f32) -> f32| {
        let values = params.values_mut(name).into_iter().flatten();
        values.enumerate().for_each(|(i, x)| *x = change(i, *x));
    };
    let identity = |i: usize, _| f32::from(u8::from(i.is_multiple_of(CODE_DIM + 1)));
    set("retrieve", &identity);
    // Hidden unit 0 of both layers is the lifted inner product and nothing else.
    let product = CODE_DIM * HIDDEN1..2 * CODE_DIM * HIDDEN1;
    let first = |i: usize, x: f32| match i % HIDDEN1 {
        0 if product.contains(&i) => 1.0,
        0 => 0.0,
        _ => x * NOISE,
    };
    set(SCORE_INPUTS, &first);
    set("score.u", &|i, x| if i % HIDDEN1 == 0 { 0.0 } else { x * NOISE });
    set("score.b1", &|i, x| if i == 0 { LIFT } else { x });
    let second = |i: usize, x: f32| match (i / HIDDEN2, i % HIDDEN2) {
        (0, 0) => 1.0,
        (0, _) | (_, 0) => 0.0,
        _ => x,
    };
    set("score.w2", &second);
    set("score.w3", &|i, x| if i == 0 { 1.0 } else { x * NOISE });
    params
}

impl Student {
    /// Lists of the cases that may teach.
    pub(super) fn samples(
        &self,
        task: &Task,
        teacher: &dyn Scorer,
        is_learned_from: &impl Fn(usize) -> bool,
        config: &StudentConfig,
    ) -> Result<Vec<Sample>, TrainingError> {
        let cases: Vec<usize> =
            (0..task.cases.len()).filter(|case| is_learned_from(*case)).collect();
        let n_items = self.table.n_items();
        let mut samples = Vec::with_capacity(cases.len());
        for cases in cases.chunks(AT_ONCE) {
            let histories: Vec<&[PastPurchase]> =
                cases.iter().map(|case| task.history(task.cases[*case])).collect();
            let scores = teacher.score(&histories, task.now_seconds())?;
            let rows = scores.par_chunks_exact(n_items).zip(cases).zip(&histories);
            let found: Vec<Option<Sample>> = rows
                .map(|((scores, case), history)| {
                    let targets = &task.questions.views[0].targets[*case];
                    self.sample(history, scores, targets, *case as u64, config)
                })
                .collect();
            samples.extend(found.into_iter().flatten());
        }
        Ok(samples)
    }

    fn sample(
        &self,
        history: &[PastPurchase],
        teacher: &[f32],
        targets: &[u32],
        case: u64,
        config: &StudentConfig,
    ) -> Option<Sample> {
        let mut rng = SmallRng::seed_from_u64(config.encoder.seed ^ case.wrapping_mul(0x9e37_79b9));
        let shopper = self.shopper(history);
        let state = *shopper.state_u()?;
        let rows = self.candidates(&shopper, history);
        let scale = self.weights.code_scale();
        let product = |row: &u32| -> f32 {
            self.table.code(*row).iter().zip(&state).map(|(q, u)| f32::from(*q) * scale * u).sum()
        };
        let products: Vec<f32> = rows.iter().map(product).collect();
        let mut chosen: Vec<usize> =
            top_k(&products, BEST).into_iter().map(|place| place as usize).collect();
        let is_target = |place: &usize| targets.binary_search(&rows[*place]).is_ok();
        let rest: Vec<usize> = (0..rows.len()).filter(|place| !chosen.contains(place)).collect();
        let (found, rest): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(is_target);
        chosen.extend(found);
        let mut offsets = vec![0.0; chosen.len()];
        let n = rest.len().min(LENGTH.saturating_sub(chosen.len()));
        let stands_for = rest.len() as f32 / n.max(1) as f32;
        chosen.extend(index::sample(&mut rng, rest.len(), n).into_iter().map(|place| rest[place]));
        offsets.resize(chosen.len(), stands_for.max(1.0).ln());
        chosen.truncate(LENGTH);
        let mut candidates: Vec<u32> = chosen.iter().map(|place| rows[*place]).collect();
        // A small catalogue: repeated entries that count for nothing.
        candidates.resize(LENGTH, *candidates.first()?);
        offsets.resize(LENGTH, ABSENT);
        let mut scalars = vec![0.0; LENGTH * N_SCALARS];
        let now_ms = self.now_ms(history);
        features::dynamic(&self.table, &shopper, now_ms, &candidates, None, &mut scalars);
        let logits = candidates.iter().zip(&offsets).map(|(c, o)| teacher[*c as usize] + o);
        let of_teacher = softmax(logits.collect());
        let hits: Vec<bool> = candidates
            .iter()
            .zip(&offsets)
            .map(|(item, offset)| *offset != ABSENT && targets.binary_search(item).is_ok())
            .collect();
        let n_hits = hits.iter().filter(|hit| **hit).count();
        let share = if n_hits == 0 { 1.0 } else { config.teacher_share };
        let taken = (1.0 - share) / n_hits.max(1) as f32;
        let target =
            |(of_teacher, hit): (f32, &bool)| share * of_teacher + if *hit { taken } else { 0.0 };
        let targets = of_teacher.into_iter().zip(&hits).map(target).collect();
        Some(Sample { state, candidates, scalars, targets, offsets })
    }
}

/// Learns the scorer; encoder and codes stay.
///
/// # Shapes
/// `codes` \[n_items · 64\], as the device reads them.
///
/// # Errors
/// When the loss diverges, or on request.
pub fn fit(
    encoder: &Params,
    codes: &[f32],
    samples: &[Sample],
    config: &StudentConfig,
    stop: &AtomicBool,
) -> Result<Params, TrainingError> {
    let mut params = headless(encoder);
    let mut rng = SmallRng::seed_from_u64(config.encoder.seed);
    let passes = Epochs { n_examples: samples.len(), batch: BATCH, n_passes: config.head_epochs };
    let schedule = Schedule::linear(config.head_rate, passes.n_steps());
    passes.run(&mut rng, |batch| {
        if stop.load(Ordering::Relaxed) {
            return Err(TrainingError::Stopped);
        }
        let gradients = gradients(&params, codes, samples, batch.examples)?;
        if gradients.values().flatten().any(|g| !g.is_finite()) {
            return Err(TrainingError::Diverged { step: batch.step });
        }
        let rate = schedule.rate(batch.step);
        params.step(&gradients, Rates { rate, residual_decay: 0.0 });
        Ok(())
    })?;
    Ok(params)
}

fn gradients(
    params: &Params,
    codes: &[f32],
    samples: &[Sample],
    chosen: &[usize],
) -> Result<Gradients, TrainingError> {
    let parts: Vec<Gradients> = chosen
        .par_chunks(chosen.len().div_ceil(PARTS))
        .map(|part| {
            let of = |pick: fn(&Sample) -> &[f32]| -> Vec<f32> {
                part.iter().flat_map(|n| pick(&samples[*n])).copied().collect()
            };
            let candidates: Vec<u32> =
                part.iter().flat_map(|n| &samples[*n].candidates).copied().collect();
            let code = |item: &u32| &codes[*item as usize * CODE_DIM..][..CODE_DIM];
            let rows: Vec<f32> = candidates.iter().flat_map(code).copied().collect();
            // Of the leaves only the scorer's are used; candidates have their codes.
            let leaves = Leaves::with_table(params, &rows, CODE_DIM)?;
            let codes = leaves.get(CODES)?.detach();
            let states = of(|sample| &sample.state);
            let states = Tensor::from_vec(states, (part.len(), CODE_DIM), &Device::Cpu)?;
            let scalars: Arc<[f32]> = of(|sample| &sample.scalars).into();
            let scores = leaves.scores(&states, &codes, &scalars)?;
            let (targets, offsets) = (of(|sample| &sample.targets), of(|sample| &sample.offsets));
            let loss = cross_entropy(&scores, targets.into(), offsets.into())?;
            Ok(leaves.gradients(&(loss / chosen.len() as f64)?)?)
        })
        .collect::<Result<_, TrainingError>>()?;
    let mut sums = Gradients::new();
    parts.into_iter().for_each(|part| add_gradients(&mut sums, part));
    Ok(sums)
}
