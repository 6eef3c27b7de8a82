//! `vitrine-lab pictures`: what vectors of pictures are worth, in 32 bits and on a device, alone
//! and fused with texts, and which faults of a catalogue they show.

mod device;
mod fused;
mod linear;
mod measure;
mod retrieval;
mod sets;
mod wrong;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use vitrine_encoder::ModelFiles;
use vitrine_encoder::image::picture_weights_dir;
use vitrine_server::progress::WorkProgress;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::TextVectors;

use crate::cli::PicturesArgs;
use crate::compare::sets::evaluation_data;
use measure::{Sources, measure};

/// Runs the command.
///
/// # Errors
/// A set or weights cannot be read, or stopped.
pub fn run(settings: &ServerSettings, args: &PicturesArgs, stop: &Stop) -> Result<ExitCode> {
    let weights = match &args.picture_weights {
        Some(dir) => dir.clone(),
        None => picture_weights_dir().context("no cache folder: give --picture-weights")?,
    };
    let cache = settings.data_dir.join("cache");
    fs::create_dir_all(&cache).with_context(|| format!("creating {}", cache.display()))?;
    let sources = Sources {
        clothing: evaluation_data("clothing-images")?,
        grocery: evaluation_data("grocery-images")?,
        weights,
        cache: cache.join("picture-vectors.bin"),
        seed: args.report.seed,
    };
    let mut texts = TextVectors::of(settings, ModelFiles::from(&settings.weights_dir))?;
    let mut bar = WorkProgress::start("pictures", 0);
    let mut note = |n_done: usize, what: &str| bar.at(n_done as u64, what);
    let mut encode = |texts_of: &[String]| texts.encode(texts_of, stop);
    let report = measure(&sources, &mut encode, &mut note, stop)?;
    bar.finish();
    vitrine_server::print(&match args.report.json {
        true => serde_json::to_string_pretty(&report)?,
        false => report.tables(),
    });
    Ok(ExitCode::SUCCESS)
}
