//! `vitrine evaluate`: the report of the published model.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use vitrine_publish::{Snapshot, Store};
use vitrine_training::{Prepared, TrainingData};

use crate::catalogue::{self, Catalogue};
use crate::cli::EvaluateArgs;
use crate::measure::{Measured, measure};
use crate::model::Model;
use crate::settings::Settings;

/// Measures the published bytes anew and prints the report.
pub fn run(settings: &Settings, args: &EvaluateArgs) -> Result<ExitCode> {
    let store = Store::open(settings.data_dir.join("store"))?;
    let manifest = store.current()?.context("nothing is published: run `vitrine import`")?;
    let info = manifest.model.as_ref().context("no model is published: run `vitrine train`")?;
    let model = Model::load(&settings.data_dir, info.version)?;
    let folder = catalogue::folder(&settings.data_dir, manifest.catalogue.version);
    let catalogue = Catalogue::load(&folder)?;
    let interactions = catalogue::read_interactions(&folder)?;
    let data = Prepared::new(TrainingData {
        items: &catalogue.items,
        vectors: &catalogue.vectors,
        interactions: &interactions,
    })?;
    ensure!(
        model.teacher_items == data.ids,
        "the cards changed since the model was trained: run `vitrine train` and evaluate again"
    );
    let report = measure(Measured {
        data: &data,
        teacher: &model.teacher,
        weights_f32: &model.trained.weights,
        snapshot: Snapshot::load(&store)?,
        seed: args.seed,
    })?;
    if args.json {
        crate::print(&serde_json::to_string_pretty(&report)?);
    } else {
        crate::print(&report.table());
    }
    Ok(ExitCode::SUCCESS)
}
