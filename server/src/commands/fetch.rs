//! `vitrine fetch`: everything the demo downloads, or the encoder's weights alone.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use vitrine_encoder::image::picture_weights_dir;

use crate::cli::{EncoderModel, FetchArgs};
use crate::fetch;
use crate::settings::{ServerSettings, cache_dir};

/// Where the demo's files are.
pub struct DemoFiles {
    pub products: PathBuf,
    pub transactions: PathBuf,
    pub offers: PathBuf,
    pub campaigns: PathBuf,
    /// Absent when the pictograms could not be fetched: a demo without them is still a
    /// demo.
    pub pictures: Option<PathBuf>,
}

/// Runs the command.
pub fn run(settings: &ServerSettings, args: &FetchArgs) -> Result<ExitCode> {
    match args.model {
        Some(EncoderModel::MultilingualE5Small) => {
            let dir = match &args.encoder.weights_dir {
                Some(dir) => dir.clone(),
                None => cache_dir()?.join("weights").join("multilingual-e5-small"),
            };
            fetch::multilingual_weights(&dir)?;
            tracing::info!("import, train and serve with `--weights-dir {}`", dir.display());
            return Ok(ExitCode::SUCCESS);
        }
        Some(EncoderModel::EfficientnetLite0) => {
            let dir = match &args.encoder.weights_dir {
                Some(dir) => dir.clone(),
                None => picture_weights_dir().context("no cache folder: give --weights-dir")?,
            };
            fetch::picture_weights(&dir)?;
            tracing::info!("{}", dir.display());
            return Ok(ExitCode::SUCCESS);
        }
        Some(EncoderModel::AllMiniLmL6V2) => {}
        None if args.weights => {}
        None => return fetch_for_demo(settings),
    }
    fetch::weights(&settings.weights_dir)?;
    tracing::info!("{}", settings.weights_dir.display());
    Ok(ExitCode::SUCCESS)
}

fn fetch_for_demo(settings: &ServerSettings) -> Result<ExitCode> {
    let files = fetch_all(settings)?;
    let there = [files.products, files.transactions, files.offers, files.campaigns];
    for path in there.iter().chain(&files.pictures) {
        tracing::info!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Fetches what is missing.
///
/// # Errors
/// Weights or data cannot be fetched; the message has the command to run by hand.
pub fn fetch_all(settings: &ServerSettings) -> Result<DemoFiles> {
    fetch::weights(&settings.weights_dir)?;
    let data = cache_dir()?.join("data");
    let [products, transactions, offers, campaigns] = fetch::journey(&data.join("journey"))?;
    Ok(DemoFiles { products, transactions, offers, campaigns, pictures: pictograms() })
}

/// The set of pictograms, fetched if it is missing; `None` when that fails.
pub fn pictograms() -> Option<PathBuf> {
    let fetched = cache_dir().and_then(|dir| fetch::pictures(&dir.join("data/fluent-emoji")));
    fetched.inspect_err(|error| tracing::warn!("no pictograms: {error:#}")).ok()
}
