//! `vitrine-lab tune`: a seeded random search over the sizes and rates of one model, on the
//! validation split. Every trial is written down when it is done, so that a search goes
//! on where it was interrupted.

mod space;
mod trials;

use std::fs;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use vitrine_server::progress::WorkProgress;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_training::TrainingError;
use vitrine_training::next::sequence::Epoch;
use vitrine_training::next::{RunControl, Split, run as rank};

use crate::cli::TuneArgs;
use crate::compare::bench::Bench;
use crate::compare::config::ModelConfig;
use crate::compare::sets::EvaluationSet;
use space::Space;
use trials::{Trial, Trials};

/// Runs the command.
///
/// # Errors
/// The data set or the space cannot be read, a model cannot be fitted, the disk refuses,
/// or the process was asked to stop.
pub fn run(settings: &ServerSettings, args: &TuneArgs, stop: &Stop) -> Result<ExitCode> {
    let set = EvaluationSet::open(settings, &args.set)?;
    let space = match &args.space {
        Some(path) => Space::read(path)?,
        None => Space::of(args.model)?,
    };
    let folder = settings.data_dir.join("tunings").join(name(&set, args, &space));
    if args.restart && folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    let mut trials = Trials::open(&folder)?;
    let n_before = trials.list().len();
    if n_before > 0 {
        tracing::info!(n_before, "going on with an earlier search; --restart forgets it");
    }
    let scratch = ServerSettings { data_dir: folder.join("scratch"), ..settings.clone() };
    for n in n_before..args.trials {
        let search = Search { settings, scratch: &scratch, set: &set, args, stop };
        let trial = search.attempt(n, space.draw(args.seed, n), &trials)?;
        tracing::info!(
            trial = n + 1,
            of = args.trials,
            ndcg_at_10 = trial.ndcg_at_10,
            stopped_early = trial.stopped_early,
            best = trials.best().map(|best| best.ndcg_at_10),
            "{}",
            trial.config
        );
        trials.push(trial)?;
        if scratch.data_dir.exists() {
            fs::remove_dir_all(&scratch.data_dir).context("removing the trial's checkpoint")?;
        }
    }
    vitrine_server::print(&if args.json { trials.to_json()? } else { trials.to_table() });
    Ok(ExitCode::SUCCESS)
}

/// Of the data and of what is searched: trials of other data are not gone on with.
fn name(set: &EvaluationSet, args: &TuneArgs, space: &Space) -> String {
    let mut hasher = blake3::Hasher::new();
    let named = format!("{} {:?} {} {}", set.name(), args.model, args.seed, space.to_json());
    hasher.update(named.as_bytes());
    for entry in set.log.entries() {
        hasher.update(&entry.item_idx.to_le_bytes());
        hasher.update(&entry.at_seconds.to_le_bytes());
    }
    for text in &set.texts {
        hasher.update(text.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// What all trials share.
struct Search<'a> {
    settings: &'a ServerSettings,
    /// Where an interrupted trial's checkpoint is.
    scratch: &'a ServerSettings,
    set: &'a EvaluationSet,
    args: &'a TuneArgs,
    stop: &'a Stop,
}

impl Search<'_> {
    /// Fits and measures one configuration.
    fn attempt(&self, n: usize, config: Value, before: &Trials) -> Result<Trial> {
        let mut of_trial: ModelConfig = serde_json::from_value(config.clone())
            .with_context(|| format!("trial {}: {config}", n + 1))?;
        of_trial.sequence.seed = self.args.seed;
        // A trial that is given up stops by a flag of its own.
        let given_up = Stop::default();
        // Passes from before an interruption are not known.
        let mut passes: Vec<Option<f64>> = Vec::new();
        let mut watch = |epoch: &Epoch| {
            passes.resize(epoch.epoch - 1, None);
            passes.push(Some(epoch.best_ndcg));
            let is_hopeless = before.is_hopeless(&passes);
            if is_hopeless || self.stop.load(Ordering::SeqCst) {
                given_up.store(true, Ordering::SeqCst);
            }
        };
        let mut bench = Bench::new(self.settings, self.set, of_trial, self.stop)?;
        bench.keep_checkpoints_in(&self.scratch.data_dir);
        bench.watch((&mut watch, &given_up));
        let scorer = bench.scorer(self.args.model, Split::Validation);
        let task = self.set.task(Split::Validation)?;
        drop(bench);
        ensure!(!self.stop.load(Ordering::SeqCst), "stopped; run it again to go on");
        let scorer = match scorer {
            Err(error) if is_stopped(&error) => {
                let ndcg_at_10 = passes.last().copied().flatten().unwrap_or(0.0);
                return Ok(Trial { config, ndcg_at_10, passes, stopped_early: true });
            }
            scorer => scorer?,
        };
        let mut bar = WorkProgress::start("ranking", task.cases.len() as u64);
        let mut progress = |n_done: usize| bar.at(n_done as u64, "");
        let mut control = RunControl { stop: self.stop, progress: &mut progress };
        let answers = rank("trial", &*scorer, &task, &mut control)?;
        bar.finish();
        let ndcg: Vec<f64> = answers.outcomes(0).flatten().map(|case| case.ndcg[1]).collect();
        let ndcg_at_10 = ndcg.iter().sum::<f64>() / ndcg.len().max(1) as f64;
        Ok(Trial { config, ndcg_at_10, passes, stopped_early: false })
    }
}

fn is_stopped(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(TrainingError::Stopped))
}
