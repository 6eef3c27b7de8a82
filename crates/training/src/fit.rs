//! Learns the teacher's weights: a conditional logit over what each shopper
//! bought in four weeks, by Newton's method.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::index;
use rayon::prelude::*;

use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_evaluation::{Targets, top_k};
use vitrine_ranking::features::N_SHARED;
use vitrine_ranking::{
    Components, ComponentsConfig, FEATURES, FeatureRows, Teacher, TeacherWeights,
};

use crate::{Prepared, TrainingError};

const N_FEATURES: usize = FEATURES.len();
/// Weights of both parts, those for new cards first.
const N_WEIGHTS: usize = N_SHARED + N_FEATURES;
/// Shoppers to learn from, at most and at least.
const SHOPPERS_MAX: usize = 2_000;
/// Fewer shoppers than this say nothing about 28 weights.
const SHOPPERS_MIN: usize = 30;
const NEWTON_STEPS_MAX: usize = 12;
/// Pull towards zero, per shopper.
const RIDGE: f64 = 2e-4;
/// Cards of each kind beside those bought and those bought before.
const RANDOM_CARDS: usize = 80;
const TOP_CARDS: usize = 60;

/// One shopper's candidates.
struct Choice {
    /// \[n, 20\]
    rows: Vec<f32>,
    bought_before: Vec<bool>,
    /// \[n\], sums to 1.
    targets: Vec<f32>,
    /// \[n\]: ln of how many cards of the catalogue each stands for. Without it
    /// the features by which hard candidates are picked would seem to do harm.
    log_weights: Vec<f32>,
}

/// Fits a teacher on what happened before `until_seconds`: its weights on the last
/// four weeks of that, with components of what came before those; then the
/// components are counted again up to `until_seconds`.
///
/// # Errors
/// [`TrainingError::TooLittleData`].
///
/// # Source
/// McFadden, Conditional logit analysis of qualitative choice behavior (1974).
pub fn fit_teacher(
    data: &Prepared<'_>,
    until_seconds: i64,
    seed: u64,
) -> Result<Teacher, TrainingError> {
    let cut = until_seconds - WINDOW_SECONDS;
    let components = components_until(data, cut)?;
    let choices = choices(data, &components, cut, seed);
    if choices.len() < SHOPPERS_MIN {
        let (n_shoppers, n_shoppers_min) = (choices.len(), SHOPPERS_MIN);
        return Err(TrainingError::TooLittleData { n_shoppers, n_shoppers_min });
    }
    let weights = newton(&choices);
    Ok(Teacher { components: components_until(data, until_seconds)?, weights })
}

/// Components of what happened before a moment.
///
/// # Errors
/// When parts of the data do not fit together.
pub fn components_until(
    data: &Prepared<'_>,
    until_seconds: i64,
) -> Result<Components, TrainingError> {
    let config = ComponentsConfig::default();
    let by_text = data.by_text.clone();
    Ok(Components::build(data.items, by_text, &data.log, until_seconds, &config)?)
}

fn choices(data: &Prepared<'_>, components: &Components, cut: i64, seed: u64) -> Vec<Choice> {
    let n_shoppers = data.log.n_shoppers();
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut chosen = index::sample(&mut rng, n_shoppers, n_shoppers.min(SHOPPERS_MAX)).into_vec();
    chosen.sort_unstable();
    chosen.into_par_iter().filter_map(|n| choice(data, components, n, cut, seed)).collect()
}

fn choice(
    data: &Prepared<'_>,
    components: &Components,
    n: usize,
    cut: i64,
    seed: u64,
) -> Option<Choice> {
    let history = data.log.before(n, cut);
    let within = data.log.between(n, cut, cut + WINDOW_SECONDS);
    if history.is_empty() || within.is_empty() {
        return None;
    }
    let items = |entries: &[vitrine_ranking::PastPurchase]| {
        entries.iter().map(|entry| entry.item_idx).collect::<Vec<u32>>()
    };
    let targets = Targets::split(items(history), items(within)).all;
    let rows = FeatureRows::new(components, history, cut);
    let mut candidates: Vec<u32> = targets.clone();
    candidates.extend(rows.bought_before());
    for feature in 0..6 {
        candidates.extend(top_k(rows.column(feature), TOP_CARDS));
    }
    candidates.sort_unstable();
    candidates.dedup();
    let mut rng = SmallRng::seed_from_u64(seed ^ (n as u64).wrapping_mul(0x9e37_79b9));
    let rest: Vec<u32> =
        (0..data.n_items() as u32).filter(|item| candidates.binary_search(item).is_err()).collect();
    let random = index::sample(&mut rng, rest.len(), rest.len().min(RANDOM_CARDS));
    let mut log_weights = vec![0.0; candidates.len()];
    log_weights.resize(
        candidates.len() + random.len(),
        (rest.len() as f32 / random.len().max(1) as f32).ln(),
    );
    let n_picked = candidates.len();
    candidates.extend(random.iter().map(|position| rest[position]));
    let is_target = |(position, item): (usize, &u32)| {
        position < n_picked && targets.binary_search(item).is_ok()
    };
    let share = 1.0 / targets.len() as f32;
    Some(Choice {
        rows: candidates.iter().flat_map(|item| rows.row(*item)).collect(),
        bought_before: candidates.iter().map(|item| rows.personal(*item).is_some()).collect(),
        targets: candidates
            .iter()
            .enumerate()
            .map(|candidate| if is_target(candidate) { share } else { 0.0 })
            .collect(),
        log_weights,
    })
}

/// Loss, gradient and Hessian, \[28\] and \[28, 28\].
struct Quadratic {
    loss: f64,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
}

impl Quadratic {
    fn zero() -> Self {
        Self {
            loss: 0.0,
            gradient: vec![0.0; N_WEIGHTS],
            hessian: vec![0.0; N_WEIGHTS * N_WEIGHTS],
        }
    }

    fn add(&mut self, other: &Self) {
        self.loss += other.loss;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(a, b)| *a += b);
        self.hessian.iter_mut().zip(&other.hessian).for_each(|(a, b)| *a += b);
    }

    fn add_choice(&mut self, choice: &Choice, weights: &[f64]) {
        let part = |before: bool| if before { (N_SHARED, N_FEATURES) } else { (0, N_SHARED) };
        let mut scores = Vec::with_capacity(choice.targets.len());
        for (i, row) in choice.rows.chunks_exact(N_FEATURES).enumerate() {
            let (from, n) = part(choice.bought_before[i]);
            let terms = weights[from..from + n].iter().zip(row);
            let score: f64 = terms.map(|(w, x)| w * f64::from(*x)).sum();
            scores.push(score + f64::from(choice.log_weights[i]));
        }
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores.iter().map(|score| (score - most).exp()).sum();
        let mut mean = [0.0; N_WEIGHTS];
        for (i, row) in choice.rows.chunks_exact(N_FEATURES).enumerate() {
            let log_p = scores[i] - most - sum.ln();
            let (p, target) = (log_p.exp(), f64::from(choice.targets[i]));
            self.loss -= target * log_p;
            let (from, n) = part(choice.bought_before[i]);
            for a in 0..n {
                let x = f64::from(row[a]);
                if x == 0.0 {
                    continue;
                }
                mean[from + a] += p * x;
                self.gradient[from + a] += (p - target) * x;
                let out = &mut self.hessian[(from + a) * N_WEIGHTS + from..][..n];
                let factor = p * x;
                out.iter_mut().zip(row).for_each(|(h, y)| *h += factor * f64::from(*y));
            }
        }
        for a in 0..N_WEIGHTS {
            for b in 0..N_WEIGHTS {
                self.hessian[a * N_WEIGHTS + b] -= mean[a] * mean[b];
            }
        }
    }
}

fn evaluate(choices: &[Choice], weights: &[f64]) -> Quadratic {
    let parts: Vec<Quadratic> = choices
        .par_chunks(64)
        .map(|chunk| {
            let mut part = Quadratic::zero();
            chunk.iter().for_each(|choice| part.add_choice(choice, weights));
            part
        })
        .collect();
    let mut total = Quadratic::zero();
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

fn newton(choices: &[Choice]) -> TeacherWeights {
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
    for (out, weight) in learned.new.iter_mut().chain(&mut learned.repeat).zip(&weights) {
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
        // Cards bought before are chosen by feature 8 with weight 2, others by
        // feature 0 with weight −1: targets are those probabilities themselves.
        let choices: Vec<Choice> = (0..200u32)
            .map(|n| {
                let mut rows = vec![0.0; 6 * N_FEATURES];
                let mut truth = Vec::new();
                for (i, row) in rows.chunks_exact_mut(N_FEATURES).enumerate() {
                    let value = ((n * 7 + i as u32 * 13) % 17) as f32 / 17.0;
                    row[if i < 3 { 8 } else { 0 }] = value;
                    truth.push((if i < 3 { 2.0 * value } else { -value }).exp());
                }
                let sum: f32 = truth.iter().sum();
                Choice {
                    rows,
                    bought_before: (0..6).map(|i| i < 3).collect(),
                    targets: truth.iter().map(|p| p / sum).collect(),
                    log_weights: vec![0.0; 6],
                }
            })
            .collect();
        let weights = newton(&choices);
        assert!((weights.repeat[8] - 2.0).abs() < 0.05, "{}", weights.repeat[8]);
        assert!((weights.new[0] + 1.0).abs() < 0.05, "{}", weights.new[0]);
    }
}
