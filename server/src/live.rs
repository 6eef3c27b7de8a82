//! One published version, ready to be served: manifest, rows, recall, codec.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result};
use vitrine_domain::Manifest;
use vitrine_encoder::intent::IntentHead;
use vitrine_publish::{Snapshot, Store};
use vitrine_recall::{EmbeddedRecall, Recall, Synonyms, Understanding};
use vitrine_suggest::{SuggestCard, Suggester};
use vitrine_wire::CatalogueRows;

use crate::catalogue::{self, Catalogue};
use crate::intent;
use crate::model::Model;
use crate::settings::Settings;

/// Everything one version needs to answer requests. Immutable.
pub struct Live {
    /// The manifest.
    pub manifest: Manifest,
    /// The manifest as it is sent.
    pub manifest_bytes: Vec<u8>,
    /// The published rows: what the browsers have.
    pub rows: CatalogueRows,
    /// Candidates for searches.
    pub recall: Arc<dyn Recall>,
    /// What searches say besides words.
    pub understanding: Understanding,
    /// What unfinished searches may become.
    pub suggester: Suggester,
    /// The published model, if there is one.
    pub model: Option<Model>,
    /// What queries are after, once it was learned.
    pub intent: Option<IntentHead>,
}

impl Live {
    /// Loads version `number` of the store.
    ///
    /// # Errors
    /// A file of the version is missing or damaged.
    pub fn load(settings: &Settings, store: &Store, number: u64) -> Result<Self> {
        let data_dir = &settings.data_dir;
        let manifest_bytes = store.manifest_bytes(number)?;
        let manifest = store.manifest(number)?;
        let rows = Snapshot::load_number(store, number)?.rows;
        let folder = catalogue::folder(data_dir, manifest.catalogue.version);
        let Catalogue { items, buyers, vectors, currency, .. } = Catalogue::load(&folder)?;
        let understanding = Understanding::new(&items, &currency, synonyms(settings)?);
        let popularity: Vec<u32> = buyers.iter().map(|buyers| buyers.published().all).collect();
        let suggester = suggester(&rows);
        let recall = EmbeddedRecall::build(&items, vectors, &popularity).context("indexing")?;
        let model = match &manifest.model {
            Some(info) => Some(Model::load(data_dir, info.version)?),
            None => None,
        };
        let intent = intent::load(&folder)?;
        Ok(Self {
            manifest,
            manifest_bytes,
            rows,
            recall: Arc::new(recall),
            understanding,
            suggester,
            model,
            intent,
        })
    }
}

/// The shipped synonyms and those of the settings' file.
///
/// # Errors
/// The file cannot be read, or is not a file of synonyms; the message says where.
pub fn synonyms(settings: &Settings) -> Result<Synonyms> {
    let Some(path) = &settings.synonyms_file else { return Ok(Synonyms::with(None)?) };
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Synonyms::with(Some(&text)).with_context(|| format!("synonyms of {}", path.display()))
}

/// Reads the published cards: what a browser makes of them, too.
fn suggester(rows: &CatalogueRows) -> Suggester {
    Suggester::new(rows.cards.iter().map(|card| SuggestCard {
        id: card.id,
        title: &card.title,
        department: &rows.departments[usize::from(card.department)],
        category: &rows.categories[usize::from(card.category)],
        n_buyers: rows.price(card.id).map_or(0, |price| price.n_buyers),
    }))
}
