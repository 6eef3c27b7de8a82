//! `vitrine-lab reviews`: how well words of reviews tell stars and aspects, and whether planted faults
//! are found.

mod aspects;
mod baseline;
mod data;
mod measure;
mod newton_cg;
mod planted;
mod tables;

use std::process::ExitCode;

use anyhow::{Result, bail};
use vitrine_encoder::ModelFiles;
use vitrine_reviews::ReviewText;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::TextVectors;

use self::data::{LabReview, ReviewSet};
use crate::cli::{ReviewsArgs, ReviewsData};

/// Runs the command.
///
/// # Errors
/// A file cannot be read, a text cannot be encoded, or stopped.
pub fn run(settings: &ServerSettings, args: &ReviewsArgs, stop: &Stop) -> Result<ExitCode> {
    let set = ReviewSet::read(&args.reviews, args.data)?;
    let is_clothing = args.data == ReviewsData::Clothing;
    if !is_clothing && (args.aspects.is_some() || args.plant.is_some()) {
        bail!("labelled sentences and planted faults are of --data clothing");
    }
    let (seed, is_json) = (args.report.seed, args.report.json);
    let out = match (&args.aspects, args.plant) {
        (Some(labels), _) => tables::printed(&aspects::score(&set, labels, seed, stop)?, is_json)?,
        (None, Some(share)) => {
            tables::printed(&planted::measure(&set, share, seed, stop)?, is_json)?
        }
        (None, None) => {
            let vectors = match args.no_vectors {
                true => Vec::new(),
                false => {
                    let files = ModelFiles::from(&settings.weights_dir);
                    let words: Vec<ReviewText<'_>> =
                        set.reviews.iter().map(LabReview::words).collect();
                    TextVectors::of(settings, files)?.encode_reviews(&words, stop)?
                }
            };
            tables::printed(&measure::measure(&set, &vectors, args.folds, seed, stop)?, is_json)?
        }
    };
    vitrine_server::print(&out);
    Ok(ExitCode::SUCCESS)
}
