//! Newton's method on the conditional logit.

use rayon::prelude::*;

use vitrine_ranking::TeacherWeights;

use super::{Choice, N_LINEAR};

/// Those of long logs, then what is added to them for short ones.
const N_WEIGHTS: usize = 2 * N_LINEAR;
const NEWTON_STEPS_MAX: usize = 12;
/// Pull towards zero, per choice.
const RIDGE: f64 = 2e-4;

/// Loss, gradient and Hessian, \[n\] and \[n, n\].
struct Quadratic {
    loss: f64,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
}

impl Quadratic {
    fn zero(n: usize) -> Self {
        Self { loss: 0.0, gradient: vec![0.0; n], hessian: vec![0.0; n * n] }
    }

    fn add(&mut self, other: &Self) {
        self.loss += other.loss;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(a, b)| *a += b);
        self.hessian.iter_mut().zip(&other.hessian).for_each(|(a, b)| *a += b);
    }

    /// Of one choice in the weights for its shortness, \[28\]: for each target t the loss
    /// ln(1 + Σ exp(s − s_t)) over the cards that are none.
    fn of_choice(choice: &Choice, weights: &[f64]) -> Self {
        let mut own = Self::zero(N_LINEAR);
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
            own.loss -= target * ln_won;
            missed += target * (1.0 - won);
            let mut apart = mean.map(|x| -x);
            let (from, row) = choice.row(i);
            apart[from..].iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
            let gradient = own.gradient.iter_mut().zip(apart);
            gradient.for_each(|(sum, x)| *sum -= target * (1.0 - won) * x);
            own.add_square(&apart, target * won * (1.0 - won));
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
        own.add_square(&mean, -missed);
        own
    }

    /// Adds factor · x·xᵀ to the Hessian.
    fn add_square(&mut self, x: &[f64; N_LINEAR], factor: f64) {
        for (a, row) in x.iter().zip(self.hessian.chunks_exact_mut(N_LINEAR)) {
            row.iter_mut().zip(x).for_each(|(h, b)| *h += factor * a * b);
        }
    }

    /// Adds a choice: what its weights are of all weights is linear.
    fn add_choice(&mut self, choice: &Choice, weights: &[f64]) {
        let (long, short) = weights.split_at(N_LINEAR);
        let factors = [1.0, f64::from(choice.shortness)];
        let here: Vec<f64> = long.iter().zip(short).map(|(w, s)| w + factors[1] * s).collect();
        let own = Self::of_choice(choice, &here);
        self.loss += own.loss;
        for (i, f) in factors.iter().enumerate() {
            let gradient = &mut self.gradient[i * N_LINEAR..][..N_LINEAR];
            gradient.iter_mut().zip(&own.gradient).for_each(|(sum, g)| *sum += f * g);
            for (j, other) in factors.iter().enumerate() {
                for (a, row) in own.hessian.chunks_exact(N_LINEAR).enumerate() {
                    let at = (i * N_LINEAR + a) * N_WEIGHTS + j * N_LINEAR;
                    let sums = &mut self.hessian[at..][..N_LINEAR];
                    sums.iter_mut().zip(row).for_each(|(sum, h)| *sum += f * other * h);
                }
            }
        }
    }
}

fn evaluate(choices: &[Choice], weights: &[f64]) -> Quadratic {
    let parts: Vec<Quadratic> = choices
        .par_chunks(64)
        .map(|chunk| {
            let mut part = Quadratic::zero(N_WEIGHTS);
            chunk.iter().for_each(|choice| part.add_choice(choice, weights));
            part
        })
        .collect();
    let mut total = Quadratic::zero(N_WEIGHTS);
    // In the order of the chunks: the same bits for any number of threads.
    parts.iter().for_each(|part| total.add(part));
    let ridge = RIDGE * choices.len() as f64;
    for (a, weight) in weights.iter().enumerate() {
        total.loss += 0.5 * ridge * weight * weight;
        total.gradient[a] += ridge * weight;
        total.hessian[a * N_WEIGHTS + a] += ridge;
    }
    total
}

/// The weights that make the choices likeliest.
pub fn newton(choices: &[Choice]) -> TeacherWeights {
    let mut weights = vec![0.0; N_WEIGHTS];
    let mut here = evaluate(choices, &weights);
    for _ in 0..NEWTON_STEPS_MAX {
        let step = solve(here.hessian.clone(), here.gradient.clone());
        let Some((next, there)) = [1.0, 0.5, 0.25, 0.1, 0.03].into_iter().find_map(|length| {
            let next: Vec<f64> =
                weights.iter().zip(&step).map(|(weight, step)| weight - length * step).collect();
            let there = evaluate(choices, &next);
            (there.loss < here.loss).then_some((next, there))
        }) else {
            break;
        };
        let gained = here.loss - there.loss;
        (weights, here) = (next, there);
        if gained < 1e-6 * here.loss {
            break;
        }
    }
    let mut learned = TeacherWeights::zeros();
    let parts = learned.long.iter_mut().chain(learned.short.iter_mut());
    for (out, weight) in parts.zip(&weights) {
        *out = *weight as f32;
    }
    learned
}

/// Solves a symmetric positive definite system by elimination with pivots.
fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for column in 0..n {
        let largest = |a: &usize, b: &usize| {
            matrix[a * n + column].abs().total_cmp(&matrix[b * n + column].abs())
        };
        let pivot = (column..n).max_by(largest).unwrap_or(column);
        (0..n).for_each(|i| matrix.swap(column * n + i, pivot * n + i));
        right.swap(column, pivot);
        let diagonal = matrix[column * n + column];
        for row in column + 1..n {
            let factor = matrix[row * n + column] / diagonal;
            for i in column..n {
                matrix[row * n + i] -= factor * matrix[column * n + i];
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|i| matrix[row * n + i] * right[i]).sum();
        right[row] = (right[row] - known) / matrix[row * n + row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::super::N_FEATURES;
    use super::*;

    #[test]
    fn elimination_solves_a_system() {
        let matrix = vec![4.0, 1.0, 0.5, 1.0, 3.0, 0.2, 0.5, 0.2, 2.0];
        let x = solve(matrix.clone(), vec![1.0, 2.0, 3.0]);
        for (row, right) in matrix.chunks(3).zip([1.0, 2.0, 3.0]) {
            let product: f64 = row.iter().zip(&x).map(|(a, b)| a * b).sum();
            assert!((product - right).abs() < 1e-12);
        }
    }

    #[test]
    fn newton_finds_the_weights_that_made_the_choices() {
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
        let weights = newton(&choices);
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
        let here = Quadratic::of_choice(&choice, &weights);
        assert!((here.loss - (-3.0f64).exp().ln_1p()).abs() < 1e-12, "{}", here.loss);
        // Gradient and curvature are those of the loss.
        let at = |w: f64| {
            let mut weights = weights.clone();
            weights[0] = w;
            Quadratic::of_choice(&choice, &weights)
        };
        let (low, high) = (at(3.0 - 1e-4), at(3.0 + 1e-4));
        assert!(((high.loss - low.loss) / 2e-4 - here.gradient[0]).abs() < 1e-6);
        assert!(((high.gradient[0] - low.gradient[0]) / 2e-4 - here.hessian[0]).abs() < 1e-6);
    }
}
