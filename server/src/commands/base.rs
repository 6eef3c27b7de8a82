//! `vitrine base`: a student that new shops start from, trained on others.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use vitrine_training::base::train_base;
use vitrine_training::pretrain::remove_checkpoint;
use vitrine_training::{Control, PreparedData, TrainingData};

use super::train::{Shown, config};
use crate::catalogue::with_interactions;
use crate::cli::BaseArgs;
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// Runs the command.
///
/// # Errors
/// A folder has no imported shop, a shop has too little data, the disk refuses, or the
/// process was asked to stop (an interrupted run goes on when it is started again).
pub fn run(settings: &ServerSettings, args: &BaseArgs, stop: &Stop) -> Result<ExitCode> {
    let config = config(args.configure.as_deref(), args.seed)?;
    let mut shops = Vec::new();
    for folder in &args.shops {
        let of_shop = ServerSettings { data_dir: folder.clone(), ..settings.clone() };
        shops.push(with_interactions(&of_shop).with_context(|| folder.display().to_string())?);
    }
    let mut prepared = Vec::new();
    for (catalogue, interactions) in &shops {
        tracing::info!(shop = catalogue.shop, cards = catalogue.items.len(), "indexing");
        prepared.push(PreparedData::new(TrainingData {
            items: &catalogue.items,
            vectors: &catalogue.vectors,
            interactions,
        })?);
    }
    let mut checkpoint = args.out.clone().into_os_string();
    checkpoint.push(".checkpoint");
    let checkpoint = PathBuf::from(checkpoint);
    let mut shown = Shown::default();
    let mut progress = |progress| shown.show(progress);
    let mut control = Control { stop, progress: &mut progress, checkpoint: Some(&checkpoint) };
    let Some(base) = train_base(&prepared, &config, &mut control)? else {
        bail!("stopped; run it again to go on from the last checkpoint");
    };
    base.save(&args.out)?;
    remove_checkpoint(&checkpoint)?;
    tracing::info!(file = %args.out.display(), "written; `vitrine train --base` starts from it");
    Ok(ExitCode::SUCCESS)
}
