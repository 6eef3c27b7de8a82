//! `vitrine fetch`: everything the demo downloads, and nothing else.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::fetch;
use crate::settings::{ServerSettings, cache_dir};

/// Where the demo's files are.
pub struct DemoFiles {
    pub products: PathBuf,
    pub transactions: PathBuf,
    pub offers: PathBuf,
    pub campaigns: PathBuf,
    /// Absent when the picture set could not be fetched: a demo without
    /// pictures is still a demo.
    pub pictures: Option<PathBuf>,
}

/// Runs the command.
pub fn run(settings: &ServerSettings) -> Result<ExitCode> {
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
    let pictures = fetch::pictures(&data.join("fluent-emoji"))
        .inspect_err(|error| tracing::warn!("no pictures: {error:#}"))
        .ok();
    Ok(DemoFiles { products, transactions, offers, campaigns, pictures })
}
