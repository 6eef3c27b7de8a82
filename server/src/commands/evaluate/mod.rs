//! `vitrine evaluate`: the report of the published model, or of the search.

pub mod feed;
pub mod search;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use vitrine_publish::{Snapshot, Store};
use vitrine_training::{PreparedData, TrainingData};

use crate::catalogue::{self, StoredCatalogue};
use crate::cli::{EvaluateArgs, EvaluateWhat};
use crate::measure::{Measured, measure};
use crate::model::{self, Model};
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// Runs the command.
///
/// # Errors
/// What is to be measured is not there or cannot be read, or the process was asked to stop.
pub fn run(settings: &ServerSettings, args: &EvaluateArgs, stop: &Stop) -> Result<ExitCode> {
    match &args.what {
        Some(EvaluateWhat::Search(args)) => search::run(settings, args, stop),
        None => published(settings, args, stop),
    }
}

/// Measures the published bytes anew and prints the report.
fn published(settings: &ServerSettings, args: &EvaluateArgs, stop: &Stop) -> Result<ExitCode> {
    let store = Store::open(settings.data_dir.join("store"))?;
    let manifest = store.current()?.context("nothing is published: run `vitrine import`")?;
    let info = manifest.model.as_ref().context("no model is published: run `vitrine train`")?;
    let model = Model::load(&settings.data_dir, info.version)?;
    let folder = catalogue::folder(&settings.data_dir, manifest.catalogue.version);
    let catalogue = StoredCatalogue::load(&folder)?;
    let interactions = catalogue::read_interactions(&folder)?;
    let data = PreparedData::new(TrainingData {
        items: &catalogue.items,
        vectors: &catalogue.vectors,
        interactions: &interactions,
    })?;
    ensure!(
        model.teacher.as_ref().is_none_or(|teacher| teacher.items() == data.ids),
        "the cards changed since the model was trained: run `vitrine train` and evaluate again"
    );
    let report = measure(Measured {
        data: &data,
        teacher: model.teacher.as_ref(),
        before: None,
        weights_f32: &model.trained.weights,
        snapshot: Snapshot::load(&store)?,
        seed: args.seed,
        stop,
        in_full: true,
    })?;
    if let Some(folder) = &args.out {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        model::write_report(folder, &report)?;
    }
    if args.json {
        crate::print(&serde_json::to_string_pretty(&report)?);
    } else {
        crate::print(&report.table());
    }
    Ok(ExitCode::SUCCESS)
}
