//! Several answers about one candidate: the probability that it is viewed, put into the
//! basket, bought. One hidden layer is shared, each answer has a head of its own, so
//! that what is seen often helps what is seen rarely.
//!
//! # Source
//! Caruana, Multitask learning (1997); for labels that depend on the place in a list,
//! Saito et al., Unbiased recommender learning from missing-not-at-random implicit
//! feedback (2020).

use std::sync::atomic::{AtomicBool, Ordering};

use rand::SeedableRng;
use rand::rngs::SmallRng;

use vitrine_optim::{Epochs, Schedule};
use vitrine_student::N_SCALARS;

use crate::TrainingError;
use crate::leaves::Gradients;
use crate::params::{Params, Rates, uniform};

/// The student's score, then its scalars.
pub const N_INPUTS: usize = 1 + N_SCALARS;
/// View, cart event, purchase.
pub const N_OUTPUTS: usize = 3;
const HIDDEN: usize = 16;
const BATCH: usize = 256;
const RATE: f32 = 5e-3;
const LAYER: &str = "layer";
const LAYER_BIAS: &str = "layer.b";
const HEADS: &str = "heads";
const HEADS_BIAS: &str = "heads.b";

/// What is known of one answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// Whether it happened.
    pub happened: bool,
    /// Probability that the candidate was looked at, above 0; 1 where that is no question.
    pub propensity: f32,
}

/// One candidate that a shopper was shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Score and scalars.
    pub inputs: [f32; N_INPUTS],
    /// By output; `None` where the log has no such label.
    pub labels: [Option<Label>; N_OUTPUTS],
}

/// Learned answers.
#[derive(Clone, Debug)]
pub struct Outputs {
    params: Params,
    mean: [f32; N_INPUTS],
    deviation: [f32; N_INPUTS],
}

impl Outputs {
    /// Learns all answers that have labels, together.
    ///
    /// # Errors
    /// [`TrainingError::Diverged`], [`TrainingError::Stopped`].
    pub fn fit(
        examples: &[Example],
        n_passes: usize,
        seed: u64,
        stop: &AtomicBool,
    ) -> Result<Self, TrainingError> {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut params = Params::empty();
        let deviation = 1.0 / (N_INPUTS as f32).sqrt();
        params.push(LAYER, &[N_INPUTS, HIDDEN], uniform(&mut rng, N_INPUTS * HIDDEN, deviation));
        params.push(LAYER_BIAS, &[HIDDEN], vec![0.0; HIDDEN]);
        params.push(HEADS, &[HIDDEN, N_OUTPUTS], uniform(&mut rng, HIDDEN * N_OUTPUTS, 0.1));
        params.push(HEADS_BIAS, &[N_OUTPUTS], vec![0.0; N_OUTPUTS]);
        let (mean, deviation) = moments(examples);
        let mut outputs = Self { params, mean, deviation };
        let passes = Epochs { n_examples: examples.len(), batch: BATCH, n_passes };
        let schedule = Schedule::linear(RATE, passes.n_steps());
        passes.run(&mut rng, |batch| {
            if stop.load(Ordering::Relaxed) {
                return Err(TrainingError::Stopped);
            }
            let gradients = outputs.gradients(examples, batch.examples);
            if gradients.values().flatten().any(|g| !g.is_finite()) {
                return Err(TrainingError::Diverged { step: batch.step });
            }
            let rate = schedule.rate(batch.step);
            outputs.params.step(&gradients, Rates { rate, residual_decay: 0.0 });
            Ok(())
        })?;
        Ok(outputs)
    }

    /// Probability of each answer, given that the candidate is looked at.
    pub fn probabilities(&self, inputs: &[f32; N_INPUTS]) -> [f32; N_OUTPUTS] {
        self.forward(&self.scaled(inputs)).1.map(|logit| 1.0 / (1.0 + (-logit).exp()))
    }

    fn scaled(&self, inputs: &[f32; N_INPUTS]) -> [f32; N_INPUTS] {
        std::array::from_fn(|i| (inputs[i] - self.mean[i]) / self.deviation[i])
    }

    /// Hidden values and logits.
    fn forward(&self, x: &[f32; N_INPUTS]) -> ([f32; HIDDEN], [f32; N_OUTPUTS]) {
        let (layer, heads) = (self.params.values(LAYER), self.params.values(HEADS));
        let mut hidden: [f32; HIDDEN] =
            self.params.values(LAYER_BIAS).try_into().expect("one bias a hidden value");
        for (x, row) in x.iter().zip(layer.chunks_exact(HIDDEN)) {
            hidden.iter_mut().zip(row).for_each(|(sum, w)| *sum += x * w);
        }
        hidden.iter_mut().for_each(|h| *h = h.tanh());
        let mut logits: [f32; N_OUTPUTS] =
            self.params.values(HEADS_BIAS).try_into().expect("one bias an output");
        for (h, row) in hidden.iter().zip(heads.chunks_exact(N_OUTPUTS)) {
            logits.iter_mut().zip(row).for_each(|(sum, w)| *sum += h * w);
        }
        (hidden, logits)
    }

    /// Of the mean logistic loss, each label as if every candidate had been looked at.
    fn gradients(&self, examples: &[Example], chosen: &[usize]) -> Gradients {
        let heads = self.params.values(HEADS);
        let mut of_layer = vec![0.0; N_INPUTS * HIDDEN];
        let mut of_layer_bias = vec![0.0; HIDDEN];
        let mut of_heads = vec![0.0; HIDDEN * N_OUTPUTS];
        let mut of_heads_bias = vec![0.0; N_OUTPUTS];
        let share = 1.0 / chosen.len() as f32;
        for example in chosen.iter().map(|n| &examples[*n]) {
            let x = self.scaled(&example.inputs);
            let (hidden, logits) = self.forward(&x);
            let of_logits: [f32; N_OUTPUTS] = std::array::from_fn(|k| {
                example.labels[k].map_or(0.0, |label| {
                    let target = f32::from(u8::from(label.happened)) / label.propensity;
                    (1.0 / (1.0 + (-logits[k]).exp()) - target) * share
                })
            });
            of_heads_bias.iter_mut().zip(of_logits).for_each(|(sum, g)| *sum += g);
            for (j, h) in hidden.iter().enumerate() {
                let row = &heads[j * N_OUTPUTS..][..N_OUTPUTS];
                let sums = &mut of_heads[j * N_OUTPUTS..][..N_OUTPUTS];
                sums.iter_mut().zip(of_logits).for_each(|(sum, g)| *sum += g * h);
                let back: f32 = row.iter().zip(of_logits).map(|(w, g)| w * g).sum();
                let back = back * (1.0 - h * h);
                of_layer_bias[j] += back;
                x.iter().enumerate().for_each(|(i, x)| of_layer[i * HIDDEN + j] += back * x);
            }
        }
        let arrays = [of_layer, of_layer_bias, of_heads, of_heads_bias];
        let names = [LAYER, LAYER_BIAS, HEADS, HEADS_BIAS].map(str::to_owned);
        names.into_iter().zip(arrays).collect()
    }
}

/// Mean and standard deviation of each input; 1 for one that never changes.
fn moments(examples: &[Example]) -> ([f32; N_INPUTS], [f32; N_INPUTS]) {
    let n = examples.len().max(1) as f64;
    let sum = |i: usize, of: &dyn Fn(f64) -> f64| -> f64 {
        examples.iter().map(|example| of(f64::from(example.inputs[i]))).sum::<f64>() / n
    };
    let mean: [f64; N_INPUTS] = std::array::from_fn(|i| sum(i, &|x| x));
    let deviation = std::array::from_fn(|i| {
        let variance = sum(i, &|x| (x - mean[i]).powi(2));
        if variance > 1e-12 { variance.sqrt() as f32 } else { 1.0 }
    });
    (mean.map(|x| x as f32), deviation)
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    /// What decides the answers: input 0 of views, input 1 of purchases among views.
    fn truth(inputs: &[f32; N_INPUTS]) -> [f64; 2] {
        let probability = |x: f32| 1.0 / (1.0 + f64::from(-2.0 * x).exp());
        [probability(inputs[0]), probability(inputs[0]) * probability(inputs[1])]
    }

    fn examples(n: usize, seed: u64) -> Vec<Example> {
        let mut rng = SmallRng::seed_from_u64(seed);
        (0..n)
            .map(|_| {
                let inputs = std::array::from_fn(|_| rng.random_range(-1.5f32..1.5));
                let propensity = [1.0, 0.6, 0.4][rng.random_range(0..3)];
                let is_looked_at = rng.random_bool(f64::from(propensity));
                let [viewed, bought] = truth(&inputs);
                let label = |probability: f64, rng: &mut SmallRng| {
                    Some(Label {
                        happened: is_looked_at && rng.random_bool(probability),
                        propensity,
                    })
                };
                let labels = [label(viewed, &mut rng), None, label(bought, &mut rng)];
                Example { inputs, labels }
            })
            .collect()
    }

    #[test]
    fn probabilities_are_those_of_what_is_looked_at() {
        let stop = AtomicBool::new(false);
        let shown = examples(20_000, 1);
        let blind = |label: Label| Label { propensity: 1.0, ..label };
        let unaware: Vec<Example> = shown
            .iter()
            .map(|one| Example { labels: one.labels.map(|of| of.map(blind)), ..one.clone() })
            .collect();
        let mean_error = |learned_from: &[Example]| {
            let outputs = Outputs::fit(learned_from, 6, 1, &stop).expect("learns");
            let error = |example: &Example| {
                let probabilities = outputs.probabilities(&example.inputs);
                let [viewed, bought] = truth(&example.inputs);
                (f64::from(probabilities[0]) - viewed).abs()
                    + (f64::from(probabilities[2]) - bought).abs()
            };
            let judged = examples(2_000, 2);
            judged.iter().map(error).sum::<f64>() / (2.0 * judged.len() as f64)
        };
        let (aware, unaware) = (mean_error(&shown), mean_error(&unaware));
        assert!(aware < 0.05 && unaware > 0.1, "{aware}, without propensities {unaware}");
    }

    #[test]
    fn a_seed_gives_the_same_answers_and_a_stop_ends_it() {
        let stop = AtomicBool::new(false);
        let shown = examples(500, 3);
        let fit =
            || Outputs::fit(&shown, 2, 7, &stop).expect("learns").probabilities(&shown[0].inputs);
        assert_eq!(fit(), fit());
        stop.store(true, Ordering::Relaxed);
        assert!(matches!(Outputs::fit(&shown, 2, 7, &stop), Err(TrainingError::Stopped)));
    }
}
