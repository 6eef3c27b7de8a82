//! What is bought again and what is new, each by who knows it, in one order: by how
//! likely it is bought.

use std::sync::Arc;

use rayon::prelude::*;

use vitrine_evaluation::top_k;
use vitrine_ranking::PastPurchase;

use super::fusion::{Fusion, Lesson, Scored, compressed};
use super::{Scorer, logistic};
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
pub struct Mixture {
    models: Models,
    /// For items of the history: 1, log-odds of the repeat model, scores of the parts.
    repeat_weights: Vec<f64>,
    /// \[4\]
    new_weights: Vec<f64>,
}

/// Rows with their labels.
#[derive(Default)]
struct Rows {
    inputs: Vec<f32>,
    is_true: Vec<bool>,
}

impl Mixture {
    /// Learns on the cases `is_used` of the lessons how likely both sorts of items are
    /// bought. `new` was learned from what is new; the models are those of the first lesson.
    ///
    /// # Errors
    /// What a part says; [`TrainingError::TooLittleData`] when a lesson has no model of
    /// what is bought again.
    pub fn fit(
        lessons: &[Lesson<'_>],
        new: Fusion,
        is_used: impl Fn(usize, usize) -> bool,
    ) -> Result<Self, TrainingError> {
        let n_repeat = 2 + new.n_parts();
        let (mut repeat_weights, mut new_weights) = (vec![0.0; n_repeat], vec![0.0; NEW_INPUTS]);
        (repeat_weights[1], new_weights[1]) = (1.0, 1.0);
        let (mut again, mut first) = (Rows::default(), Rows::default());
        let mut of_first = None;
        for (n, Lesson { task, parts, repeat }) in lessons.iter().enumerate() {
            let no_model = TrainingError::TooLittleData { n_shoppers: 0, n_shoppers_min: 1 };
            let repeat = Arc::clone(repeat.as_ref().ok_or(no_model)?);
            let new = new.clone().over(parts.clone(), &task.fit);
            let models = Models { repeat, new };
            let used: Vec<usize> = (0..task.cases.len()).filter(|case| is_used(n, *case)).collect();
            for cases in used.chunks(256) {
                if again.is_true.len() >= ROWS_ENOUGH * (n + 1) / lessons.len() {
                    break;
                }
                let histories: Vec<&[PastPurchase]> =
                    cases.iter().map(|case| task.history(task.cases[*case])).collect();
                let seen = models.see(&histories)?;
                for (i, case) in cases.iter().enumerate() {
                    let targets = &task.questions.views[0].targets[*case];
                    seen.rows(i, histories[i], targets, [&mut again, &mut first]);
                }
            }
            of_first.get_or_insert(models);
        }
        let too_little = TrainingError::TooLittleData { n_shoppers: 0, n_shoppers_min: 1 };
        let models = of_first.ok_or(too_little)?;
        let learn =
            |rows: Rows, start: &[f64]| logistic::fit(&rows.inputs, &rows.is_true, start, RIDGE);
        let repeat_weights = learn(again, &repeat_weights)?;
        let new_weights = learn(first, &new_weights)?;
        Ok(Self { models, repeat_weights, new_weights })
    }

    /// The same weights over other models of the same kinds, fitted on a later log.
    pub fn over(self, repeat: Arc<dyn Scorer>, new: impl FnOnce(Fusion) -> Fusion) -> Self {
        Self { models: Models { repeat, new: new(self.models.new) }, ..self }
    }

    /// Weights of what is bought again (1, log-odds, each part) and of what is new (1, ln
    /// share, baskets, share of new purchases).
    ///
    /// # Shapes
    /// → one weight an input of each of the two, in the order above.
    pub fn weights(&self) -> [&[f64]; 2] {
        [&self.repeat_weights, &self.new_weights]
    }
}

/// The two models.
struct Models {
    repeat: Arc<dyn Scorer>,
    new: Fusion,
}

impl Models {
    fn see(&self, histories: &[&[PastPurchase]]) -> Result<Seen, TrainingError> {
        Ok(Seen { again: self.repeat.score(histories)?, scored: self.new.scored(histories)? })
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

    fn repeat_row(&self, i: usize, item: u32) -> impl Iterator<Item = f32> + '_ {
        let at = i * self.n_items() + item as usize;
        let p = self.again[at].clamp(MARGIN, 1.0 - MARGIN);
        let parts = self.scored.parts.iter().map(move |part| compressed(part[at]));
        [1.0, (p / (1.0 - p)).ln()].into_iter().chain(parts)
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

    fn rows(
        &self,
        i: usize,
        history: &[PastPurchase],
        targets: &[u32],
        [again, first]: [&mut Rows; 2],
    ) {
        let is_target = |item: &u32| targets.binary_search(item).is_ok();
        for item in distinct(history) {
            again.inputs.extend(self.repeat_row(i, item));
            again.is_true.push(is_target(&item));
        }
        let log_shares = self.log_shares(i, history);
        let habit = habit(history);
        for item in top_k(&log_shares, NEW_ITEMS) {
            let log_share = log_shares[item as usize];
            if log_share.is_finite() {
                first.inputs.extend(new_row(log_share, habit));
                first.is_true.push(is_target(&item));
            }
        }
    }
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
    fn score(&self, histories: &[&[PastPurchase]]) -> Result<Vec<f32>, TrainingError> {
        let seen = self.models.see(histories)?;
        let n_items = seen.n_items();
        let mut scores = vec![0.0; histories.len() * n_items];
        scores.par_chunks_exact_mut(n_items).enumerate().for_each(|(i, row)| {
            let (log_shares, habit) = (seen.log_shares(i, histories[i]), habit(histories[i]));
            for (score, log_share) in row.iter_mut().zip(log_shares) {
                *score = logistic::log_odds(new_row(log_share, habit), &self.new_weights) as f32;
            }
            for item in distinct(histories[i]) {
                let odds = logistic::log_odds(seen.repeat_row(i, item), &self.repeat_weights);
                row[item as usize] = odds as f32;
            }
        });
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::next::fusion::Learned;
    use crate::next::{PopRec, TargetRule, Task};
    use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};
    use vitrine_evaluation::protocol::{DAY_SECONDS, Window};
    use vitrine_ranking::PurchaseLog;

    const N_ITEMS: usize = 40;

    /// Knows that even items are bought again, odd ones not.
    struct Even;

    impl Scorer for Even {
        fn score(&self, histories: &[&[PastPurchase]]) -> Result<Vec<f32>, TrainingError> {
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
        let lessons = [Lesson { task: &task, parts, repeat: Some(Arc::new(Even)) }];
        let new = Fusion::fit(&lessons, 1, Learned::New, |_, _| true).expect("found");
        let mixture = Mixture::fit(&lessons, new, |_, _| true).expect("finite");
        let histories: Vec<_> = task.cases.iter().map(|case| task.history(*case)).collect();
        let scores = mixture.score(&histories).expect("scores");
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
