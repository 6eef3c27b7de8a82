//! How parts are combined into one scorer, and how that is learned.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vitrine_ranking::{PastPurchase, PurchaseLog};

use super::fusion::{Fusion, FusionLearner, Learned, Part, standard_scores, support_classes};
use super::{Mixture, MixtureLearner, Scorer, Task, cases_at_once};
use crate::TrainingError;

/// The parts of one moment.
#[derive(Clone)]
pub struct Parts {
    /// What is fused.
    pub fused: Vec<Part>,
    /// How likely each item is bought again, where people buy again.
    pub repeat: Option<Arc<dyn Scorer>>,
}

/// Parts under learned weights.
#[derive(Clone)]
pub enum Blend {
    /// A weighted sum.
    Fusion(Fusion),
    /// A weighted sum for what is new to the shopper, beside a model of what they buy again.
    Mixture(Mixture),
}

/// Learns the weights of parts from windows, the newest first. Each window has parts of its
/// own, which `make` fits on what came before it; those of one window are freed before the
/// next is looked at, but for the newest. The cases of a window that `is_used` teach; it is
/// asked for the number of the window and that of its case.
///
/// The result is made of the newest window's parts: [`Blend::over`] takes later ones.
///
/// # Errors
/// What `make` and the parts say; [`TrainingError::Stopped`]; [`TrainingError::TooLittleData`] when no case has a right
/// item among its candidates.
pub fn learn<E: From<TrainingError>>(
    tasks: &[Task],
    (seed, stop): (u64, &AtomicBool),
    mut make: impl FnMut(usize, &Task) -> Result<Parts, E>,
    is_used: impl Fn(usize, usize) -> bool,
) -> Result<Blend, E> {
    let too_little = TrainingError::TooLittleData { n_shoppers: 0, n_shoppers_min: 1 };
    let Some(newest) = tasks.first() else { return Err(too_little.into()) };
    let parts = make(0, newest)?;
    let learned = if parts.repeat.is_some() { Learned::New } else { Learned::Both };
    let mut learner = Learner {
        fusion: FusionLearner::new(learned, tasks.len(), seed),
        mixture: MixtureLearner::new(tasks.len()),
        stop,
    };
    let cases = learner.see(newest, &parts, |case| is_used(0, case))?;
    for (n, task) in tasks.iter().enumerate().skip(1) {
        let parts = make(n, task)?;
        learner.see(task, &parts, |case| is_used(n, case))?;
    }
    let Parts { fused, repeat } = parts;
    let weights = learner.fusion.finish(fused.len())?;
    let fusion = Fusion::new(fused, &newest.fit, weights);
    Ok(match repeat {
        Some(repeat) => Blend::Mixture(learner.mixture.finish(repeat, fusion, newest, &cases)?),
        None => Blend::Fusion(fusion),
    })
}

/// Learns both weights of the fusion and those of the mixture.
struct Learner<'a> {
    fusion: FusionLearner,
    mixture: MixtureLearner,
    stop: &'a AtomicBool,
}

impl Learner<'_> {
    /// Looks at one window; the cases that were learned from.
    fn see(
        &mut self,
        task: &Task,
        parts: &Parts,
        is_used: impl Fn(usize) -> bool,
    ) -> Result<Vec<usize>, TrainingError> {
        let (n_items, now_seconds) = (task.questions.n_items, task.now_seconds());
        let supports = support_classes(&task.fit);
        let cases = self.fusion.draw(task.cases.len(), is_used);
        self.mixture.turn();
        for cases in cases.chunks(cases_at_once(n_items)) {
            if self.stop.load(Ordering::Relaxed) {
                return Err(TrainingError::Stopped);
            }
            let histories: Vec<&[PastPurchase]> =
                cases.iter().map(|case| task.history(task.cases[*case])).collect();
            let scores = standard_scores(&parts.fused, &histories, n_items, now_seconds)?;
            self.fusion.see(task, cases, &scores, &supports);
            if let Some(repeat) = &parts.repeat {
                let again = repeat.score(&histories, now_seconds)?;
                self.mixture.see(task, cases, &again, &scores);
            }
        }
        Ok(cases)
    }
}

impl Blend {
    /// These weights over parts of the same kinds that were fitted on another log.
    pub fn over(&self, parts: Parts, log: &PurchaseLog) -> Self {
        let fusion = Fusion::new(parts.fused, log, self.fusion().weights().to_vec());
        match (self, parts.repeat) {
            (Self::Mixture(mixture), Some(repeat)) => {
                Self::Mixture(Mixture::new(repeat, fusion, mixture.weights().clone()))
            }
            _ => Self::Fusion(fusion),
        }
    }

    /// The weighted sum: of everything, or of what is new to the shopper.
    pub fn fusion(&self) -> &Fusion {
        match self {
            Self::Fusion(fusion) => fusion,
            Self::Mixture(mixture) => mixture.fusion(),
        }
    }

    /// What makes up the score of an item: a constant of the shopper, what the model of
    /// repeated purchases adds, and what each part of [`Self::fusion`] adds.
    ///
    /// # Errors
    /// What a part says.
    pub(crate) fn terms(
        &self,
        history: &[PastPurchase],
        now_seconds: i64,
        item_idx: u32,
    ) -> Result<(f32, f32, Vec<f32>), TrainingError> {
        let fusion = match self {
            Self::Mixture(mixture) => return mixture.terms(history, now_seconds, item_idx),
            Self::Fusion(fusion) => fusion,
        };
        let scored = fusion.scored(&[history], now_seconds)?;
        let values: Vec<f32> = scored.parts.iter().map(|part| part[item_idx as usize]).collect();
        let is_repeat = history.iter().any(|entry| entry.item_idx == item_idx);
        Ok((0.0, 0.0, fusion.terms(&values, history.len(), item_idx, is_repeat)))
    }
}

impl Scorer for Blend {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        match self {
            Self::Fusion(fusion) => fusion.score(histories, now_seconds),
            Self::Mixture(mixture) => mixture.score(histories, now_seconds),
        }
    }
}
