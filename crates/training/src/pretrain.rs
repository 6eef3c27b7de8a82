//! What came next, learned before distillation: encoder, codes and a scorer that begins
//! as the inner product of state and code.
//!
//! Distillation alone sees a few thousand moments; every entry of the log is one here.

use std::fs;
use std::path::{Path, PathBuf};

use vitrine_domain::limits;
use vitrine_ranking::PurchaseLog;
use vitrine_student::CODE_DIM;

use crate::TrainingError;
use crate::codec::TextBasis;
use crate::control::{Control, TrainingProgress};
use crate::next::sequence::{DeviceFit, FitControl, SequenceConfig, best_path, fit_device};
use crate::next::student::headless;
use crate::params::{CODEC, Params, RESIDUAL};

/// Passes over a small log, at most.
const PASSES_MAX: usize = 30;
/// Milliseconds of a second of a shop's log.
const MS_A_SECOND: i64 = 1_000;

/// What is learned from.
#[derive(Clone, Copy)]
pub struct Pretraining<'a> {
    /// All that may be looked at.
    pub log: &'a PurchaseLog,
    /// Texts.
    pub text: &'a TextBasis,
    /// Buyers by card: those of too few get no residual.
    pub n_buyers: &'a [u32],
    /// Entries to read, over as many passes as that makes; at least one pass.
    pub n_entries: usize,
    /// Of everything that is drawn.
    pub seed: u64,
    /// Whether what is learned on comes from a base; its scorer then stays.
    pub from_base: bool,
}

impl Pretraining<'_> {
    /// Learns on top of `params`.
    /// `None` when stopped.
    ///
    /// # Errors
    /// When the loss diverges, or the checkpoint cannot be read or written.
    pub fn run(
        self,
        params: &mut Params,
        control: &mut Control<'_>,
    ) -> Result<Option<()>, TrainingError> {
        let n_passes = (self.n_entries / self.log.entries().len().max(1)).clamp(1, PASSES_MAX);
        let scale = self.text.scale();
        rescale(params, 1.0 / scale);
        let device = DeviceFit {
            text: Some(self.text),
            n_buyers: self.n_buyers,
            buyers_min: limits::BUYERS_MIN,
            ms_a_second: MS_A_SECOND,
            start: self.from_base.then_some(&*params),
            lists: None,
        };
        let config =
            SequenceConfig { seed: self.seed, n_epochs: n_passes, ..SequenceConfig::default() };
        let checkpoint = control.checkpoint.map(beside);
        let stop = control.stop;
        let mut fit = FitControl {
            stop,
            progress: &mut |epoch| {
                let (pass, n_passes, loss) = (epoch.epoch, epoch.n_epochs, epoch.loss);
                (control.progress)(TrainingProgress::Pass { pass, n_passes, loss });
            },
            checkpoint: checkpoint.as_deref(),
        };
        let model = match fit_device(self.log, None, device, config, &mut fit) {
            Err(TrainingError::Stopped) => return Ok(None),
            model => model?,
        };
        params.start_from(model.params());
        if !self.from_base {
            params.start_from(&headless(model.params()));
        }
        rescale(params, scale);
        let rows = params.values_mut(RESIDUAL).into_iter().flat_map(|v| v.chunks_mut(CODE_DIM));
        for (row, _) in rows.zip(self.n_buyers).filter(|(_, n)| **n < limits::BUYERS_MIN) {
            row.fill(0.0);
        }
        Ok(Some(()))
    }
}

/// Where it keeps its state, beside distillation's.
fn beside(checkpoint: &Path) -> PathBuf {
    checkpoint.with_extension("sequences")
}

/// Whether an interrupted run would go on from here.
pub fn has_checkpoint(checkpoint: &Path) -> bool {
    checkpoint.exists() || beside(checkpoint).exists()
}

/// Removes the checkpoint of a finished run, with what lies beside it.
///
/// # Errors
/// [`TrainingError::File`].
pub fn remove_checkpoint(checkpoint: &Path) -> Result<(), TrainingError> {
    let sequences = beside(checkpoint);
    for path in [checkpoint, &sequences, &best_path(&sequences)] {
        if path.exists() {
            fs::remove_file(path)
                .map_err(|source| TrainingError::File { path: path.to_owned(), source })?;
        }
    }
    Ok(())
}

/// The codec for coordinates that are `1 / factor` times as large.
fn rescale(params: &mut Params, factor: f32) {
    params.values_mut(CODEC).into_iter().flatten().for_each(|x| *x *= factor);
}
