//! The student of a data set: distilled from the fusion of [`super`]'s models into what
//! a browser runs, and asked over the path that a browser takes.
//!
//! 1. [`sequence::fit_device`] learns the encoder and the codes, from what came next
//!    and from the teacher's lists;
//! 2. [`related`] keeps the teacher's item-to-item knowledge as published lists;
//! 3. [`head`] learns the scorer over what the packed encoder retrieves, from the
//!    validation items and the teacher's scores;
//! 4. [`Student`] ranks: packed bytes → 500 candidates of the device → scorer.
//!
//! Nothing that is published (residuals of codes, related lists, buyer counts) is made
//! of fewer than [`limits::BUYERS_MIN`] buyers, unless a measurement of what that costs
//! says so.

mod head;
mod related;
mod shelf;
#[cfg(test)]
mod tests;

pub(crate) use head::headless;
pub use shelf::Shelf;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_domain::{EventKind, limits};
use vitrine_ranking::{PastPurchase, Popularity};
use vitrine_student::{ItemTable, PackedStudent, Ranker, Shopper, Weights, candidates};

use super::sequence::{self, DeviceFit, FitControl, SequenceConfig, SequenceModel, TeacherLists};
use super::{Scorer, Task};
use crate::TrainingError;
use crate::codec::{self, TextBasis};
use crate::params::Params;

/// Sizes and rates of a distillation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StudentConfig {
    /// The encoder's run; its sizes are the student's own.
    pub encoder: SequenceConfig,
    /// How much the teacher's lists count beside what was taken.
    pub list_weight: f64,
    /// Whether the encoder starts from the teacher's transformer.
    pub starts_from_teacher: bool,
    /// Fewest buyers of an item whose code has a residual and whose buyers are counted.
    pub buyers_min: u32,
    /// Fewest buyers of a pair in a related list.
    pub pair_buyers_min: u32,
    /// Passes of the scorer over its lists.
    pub head_epochs: usize,
    /// Highest learning rate of the scorer.
    pub head_rate: f32,
    /// How much the teacher's scores count beside what was taken, of 1, for the scorer.
    pub teacher_share: f32,
    /// Candidates of one ranking.
    pub n_candidates: usize,
    /// Related items of one item.
    pub n_related: usize,
    /// Whether the weights are rounded as they ship; else what rounding costs is seen.
    pub is_packed: bool,
}

impl Default for StudentConfig {
    fn default() -> Self {
        Self {
            encoder: SequenceConfig { n_epochs: 8, patience: 8, ..SequenceConfig::default() },
            list_weight: 1.0,
            starts_from_teacher: true,
            buyers_min: limits::BUYERS_MIN,
            pair_buyers_min: limits::BUYERS_MIN,
            head_epochs: 6,
            head_rate: 2e-3,
            teacher_share: 0.7,
            n_candidates: limits::FEED_CANDIDATES_MAX,
            n_related: limits::RELATED_MAX,
            is_packed: true,
        }
    }
}

/// What a student is distilled from.
#[derive(Clone, Copy)]
pub struct Distillation<'a> {
    /// Its log fits, its validation cases choose.
    pub task: &'a Task,
    /// Everything that a device knows of the items, besides what is learned.
    pub shelf: &'a Shelf,
    /// Texts, if there are any.
    pub text: Option<&'a TextBasis>,
    /// The teacher whose lists teach the encoder; its scores are logits.
    pub lists_of: &'a dyn Scorer,
    /// The teacher of the scorer and of the related lists, likewise.
    pub teacher: &'a dyn Scorer,
    /// Its transformer.
    pub transformer: Option<&'a SequenceModel>,
}

/// A student as a browser has it.
pub struct Student {
    weights: Weights,
    table: ItemTable,
    ms_a_second: i64,
    n_candidates: usize,
    masks_seen: bool,
}

impl Student {
    /// Distils; the cases that `is_learned_from` teach the scorer.
    ///
    /// # Errors
    /// As [`sequence::fit_device`]; what the teacher says; when the student refuses
    /// its weights.
    pub fn fit(
        from: Distillation<'_>,
        config: &StudentConfig,
        is_learned_from: impl Fn(usize) -> bool,
        control: &mut FitControl<'_>,
    ) -> Result<Self, TrainingError> {
        let Distillation { task, shelf, text, lists_of, teacher, transformer } = from;
        let masks_seen = task.questions.views.first().is_some_and(|view| view.masks_seen);
        let lists = TeacherLists::of_teacher(lists_of, &task.fit, masks_seen)?;
        let until = task.fit.last_seconds().unwrap_or(0) + 1;
        let popularity = Popularity::new(&task.fit, until);
        let device = DeviceFit {
            text,
            n_buyers: &popularity.n_buyers,
            buyers_min: config.buyers_min,
            ms_a_second: shelf.ms_a_second,
            start: transformer.filter(|_| config.starts_from_teacher).map(SequenceModel::params),
            lists: (config.list_weight > 0.0).then_some((&lists, config.list_weight)),
        };
        let encoder = sequence::fit_device(&task.fit, Some(task), device, config.encoder, control)?;
        let scale = codec::code_scale(encoder.items());
        let codes = codec::quantise(encoder.items(), scale);
        let headless = shipped(&head::headless(encoder.params()), scale, config.is_packed)?;
        let is_published = config.buyers_min >= limits::BUYERS_MIN;
        let popularity = if is_published { popularity.published() } else { popularity };
        let mut table = shelf.table(&headless, &codes, &popularity);
        table.set_related(&related::lists(teacher, task, shelf, config)?);
        let mut student = Self {
            weights: headless,
            table,
            ms_a_second: shelf.ms_a_second,
            n_candidates: config.n_candidates,
            masks_seen,
        };
        let samples = student.samples(task, teacher, &is_learned_from, config)?;
        let params = head::fit(encoder.params(), encoder.items(), &samples, config, control.stop)?;
        student.weights = shipped(&params, scale, config.is_packed)?;
        student.table.refresh(&student.weights);
        Ok(student)
    }

    /// The log of a shopper, encoded.
    fn shopper(&self, history: &[PastPurchase]) -> Shopper {
        let entry = |entry: &PastPurchase| {
            let at_ms = entry.at_seconds * self.ms_a_second;
            self.table.entry(entry.item_idx, EventKind::Purchase, at_ms)
        };
        let log: Vec<_> = history.iter().map(entry).collect();
        Shopper::from_log(&self.weights, &log)
    }

    /// The moment of a ranking: right after the newest entry.
    fn now_ms(&self, history: &[PastPurchase]) -> i64 {
        history.last().map_or(0, |entry| (entry.at_seconds + 1) * self.ms_a_second)
    }

    /// Candidates as the device draws them; those that are asked for without what was
    /// seen come without it.
    fn candidates(&self, shopper: &Shopper, history: &[PastPurchase]) -> Vec<u32> {
        let mut rows = candidates::feed(&self.table, &self.weights, shopper, self.n_candidates);
        if self.masks_seen {
            rows.retain(|row| history.iter().all(|entry| entry.item_idx != *row));
        }
        rows
    }
}

impl Scorer for Student {
    /// What is no candidate scores −∞.
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let n_items = self.table.n_items();
        let mut scores = vec![f32::NEG_INFINITY; histories.len() * n_items];
        scores.par_chunks_exact_mut(n_items).zip(histories).for_each(|(scores, history)| {
            let shopper = self.shopper(history);
            let rows = self.candidates(&shopper, history);
            let now_ms = self.now_ms(history);
            let (weights, table) = (&self.weights, &self.table);
            let ranked = Ranker::new().rank(weights, table, &shopper, now_ms, &rows, None);
            rows.iter().zip(ranked).for_each(|(row, score)| scores[*row as usize] = score);
        });
        Ok(scores)
    }
}

/// The weights that a browser reads from the bytes; without packing the same in f32.
fn shipped(params: &Params, scale: f32, is_packed: bool) -> Result<Weights, TrainingError> {
    let weights = Weights::from_tensors(&params.tensors(), scale)?;
    if !is_packed {
        return Ok(weights);
    }
    let bytes = PackedStudent::pack(&weights)?.to_bytes();
    Ok(PackedStudent::from_bytes(&bytes)?.weights())
}
