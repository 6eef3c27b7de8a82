//! Linear conditional logit, by Newton's method: which of its candidates each chooser took,
//! with weights of their own for each group of candidates, and a second set of weights that
//! is added as far as the chooser's history is short. Each candidate that was taken is
//! compared with those that were not, and not with the others that were.
//!
//! # Source
//! McFadden, Conditional logit analysis of qualitative choice behavior (1974).

use rayon::prelude::*;

use vitrine_optim::{Derivatives, NewtonConfig, newton};

use crate::TrainingError;

const CONFIG: NewtonConfig = NewtonConfig { n_steps_max: 12, gain_min: 1e-6, step_min: 1e-9 };

/// One chooser's candidates.
#[derive(Clone, Debug)]
pub struct ChoiceSet {
    /// How short the history is, 0 to 1.
    pub shortness: f32,
    /// \[n, n_features\]: features that every group has, then those of its own group.
    pub rows: Vec<f32>,
    /// Group of each candidate, \[n\].
    pub groups: Vec<u8>,
    /// \[n\], sums to 1.
    pub targets: Vec<f32>,
    /// \[n\]: ln of how many items of the catalogue each stands for. Without it
    /// the features by which hard candidates are picked would seem to do harm.
    pub log_weights: Vec<f32>,
}

/// How many features there are.
#[derive(Clone, Copy, Debug)]
pub struct Sizes<'a> {
    /// Length of a row.
    pub n_features: usize,
    /// Of how many features, from the first on, each group of candidates has weights.
    pub by_group: &'a [usize],
}

impl Sizes<'_> {
    /// Weights of one linear model: those of each group, one after the other.
    pub fn n_linear(self) -> usize {
        self.by_group.iter().sum()
    }
}

/// Where weights are pulled to.
#[derive(Clone, Copy, Debug)]
pub struct Pull<'a> {
    /// \[2 · n_linear\]
    pub centre: &'a [f64],
    /// Half of this times the squared distance is added to the loss of all choices.
    pub strength: f64,
}

impl ChoiceSet {
    /// Where the weights of a candidate begin, and the features that they weigh.
    fn row(&self, i: usize, sizes: Sizes<'_>) -> (usize, &[f32]) {
        let Sizes { n_features, by_group } = sizes;
        let group = usize::from(self.groups[i]);
        let from = by_group[..group].iter().sum();
        (from, &self.rows[i * n_features..][..by_group[group]])
    }

    fn scores(&self, weights: &[f64], sizes: Sizes<'_>) -> Vec<f64> {
        let score = |i: usize| {
            let (from, row) = self.row(i, sizes);
            let terms = weights[from..].iter().zip(row).map(|(w, x)| w * f64::from(*x));
            terms.sum::<f64>() + f64::from(self.log_weights[i])
        };
        (0..self.targets.len()).map(score).collect()
    }
}

/// One choice in the weights for its shortness, \[n_linear\]: for each target t the loss
/// ln(1 + Σ exp(s − s_t)) over the candidates that are none.
fn of_choice(choice: &ChoiceSet, weights: &[f64], sizes: Sizes<'_>) -> Derivatives {
    let n = sizes.n_linear();
    let mut own = Derivatives::zeros(n);
    let scores = choice.scores(weights, sizes);
    let is_target = |i: &usize| choice.targets[*i] > 0.0;
    let others: Vec<usize> = (0..scores.len()).filter(|i| !is_target(i)).collect();
    let most = others.iter().map(|i| scores[*i]).fold(f64::NEG_INFINITY, f64::max);
    if others.is_empty() {
        return own;
    }
    let sum: f64 = others.iter().map(|i| (scores[*i] - most).exp()).sum();
    let mut mean = vec![0.0; n];
    for i in &others {
        let p = (scores[*i] - most).exp() / sum;
        let (from, row) = choice.row(*i, sizes);
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
        let mut apart: Vec<f64> = mean.iter().map(|x| -x).collect();
        let (from, row) = choice.row(i, sizes);
        apart[from..].iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
        let gradient = own.gradient.iter_mut().zip(&apart);
        gradient.for_each(|(sum, x)| *sum -= target * (1.0 - won) * x);
        add_square(&mut own, &apart, target * won * (1.0 - won));
    }
    for i in &others {
        let factor = missed * (scores[*i] - most).exp() / sum;
        let (from, row) = choice.row(*i, sizes);
        for (a, x) in row.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            let out = &mut own.hessian[(from + a) * n + from..][..row.len()];
            let factor = factor * f64::from(*x);
            out.iter_mut().zip(row).for_each(|(h, y)| *h += factor * f64::from(*y));
        }
    }
    add_square(&mut own, &mean, -missed);
    own
}

/// Adds factor · x·xᵀ to the Hessian.
fn add_square(to: &mut Derivatives, x: &[f64], factor: f64) {
    for (a, row) in x.iter().zip(to.hessian.chunks_exact_mut(x.len())) {
        row.iter_mut().zip(x).for_each(|(h, b)| *h += factor * a * b);
    }
}

/// Adds a choice: what its weights are of all weights is linear.
fn add_choice(to: &mut Derivatives, choice: &ChoiceSet, weights: &[f64], sizes: Sizes<'_>) {
    let n = sizes.n_linear();
    let (long, short) = weights.split_at(n);
    let factors = [1.0, f64::from(choice.shortness)];
    let here: Vec<f64> = long.iter().zip(short).map(|(w, s)| w + factors[1] * s).collect();
    let own = of_choice(choice, &here, sizes);
    to.value += own.value;
    for (i, f) in factors.iter().enumerate() {
        let gradient = &mut to.gradient[i * n..][..n];
        gradient.iter_mut().zip(&own.gradient).for_each(|(sum, g)| *sum += f * g);
        for (j, other) in factors.iter().enumerate() {
            for (a, row) in own.hessian.chunks_exact(n).enumerate() {
                let at = (i * n + a) * 2 * n + j * n;
                let sums = &mut to.hessian[at..][..n];
                sums.iter_mut().zip(row).for_each(|(sum, h)| *sum += f * other * h);
            }
        }
    }
}

fn evaluate(
    choices: &[ChoiceSet],
    sizes: Sizes<'_>,
    pull: &Pull<'_>,
    weights: &[f64],
) -> Derivatives {
    let n = weights.len();
    let parts: Vec<Derivatives> = choices
        .par_chunks(64)
        .map(|chunk| {
            let mut part = Derivatives::zeros(n);
            chunk.iter().for_each(|choice| add_choice(&mut part, choice, weights, sizes));
            part
        })
        .collect();
    let mut total = Derivatives::zeros(n);
    // In the order of the chunks: the same bits for any number of threads.
    parts.iter().for_each(|part| total.add(part));
    total.add_ridge(pull.strength, weights, pull.centre);
    total
}

/// The weights that make the choices likeliest, for long histories and what short ones
/// add, from where they are pulled to; weights that are not free stay there.
///
/// # Shapes
/// → \[2 · n_linear\]
///
/// # Errors
/// [`TrainingError::NotPositiveDefinite`] for features that are not finite.
pub fn fit(
    choices: &[ChoiceSet],
    sizes: Sizes<'_>,
    pull: &Pull<'_>,
    is_free: impl Fn(usize) -> bool,
) -> Result<Vec<f64>, TrainingError> {
    let n = 2 * sizes.n_linear();
    let evaluate = |weights: &[f64]| {
        let mut here = evaluate(choices, sizes, pull, weights);
        for fixed in (0..n).filter(|i| !is_free(*i)) {
            here.gradient[fixed] = 0.0;
            (0..n).for_each(|i| {
                here.hessian[fixed * n + i] = 0.0;
                here.hessian[i * n + fixed] = 0.0;
            });
            here.hessian[fixed * n + fixed] = 1.0;
        }
        here
    };
    Ok(newton(pull.centre.to_vec(), CONFIG, evaluate)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const N_FEATURES: usize = 20;
    const SIZES: Sizes<'_> = Sizes { n_features: N_FEATURES, by_group: &[8, N_FEATURES] };
    const N_LINEAR: usize = 28;

    #[test]
    fn the_weights_that_made_the_choices_are_found() {
        // Cards bought before are chosen by feature 8 with weight 2, and 3 more as the log
        // is short, others by feature 0 with weight −1: each is bought as often as it wins
        // against the others together, and by itself.
        let choices: Vec<ChoiceSet> = (0..300u32)
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
                (0..6).map(move |bought| ChoiceSet {
                    shortness,
                    rows: rows.clone(),
                    groups: (0..6).map(|i| u8::from(i < 3)).collect(),
                    targets: (0..6)
                        .map(|i| if i == bought { 6.0 * truth[i] / sum } else { 0.0 })
                        .collect(),
                    log_weights: vec![0.0; 6],
                })
            })
            .collect();
        let centre = vec![0.0; 2 * N_LINEAR];
        let pull = Pull { centre: &centre, strength: 2e-4 * choices.len() as f64 };
        let weights = fit(&choices, SIZES, &pull, |_| true).expect("finite");
        let near = |weight: f64, truth: f64| assert!((weight - truth).abs() < 0.25, "{weight}");
        let repeated = 8 + 8;
        near(weights[repeated], 2.0);
        near(weights[N_LINEAR + repeated], 3.0);
        near(weights[0], -1.0);
        near(weights[N_LINEAR], 0.0);
        // A weight that is not free stays where it is, and the others do without it.
        let mut centre = centre.clone();
        centre[0] = 0.5;
        let pull = Pull { centre: &centre, ..pull };
        let weights = fit(&choices, SIZES, &pull, |i| i != 0).expect("finite");
        assert_eq!(weights[0], 0.5);
        assert!(weights[repeated] > 1.5, "{}", weights[repeated]);
    }

    #[test]
    fn what_is_bought_as_well_takes_nothing() {
        // Two cards are bought, one not: the loss of each is that against the third alone.
        let mut rows = vec![0.0; 3 * N_FEATURES];
        (0..2).for_each(|i| rows[i * N_FEATURES] = 1.0);
        let choice = ChoiceSet {
            shortness: 1.0,
            rows,
            groups: vec![0; 3],
            targets: vec![0.5, 0.5, 0.0],
            log_weights: vec![0.0; 3],
        };
        let mut weights = vec![0.0; N_LINEAR];
        weights[0] = 3.0;
        let here = of_choice(&choice, &weights, SIZES);
        assert!((here.value - (-3.0f64).exp().ln_1p()).abs() < 1e-12, "{}", here.value);
        // Gradient and curvature are those of the loss.
        let at = |w: f64| {
            let mut weights = weights.clone();
            weights[0] = w;
            of_choice(&choice, &weights, SIZES)
        };
        let (low, high) = (at(3.0 - 1e-4), at(3.0 + 1e-4));
        assert!(((high.value - low.value) / 2e-4 - here.gradient[0]).abs() < 1e-6);
        assert!(((high.gradient[0] - low.gradient[0]) / 2e-4 - here.hessian[0]).abs() < 1e-6);
    }
}
