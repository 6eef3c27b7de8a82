//! One published version, ready to be served: manifest, rows, recall, codec.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use vitrine_domain::Manifest;
use vitrine_encoder::intent::IntentHead;
use vitrine_publish::{Snapshot, Store};
use vitrine_recall::{EmbeddedRecall, Recall};
use vitrine_wire::CatalogueRows;

use crate::catalogue::{self, Catalogue};
use crate::intent;
use crate::model::Model;

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
    pub fn load(data_dir: &Path, store: &Store, number: u64) -> Result<Self> {
        let manifest_bytes = store.manifest_bytes(number)?;
        let manifest = store.manifest(number)?;
        let rows = Snapshot::load_number(store, number)?.rows;
        let folder = catalogue::folder(data_dir, manifest.catalogue.version);
        let Catalogue { items, buyers, vectors, .. } = Catalogue::load(&folder)?;
        let popularity: Vec<u32> = buyers.iter().map(|buyers| buyers.published().all).collect();
        let recall = EmbeddedRecall::build(&items, vectors, &popularity).context("indexing")?;
        let model = match &manifest.model {
            Some(info) => Some(Model::load(data_dir, info.version)?),
            None => None,
        };
        let intent = intent::load(&folder)?;
        Ok(Self { manifest, manifest_bytes, rows, recall: Arc::new(recall), model, intent })
    }
}
