//! `vitrine-lab compare`: models, fitted anew on the training part of a data set and
//! asked for what was held out.

pub mod bench;
pub mod config;
mod models;
mod online_retail;
mod poison;
mod published;
pub mod sets;
#[cfg(test)]
mod tests;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;

use self::sets::EvaluationSet;
use crate::cli::CompareArgs;

/// Runs the command.
///
/// # Errors
/// The set cannot be read, a model cannot be fitted, the report cannot be written, or the
/// process was asked to stop.
pub fn run(settings: &ServerSettings, args: &CompareArgs, stop: &Stop) -> Result<ExitCode> {
    let set = EvaluationSet::open(settings, &args.set)?;
    let (json, markdown) = if let Some(share) = args.poison {
        let report = poison::compare(settings, set, share, args, stop)?;
        (serde_json::to_string_pretty(&report)?, report.markdown())
    } else {
        let report = models::compare(settings, &set, args, stop)?;
        (serde_json::to_string_pretty(&report)?, report.markdown())
    };
    if let Some(folder) = &args.out {
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(folder.join("report.json"), &json))
            .and_then(|()| fs::write(folder.join("report.md"), &markdown))
            .with_context(|| format!("writing the report to {}", folder.display()))?;
    }
    vitrine_server::print(if args.json { &json } else { &markdown });
    Ok(ExitCode::SUCCESS)
}
