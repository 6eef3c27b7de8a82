//! Fusion of several scorers: s = Σ w(context)·f(score), the weights learned on
//! validation, by length of history, by how often an item was taken, and by whether
//! this shopper took it before.

use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::Serialize;

use vitrine_evaluation::next_item::View;
use vitrine_evaluation::top_k;
use vitrine_ranking::{PastPurchase, PurchaseLog};

use super::counts::item_counts;
use super::{Scorer, Task};
use crate::TrainingError;
use crate::ops::contrast_gradient;

/// Upper ends of the classes of histories, in entries; without one only what does not ask
/// for it can speak.
const HISTORY_ENDS: [usize; 4] = [0, 4, 8, 16];
/// Upper ends of the classes of items, in takings.
const SUPPORT_ENDS: [u32; 3] = [4, 9, 29];
/// Contexts of a weight: always, by history, by item, taken before by this shopper.
const N_CONTEXTS: usize = 1 + (HISTORY_ENDS.len() + 1) + (SUPPORT_ENDS.len() + 1) + 2;
/// Best items of each part that are learned from.
const CANDIDATES: usize = 60;
/// Most cases that are learned from.
const CASES_MAX: usize = 24_000;
const PASSES: usize = 12;
const BATCH: usize = 128;
const RATE: f32 = 0.02;
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

/// What all parts and their fusion say of some histories.
pub struct Scored {
    /// How many items there are.
    pub n_items: usize,
    /// By part: standard scores, \[histories, n_items\].
    pub parts: Vec<Vec<f32>>,
    /// \[histories, n_items\]
    pub fused: Vec<f32>,
}

/// A scorer with its name.
pub type Part = (String, Arc<dyn Scorer>);

/// Parts and how they are weighed.
pub struct Fusion {
    parts: Vec<Part>,
    /// Class of each item by its takings.
    supports: Vec<u8>,
    /// \[parts · 2 · contexts\]
    weights: Vec<f32>,
}

/// What one part counts for, for explanations and tables.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartWeights {
    /// Name of the part.
    pub name: String,
    /// Weight of its score in tens of standard deviations, by context: always, by
    /// class of history, by class of item, new or taken before.
    pub linear: Vec<f32>,
    /// Weight of the logarithm of that, likewise.
    pub logarithmic: Vec<f32>,
}

impl Fusion {
    /// Learns the weights on the cases of a validation task, headline and new, by
    /// the likelihood of the right items among the best of all parts.
    ///
    /// # Errors
    /// What a part says; [`TrainingError::TooLittleData`] when no case has a right
    /// item among its candidates.
    ///
    /// # Source
    /// Fox and Shaw, Combination of multiple searches (1994), for the sum of
    /// normalised scores; McFadden (1974) for the conditional logit.
    pub fn fit(parts: Vec<Part>, task: &Task, seed: u64) -> Result<Self, TrainingError> {
        Self::fit_on(parts, task, seed, Learned::Both, |_| true)
    }

    /// The same on some of the cases only.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn fit_on(
        parts: Vec<Part>,
        task: &Task,
        seed: u64,
        learned: Learned,
        is_used: impl Fn(usize) -> bool,
    ) -> Result<Self, TrainingError> {
        let n_weights = parts.len() * 2 * N_CONTEXTS;
        let mut fusion =
            Self { parts, supports: supports(&task.fit), weights: vec![0.0; n_weights] };
        // All parts count alike at first.
        fusion.weights.iter_mut().step_by(2 * N_CONTEXTS).for_each(|weight| *weight = 1.0);
        let mut used: Vec<usize> = (0..task.cases.len()).filter(|case| is_used(*case)).collect();
        let mut rng = SmallRng::seed_from_u64(seed);
        used.shuffle(&mut rng);
        used.truncate(CASES_MAX);
        let lists = fusion.lists(task, learned, &used)?;
        if lists.is_empty() {
            return Err(TrainingError::TooLittleData { n_shoppers: 0, n_shoppers_min: 1 });
        }
        fusion.learn(&lists, &mut rng);
        Ok(fusion)
    }

    /// The same weights over other scorers of the same kinds, fitted on a later log.
    pub fn over(self, parts: Vec<Part>, log: &PurchaseLog) -> Self {
        Self { parts, supports: supports(log), weights: self.weights }
    }

    /// Weights by part.
    pub fn part_weights(&self) -> Vec<PartWeights> {
        let of = |((name, _), weights): (&Part, &[f32])| PartWeights {
            name: name.clone(),
            linear: weights[..N_CONTEXTS].to_vec(),
            logarithmic: weights[N_CONTEXTS..].to_vec(),
        };
        self.parts.iter().zip(self.weights.chunks_exact(2 * N_CONTEXTS)).map(of).collect()
    }

    /// How many parts there are.
    pub fn n_parts(&self) -> usize {
        self.parts.len()
    }

    /// Candidates of each case that has a right item among them.
    fn lists(
        &self,
        task: &Task,
        learned: Learned,
        cases: &[usize],
    ) -> Result<Vec<List>, TrainingError> {
        let n_items = task.questions.n_items;
        let mut lists = Vec::new();
        for cases in cases.chunks(256) {
            let histories: Vec<&[PastPurchase]> =
                cases.iter().map(|case| task.history(task.cases[*case])).collect();
            let scores: Vec<Vec<f32>> = self
                .parts
                .iter()
                .map(|(_, part)| Ok(normalised(part.score(&histories)?, n_items)))
                .collect::<Result<_, TrainingError>>()?;
            let of_case = |i: usize| {
                let view = |view| self.list(task, (cases[i], view), &histories, &scores, i);
                learned_views(task, learned).map(view).collect::<Vec<_>>()
            };
            let found: Vec<Vec<Option<List>>> =
                (0..cases.len()).into_par_iter().map(of_case).collect();
            lists.extend(found.into_iter().flatten().flatten());
        }
        Ok(lists)
    }

    fn list(
        &self,
        task: &Task,
        (case, view): (usize, &View),
        histories: &[&[PastPurchase]],
        scores: &[Vec<f32>],
        i: usize,
    ) -> Option<List> {
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
        let history = history_class(histories[i].len());
        let context = |item: &u32| Context {
            history,
            support: self.supports[*item as usize],
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

    fn learn(&mut self, lists: &[List], rng: &mut SmallRng) {
        let n_parts = self.parts.len();
        let mut moments = vec![[0.0f32; 2]; self.weights.len()];
        let mut order: Vec<usize> = (0..lists.len()).collect();
        let n_steps = PASSES * order.len().div_ceil(BATCH);
        let mut step = 0;
        for _ in 0..PASSES {
            order.shuffle(rng);
            for chosen in order.chunks(BATCH) {
                let gradients: Vec<Vec<f32>> =
                    chosen.par_iter().map(|n| lists[*n].gradient(&self.weights, n_parts)).collect();
                let rate = RATE * (1.0 - step as f32 / n_steps as f32);
                step += 1;
                for (i, (weight, [m, v])) in self.weights.iter_mut().zip(&mut moments).enumerate() {
                    let mut g = gradients.iter().map(|g| g[i]).sum::<f32>() / chosen.len() as f32;
                    if i % N_CONTEXTS != 0 {
                        g += CONTEXT_DECAY * *weight;
                    }
                    *m = 0.9 * *m + 0.1 * g;
                    *v = 0.99 * *v + 0.01 * g * g;
                    let correct = (1.0 - 0.99f32.powi(step)).sqrt() / (1.0 - 0.9f32.powi(step));
                    *weight -= rate * correct * *m / (v.sqrt() + 1e-8);
                }
            }
        }
    }
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

/// Class of each item by its takings.
fn supports(log: &PurchaseLog) -> Vec<u8> {
    let class = |count| SUPPORT_ENDS.partition_point(|end| *end < count) as u8;
    item_counts(log).into_iter().map(class).collect()
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

/// Standard scores reach 100; weights learn best where inputs are about 1.
const LINEAR_SCALE: f32 = 0.1;

pub(super) fn compressed(value: f32) -> f32 {
    value.signum() * value.abs().ln_1p()
}

/// Where a weight holds.
#[derive(Clone, Copy, Debug)]
struct Context {
    /// Class of the history.
    history: usize,
    /// Class of the item.
    support: u8,
    /// Whether this shopper took the item before.
    is_repeat: bool,
}

impl Context {
    /// Places of the weights that add up in it.
    fn indices(self) -> [usize; 4] {
        let (histories, supports) = (HISTORY_ENDS.len() + 1, SUPPORT_ENDS.len() + 1);
        [
            0,
            1 + self.history,
            1 + histories + usize::from(self.support),
            1 + histories + supports + usize::from(self.is_repeat),
        ]
    }
}

fn history_class(n: usize) -> usize {
    HISTORY_ENDS.partition_point(|end| *end < n)
}

fn fuse(weights: &[f32], values: impl Iterator<Item = f32>, context: Context) -> f32 {
    let at = context.indices();
    let parts = weights.chunks_exact(2 * N_CONTEXTS).zip(values);
    parts
        .map(|(of_part, value)| {
            let sum = |weights: &[f32]| at.iter().map(|context| weights[*context]).sum::<f32>();
            sum(&of_part[..N_CONTEXTS]) * value * LINEAR_SCALE
                + sum(&of_part[N_CONTEXTS..]) * compressed(value)
        })
        .sum()
}

/// Scores of each case as standard scores over the catalogue; 0 where all are alike.
fn normalised(mut scores: Vec<f32>, n_items: usize) -> Vec<f32> {
    scores.par_chunks_exact_mut(n_items).for_each(|row| {
        let n = row.len() as f64;
        let mean = row.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
        let variance = row.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / n;
        let scale = if variance > 1e-20 { 1.0 / variance.sqrt() } else { 0.0 };
        row.iter_mut().for_each(|x| *x = ((f64::from(*x) - mean) * scale) as f32);
    });
    scores
}

impl Fusion {
    /// What the parts and the fusion say.
    ///
    /// # Errors
    /// What a part says.
    pub fn scored(&self, histories: &[&[PastPurchase]]) -> Result<Scored, TrainingError> {
        let n_items = self.supports.len();
        let parts: Vec<Vec<f32>> = self
            .parts
            .iter()
            .map(|(_, part)| Ok(normalised(part.score(histories)?, n_items)))
            .collect::<Result<_, TrainingError>>()?;
        let mut scores = vec![0.0; histories.len() * n_items];
        scores.par_chunks_exact_mut(n_items).enumerate().for_each(|(i, row)| {
            let history = history_class(histories[i].len());
            let mut seen = vec![false; n_items];
            histories[i].iter().for_each(|entry| seen[entry.item_idx as usize] = true);
            for (item, score) in row.iter_mut().enumerate() {
                let values = parts.iter().map(|part| part[i * n_items + item]);
                let (support, is_repeat) = (self.supports[item], seen[item]);
                *score = fuse(&self.weights, values, Context { history, support, is_repeat });
            }
        });
        Ok(Scored { n_items, parts, fused: scores })
    }
}

impl Scorer for Fusion {
    fn score(&self, histories: &[&[PastPurchase]]) -> Result<Vec<f32>, TrainingError> {
        Ok(self.scored(histories)?.fused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::next::Split;

    /// Knows the answer after short histories, or after long ones.
    struct Oracle {
        knows_short: bool,
    }

    impl Scorer for Oracle {
        fn score(&self, histories: &[&[PastPurchase]]) -> Result<Vec<f32>, TrainingError> {
            let mut scores = Vec::new();
            for history in histories {
                let last = history.last().map_or(0, |entry| entry.item_idx as usize);
                let right = if self.knows_short == (history.len() <= 4) { 1 } else { 7 };
                scores.extend((0..40).map(|item| {
                    if item == (last + right) % 40 { 9.0 } else { 0.1 * (item % 5) as f32 }
                }));
            }
            Ok(scores)
        }
    }

    #[test]
    fn the_part_that_is_right_in_a_context_weighs_more_there() {
        // Each sequence counts up by one; some are long.
        let sequences: Vec<Vec<u32>> = (0..400u32)
            .map(|n| (0..if n % 2 == 0 { 5 } else { 14 }).map(|i| (n + i) % 40).collect())
            .collect();
        let log = PurchaseLog::of_sequences(40, &sequences).expect("in range");
        let task = Task::leave_one_out(&log, Split::Validation);
        let oracle = |knows_short| Arc::new(Oracle { knows_short }) as Arc<dyn Scorer>;
        let parts = vec![("short".to_owned(), oracle(true)), ("long".to_owned(), oracle(false))];
        let fusion = Fusion::fit(parts, &task, 1).expect("right items are found");
        let histories: Vec<&[PastPurchase]> =
            (0..40).map(|n| task.history(task.cases[n])).collect();
        let scores = fusion.score(&histories).expect("scores");
        for (i, scores) in scores.chunks_exact(40).enumerate() {
            let right = task.questions.views[0].targets[i][0];
            assert_eq!(top_k(scores, 1), [right], "case {i}");
        }
        assert_eq!(fusion.part_weights().len(), 2);
    }

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

    #[test]
    fn scores_that_are_all_alike_say_nothing() {
        assert_eq!(normalised(vec![3.0; 8], 4), [0.0; 8]);
        let rows = normalised(vec![0.0, 0.0, 0.0, 4.0], 4);
        assert!((rows[3] - 3f32.sqrt()).abs() < 1e-6);
    }
}
