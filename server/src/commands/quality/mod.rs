//! `vitrine quality`: checks files and prints what was found; publishes nothing.

mod assess;
mod rows;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use vitrine_quality::checks::{CheckResult, Checks, ImportSnapshot};

pub use assess::{Assessed, Assessment, assess};
pub use rows::{Files, Rows, Visit, interaction_row, line_problem, product_row};

use super::source::{self, Tables};
use crate::cli::QualityArgs;
use crate::clock::now_seconds;
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::texts::LazyTexts;

/// Runs the command; fails when a check would block a publish.
pub fn run(settings: &ServerSettings, args: &QualityArgs, stop: &Stop) -> Result<ExitCode> {
    if args.print_checks {
        crate::print(Checks::built_in_text());
        return Ok(ExitCode::SUCCESS);
    }
    let products = args.products.as_deref().context("--products is missing")?;
    let mapping = args.mapping.as_deref().context("--mapping is missing")?;
    let mapping = source::mapping(mapping)?;
    let checks = checks(args.checks.as_deref())?;
    let interactions = args.interactions.as_deref();
    let tables = Tables { products: Some(products), interactions, ..Tables::default() };
    tables.check(&mapping)?;
    let files = Files { products, interactions, mapping: &mapping };
    let texts = LazyTexts::new(settings, stop);
    let previous = previous(args.previous.as_deref())?;
    let started = Instant::now();
    let assessed = assess(&Assessment {
        checks: &checks,
        rows: &files,
        previous: previous.as_ref(),
        texts: (!args.no_vectors).then_some(&texts),
        now_seconds: now_seconds(),
        remember_lines: false,
        stop,
    })?;
    let report = &assessed.report;
    tracing::info!(seconds = started.elapsed().as_secs_f64(), "checked");
    if let Some(path) = &args.html {
        fs::write(path, report.to_html()).with_context(|| format!("writing {}", path.display()))?;
    }
    if let Some(path) = &args.snapshot {
        let json = serde_json::to_vec(&assessed.snapshot)?;
        fs::write(path, json).with_context(|| format!("writing {}", path.display()))?;
    }
    if args.json {
        crate::print(&serde_json::to_string_pretty(report)?);
    } else {
        crate::print(&report.to_table());
    }
    let passes = report.blocking(&args.allow_check).is_empty();
    Ok(if passes { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// "unknown_item: 31.20 % of 1200, at most 20.00 %".
pub fn shown(result: &CheckResult) -> String {
    let (rate, allowed) = (result.rate() * 100.0, result.threshold * 100.0);
    format!("{}: {rate:.2} % of {}, at most {allowed:.2} %", result.name, result.n_checked)
}

/// The built-in checks, or those and a shop's own.
///
/// # Errors
/// The file cannot be read; what cannot be read in it is among the faults.
pub fn checks(path: Option<&Path>) -> Result<Checks> {
    let Some(path) = path else { return Ok(Checks::built_in()) };
    let text = fs::read_to_string(path)
        .with_context(|| format!("reading {}; --print-checks prints a start", path.display()))?;
    let checks = Checks::with_own(&path.display().to_string(), &text);
    for fault in &checks.faults {
        tracing::error!("{fault}; this check does not run");
    }
    Ok(checks)
}

/// What an earlier run wrote with `--snapshot`.
pub fn previous(path: Option<&Path>) -> Result<Option<ImportSnapshot>> {
    let Some(path) = path else { return Ok(None) };
    let json = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let snapshot = serde_json::from_slice(&json)
        .with_context(|| format!("{} is no snapshot: write one with --snapshot", path.display()))?;
    Ok(Some(snapshot))
}
