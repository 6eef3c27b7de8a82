//! The cards of a product feed, for measurements.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use vitrine_domain::Item;
use vitrine_quality::{Quarantine, Summary};

use crate::commands::import;
use crate::settings::Settings;
use crate::signals::Stop;

/// Reads a feed into cards by id, without sales. Rejected rows are listed in
/// `evaluation.tmp` of the data folder.
pub fn read_cards(
    settings: &Settings,
    products: &Path,
    mapping: &str,
    stop: &Stop,
) -> Result<Vec<Item>> {
    let mapping = import::mapping(mapping)?;
    let folder = settings.data_dir.join("evaluation.tmp");
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut quarantine = Quarantine::create(&folder.join("quarantine.jsonl"))?;
    let mut summary = Summary::default();
    let mut as_is = |_, row| Ok(Ok(row));
    let rows = import::ProductRows { path: products, mapping: &mapping, mend: &mut as_is };
    let products = import::read_products(rows, &mut quarantine, &mut summary, stop)?;
    quarantine.finish()?;
    let mut items = products.finish(&[]).items;
    tracing::info!(cards = items.len(), "products read\n{}", summary.to_table());
    ensure!(!items.is_empty(), "no product was kept: see {}", folder.display());
    items.sort_by_key(|item| item.id);
    Ok(items)
}
