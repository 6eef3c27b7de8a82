//! The conditional logit of the teacher's weights, with its derivatives.

use rayon::prelude::*;

use vitrine_optim::{Derivatives, NewtonConfig, newton};
use vitrine_ranking::TeacherWeights;

use super::{Choice, N_LINEAR};
use crate::TrainingError;

/// Those of long logs, then what is added to them for short ones.
const N_WEIGHTS: usize = 2 * N_LINEAR;
const CONFIG: NewtonConfig = NewtonConfig { n_steps_max: 12, gain_min: 1e-6, step_min: 1e-9 };
/// Pull towards zero, per choice.
const RIDGE: f64 = 2e-4;

/// One choice in the weights for its shortness, \[28\]: for each target t the loss
/// ln(1 + Σ exp(s − s_t)) over the cards that are none.
fn of_choice(choice: &Choice, weights: &[f64]) -> Derivatives {
    let mut own = Derivatives::zeros(N_LINEAR);
    let scores = choice.scores(weights);
    let is_target = |i: &usize| choice.targets[*i] > 0.0;
    let others: Vec<usize> = (0..scores.len()).filter(|i| !is_target(i)).collect();
    let most = others.iter().map(|i| scores[*i]).fold(f64::NEG_INFINITY, f64::max);
    if others.is_empty() {
        return own;
    }
    let sum: f64 = others.iter().map(|i| (scores[*i] - most).exp()).sum();
    let mut mean = [0.0; N_LINEAR];
    for i in &others {
        let p = (scores[*i] - most).exp() / sum;
        let (from, row) = choice.row(*i);
        mean[from..].iter_mut().zip(row).for_each(|(sum, x)| *sum += p * f64::from(*x));
    }
    let mut missed = 0.0;
    for i in (0..scores.len()).filter(is_target) {
        let target = f64::from(choice.targets[i]);
        // ln of how often the target wins against all others together.
        let behind = most + sum.ln() - scores[i];
        let ln_won = -(behind.max(0.0) + (-behind.abs()).exp().ln_1p());
        let won = ln_won.exp();
        own.value -= target * ln_won;
        missed += target * (1.0 - won);
        let mut apart = mean.map(|x| -x);
        let (from, row) = choice.row(i);
        apart[from..].iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
        let gradient = own.gradient.iter_mut().zip(apart);
        gradient.for_each(|(sum, x)| *sum -= target * (1.0 - won) * x);
        add_square(&mut own, &apart, target * won * (1.0 - won));
    }
    for i in &others {
        let factor = missed * (scores[*i] - most).exp() / sum;
        let (from, row) = choice.row(*i);
        for (a, x) in row.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            let out = &mut own.hessian[(from + a) * N_LINEAR + from..][..row.len()];
            let factor = factor * f64::from(*x);
            out.iter_mut().zip(row).for_each(|(h, y)| *h += factor * f64::from(*y));
        }
    }
    add_square(&mut own, &mean, -missed);
    own
}

/// Adds factor · x·xᵀ to the Hessian.
fn add_square(to: &mut Derivatives, x: &[f64; N_LINEAR], factor: f64) {
    for (a, row) in x.iter().zip(to.hessian.chunks_exact_mut(N_LINEAR)) {
        row.iter_mut().zip(x).for_each(|(h, b)| *h += factor * a * b);
    }
}

/// Adds a choice: what its weights are of all weights is linear.
fn add_choice(to: &mut Derivatives, choice: &Choice, weights: &[f64]) {
    let (long, short) = weights.split_at(N_LINEAR);
    let factors = [1.0, f64::from(choice.shortness)];
    let here: Vec<f64> = long.iter().zip(short).map(|(w, s)| w + factors[1] * s).collect();
    let own = of_choice(choice, &here);
    to.value += own.value;
    for (i, f) in factors.iter().enumerate() {
        let gradient = &mut to.gradient[i * N_LINEAR..][..N_LINEAR];
        gradient.iter_mut().zip(&own.gradient).for_each(|(sum, g)| *sum += f * g);
        for (j, other) in factors.iter().enumerate() {
            for (a, row) in own.hessian.chunks_exact(N_LINEAR).enumerate() {
                let at = (i * N_LINEAR + a) * N_WEIGHTS + j * N_LINEAR;
                let sums = &mut to.hessian[at..][..N_LINEAR];
                sums.iter_mut().zip(row).for_each(|(sum, h)| *sum += f * other * h);
            }
        }
    }
}

fn evaluate(choices: &[Choice], weights: &[f64]) -> Derivatives {
    let parts: Vec<Derivatives> = choices
        .par_chunks(64)
        .map(|chunk| {
            let mut part = Derivatives::zeros(N_WEIGHTS);
            chunk.iter().for_each(|choice| add_choice(&mut part, choice, weights));
            part
        })
        .collect();
    let mut total = Derivatives::zeros(N_WEIGHTS);
    // In the order of the chunks: the same bits for any number of threads.
    parts.iter().for_each(|part| total.add(part));
    total.add_ridge(RIDGE * choices.len() as f64, weights, &[0.0; N_WEIGHTS]);
    total
}

/// The weights that make the choices likeliest.
///
/// # Errors
/// [`TrainingError::NotPositiveDefinite`] for features that are not finite.
pub fn fit(choices: &[Choice]) -> Result<TeacherWeights, TrainingError> {
    let weights = newton(vec![0.0; N_WEIGHTS], CONFIG, |weights| evaluate(choices, weights))?;
    let mut learned = TeacherWeights::zeros();
    let parts = learned.long.iter_mut().chain(learned.short.iter_mut());
    for (out, weight) in parts.zip(&weights) {
        *out = *weight as f32;
    }
    Ok(learned)
}

#[cfg(test)]
mod tests {
    use super::super::N_FEATURES;
    use super::*;

    #[test]
    fn the_weights_that_made_the_choices_are_found() {
        // Cards bought before are chosen by feature 8 with weight 2, and 3 more as the log
        // is short, others by feature 0 with weight −1: each is bought as often as it wins
        // against the others together, and by itself.
        let choices: Vec<Choice> = (0..300u32)
            .flat_map(|n| {
                let shortness = 1.0 / (1 + n % 5) as f32;
                let mut rows = vec![0.0; 6 * N_FEATURES];
                let mut truth = Vec::new();
                for (i, row) in rows.chunks_exact_mut(N_FEATURES).enumerate() {
                    let value = ((n * 7 + i as u32 * 13) % 17) as f32 / 17.0;
                    row[if i < 3 { 8 } else { 0 }] = value;
                    let own = 2.0 + 3.0 * shortness;
                    truth.push((if i < 3 { own * value } else { -value }).exp());
                }
                let sum: f32 = truth.iter().sum();
                (0..6).map(move |bought| Choice {
                    shortness,
                    rows: rows.clone(),
                    bought_before: (0..6).map(|i| i < 3).collect(),
                    targets: (0..6)
                        .map(|i| if i == bought { 6.0 * truth[i] / sum } else { 0.0 })
                        .collect(),
                    log_weights: vec![0.0; 6],
                })
            })
            .collect();
        let weights = fit(&choices).expect("finite");
        let near = |weight: f32, truth: f32| assert!((weight - truth).abs() < 0.25, "{weight}");
        near(weights.long.repeat[8], 2.0);
        near(weights.short.repeat[8], 3.0);
        near(weights.long.new[0], -1.0);
        near(weights.short.new[0], 0.0);
    }

    #[test]
    fn what_is_bought_as_well_takes_nothing() {
        // Two cards are bought, one not: the loss of each is that against the third alone.
        let mut rows = vec![0.0; 3 * N_FEATURES];
        (0..2).for_each(|i| rows[i * N_FEATURES] = 1.0);
        let choice = Choice {
            shortness: 1.0,
            rows,
            bought_before: vec![false; 3],
            targets: vec![0.5, 0.5, 0.0],
            log_weights: vec![0.0; 3],
        };
        let mut weights = vec![0.0; N_LINEAR];
        weights[0] = 3.0;
        let here = of_choice(&choice, &weights);
        assert!((here.value - (-3.0f64).exp().ln_1p()).abs() < 1e-12, "{}", here.value);
        // Gradient and curvature are those of the loss.
        let at = |w: f64| {
            let mut weights = weights.clone();
            weights[0] = w;
            of_choice(&choice, &weights)
        };
        let (low, high) = (at(3.0 - 1e-4), at(3.0 + 1e-4));
        assert!(((high.value - low.value) / 2e-4 - here.gradient[0]).abs() < 1e-6);
        assert!(((high.gradient[0] - low.gradient[0]) / 2e-4 - here.hessian[0]).abs() < 1e-6);
    }
}
