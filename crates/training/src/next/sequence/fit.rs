//! Gradient steps over passes, with early stopping on validation and a checkpoint
//! after each pass.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rand::rngs::SmallRng;
use rand::seq::index;
use rand::{Rng, SeedableRng};
use rayon::prelude::*;

use super::batches::{Step, steps};
use super::items::ItemTable;
use super::lists::TeacherLists;
use super::network::Form;
use super::{SequenceConfig, SequenceModel};
use vitrine_optim::{Fall, Schedule, pass_seed, shuffled};
use vitrine_ranking::PurchaseLog;
use vitrine_student::layout::{CODE_DIM, HEAD_DIM, N_BLOCKS, WINDOW_MAX};

use crate::codec::TextBasis;
use crate::next::{Scorer, Task};
use crate::params::{Params, Rates};
use crate::{TrainingError, checkpoint};

const WARM_UP_STEPS: usize = 200;
/// The last rate, as a part of the highest.
const FINAL_RATE: f32 = 0.05;
/// Validation cases that decide when to stop.
const VALIDATION_CASES: usize = 6_000;
/// Array in a checkpoint: passes done, best pass, its figure.
const PROGRESS: &str = "progress";

/// A pass that was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// Passes done.
    pub epoch: usize,
    /// Passes at most.
    pub n_epochs: usize,
    /// Mean loss a row.
    pub loss: f32,
    /// NDCG@10 on validation cases, where there are any.
    pub validation_ndcg: Option<f64>,
    /// Of the best pass so far.
    pub best_ndcg: f64,
    /// Time of this pass with its validation.
    pub seconds: f64,
}

/// How a caller follows and stops a run.
pub struct FitControl<'a> {
    /// Set it and the run ends with [`TrainingError::Stopped`] after the current step.
    pub stop: &'a AtomicBool,
    /// Called after each pass.
    pub progress: &'a mut dyn FnMut(Epoch),
    /// Where the state is kept; a run of the same data and configuration goes on
    /// from there, after its last whole pass.
    pub checkpoint: Option<&'a Path>,
}

/// Trains on `task.fit`; the cases of `task`, which must be validation cases,
/// decide when to stop. The model and the number of passes it was best after.
///
/// # Errors
/// When the loss diverges, a checkpoint cannot be read or written, or on request.
pub fn fit(
    task: &Task,
    text: Option<&TextBasis>,
    config: SequenceConfig,
    control: &mut FitControl<'_>,
) -> Result<(SequenceModel, usize), TrainingError> {
    let table = ItemTable::new(text, task.fit.n_items(), config.width)?;
    let trainer = Trainer::new(&task.fit, Some(task), &table, config);
    trainer.run(config.n_epochs, control)
}

/// Where the best pass is kept, beside the newest.
pub(crate) fn best_path(checkpoint: &Path) -> PathBuf {
    checkpoint.with_extension("best")
}

/// What the device's own network is fitted with, besides a log.
#[derive(Clone, Copy)]
pub struct DeviceFit<'a> {
    /// Texts, if there are any.
    pub text: Option<&'a TextBasis>,
    /// Distinct buyers by item: those of too few get no residual.
    pub n_buyers: &'a [u32],
    /// Fewest buyers of a residual; `BUYERS_MIN` for all that is published.
    pub buyers_min: u32,
    /// Milliseconds of a second of the log.
    pub ms_a_second: i64,
    /// Arrays to start from, where they have the same shape.
    pub start: Option<&'a Params>,
    /// What a teacher recommends to each shopper of the log, and how much it counts
    /// beside what was taken.
    pub lists: Option<(&'a TeacherLists, f64)>,
}

/// Trains the student's network on a log so that the inner product of its state with the
/// rounded codes ranks, as [`fit()`] trains a wide one: with validation cases until they
/// say so, without for `config.n_epochs` passes. The sizes of `config` are those of the
/// student, whatever it says.
///
/// # Errors
/// As [`fit()`].
pub fn fit_device(
    log: &PurchaseLog,
    validation: Option<&Task>,
    device: DeviceFit<'_>,
    config: SequenceConfig,
    control: &mut FitControl<'_>,
) -> Result<SequenceModel, TrainingError> {
    let config = SequenceConfig {
        width: CODE_DIM,
        head_dim: HEAD_DIM,
        n_blocks: N_BLOCKS,
        length_max: WINDOW_MAX,
        ..config
    };
    let table = device.table(log.n_items())?;
    let trainer = Trainer::of_device(device, log, validation, &table, config);
    Ok(trainer.run(config.n_epochs, control)?.0)
}

impl<'a> DeviceFit<'a> {
    /// Rows as a device gets them.
    fn table(&self, n_items: usize) -> Result<ItemTable<'a>, TrainingError> {
        let may_be_published = self.n_buyers.iter().map(|n| *n >= self.buyers_min).collect();
        Ok(ItemTable::new(self.text, n_items, CODE_DIM)?.published(may_be_published))
    }
}

/// Trains on a log for as many passes as were found best on another; nothing is
/// validated.
///
/// # Errors
/// As [`fit()`].
pub fn fit_for(
    n_epochs: usize,
    log: &PurchaseLog,
    text: Option<&TextBasis>,
    config: SequenceConfig,
    control: &mut FitControl<'_>,
) -> Result<SequenceModel, TrainingError> {
    let table = ItemTable::new(text, log.n_items(), config.width)?;
    Ok(Trainer::new(log, None, &table, config).run(n_epochs, control)?.0)
}

impl Trainer<'_> {
    /// Passes until `n_epochs` are done or validation has not become better for long.
    fn run(
        &self,
        n_epochs: usize,
        control: &mut FitControl<'_>,
    ) -> Result<(SequenceModel, usize), TrainingError> {
        let (table, config, trainer) = (self.table, self.config, self);
        let mut state = State::new(self);
        let fingerprint = trainer.fingerprint();
        let best_path = control.checkpoint.map(best_path);
        if let (Some(path), Some(best_path)) = (control.checkpoint, &best_path)
            && checkpoint::load(best_path, &mut state.best, &fingerprint)?
        {
            checkpoint::load(path, &mut state.params, &fingerprint)?;
        }
        while !state.is_finished(n_epochs, config.patience) {
            let started = Instant::now();
            let epoch = state.epoch();
            let loss = trainer.pass(&mut state.params, epoch, control.stop)?;
            let model = SequenceModel::new(config, self.form, state.params.clone(), table)?;
            let validation_ndcg = trainer.validate(&model)?;
            let improved = state.finish_epoch(validation_ndcg);
            if let (Some(path), Some(best_path)) = (control.checkpoint, &best_path) {
                if improved {
                    checkpoint::save(best_path, &state.best, &fingerprint)?;
                }
                checkpoint::save(path, &state.params, &fingerprint)?;
            }
            (control.progress)(Epoch {
                epoch: epoch + 1,
                n_epochs,
                loss,
                validation_ndcg,
                best_ndcg: state.best_ndcg(),
                seconds: started.elapsed().as_secs_f64(),
            });
        }
        let best = state.progress()[1] as usize;
        Ok((SequenceModel::new(config, self.form, state.best, table)?, best))
    }
}

/// What a run has come to.
struct State {
    params: Params,
    best: Params,
}

impl State {
    fn new(trainer: &Trainer<'_>) -> Self {
        let mut params = Params::empty();
        trainer.form.push_params(&mut params, &trainer.config);
        trainer.table.push_params(&mut params, trainer.config.seed);
        trainer.start.into_iter().for_each(|start| params.start_from(start));
        params.push(PROGRESS, &[3], vec![0.0; 3]);
        Self { best: params.clone(), params }
    }

    fn progress(&self) -> &[f32] {
        self.params.values(PROGRESS)
    }

    fn epoch(&self) -> usize {
        self.progress()[0] as usize
    }

    fn best_ndcg(&self) -> f64 {
        f64::from(self.progress()[2])
    }

    fn is_finished(&self, n_epochs: usize, patience: usize) -> bool {
        let (epoch, best) = (self.epoch(), self.progress()[1] as usize);
        epoch >= n_epochs || epoch >= best + patience
    }

    /// Whether this pass was the best; without validation the newest is.
    fn finish_epoch(&mut self, ndcg: Option<f64>) -> bool {
        let improved = ndcg.is_none_or(|ndcg| ndcg > self.best_ndcg());
        let ndcg = ndcg.unwrap_or(0.0);
        let epoch = (self.epoch() + 1) as f32;
        if let Some(progress) = self.params.values_mut(PROGRESS) {
            progress[0] = epoch;
            if improved {
                (progress[1], progress[2]) = (epoch, ndcg as f32);
            }
        }
        if improved {
            self.best = self.params.clone();
        }
        improved
    }
}

pub(super) struct Trainer<'a> {
    validation: Option<&'a Task>,
    pub table: &'a ItemTable<'a>,
    pub config: SequenceConfig,
    pub form: Form,
    /// Arrays to start from.
    start: Option<&'a Params>,
    /// A teacher's lists and their weight.
    pub lists: Option<(&'a TeacherLists, f64)>,
    /// What each shopper took, of what may be fitted on.
    pub log: &'a PurchaseLog,
    /// The same in pieces.
    pub sequences: Vec<Vec<Step>>,
    /// Validation cases that are looked at.
    cases: Vec<usize>,
}

impl<'a> Trainer<'a> {
    fn new(
        log: &'a PurchaseLog,
        validation: Option<&'a Task>,
        table: &'a ItemTable<'a>,
        config: SequenceConfig,
    ) -> Self {
        Self::of_form(Form::Wide, log, validation, table, config)
    }

    fn of_form(
        form: Form,
        log: &'a PurchaseLog,
        validation: Option<&'a Task>,
        table: &'a ItemTable<'a>,
        config: SequenceConfig,
    ) -> Self {
        let sequences = (0..log.n_shoppers())
            .flat_map(|n| pieces(&steps(log.of(n), form), config.length_max))
            .filter(|sequence| form.n_targets(sequence) > 0)
            .collect();
        let n_cases = validation.map_or(0, |task| task.cases.len());
        let mut rng = SmallRng::seed_from_u64(config.seed);
        let mut cases = index::sample(&mut rng, n_cases, n_cases.min(VALIDATION_CASES)).into_vec();
        cases.sort_unstable();
        let (start, lists) = (None, None);
        Self { validation, table, config, form, start, lists, log, sequences, cases }
    }

    fn of_device(
        device: DeviceFit<'a>,
        log: &'a PurchaseLog,
        validation: Option<&'a Task>,
        table: &'a ItemTable<'a>,
        config: SequenceConfig,
    ) -> Self {
        let kind = log.positives().logged_as();
        let form = Form::Device { ms_a_second: device.ms_a_second, kind };
        let of_form = Self::of_form(form, log, validation, table, config);
        Self { start: device.start, lists: device.lists, ..of_form }
    }

    /// Names the run: a checkpoint of another is not gone on with.
    fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{:?} {}", self.config, self.table.n_items()).as_bytes());
        hasher.update(format!("{:?}", self.form).as_bytes());
        self.table.hash_into(&mut hasher);
        for param in self.start.iter().flat_map(|start| start.list()) {
            hasher.update(&checkpoint::bytes_of(&param.values));
        }
        if let Some((lists, weight)) = self.lists {
            hasher.update(&weight.to_le_bytes());
            lists.hash_into(&mut hasher);
        }
        for sequence in &self.sequences {
            for step in sequence {
                hasher.update(&step.item.to_le_bytes());
                hasher.update(&[step.gap]);
            }
            hasher.update(&u32::MAX.to_le_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// One pass over the sequences; the mean loss a row.
    fn pass(
        &self,
        params: &mut Params,
        epoch: usize,
        stop: &AtomicBool,
    ) -> Result<f32, TrainingError> {
        let mut rng = SmallRng::seed_from_u64(pass_seed(self.config.seed, epoch as u64));
        let order = shuffled(self.sequences.len(), &mut rng);
        let steps_a_pass = order.len().div_ceil(self.config.batch);
        let schedule = Schedule {
            peak: self.config.rate,
            n_steps: steps_a_pass * self.config.n_epochs,
            n_warm_up: WARM_UP_STEPS,
            fall: Fall::Cosine { last_share: FINAL_RATE },
        };
        let (mut loss, mut n_rows) = (0.0, 0);
        for (i, chosen) in order.chunks(self.config.batch).enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Err(TrainingError::Stopped);
            }
            let step = epoch * steps_a_pass + i;
            let (gradients, step_loss, step_rows) = self.gradients(params, chosen, rng.random())?;
            if !step_loss.is_finite() {
                return Err(TrainingError::Diverged { step });
            }
            let rate = schedule.rate(step);
            params.step(&gradients, Rates { rate, residual_decay: self.config.residual_decay });
            loss += step_loss;
            n_rows += step_rows;
        }
        Ok((loss / n_rows.max(1) as f64) as f32)
    }

    /// NDCG@10 on the validation cases that are looked at, if there are any.
    fn validate(&self, model: &SequenceModel) -> Result<Option<f64>, TrainingError> {
        let Some(task) = self.validation else { return Ok(None) };
        let n_items = self.table.n_items();
        let mut sum = 0.0;
        for cases in self.cases.chunks(512) {
            let histories: Vec<_> =
                cases.iter().map(|case| task.history(task.cases[*case])).collect();
            let scores = model.score(&histories, task.now_seconds())?;
            let ndcg = |(case, scores): (&usize, &[f32])| {
                let answer = task.questions.answer(*case, scores);
                answer.outcomes[0].map_or(0.0, |outcome| outcome.ndcg[1])
            };
            let all: Vec<f64> =
                cases.par_iter().zip(scores.par_chunks_exact(n_items)).map(ndcg).collect();
            sum += all.iter().sum::<f64>();
        }
        Ok(Some(sum / self.cases.len().max(1) as f64))
    }
}

/// A long sequence in pieces that are read whole: each begins with the last target
/// of the one before it, and the newest is a full one.
fn pieces(sequence: &[Step], length_max: usize) -> Vec<Vec<Step>> {
    let mut pieces = Vec::new();
    let mut end = sequence.len();
    loop {
        // One more than is read: the last is a target only.
        let from = end.saturating_sub(length_max + 1);
        pieces.push(sequence[from..end].to_vec());
        if from == 0 {
            return pieces;
        }
        end = from + 1;
    }
}
