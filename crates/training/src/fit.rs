//! Learns the teacher's weights: a conditional logit over what each shopper
//! bought in four weeks, by Newton's method. Each card that was bought is compared with
//! those that were not, and not with the others that were: what is bought as well takes
//! nothing from it. It learns from several windows, so that one
//! season does not decide, and in each also from logs that forgot all but their newest
//! entries, so that it knows what a newcomer's first purchases are worth.

use rand::rngs::SmallRng;
use rand::seq::index;
use rand::{Rng, SeedableRng};
use rayon::prelude::*;

use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_evaluation::{Targets, top_k};
use vitrine_ranking::features::N_SHARED;
use vitrine_ranking::{
    Components, ComponentsConfig, FEATURES, FeatureRows, PastPurchase, Teacher, TeacherWeights,
};

use crate::{Prepared, TrainingError};

const N_FEATURES: usize = FEATURES.len();
/// Weights of one linear model, those for new cards first.
const N_LINEAR: usize = N_SHARED + N_FEATURES;
/// Those of long logs, then what is added to them for short ones.
const N_WEIGHTS: usize = 2 * N_LINEAR;
/// Windows to learn from, at most, the newest first.
const WINDOWS_MAX: i64 = 4;
/// Part of the log that comes before every window.
const WARM_UP_SHARE: f64 = 0.4;
/// Part of the logs that are also seen as newcomers'.
const NEWCOMERS_SHARE: f64 = 0.5;
/// Entries that a newcomer's log has, at most.
const NEWCOMER_ENTRIES_MAX: usize = 12;
/// Shoppers of a window to learn from, at most and at least.
const SHOPPERS_MAX: usize = 2_000;
/// Fewer choices than this say nothing about the weights.
const SHOPPERS_MIN: usize = 30;
const NEWTON_STEPS_MAX: usize = 12;
/// Pull towards zero, per shopper.
const RIDGE: f64 = 2e-4;
/// Cards of each kind beside those bought and those bought before.
const RANDOM_CARDS: usize = 80;
const TOP_CARDS: usize = 60;

/// One shopper's candidates.
struct Choice {
    shortness: f32,
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
/// windows of four weeks of that, each with components of what came before it; then the
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
    let mut all: Vec<Choice> = Vec::new();
    for cut in cuts(data, until_seconds) {
        let components = components_until(data, cut)?;
        all.extend(choices(data, &components, cut, seed ^ cut as u64));
    }
    if all.len() < SHOPPERS_MIN {
        let (n_shoppers, n_shoppers_min) = (all.len(), SHOPPERS_MIN);
        return Err(TrainingError::TooLittleData { n_shoppers, n_shoppers_min });
    }
    let weights = newton(&all);
    Ok(Teacher { components: components_until(data, until_seconds)?, weights })
}

/// First moments of the windows to learn from, the newest first: always one, and others
/// as far as enough of the log comes before them.
fn cuts(data: &Prepared<'_>, until_seconds: i64) -> Vec<i64> {
    let newest = until_seconds - WINDOW_SECONDS;
    let first = data.log.entries().iter().map(|entry| entry.at_seconds).min();
    let first = first.unwrap_or(newest).min(newest);
    let earliest = first + ((newest - first) as f64 * WARM_UP_SHARE) as i64;
    let cut = |n: i64| newest - n * WINDOW_SECONDS;
    (0..WINDOWS_MAX).map(cut).take_while(|cut| *cut == newest || *cut >= earliest).collect()
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

impl Choice {
    /// Where the weights of a candidate begin, and the features that they weigh.
    fn row(&self, i: usize) -> (usize, &[f32]) {
        let row = &self.rows[i * N_FEATURES..][..N_FEATURES];
        if self.bought_before[i] { (N_SHARED, row) } else { (0, &row[..N_SHARED]) }
    }

    fn scores(&self, weights: &[f64]) -> Vec<f64> {
        let score = |i: usize| {
            let (from, row) = self.row(i);
            let terms = weights[from..].iter().zip(row).map(|(w, x)| w * f64::from(*x));
            terms.sum::<f64>() + f64::from(self.log_weights[i])
        };
        (0..self.targets.len()).map(score).collect()
    }
}

fn choices(data: &Prepared<'_>, components: &Components, cut: i64, seed: u64) -> Vec<Choice> {
    let n_shoppers = data.log.n_shoppers();
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut chosen = index::sample(&mut rng, n_shoppers, n_shoppers.min(SHOPPERS_MAX)).into_vec();
    chosen.sort_unstable();
    let both = |n: usize| {
        let mut rng = SmallRng::seed_from_u64(seed ^ (n as u64).wrapping_mul(0x9e37_79b9));
        let whole = data.log.before(n, cut);
        let remembered = rng.random_range(1..=NEWCOMER_ENTRIES_MAX);
        let is_newcomer = rng.random_bool(NEWCOMERS_SHARE) && whole.len() > remembered;
        let short = is_newcomer.then(|| &whole[whole.len() - remembered..]);
        let mut choice = |history| choice(data, components, (n, history), cut, &mut rng);
        [choice(whole), short.and_then(choice)]
    };
    chosen.into_par_iter().flat_map_iter(both).flatten().collect()
}

/// What a shopper bought after `cut`, of what a model that knows `history` has to choose
/// among.
fn choice(
    data: &Prepared<'_>,
    components: &Components,
    (n, history): (usize, &[PastPurchase]),
    cut: i64,
    rng: &mut SmallRng,
) -> Option<Choice> {
    let within = data.log.between(n, cut, cut + WINDOW_SECONDS);
    if history.is_empty() || within.is_empty() {
        return None;
    }
    let items =
        |entries: &[PastPurchase]| entries.iter().map(|entry| entry.item_idx).collect::<Vec<u32>>();
    let targets = Targets::split(items(history), items(within)).all;
    let rows = FeatureRows::new(components, history, cut);
    let mut candidates: Vec<u32> = targets.clone();
    candidates.extend(rows.bought_before());
    for feature in 0..6 {
        candidates.extend(top_k(rows.column(feature), TOP_CARDS));
    }
    candidates.sort_unstable();
    candidates.dedup();
    let rest: Vec<u32> =
        (0..data.n_items() as u32).filter(|item| candidates.binary_search(item).is_err()).collect();
    let random = index::sample(rng, rest.len(), rest.len().min(RANDOM_CARDS));
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
        shortness: rows.shortness(),
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
