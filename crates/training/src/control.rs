//! What a long run tells and how it is stopped.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Parts of a training run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Grouping the log, comparing texts.
    Indexing,
    /// Counting co-occurrence, learning the teacher's weights.
    FittingTeacher,
    /// Counting the catalogue at earlier moments.
    CountingSnapshots,
    /// Drawing training samples.
    DrawingSamples,
    /// Learning what came next in the logs.
    Pretraining,
    /// Gradient steps.
    Distilling,
    /// Rounding to int8.
    Packing,
    /// Weighing the network beside what counting says.
    FittingLastLayer,
}

/// One message to the caller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TrainingProgress {
    /// A part begins.
    Stage(Stage),
    /// Samples are ready.
    Samples {
        /// Logs.
        n_sequences: usize,
        /// Moments to rank at.
        n_cuts: usize,
    },
    /// A pass over what came next was made.
    Pass {
        /// Passes done.
        pass: usize,
        /// Passes in all.
        n_passes: usize,
        /// Mean loss a row.
        loss: f32,
    },
    /// Distillation goes on from a checkpoint.
    Resumed {
        /// Steps done before.
        step: usize,
    },
    /// The last layer is fitted.
    LastLayer {
        /// Moments that it was fitted on.
        n_choices: usize,
    },
    /// Gradient steps were made.
    Step {
        /// Steps done.
        step: usize,
        /// Steps in all.
        n_steps: usize,
        /// Mean listwise loss a cut since the last message.
        loss: f32,
        /// Mean retrieval loss a cut since the last message.
        retrieval_loss: f32,
        /// Cuts a second since the last message.
        cuts_per_second: f64,
    },
}

/// How a caller follows and stops a run.
pub struct Control<'a> {
    /// Set it (from a signal handler, say) and the run stops after the current step.
    pub stop: &'a AtomicBool,
    /// Called in the training thread.
    pub progress: &'a mut dyn FnMut(TrainingProgress),
    /// Where distillation keeps its state; it goes on from there if the file is
    /// of the same data, seed and configuration.
    pub checkpoint: Option<&'a Path>,
}

impl Control<'_> {
    pub(crate) fn stage(&mut self, stage: Stage) {
        (self.progress)(TrainingProgress::Stage(stage));
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
