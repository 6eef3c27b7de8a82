//! `vitrine rollback`: an older whole version is published again.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use vitrine_publish::{Published, Store};

use super::verify::has_whole_folders;
use crate::cli::RollbackArgs;
use crate::publishing;
use crate::retention;
use crate::settings::ServerSettings;

/// Runs the command.
///
/// # Errors
/// No older version is whole, or the one asked for is not; then nothing is changed.
pub fn run(settings: &ServerSettings, args: &RollbackArgs) -> Result<ExitCode> {
    let _lock = publishing::lock(&settings.data_dir)?;
    let store = Store::open(settings.data_dir.join("store"))?;
    let published = rollback(&settings.data_dir, &store, args.version)?;
    let model = published.manifest.model.as_ref().map(|model| model.version.0);
    tracing::info!(
        version = published.number,
        catalogue = published.manifest.catalogue.version.0,
        model,
        "published again; running servers take it up"
    );
    Ok(ExitCode::SUCCESS)
}

/// Publishes version `number` again, or the newest older one that is whole.
///
/// # Errors
/// As [`run`].
pub fn rollback(data_dir: &Path, store: &Store, number: Option<u64>) -> Result<Published> {
    if let Some(number) = number
        && store.kept()?.contains(&number)
    {
        ensure!(
            has_whole_folders(data_dir, &store.manifest(number)?),
            "version {number} is damaged: `vitrine verify` says where"
        );
    }
    let published = store.rollback(number, |manifest| has_whole_folders(data_dir, manifest))?;
    retention::collect(data_dir, store);
    Ok(published)
}
