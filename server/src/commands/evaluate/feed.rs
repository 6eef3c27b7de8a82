//! The cards that a search is measured on: of a feed, or of the published catalogue.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use vitrine_domain::Item;
use vitrine_encoder::EncoderStamp;
use vitrine_publish::Store;
use vitrine_quality::checks::Plan;
use vitrine_quality::{LogSales, Quarantine, Repairs, Summary};
use vitrine_recall::EmbeddedRecall;

use crate::catalogue::{self, StoredCatalogue};
use crate::clock::now_seconds;
use crate::commands::quality::{self, Assessment, Files, assess};
use crate::commands::{import, source};
use crate::live;
use crate::settings::ServerSettings;
use crate::signals::Stop;
use crate::texts::{LazyTexts, TextVectors};

/// Cards in the order of their ids.
pub struct ShopFeed {
    pub items: Vec<Item>,
    /// ISO 4217.
    pub currency: String,
    /// Buyers as far as published; zeros for a feed, which has none.
    pub popularity: Vec<u32>,
    /// Mean vector of likely searches, \[384\]; may be empty.
    pub query_mean: Vec<f32>,
}

impl ShopFeed {
    /// Reads the products of a feed, as an import would: rows that fail one of `checks`
    /// are repaired or kept out; without checks, none are.
    pub fn read(
        settings: &ServerSettings,
        products: &Path,
        mapping: &str,
        checks: Option<&Path>,
        stop: &Stop,
    ) -> Result<Self> {
        let mapping = source::mapping(mapping)?;
        let folder = settings.data_dir.join("evaluation.tmp");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("creating {}", folder.display()))?;
        let plan = match checks {
            Some(checks) => plan(settings, products, checks, &mapping, stop)?,
            None => Plan::default(),
        };
        let mut repairs = Repairs::create(&folder.join("repairs.jsonl"))?;
        let mut quarantine = Quarantine::create(&folder.join("quarantine.jsonl"))?;
        let mut summary = Summary::default();
        let mut mend = |line: u64, row| match plan.products.get(&line) {
            Some(planned) => Ok(repairs.product("products", line, row, planned)?),
            None => Ok(Ok(row)),
        };
        let rows =
            import::ProductRows { path: products, mapping: &mapping, pushed: &[], mend: &mut mend };
        let products = import::read_products(rows, &mut quarantine, &mut summary, stop)?;
        quarantine.finish()?;
        let n_repairs = repairs.finish()?;
        let mut items = products.finish(&LogSales::default()).items;
        tracing::info!(
            cards = items.len(),
            repairs = n_repairs,
            "products read\n{}",
            summary.to_table()
        );
        ensure!(!items.is_empty(), "no product was kept: see {}", folder.display());
        items.sort_by_key(|item| item.id);
        let popularity = vec![0; items.len()];
        let currency = mapping.currency.clone();
        Ok(Self { items, currency, popularity, query_mean: Vec::new() })
    }

    /// The index that a server has of it.
    ///
    /// # Errors
    /// The items cannot be indexed, or the settings name a language that there is not.
    pub fn engine(&self, settings: &ServerSettings, vectors: Vec<f32>) -> Result<EmbeddedRecall> {
        let language = live::text_language(settings, &self.items)?;
        let engine = EmbeddedRecall::build_in(&self.items, vectors, &self.popularity, language)?;
        Ok(match self.query_mean.is_empty() {
            true => engine,
            false => engine.with_query_mean(&self.query_mean),
        })
    }

    /// The products of a feed by its mapping, or else the published catalogue; with
    /// vectors of the passages.
    pub fn of(
        settings: &ServerSettings,
        (products, mapping): (Option<&Path>, Option<&str>),
        checks: Option<&Path>,
        texts: &mut TextVectors,
        stop: &Stop,
    ) -> Result<(Self, Vec<f32>)> {
        let (Some(products), Some(mapping)) = (products, mapping) else {
            return Self::published(settings, Some(&texts.encoder.stamp()));
        };
        let mut feed = Self::read(settings, products, mapping, checks, stop)?;
        let passages: Vec<String> = feed.items.iter().map(Item::passage).collect();
        let vectors = texts.encode(&passages, stop)?;
        feed.query_mean = texts.encoded(&feed.items, stop)?.query_mean;
        Ok((feed, vectors))
    }

    /// The published catalogue and its vectors, which are of this encoder.
    ///
    /// # Errors
    /// Nothing is published, a file is damaged, or it was encoded by another encoder.
    pub fn published(
        settings: &ServerSettings,
        encoder: Option<&EncoderStamp>,
    ) -> Result<(Self, Vec<f32>)> {
        let store = Store::open(settings.data_dir.join("store"))?;
        let manifest = store.current()?.context("nothing is published: run `vitrine import`")?;
        let folder = catalogue::folder(&settings.data_dir, manifest.catalogue.version);
        let StoredCatalogue { items, currency, buyers, encoded, vectors, .. } =
            StoredCatalogue::load(&folder)?;
        if let Some(encoder) = encoder {
            catalogue::ensure_encoded_by(encoded.by.as_ref(), encoder)?;
        }
        let popularity = buyers.iter().map(|buyers| buyers.published().all).collect();
        Ok((Self { items, currency, popularity, query_mean: encoded.query_mean }, vectors))
    }
}

/// What the checks would have done with the rows.
fn plan(
    settings: &ServerSettings,
    products: &Path,
    checks: &Path,
    mapping: &vitrine_ingest::Mapping,
    stop: &Stop,
) -> Result<Plan> {
    let texts = LazyTexts::new(settings, stop);
    let assessed = assess(&Assessment {
        checks: &quality::checks(Some(checks))?,
        rows: &Files { products, interactions: None, mapping },
        previous: None,
        texts: Some(&texts),
        now_seconds: now_seconds(),
        remember_lines: false,
        stop,
    })?;
    tracing::info!("checked\n{}", assessed.report.to_table());
    Ok(assessed.plan)
}
