//! What is bought again and what is new, each by who knows it, in one order: by how
//! likely it is bought.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_evaluation::top_k;
use vitrine_ranking::PastPurchase;

use super::fusion::{Fusion, Scored, compressed};
use super::{Scorer, Task, logistic};
use crate::TrainingError;

/// New items of each case that are learned from: the best of the fusion.
const NEW_ITEMS: usize = 60;
/// Rows from which no further case is learned from: 160 MiB with ten parts.
const ROWS_ENOUGH: usize = 3_000_000;
/// Pull of weights towards where they start, in rows.
const RIDGE: f64 = 10.0;
/// Probabilities are at least this far from 0 and 1.
const MARGIN: f32 = 1e-5;
/// What is known of a new item: 1, ln of its share of the fusion, and of the shopper
/// ln(1 + baskets) and the share of their purchases that were new when they were made.
const NEW_INPUTS: usize = 4;

/// A model of repeated purchases and a fusion for what is new.
///
/// # Source
/// Ren et al., RepeatNet (2019), for two models and the odds between them.
#[derive(Clone)]
pub struct Mixture {
    models: Models,
    weights: MixtureWeights,
}

/// What is learned of a [`Mixture`] besides its models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MixtureWeights {
    /// For items of the history: 1, log-odds of the repeat model, scores of the parts.
    pub repeat: Vec<f64>,
    /// For other items: 1, ln share, baskets, share of new purchases.
    pub new: Vec<f64>,
}

impl MixtureWeights {
    /// Whether they are of a mixture with so many parts.
    pub(crate) fn fits(&self, n_parts: usize) -> bool {
        self.repeat.len() == 2 + n_parts && self.new.len() == NEW_INPUTS
    }
}

/// Rows with their labels.
#[derive(Default)]
struct Rows {
    inputs: Vec<f32>,
    is_true: Vec<bool>,
}

/// Collects what a mixture is learned from, one window after the other.
pub struct MixtureLearner {
    again: Rows,
    rows_a_window: usize,
    n_windows_seen: usize,
}

impl MixtureLearner {
    /// A learner that will see `n_windows`.
    pub fn new(n_windows: usize) -> Self {
        let rows_a_window = ROWS_ENOUGH / n_windows.max(1);
        Self { again: Rows::default(), rows_a_window, n_windows_seen: 0 }
    }

    /// Turns to the next window.
    pub fn turn(&mut self) {
        self.n_windows_seen += 1;
    }

    /// Remembers what became of each item of some cases' histories.
    ///
    /// # Shapes
    /// `again`: probabilities \[cases, n_items\]; `scores`: standard scores
    /// \[parts\]\[cases, n_items\].
    pub(crate) fn see(&mut self, task: &Task, cases: &[usize], again: &[f32], scores: &[Vec<f32>]) {
        if self.again.is_true.len() >= self.rows_a_window * self.n_windows_seen {
            return;
        }
        let n_items = task.questions.n_items;
        for (i, case) in cases.iter().enumerate() {
            let targets = &task.questions.views[0].targets[*case];
            for item in distinct(task.history(task.cases[*case])) {
                self.again.inputs.extend(repeat_row(again, scores, i * n_items + item as usize));
                self.again.is_true.push(targets.binary_search(&item).is_ok());
            }
        }
    }

    /// The mixture of the newest window's models: `new` was learned from what is new to
    /// shoppers, and these cases of the window teach how much of it is bought.
    ///
    /// # Errors
    /// What a part says; [`TrainingError::NotPositiveDefinite`] for scores that are not
    /// finite.
    pub fn finish(
        self,
        repeat: Arc<dyn Scorer>,
        new: Fusion,
        task: &Task,
        cases: &[usize],
    ) -> Result<Mixture, TrainingError> {
        let (mut of_repeat, mut of_new) = (vec![0.0; 2 + new.n_parts()], vec![0.0; NEW_INPUTS]);
        (of_repeat[1], of_new[1]) = (1.0, 1.0);
        let models = Models { repeat, new };
        let mut first = Rows::default();
        for cases in cases.chunks(cases_at_once(task.questions.n_items)) {
            let histories: Vec<&[PastPurchase]> =
                cases.iter().map(|case| task.history(task.cases[*case])).collect();
            let seen = models.see(&histories, task.now_seconds())?;
            for (i, case) in cases.iter().enumerate() {
                let targets = &task.questions.views[0].targets[*case];
                seen.new_rows(i, histories[i], targets, &mut first);
            }
        }
        let learn =
            |rows: &Rows, start: &[f64]| logistic::fit(&rows.inputs, &rows.is_true, start, RIDGE);
        let weights = MixtureWeights {
            repeat: learn(&self.again, &of_repeat)?,
            new: learn(&first, &of_new)?,
        };
        Ok(Mixture { models, weights })
    }
}

/// Cases that are scored at once: bounds the memory of a dozen parts to half a GiB.
pub(crate) fn cases_at_once(n_items: usize) -> usize {
    ((1 << 21) / n_items.max(1)).clamp(1, 256)
}

impl Mixture {
    /// Models under learned weights.
    pub fn new(repeat: Arc<dyn Scorer>, new: Fusion, weights: MixtureWeights) -> Self {
        Self { models: Models { repeat, new }, weights }
    }

    /// What was learned.
    pub fn weights(&self) -> &MixtureWeights {
        &self.weights
    }

    /// The model of what is new.
    pub fn fusion(&self) -> &Fusion {
        &self.models.new
    }

    /// What makes up the score of an item: a constant, then what the model of repeated
    /// purchases adds (0 for a new item), then what each part adds.
    ///
    /// # Errors
    /// What a part says.
    pub(crate) fn terms(
        &self,
        history: &[PastPurchase],
        now_seconds: i64,
        item_idx: u32,
    ) -> Result<(f32, f32, Vec<f32>), TrainingError> {
        let seen = self.models.see(&[history], now_seconds)?;
        let MixtureWeights { repeat, new } = &self.weights;
        if history.iter().any(|entry| entry.item_idx == item_idx) {
            let row = repeat_row(&seen.again, &seen.scored.parts, item_idx as usize);
            let terms: Vec<f32> = row.zip(repeat).map(|(x, w)| (f64::from(x) * w) as f32).collect();
            return Ok((terms[0], terms[1], terms[2..].to_vec()));
        }
        let values: Vec<f32> =
            seen.scored.parts.iter().map(|part| part[item_idx as usize]).collect();
        let terms = self.models.new.terms(&values, history.len(), item_idx, false);
        let log_share = seen.log_shares(0, history)[item_idx as usize];
        let score = logistic::log_odds(new_row(log_share, habit(history)), new) as f32;
        let terms: Vec<f32> = terms.into_iter().map(|term| term * new[1] as f32).collect();
        Ok((score - terms.iter().sum::<f32>(), 0.0, terms))
    }
}

/// The two models.
#[derive(Clone)]
struct Models {
    repeat: Arc<dyn Scorer>,
    new: Fusion,
}

impl Models {
    fn see(&self, histories: &[&[PastPurchase]], now_seconds: i64) -> Result<Seen, TrainingError> {
        let again = self.repeat.score(histories, now_seconds)?;
        Ok(Seen { again, scored: self.new.scored(histories, now_seconds)? })
    }
}

/// What both models say of some histories.
struct Seen {
    /// Probabilities, \[histories, n_items\].
    again: Vec<f32>,
    scored: Scored,
}

impl Seen {
    fn n_items(&self) -> usize {
        self.scored.n_items
    }

    /// Log-shares of the items of one history, −∞ for those that are not new.
    fn log_shares(&self, i: usize, history: &[PastPurchase]) -> Vec<f32> {
        let mut row = self.scored.fused[i * self.n_items()..][..self.n_items()].to_vec();
        history.iter().for_each(|entry| row[entry.item_idx as usize] = f32::NEG_INFINITY);
        let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = row.iter().map(|score| f64::from(score - most).exp()).sum();
        let log_sum = most + sum.ln() as f32;
        row.iter_mut().for_each(|score| *score -= log_sum);
        row
    }

    /// Rows of the new items that the fusion puts first.
    fn new_rows(&self, i: usize, history: &[PastPurchase], targets: &[u32], rows: &mut Rows) {
        let log_shares = self.log_shares(i, history);
        let habit = habit(history);
        for item in top_k(&log_shares, NEW_ITEMS) {
            let log_share = log_shares[item as usize];
            if log_share.is_finite() {
                rows.inputs.extend(new_row(log_share, habit));
                rows.is_true.push(targets.binary_search(&item).is_ok());
            }
        }
    }
}

/// What is known of an item of a history: 1, log-odds of the repeat model, and the standard
/// scores of the parts; `at` is its place in the scores.
fn repeat_row<'a>(
    again: &[f32],
    scores: &'a [Vec<f32>],
    at: usize,
) -> impl Iterator<Item = f32> + use<'a> {
    let p = again[at].clamp(MARGIN, 1.0 - MARGIN);
    let parts = scores.iter().map(move |part| compressed(part[at]));
    [1.0, (p / (1.0 - p)).ln()].into_iter().chain(parts)
}

fn distinct(history: &[PastPurchase]) -> Vec<u32> {
    let mut items: Vec<u32> = history.iter().map(|entry| entry.item_idx).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// ln(1 + baskets), and the share of purchases that were new when they were made.
fn habit(history: &[PastPurchase]) -> [f32; 2] {
    let n_baskets = history.chunk_by(|a, b| a.basket == b.basket).count() as f32;
    let n_new = distinct(history).len() as f32;
    [n_baskets.ln_1p(), (n_new + 1.0) / (history.len() as f32 + 1.0)]
}

fn new_row(log_share: f32, [baskets, newness]: [f32; 2]) -> [f32; NEW_INPUTS] {
    [1.0, log_share, baskets, newness]
}

impl Scorer for Mixture {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let seen = self.models.see(histories, now_seconds)?;
        let n_items = seen.n_items();
        let MixtureWeights { repeat, new } = &self.weights;
        let mut scores = vec![0.0; histories.len() * n_items];
        scores.par_chunks_exact_mut(n_items).enumerate().for_each(|(i, row)| {
            let (log_shares, habit) = (seen.log_shares(i, histories[i]), habit(histories[i]));
            for (score, log_share) in row.iter_mut().zip(log_shares) {
                *score = logistic::log_odds(new_row(log_share, habit), new) as f32;
            }
            for item in distinct(histories[i]) {
                let at = i * n_items + item as usize;
                let inputs = repeat_row(&seen.again, &seen.scored.parts, at);
                row[item as usize] = logistic::log_odds(inputs, repeat) as f32;
            }
        });
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::next::blend::{self, Parts};
    use crate::next::{PopRec, TargetRule};
    use vitrine_domain::calendar::DAY_SECONDS;
    use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};
    use vitrine_evaluation::protocol::Window;
    use vitrine_ranking::PurchaseLog;

    const N_ITEMS: usize = 40;

    /// Knows that even items are bought again, odd ones not.
    struct Even;

    impl Scorer for Even {
        fn score(
            &self,
            histories: &[&[PastPurchase]],
            _now_seconds: i64,
        ) -> Result<Vec<f32>, TrainingError> {
            let mut scores = vec![0.0; histories.len() * N_ITEMS];
            for (row, history) in scores.chunks_exact_mut(N_ITEMS).zip(histories) {
                for entry in *history {
                    let is_even = entry.item_idx.is_multiple_of(2);
                    row[entry.item_idx as usize] = if is_even { 0.9 } else { 0.05 };
                }
            }
            Ok(scores)
        }
    }

    /// Each shopper takes an even and an odd item; in the window the even one again and, as
    /// everyone, item 39.
    fn task() -> Task {
        let lines: Vec<Interaction> = (0..60u32)
            .flat_map(|shopper| {
                let own = 2 * u64::from(shopper % 19);
                // The window is from day 20 on.
                [(own, 1), (own + 1, 2), (own, 21), (39, 21)].map(|(item, day)| Interaction {
                    shopper: ShopperId(shopper),
                    item: ItemId(item),
                    kind: EventKind::Purchase,
                    at_seconds: day * DAY_SECONDS,
                    basket: shopper * 100 + day as u32,
                    quantity: 1,
                    price_minor: 1,
                })
            })
            .chain((0..5).map(|n| Interaction {
                shopper: ShopperId(100 + n),
                item: ItemId(39),
                kind: EventKind::Purchase,
                at_seconds: 0,
                basket: 90_000 + n,
                quantity: 1,
                price_minor: 1,
            }))
            .collect();
        let ids: Vec<ItemId> = (0..N_ITEMS as u64).map(ItemId).collect();
        let log = PurchaseLog::new(&ids, &lines).expect("distinct");
        let window = Window { start_seconds: 20 * DAY_SECONDS, end_seconds: 30 * DAY_SECONDS };
        Task::time_split(&log, window, TargetRule::WholeWindow)
    }

    #[test]
    fn what_is_likely_comes_first_whether_new_or_not() {
        let task = task();
        let parts = vec![("pop".to_owned(), Arc::new(PopRec::fit(&task.fit)) as Arc<dyn Scorer>)];
        let parts = Parts { fused: parts, repeat: Some(Arc::new(Even)) };
        let mixture = blend::learn(
            std::slice::from_ref(&task),
            (1, &AtomicBool::new(false)),
            |_, _| Ok::<_, TrainingError>(parts.clone()),
            |_, _| true,
        )
        .expect("finite");
        let histories: Vec<_> = task.cases.iter().map(|case| task.history(*case)).collect();
        let scores = mixture.score(&histories, 0).expect("scores");
        assert_eq!(scores.len(), histories.len() * N_ITEMS);
        for (i, row) in scores.chunks_exact(N_ITEMS).enumerate() {
            let own = histories[i][0].item_idx;
            let mut best = top_k(row, 2);
            best.sort_unstable();
            assert_eq!(best, [own, 39], "case {i}");
            assert!(row.iter().all(|score| score.is_finite()));
            assert!(row[own as usize + 1] < row[own as usize], "the odd one is not bought again");
        }
    }
}
