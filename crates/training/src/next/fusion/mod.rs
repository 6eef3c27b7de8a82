//! Fusion of several scorers: s = Σ w(context)·f(score), the weights learned on
//! validation and on windows before it, by length of history, by how often an item was
//! taken, and by whether this shopper took it before.

mod context;
mod learn;

use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use vitrine_ranking::{PastPurchase, PurchaseLog};

pub(super) use context::compressed;
use context::{Context, N_CONTEXTS, fuse, history_class, supports};
pub use learn::Learned;

use super::{Scorer, Task};
use crate::TrainingError;

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

/// What weights are learned from: the cases of a task, with models that were fitted on what
/// came before it.
pub struct Lesson<'a> {
    /// What is asked.
    pub task: &'a Task,
    /// Parts of the fusion, the same kinds in each lesson.
    pub parts: Vec<Part>,
    /// Probabilities of what is bought again, for a [`super::Mixture`].
    pub repeat: Option<Arc<dyn Scorer>>,
}

/// Parts and how they are weighed.
#[derive(Clone)]
pub struct Fusion {
    parts: Vec<Part>,
    /// Class of each item by its number of interactions.
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

#[cfg(test)]
mod tests {
    use vitrine_evaluation::top_k;

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
        let lesson = Lesson { task: &task, parts, repeat: None };
        let fusion = Fusion::fit(&[lesson], 1, Learned::Both, |_, _| true).expect("found");
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
    fn each_lesson_is_asked_of_its_own_parts() {
        let sequences: Vec<Vec<u32>> =
            (0..200u32).map(|n| (0..5).map(|i| (n + i) % 40).collect()).collect();
        let log = PurchaseLog::of_sequences(40, &sequences).expect("in range");
        let task = Task::leave_one_out(&log, Split::Validation);
        // Histories are short: whoever knows them knows the answer.
        let parts = |knows: [bool; 2]| -> Vec<Part> {
            let oracle = |knows_short| Arc::new(Oracle { knows_short }) as Arc<dyn Scorer>;
            knows.into_iter().map(|knows| (String::new(), oracle(knows))).collect()
        };
        let lesson = |knows| Lesson { task: &task, parts: parts(knows), repeat: None };
        let lessons = || [lesson([true, false]), lesson([false, true])];
        let weights = |is_used: fn(usize, usize) -> bool| {
            let fusion = Fusion::fit(&lessons(), 1, Learned::Both, is_used).expect("found");
            fusion.part_weights().into_iter().map(|part| part.linear[0]).collect::<Vec<f32>>()
        };
        let (first, second) = (weights(|n, _| n == 0), weights(|n, _| n == 1));
        assert!(first[0] > first[1], "{first:?}");
        assert!(second[1] > second[0], "{second:?}");
        assert!(Fusion::fit(&lessons(), 1, Learned::Both, |_, _| false).is_err());
        assert!(Fusion::fit(&[], 1, Learned::Both, |_, _| true).is_err());
    }

    #[test]
    fn scores_that_are_all_alike_say_nothing() {
        assert_eq!(normalised(vec![3.0; 8], 4), [0.0; 8]);
        let rows = normalised(vec![0.0, 0.0, 0.0, 4.0], 4);
        assert!((rows[3] - 3f32.sqrt()).abs() < 1e-6);
    }
}
