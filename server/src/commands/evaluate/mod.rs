//! `vitrine evaluate`: the report of the published model, or models compared on
//! a data set.

pub mod bench;
pub mod config;
mod feed;
mod intent;
mod load;
mod made;
mod models;
mod online_retail;
mod over_http;
mod poison;
mod prequential;
mod related;
mod search;
pub mod sets;
mod speed;
#[cfg(test)]
mod tests;
mod typos;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use vitrine_publish::{Snapshot, Store};
use vitrine_training::{Prepared, TrainingData};

use crate::catalogue::{self, Catalogue};
use crate::cli::{EvaluateArgs, EvaluateOptions, EvaluateSet, Protocol};
use crate::measure::{Measured, measure};
use crate::model::{Model, StoredTeacher};
use crate::settings::Settings;
use crate::signals::Stop;

/// Runs the command.
pub fn run(settings: &Settings, args: &EvaluateArgs, stop: &Stop) -> Result<ExitCode> {
    let options = &args.options;
    let set = match (&args.set, args.protocol, &args.data) {
        (Some(EvaluateSet::Beauty), ..) => sets::beauty()?,
        (Some(EvaluateSet::OnlineRetail), ..) => sets::online_retail()?,
        (Some(EvaluateSet::Journey), ..) if options.prequential => {
            return prequential::run(settings, options, stop);
        }
        (Some(EvaluateSet::Journey), ..) => sets::imported(settings)?,
        (None, Some(Protocol::LeaveOneOut), Some(folder)) => sets::sequences(folder)?,
        (Some(EvaluateSet::Search(search)), ..) => {
            return search::run(settings, search, options, stop);
        }
        (Some(EvaluateSet::Related), ..) => return related::run(settings, options),
        (Some(EvaluateSet::Intent(intent)), ..) => {
            return intent::run(settings, intent, options, stop);
        }
        (Some(EvaluateSet::Typos(typos)), ..) => {
            return typos::run(settings, typos, options, stop);
        }
        (Some(EvaluateSet::Speed(speed)), ..) => return speed::run(settings, speed, options),
        _ => return published(settings, options),
    };
    let (json, markdown) = if let Some(share) = options.poison {
        let report = poison::compare(settings, set, share, options, stop)?;
        (serde_json::to_string_pretty(&report)?, report.markdown())
    } else {
        let report = models::compare(settings, &set, options, stop)?;
        (serde_json::to_string_pretty(&report)?, report.markdown())
    };
    if let Some(folder) = &options.out {
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(folder.join("report.json"), &json))
            .and_then(|()| fs::write(folder.join("report.md"), &markdown))
            .with_context(|| format!("writing the report to {}", folder.display()))?;
    }
    crate::print(if options.json { &json } else { &markdown });
    Ok(ExitCode::SUCCESS)
}

/// Measures the published bytes anew and prints the report.
fn published(settings: &Settings, options: &EvaluateOptions) -> Result<ExitCode> {
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
    let StoredTeacher { items, teacher } =
        model.teacher.as_ref().context("the teacher cannot be read: run `vitrine train`")?;
    ensure!(
        *items == data.ids,
        "the cards changed since the model was trained: run `vitrine train` and evaluate again"
    );
    let report = measure(Measured {
        data: &data,
        teacher,
        weights_f32: &model.trained.weights,
        snapshot: Snapshot::load(&store)?,
        seed: options.seed,
        in_full: true,
    })?;
    if options.json {
        crate::print(&serde_json::to_string_pretty(&report)?);
    } else {
        crate::print(&report.table());
    }
    Ok(ExitCode::SUCCESS)
}
