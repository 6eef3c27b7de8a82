//! The cards that a search is measured on: of a feed, or of the published catalogue.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use vitrine_domain::Item;
use vitrine_publish::Store;
use vitrine_quality::{Quarantine, Summary};

use crate::catalogue::{self, Catalogue};
use crate::commands::import;
use crate::settings::Settings;
use crate::signals::Stop;

/// Cards in the order of their ids.
pub struct Feed {
    pub items: Vec<Item>,
    /// ISO 4217.
    pub currency: String,
    /// Buyers as far as published; zeros for a feed, which has none.
    pub popularity: Vec<u32>,
}

impl Feed {
    /// Reads the products of a feed, as an import would without checks.
    pub fn read(settings: &Settings, products: &Path, mapping: &str, stop: &Stop) -> Result<Self> {
        let mapping = import::mapping(mapping)?;
        let folder = settings.data_dir.join("evaluation.tmp");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("creating {}", folder.display()))?;
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
        let popularity = vec![0; items.len()];
        Ok(Self { items, currency: mapping.currency.clone(), popularity })
    }

    /// The published catalogue and its vectors.
    pub fn published(settings: &Settings) -> Result<(Self, Vec<f32>)> {
        let store = Store::open(settings.data_dir.join("store"))?;
        let manifest = store.current()?.context("nothing is published: run `vitrine import`")?;
        let folder = catalogue::folder(&settings.data_dir, manifest.catalogue.version);
        let Catalogue { items, currency, buyers, vectors, .. } = Catalogue::load(&folder)?;
        let popularity = buyers.iter().map(|buyers| buyers.published().all).collect();
        Ok((Self { items, currency, popularity }, vectors))
    }
}
