//! Fusion of several scorers: s = Σ w(context)·f(score), the weights learned on
//! validation and on windows before it, by length of history, by how often an item was
//! taken, and by whether this shopper took it before.

mod context;
mod learn;

use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use vitrine_ranking::{PastPurchase, PurchaseLog};

use context::{N_CONTEXTS, Summed, history_class, supports};
pub(crate) use context::{compressed, supports as support_classes};
pub use learn::{FusionLearner, Learned};

use super::Scorer;
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
    /// Parts that were fitted on a log, under learned weights.
    ///
    /// # Shapes
    /// `weights` as [`Self::weights`] has them for as many parts.
    pub fn new(parts: Vec<Part>, log: &PurchaseLog, weights: Vec<f32>) -> Self {
        Self::of_supports(parts, supports(log), weights)
    }

    /// Weights of each part.
    pub(crate) const WEIGHTS_A_PART: usize = 2 * N_CONTEXTS;

    /// Parts under learned weights, where the class of each item is known.
    pub(crate) fn of_supports(parts: Vec<Part>, supports: Vec<u8>, weights: Vec<f32>) -> Self {
        debug_assert_eq!(weights.len(), parts.len() * 2 * N_CONTEXTS);
        Self { parts, supports, weights }
    }

    /// Weights by part, then linear and logarithmic, then context.
    ///
    /// # Shapes
    /// \[parts · 2 · contexts\]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Class of each item by how often it was taken, \[n_items\].
    pub(crate) fn supports(&self) -> &[u8] {
        &self.supports
    }

    /// The parts, named.
    pub fn parts(&self) -> &[Part] {
        &self.parts
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

    /// What the parts and the fusion say at one moment.
    ///
    /// # Errors
    /// What a part says.
    pub fn scored(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Scored, TrainingError> {
        let n_items = self.supports.len();
        let parts = standard_scores(&self.parts, histories, n_items, now_seconds)?;
        let mut scores = vec![0.0; histories.len() * n_items];
        scores.par_chunks_exact_mut(n_items).enumerate().for_each(|(i, row)| {
            let history = history_class(histories[i].len());
            let mut seen = vec![false; n_items];
            histories[i].iter().for_each(|entry| seen[entry.item_idx as usize] = true);
            let summed = Summed::of(&self.weights, history);
            for (item, score) in row.iter_mut().enumerate() {
                let values = parts.iter().map(|part| part[i * n_items + item]);
                *score = summed.fuse(values, self.supports[item], seen[item]);
            }
        });
        Ok(Scored { n_items, parts, fused: scores })
    }

    /// What each part adds to the fused score of an item after a history of `n_entries`.
    ///
    /// # Shapes
    /// `values`: the item's standard score by part → one term a part.
    pub(crate) fn terms(
        &self,
        values: &[f32],
        n_entries: usize,
        item_idx: u32,
        is_repeat: bool,
    ) -> Vec<f32> {
        let support = self.supports[item_idx as usize];
        Summed::of(&self.weights, history_class(n_entries)).terms(values, support, is_repeat)
    }
}

impl Scorer for Fusion {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        Ok(self.scored(histories, now_seconds)?.fused)
    }
}

/// Standard scores of each part after each history, \[parts\]\[histories, n_items\].
///
/// # Errors
/// What a part says.
pub(crate) fn standard_scores(
    parts: &[Part],
    histories: &[&[PastPurchase]],
    n_items: usize,
    now_seconds: i64,
) -> Result<Vec<Vec<f32>>, TrainingError> {
    let of = |(_, part): &Part| Ok(standardised(part.score(histories, now_seconds)?, n_items));
    parts.iter().map(of).collect()
}

/// Scores of each case as standard scores over the catalogue; 0 where all are alike.
///
/// # Shapes
/// `scores` \[cases, n_items\] → the same.
pub fn standardised(mut scores: Vec<f32>, n_items: usize) -> Vec<f32> {
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

    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::next::blend::{self, Blend, Parts};
    use crate::next::{Split, Task};

    /// Knows the answer after short histories, or after long ones.
    struct Oracle {
        knows_short: bool,
    }

    impl Scorer for Oracle {
        fn score(
            &self,
            histories: &[&[PastPurchase]],
            _now_seconds: i64,
        ) -> Result<Vec<f32>, TrainingError> {
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

    /// The fusion learned from windows, each with parts of its own.
    fn learned(
        tasks: &[Task],
        parts: impl Fn(usize) -> Vec<Part>,
        is_used: impl Fn(usize, usize) -> bool,
    ) -> Result<Fusion, TrainingError> {
        let make = |n, _: &Task| Ok::<_, TrainingError>(Parts { fused: parts(n), repeat: None });
        match blend::learn(tasks, (1, &AtomicBool::new(false)), make, is_used)? {
            Blend::Fusion(fusion) => Ok(fusion),
            Blend::Mixture(_) => panic!("nothing is bought again"),
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
        let fusion =
            learned(std::slice::from_ref(&task), |_| parts.clone(), |_, _| true).expect("found");
        let histories: Vec<&[PastPurchase]> =
            (0..40).map(|n| task.history(task.cases[n])).collect();
        let scores = fusion.score(&histories, 0).expect("scores");
        for (i, scores) in scores.chunks_exact(40).enumerate() {
            let right = task.questions.views[0].targets[i][0];
            assert_eq!(top_k(scores, 1), [right], "case {i}");
        }
        assert_eq!(fusion.part_weights().len(), 2);
    }

    #[test]
    fn each_window_is_asked_of_its_own_parts() {
        let sequences: Vec<Vec<u32>> =
            (0..200u32).map(|n| (0..5).map(|i| (n + i) % 40).collect()).collect();
        let log = PurchaseLog::of_sequences(40, &sequences).expect("in range");
        let task = Task::leave_one_out(&log, Split::Validation);
        // Histories are short: whoever knows them knows the answer.
        let parts = |knows: [bool; 2]| -> Vec<Part> {
            let oracle = |knows_short| Arc::new(Oracle { knows_short }) as Arc<dyn Scorer>;
            knows.into_iter().map(|knows| (String::new(), oracle(knows))).collect()
        };
        let tasks = [task.clone(), task];
        let of = |n: usize| if n == 0 { parts([true, false]) } else { parts([false, true]) };
        let weights = |is_used: fn(usize, usize) -> bool| {
            let fusion = learned(&tasks, of, is_used).expect("found");
            fusion.part_weights().into_iter().map(|part| part.linear[0]).collect::<Vec<f32>>()
        };
        let (first, second) = (weights(|n, _| n == 0), weights(|n, _| n == 1));
        assert!(first[0] > first[1], "{first:?}");
        assert!(second[1] > second[0], "{second:?}");
        assert!(learned(&tasks, of, |_, _| false).is_err());
        assert!(learned(&[], of, |_, _| true).is_err());
    }

    #[test]
    fn scores_that_are_all_alike_say_nothing() {
        assert_eq!(standardised(vec![3.0; 8], 4), [0.0; 8]);
        let rows = standardised(vec![0.0, 0.0, 0.0, 4.0], 4);
        assert!((rows[3] - 3f32.sqrt()).abs() < 1e-6);
    }
}
