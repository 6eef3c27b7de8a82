//! Has a scorer rank the catalogue for every case of a task.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use vitrine_evaluation::NextItemRun;
use vitrine_ranking::PastPurchase;

use super::{Scorer, Task};
use crate::TrainingError;

/// Values of one block of scores: bounds memory to 32 MiB.
const BLOCK_VALUES: usize = 1 << 23;

/// How a caller follows and stops a run.
pub struct RunControl<'a> {
    /// Set it and the run ends with [`TrainingError::Stopped`].
    pub stop: &'a AtomicBool,
    /// Called with the number of cases done.
    pub progress: &'a mut dyn FnMut(usize),
}

/// Ranks all items for all cases.
///
/// # Errors
/// What the scorer says; [`TrainingError::Stopped`].
pub fn run(
    name: &str,
    scorer: &dyn Scorer,
    task: &Task,
    control: &mut RunControl<'_>,
) -> Result<NextItemRun, TrainingError> {
    run_knowing(usize::MAX, name, scorer, task, control)
}

/// The same when a scorer is told the newest `n_events` of each history alone. What
/// was seen before is masked, told or not.
///
/// # Errors
/// As [`run()`].
pub fn run_knowing(
    n_events: usize,
    name: &str,
    scorer: &dyn Scorer,
    task: &Task,
    control: &mut RunControl<'_>,
) -> Result<NextItemRun, TrainingError> {
    let n_items = task.questions.n_items;
    let at_once = (BLOCK_VALUES / n_items.max(1)).clamp(1, 512);
    let mut answers = Vec::with_capacity(task.cases.len());
    let mut scoring = Duration::ZERO;
    for (block, cases) in task.cases.chunks(at_once).enumerate() {
        if control.stop.load(Ordering::Relaxed) {
            return Err(TrainingError::Stopped);
        }
        let histories: Vec<&[PastPurchase]> =
            cases.iter().map(|case| newest(task.history(*case), n_events)).collect();
        let started = Instant::now();
        let scores = scorer.score(&histories, task.now_seconds())?;
        scoring += started.elapsed();
        answers.par_extend(
            scores
                .par_chunks_exact(n_items)
                .enumerate()
                .map(|(i, scores)| task.questions.answer(block * at_once + i, scores)),
        );
        (control.progress)(answers.len());
    }
    Ok(NextItemRun { name: name.to_owned(), answers, scoring })
}

fn newest(history: &[PastPurchase], n_events: usize) -> &[PastPurchase] {
    &history[history.len().saturating_sub(n_events)..]
}
