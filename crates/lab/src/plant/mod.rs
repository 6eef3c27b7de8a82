//! `vitrine-lab plant`: would the checks find faults in this data?

mod drifts;
mod faults;
mod line_faults;
mod measure;
mod write;

use std::process::ExitCode;

use anyhow::Result;
use vitrine_server::commands::quality::Files;
use vitrine_server::commands::source;
use vitrine_server::settings::ServerSettings;
use vitrine_server::signals::Stop;
use vitrine_server::texts::LazyTexts;

use crate::cli::PlantArgs;

/// Lines of the log that checks are measured on, about.
const MEASURED_LINES_MAX: usize = 400_000;

/// Measures the checks, or writes files to measure with.
///
/// # Errors
/// The files cannot be read or written, nothing clean is left, or the process was asked
/// to stop.
pub fn run(settings: &ServerSettings, args: &PlantArgs, stop: &Stop) -> Result<ExitCode> {
    let mapping = source::mapping(&args.mapping)?;
    let interactions = args.interactions.as_deref();
    let files = Files { products: &args.products, interactions, mapping: &mapping };
    let texts = LazyTexts::new(settings, stop);
    let planting = measure::Planting {
        rows: &files,
        texts: (!args.no_vectors).then_some(&texts),
        share: args.share,
        faults: &args.faults,
        lines_max: if args.write.is_some() { usize::MAX } else { MEASURED_LINES_MAX },
        seed: args.seed,
        now_seconds: vitrine_server::clock::now_seconds(),
        stop,
    };
    match &args.write {
        Some(folder) => write::write(&planting, &mapping.currency, folder)?,
        None => vitrine_server::print(&measure::measure(&planting)?),
    }
    Ok(ExitCode::SUCCESS)
}
