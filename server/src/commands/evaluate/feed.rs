//! The cards of a product feed, for measurements.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use vitrine_domain::Item;
use vitrine_quality::checks::Plan;
use vitrine_quality::{Quarantine, Repairs, Summary};

use crate::commands::import;
use crate::commands::quality::{self, Assessment, Files, assess};
use crate::settings::Settings;
use crate::signals::Stop;
use crate::texts::TextVectors;

/// A product feed.
pub struct Feed<'a> {
    pub products: &'a Path,
    /// Name or file of the mapping.
    pub mapping: &'a str,
    /// Checks by which rows are repaired or kept out, as by an import; without, none are.
    pub checks: Option<&'a Path>,
}

/// Reads a feed into cards by id, without sales. Rejected rows are listed in
/// `evaluation.tmp` of the data folder.
pub fn read_cards(settings: &Settings, feed: &Feed<'_>, stop: &Stop) -> Result<Vec<Item>> {
    let mapping = import::mapping(feed.mapping)?;
    let folder = settings.data_dir.join("evaluation.tmp");
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let plan = match feed.checks {
        Some(checks) => plan(settings, feed, checks, &mapping, stop)?,
        None => Plan::default(),
    };
    let mut quarantine = Quarantine::create(&folder.join("quarantine.jsonl"))?;
    let mut repairs = Repairs::create(&folder.join("repairs.jsonl"))?;
    let mut summary = Summary::default();
    let mut mend = |line: u64, row| match plan.products.get(&line) {
        Some(planned) => Ok(repairs.product("products", line, row, planned)?),
        None => Ok(Ok(row)),
    };
    let rows = import::ProductRows { path: feed.products, mapping: &mapping, mend: &mut mend };
    let products = import::read_products(rows, &mut quarantine, &mut summary, stop)?;
    quarantine.finish()?;
    let n_repairs = repairs.finish()?;
    let mut items = products.finish(&[]).items;
    tracing::info!(
        cards = items.len(),
        repairs = n_repairs,
        "products read\n{}",
        summary.to_table()
    );
    ensure!(!items.is_empty(), "no product was kept: see {}", folder.display());
    items.sort_by_key(|item| item.id);
    Ok(items)
}

/// What the checks would have done with the rows.
fn plan(
    settings: &Settings,
    feed: &Feed<'_>,
    checks: &Path,
    mapping: &vitrine_ingest::Mapping,
    stop: &Stop,
) -> Result<Plan> {
    let encode = |texts: &[String]| TextVectors::open(settings)?.encode(texts, stop);
    let assessed = assess(&Assessment {
        checks: &quality::checks(Some(checks))?,
        rows: &Files { products: feed.products, interactions: None, mapping },
        previous: None,
        encode: Some(&encode),
        now_seconds: import::now_seconds()?,
        remember_lines: false,
        stop,
    })?;
    tracing::info!("checked\n{}", assessed.report.to_table());
    Ok(assessed.plan)
}
