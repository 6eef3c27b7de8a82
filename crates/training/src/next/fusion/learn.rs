//! Learns the weights of a fusion.

use std::convert::Infallible;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use vitrine_evaluation::next_item::View;
use vitrine_evaluation::top_k;
use vitrine_optim::{Adam, Epochs, Moments, Schedule, Update};

use super::context::{Context, LINEAR_SCALE, N_CONTEXTS, compressed, fuse, history_class};
use crate::TrainingError;
use crate::next::Task;
use crate::ops::contrast_gradient;

/// Best items of each part that are learned from.
const CANDIDATES: usize = 60;
/// Most cases that are learned from.
const CASES_MAX: usize = 24_000;
const PASSES: usize = 12;
const BATCH: usize = 128;
const RATE: f32 = 0.02;
const ADAM: Adam = Adam::new(0.99);
/// Pull of weights that hold in one context only.
const CONTEXT_DECAY: f32 = 2e-4;

/// What weights are learned from, where a task asks for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// What is bought next, and what of it is new to the shopper: what people buy again
    /// would drown it.
    Both,
    /// Only what is new to the shopper.
    New,
}

/// Collects what the weights of a fusion are learned from, one window after the other.
pub struct FusionLearner {
    learned: Learned,
    cases_max: usize,
    rng: SmallRng,
    lists: Vec<List>,
}

impl FusionLearner {
    /// A learner that will see `n_windows`.
    pub fn new(learned: Learned, n_windows: usize, seed: u64) -> Self {
        let rng = SmallRng::seed_from_u64(seed);
        Self { learned, cases_max: CASES_MAX / n_windows.max(1), rng, lists: Vec::new() }
    }

    /// Some of the cases of a window that `is_used`, in random order.
    pub fn draw(&mut self, n_cases: usize, is_used: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut used: Vec<usize> = (0..n_cases).filter(|case| is_used(*case)).collect();
        used.shuffle(&mut self.rng);
        used.truncate(self.cases_max);
        used
    }

    /// Remembers the candidates of each case that has a right item among them.
    ///
    /// # Shapes
    /// `scores`: standard scores \[parts\]\[cases, n_items\]; `supports` \[n_items\].
    pub(crate) fn see(
        &mut self,
        task: &Task,
        cases: &[usize],
        scores: &[Vec<f32>],
        supports: &[u8],
    ) {
        let of_case = |i: usize| {
            let asked = Asked { task, case: cases[i], i, supports };
            let views = learned_views(task, self.learned);
            views.map(|view| asked.list(view, scores)).collect::<Vec<_>>()
        };
        let found: Vec<Vec<Option<List>>> = (0..cases.len()).into_par_iter().map(of_case).collect();
        self.lists.extend(found.into_iter().flatten().flatten());
    }

    /// The weights of `n_parts` parts, by the likelihood of each right item among the wrong
    /// ones that are best for a part.
    ///
    /// # Shapes
    /// \[parts · 2 · contexts\], as [`super::Fusion::new`] takes them.
    ///
    /// # Errors
    /// [`TrainingError::TooLittleData`] when no case had a right item among its candidates.
    ///
    /// # Source
    /// Fox and Shaw, Combination of multiple searches (1994), for the sum of
    /// normalised scores; McFadden (1974) for the conditional logit.
    pub fn finish(mut self, n_parts: usize) -> Result<Vec<f32>, TrainingError> {
        if self.lists.is_empty() {
            return Err(TrainingError::TooLittleData { n_shoppers: 0, n_shoppers_min: 1 });
        }
        let mut weights = vec![0.0; n_parts * 2 * N_CONTEXTS];
        // All parts count alike at first.
        weights.iter_mut().step_by(2 * N_CONTEXTS).for_each(|weight| *weight = 1.0);
        learn(&mut weights, n_parts, &self.lists, &mut self.rng);
        Ok(weights)
    }
}

/// One case of a task, the `i`th of those that are scored together.
struct Asked<'a> {
    task: &'a Task,
    case: usize,
    i: usize,
    supports: &'a [u8],
}

impl Asked<'_> {
    fn list(&self, view: &View, scores: &[Vec<f32>]) -> Option<List> {
        let Self { task, case, i, supports } = *self;
        let n_items = task.questions.n_items;
        let seen = &task.questions.seen[case];
        let mut candidates = Vec::new();
        for scores in scores {
            let mut row = scores[i * n_items..][..n_items].to_vec();
            if view.masks_seen {
                seen.iter().for_each(|item| row[*item as usize] = f32::NEG_INFINITY);
            }
            candidates.extend(top_k(&row, CANDIDATES));
        }
        candidates.sort_unstable();
        candidates.dedup();
        let targets = &view.targets[case];
        let is_target = |item: &u32| targets.binary_search(item).is_ok();
        let n_found = candidates.iter().filter(|item| is_target(item)).count();
        let share = |item| if is_target(item) { 1.0 / n_found as f32 } else { 0.0 };
        let history = history_class(task.history(task.cases[case]).len());
        let context = |item: &u32| Context {
            history,
            support: supports[*item as usize],
            is_repeat: seen.binary_search(item).is_ok(),
        };
        (n_found > 0).then(|| List {
            contexts: candidates.iter().map(context).collect(),
            values: candidates
                .iter()
                .flat_map(|item| scores.iter().map(|scores| scores[i * n_items + *item as usize]))
                .collect(),
            targets: candidates.iter().map(share).collect(),
        })
    }
}

/// Adam over all lists.
fn learn(weights: &mut [f32], n_parts: usize, lists: &[List], rng: &mut SmallRng) {
    let (mut first, mut second) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
    let passes = Epochs { n_examples: lists.len(), batch: BATCH, n_passes: PASSES };
    let schedule = Schedule::linear(RATE, passes.n_steps());
    let Ok(()) = passes.run(rng, |batch| {
        let gradient = gradient(weights, lists, batch.examples, n_parts);
        let (number, rate) = (batch.step as u32 + 1, schedule.rate(batch.step));
        let moments = Moments { first: &mut first, second: &mut second };
        let update = Update { number, rate, decay: 0.0 };
        ADAM.update(update, weights, &gradient, moments);
        Ok::<(), Infallible>(())
    });
}

/// Mean over some lists, with the pull of weights that hold in one context only.
fn gradient(weights: &[f32], lists: &[List], chosen: &[usize], n_parts: usize) -> Vec<f32> {
    let gradients: Vec<Vec<f32>> =
        chosen.par_iter().map(|n| lists[*n].gradient(weights, n_parts)).collect();
    let of_weight = |(i, weight): (usize, &f32)| {
        let mean = gradients.iter().map(|g| g[i]).sum::<f32>() / chosen.len() as f32;
        mean + if i % N_CONTEXTS != 0 { CONTEXT_DECAY * *weight } else { 0.0 }
    };
    weights.iter().enumerate().map(of_weight).collect()
}

/// The headline, and, where that does not ask for what is new to a shopper, the first
/// view that does.
fn learned_views(task: &Task, learned: Learned) -> impl Iterator<Item = &View> {
    let (headline, others) = task.questions.views.split_at(1);
    let asks_for_new = |view: &&View| view.masks_seen && !headline[0].masks_seen;
    let new = others.iter().find(asks_for_new);
    let is_wanted = learned == Learned::Both || new.is_none();
    headline.iter().filter(move |_| is_wanted).chain(new)
}

/// What is learned from one case.
struct List {
    contexts: Vec<Context>,
    /// \[candidates · parts\], standardised.
    values: Vec<f32>,
    /// \[candidates\], sums to 1.
    targets: Vec<f32>,
}

impl List {
    /// Of −ln of the likelihood of the right items, each against those that are wrong.
    fn gradient(&self, weights: &[f32], n_parts: usize) -> Vec<f32> {
        let rows = || self.values.chunks_exact(n_parts).zip(&self.contexts);
        let mut residuals: Vec<f32> =
            rows().map(|(row, context)| fuse(weights, row.iter().copied(), *context)).collect();
        contrast_gradient(&mut residuals, &self.targets);
        let mut gradient = vec![0.0; weights.len()];
        for ((row, context), residual) in rows().zip(residuals) {
            for (value, of_part) in row.iter().zip(gradient.chunks_exact_mut(2 * N_CONTEXTS)) {
                let (linear, logarithmic) = of_part.split_at_mut(N_CONTEXTS);
                for context in context.indices() {
                    linear[context] += residual * value * LINEAR_SCALE;
                    logarithmic[context] += residual * compressed(*value);
                }
            }
        }
        gradient
    }
}

#[cfg(test)]
mod tests {
    use vitrine_ranking::PurchaseLog;

    use super::*;
    use crate::next::Split;

    #[test]
    fn what_is_new_to_a_shopper_is_learned_beside_what_they_buy_again() {
        let view = |title: &str, masks_seen| View {
            title: title.to_owned(),
            masks_seen,
            targets: Vec::new(),
        };
        let log = PurchaseLog::of_sequences(1, &[vec![0; 4]]).expect("in range");
        let mut task = Task::leave_one_out(&log, Split::Validation);
        let titles = |task: &Task| -> Vec<String> {
            learned_views(task, Learned::Both).map(|view| view.title.clone()).collect()
        };
        assert_eq!(titles(&task), ["new"], "one view is all there is");
        task.questions.views =
            vec![view("all", false), view("repeat", false), view("new", true), view("young", true)];
        assert_eq!(titles(&task), ["all", "new"]);
        let new: Vec<&View> = learned_views(&task, Learned::New).collect();
        assert_eq!((new.len(), new[0].title.as_str()), (1, "new"));
    }
}
