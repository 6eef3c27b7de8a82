//! `vitrine train`: teacher, student, gate, publish.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use vitrine_publish::Store;
use vitrine_studio_api::Ending;
use vitrine_training::base::Base;
use vitrine_training::pretrain::{has_checkpoint, remove_checkpoint};
use vitrine_training::{
    Config, Control, Outcome, PreparedData, Stage, Trained, TrainingData, train::train_prepared,
};

use crate::catalogue::{self, StoredCatalogue};
use crate::cli::TrainArgs;
use crate::configure;
use crate::curve::Recorder;
use crate::intent;
use crate::progress::WorkProgress;
use crate::publishing;
use crate::retention;
use crate::selection::{Selection, TrainingVerdict};
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::texts::TextVectors;

/// Exit code when the gate refused the model; the one before it stays.
const EXIT_GATE: u8 = 3;

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &TrainArgs, stop: &Stop) -> Result<ExitCode> {
    Ok(match train(settings, args, stop)? {
        TrainingVerdict::Published => ExitCode::SUCCESS,
        TrainingVerdict::Refused => ExitCode::from(EXIT_GATE),
    })
}

/// Trains on the published catalogue and publishes what passes the gate.
///
/// # Errors
/// Nothing is imported, too little data, stopped (an interrupted run is resumed
/// by the next), or the disk refuses. The model before stays.
pub fn train(settings: &ServerSettings, args: &TrainArgs, stop: &Stop) -> Result<TrainingVerdict> {
    let config = config(args.configure.as_deref(), args.seed)?;
    let mut base = base(args.base.as_deref())?;
    let store = Store::open(settings.data_dir.join("store"))?;
    let _lock = publishing::lock(&settings.data_dir)?;
    let manifest = store
        .current()
        .context(catalogue::MEND)?
        .context("nothing is imported yet: run `vitrine import`")?;
    retention::clean_staging(&settings.data_dir)?;
    let folder = catalogue::folder(&settings.data_dir, manifest.catalogue.version);
    let catalogue = StoredCatalogue::load(&folder)?;
    let interactions = catalogue::read_interactions(&folder)?;
    if let Some(stamp) = catalogue.encoded.by.as_ref().filter(|stamp| !stamp.is_default) {
        // It would start from a network that knows other vectors.
        if args.base.is_none() {
            tracing::info!("without the pretrained ranker, which does not know {stamp}");
            base = None;
        }
    }
    // Seconds that a training in seconds does not spend.
    let learns_weights = config.n_entries > 0 || config.n_steps > 0;
    let mut texts = None;
    if learns_weights {
        let opened = texts.insert(TextVectors::open(settings)?);
        let encoder = opened.encoder.stamp();
        catalogue::ensure_encoded_by(catalogue.encoded.by.as_ref(), &encoder)?;
    }
    let models = settings.data_dir.join("models");
    fs::create_dir_all(&models).with_context(|| format!("creating {}", models.display()))?;
    let checkpoint = models.join("checkpoint.safetensors");
    if args.restart {
        remove_checkpoint(&checkpoint)?;
    }

    tracing::info!(cards = catalogue.items.len(), lines = interactions.len(), "training");
    let data = PreparedData::new(TrainingData {
        items: &catalogue.items,
        vectors: &catalogue.vectors,
        interactions: &interactions,
    })?;
    let mut recorder = Recorder::open(&settings.data_dir, has_checkpoint(&checkpoint));
    let verdict = (|| {
        let trained = fit(&data, &config, base.as_ref(), &checkpoint, &mut recorder, stop)?;
        let Trained { teacher, model, counting, .. } = trained;
        let intent = match &mut texts {
            Some(texts) => intent::learn(texts, &catalogue.items, args.seed, stop)?,
            None => None,
        };
        let selection = Selection {
            settings,
            store: &store,
            catalogue: &catalogue,
            data: &data,
            teacher: teacher.as_ref(),
            intent: intent.as_ref(),
            explore_every: Some(args.explore_every).filter(|every| *every > 0),
            seed: args.seed,
            stop,
        };
        selection
            .publish([("the network under its last layer", model), ("counting alone", counting)])
    })();
    recorder.end(match &verdict {
        Ok(TrainingVerdict::Published) => Ending::Published,
        Ok(TrainingVerdict::Refused) => Ending::Refused,
        Err(_) => Ending::Stopped,
    });
    match &verdict {
        Ok(_) => remove_checkpoint(&checkpoint)?,
        Err(_) => retention::clean_staging(&settings.data_dir)
            .unwrap_or_else(|error| tracing::warn!("{error:#}")),
    }
    verdict
}

/// Trains, or goes on with an interrupted training.
fn fit(
    data: &PreparedData<'_>,
    config: &Config,
    base: Option<&Base>,
    checkpoint: &Path,
    recorder: &mut Recorder,
    stop: &Stop,
) -> Result<Trained> {
    let mut shown = Shown::default();
    let mut progress = |progress| {
        recorder.note(progress);
        shown.show(progress);
    };
    let mut control = Control { stop, progress: &mut progress, checkpoint: Some(checkpoint) };
    match train_prepared(data, config, base, &mut control)? {
        Outcome::Finished(trained) => Ok(*trained),
        Outcome::Stopped => {
            bail!("stopped; run the same command again to go on from the last checkpoint")
        }
    }
}

/// What training starts from.
fn base(named: Option<&Path>) -> Result<Option<Base>> {
    Ok(match named {
        None => Some(Base::pretrained()?),
        Some(none) if none == Path::new("none") => None,
        Some(file) => Some(Base::load(file)?),
    })
}

/// The defaults, with what a JSON text changes.
///
/// # Errors
/// The text is none, or names what there is not.
pub fn config(json: Option<&str>, seed: u64) -> Result<Config> {
    let config: Config = configure::read(json)?;
    ensure!(config.n_sequences > 0, "--configure: n_sequences must be above 0");
    ensure!(config.rate > 0.0, "--configure: rate must be above 0");
    ensure!(config.residual_decay >= 0.0, "--configure: residual_decay must be at least 0");
    Ok(Config { seed, ..config })
}

/// Progress of a training on the terminal.
#[derive(Default)]
pub struct Shown {
    bar: Option<WorkProgress>,
}

impl Shown {
    /// Shows one message.
    pub fn show(&mut self, progress: vitrine_training::TrainingProgress) {
        use vitrine_training::TrainingProgress as P;
        match progress {
            P::Stage(stage) => {
                self.bar = None;
                tracing::info!("{}", title(stage));
            }
            P::Samples { n_sequences, n_cuts } => {
                tracing::info!(n_sequences, n_cuts, "samples drawn");
            }
            P::Pass { pass, n_passes, loss } => {
                let bar =
                    self.bar.get_or_insert_with(|| WorkProgress::start("passes", n_passes as u64));
                bar.at(pass as u64, &format!("loss {loss:.4}"));
            }
            P::LastLayer { n_choices } => tracing::info!(n_choices, "last layer fitted"),
            P::Resumed { step } => tracing::info!(step, "going on from a checkpoint"),
            P::Step { step, n_steps, loss, retrieval_loss, cuts_per_second } => {
                let note = format!(
                    "loss {loss:.4}, retrieval {retrieval_loss:.4}, {cuts_per_second:.0} cuts/s"
                );
                let bar =
                    self.bar.get_or_insert_with(|| WorkProgress::start("steps", n_steps as u64));
                bar.at(step as u64, &note);
            }
        }
    }
}

fn title(stage: Stage) -> &'static str {
    match stage {
        Stage::Indexing => "indexing the log",
        Stage::FittingTeacher => "fitting the teacher",
        Stage::CountingSnapshots => "counting the catalogue at earlier moments",
        Stage::DrawingSamples => "drawing samples",
        Stage::Pretraining => "learning what came next",
        Stage::Distilling => "distilling the student",
        Stage::Packing => "rounding to int8",
        Stage::FittingLastLayer => "weighing the network beside what counting says",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_by_its_name() {
        let of = |json: &str| config(Some(json), 7);
        assert_eq!(
            of(r#"{"n_steps": 3}"#).map(|config| (config.n_steps, config.seed)).ok(),
            Some((3, 7))
        );
        for (json, named) in [
            (r#"{"rate": -1}"#, "rate must"),
            (r#"{"residual_decay": -0.1}"#, "residual_decay must"),
            (r#"{"n_sequences": 0}"#, "n_sequences must"),
            (r#"{"n_entries": -1}"#, "n_entries: "),
        ] {
            let message = of(json).expect_err(json).to_string();
            assert!(message.contains(named), "{message}");
        }
    }
}
