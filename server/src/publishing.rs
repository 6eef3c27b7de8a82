//! Makes an imported catalogue public: durable folder first, manifest last.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use vitrine_domain::{CatalogueVersion, ItemId, limits};
use vitrine_publish::store::VERSIONS_KEPT;
use vitrine_publish::{CatalogueInput, PictureInput, Store, prepare_catalogue};

use crate::catalogue::{self, Buyers, Catalogue};
use crate::model::Model;
use crate::settings::Settings;

/// Held while a catalogue or a model is made, so that two do not mix.
///
/// # Errors
/// Another import or training is under way.
pub fn lock(data_dir: &Path) -> Result<File> {
    fs::create_dir_all(data_dir).with_context(|| format!("creating {}", data_dir.display()))?;
    let path = data_dir.join("LOCK");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another import or training works on {}: wait for it, or give another --data-dir",
            data_dir.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).context("locking the data folder"),
    }
}

/// Publishes what `staging` holds. The published model stays, with codes for
/// the new items.
///
/// # Errors
/// The disk refuses, or the catalogue may not be published; what was served
/// before is served on.
pub fn publish_catalogue(
    settings: &Settings,
    store: &Store,
    catalogue: &Catalogue,
    staging: &Path,
) -> Result<CatalogueVersion> {
    let model = match store.current()?.and_then(|manifest| manifest.model) {
        Some(info) => Some(Model::load(&settings.data_dir, info.version)?),
        None => None,
    };
    let codes = model.map(|model| model.codes(catalogue));
    let published: Vec<Buyers> = catalogue.buyers.iter().map(|b| b.published()).collect();
    let pictures: Vec<PictureInput> = catalogue
        .pictures
        .iter()
        .map(|(name, body)| PictureInput { name: name.clone(), body: body.clone() })
        .collect();
    let input = CatalogueInput {
        shop: &catalogue.shop,
        currency: &catalogue.currency,
        positives: catalogue.positives,
        items: &catalogue.items,
        n_buyers: &published.iter().map(|b| b.all).collect::<Vec<_>>(),
        n_buyers_recent: &published.iter().map(|b| b.recent).collect::<Vec<_>>(),
        pictures: &pictures,
        picture_of: &catalogue.picture_of,
        related: &related_indexes(catalogue),
        alternatives: &catalogue.alternatives,
        offers: &catalogue.offers,
        codes: codes.as_deref(),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let prepared = prepare_catalogue(store, &input, i64::try_from(now.as_secs())?)?;
    let version = prepared.manifest.catalogue.version;

    let folder = catalogue::folder(&settings.data_dir, version);
    if folder.exists() {
        // Left by a publish that ended between the rename and the commit.
        fs::remove_dir_all(&folder)?;
    }
    fs::rename(staging, &folder).with_context(|| format!("moving to {}", folder.display()))?;
    sync_folder(&folder)?;
    let done = store.commit(&prepared)?;
    tracing::info!(
        catalogue = version.0,
        bytes_written = done.bytes_written,
        bytes_to_fetch = done.bytes_to_fetch,
        "committed"
    );
    collect(&settings.data_dir, version);
    Ok(version)
}

/// Makes a folder and its place in its parent durable.
pub fn sync_folder(folder: &Path) -> Result<()> {
    for dir in [Some(folder), folder.parent()].into_iter().flatten() {
        File::open(dir).and_then(|dir| dir.sync_all()).context("making the catalogue durable")?;
    }
    Ok(())
}

/// Removes folders of catalogues that no kept manifest names.
fn collect(data_dir: &Path, current: CatalogueVersion) {
    let oldest = current.0.saturating_sub(VERSIONS_KEPT);
    for version in (0..oldest).rev().take(VERSIONS_KEPT as usize) {
        let folder = catalogue::folder(data_dir, CatalogueVersion(version));
        if folder.exists()
            && let Err(error) = fs::remove_dir_all(&folder)
        {
            tracing::warn!(%error, "could not remove {}", folder.display());
        }
    }
}

fn related_indexes(catalogue: &Catalogue) -> Vec<Vec<(usize, f32)>> {
    let index = |id: ItemId| catalogue.items.binary_search_by_key(&id, |item| item.id).ok();
    let mut lists = vec![Vec::new(); catalogue.items.len()];
    for (id, related) in &catalogue.related {
        if let Some(i) = index(*id) {
            lists[i] = related
                .iter()
                .filter_map(|(other, strength)| Some((index(*other)?, f32::from(*strength))))
                .collect();
        }
    }
    lists
}

impl Buyers {
    /// What may be published: counts below the threshold become 0.
    pub fn published(self) -> Self {
        let keep = |n| if n >= limits::BUYERS_MIN { n } else { 0 };
        Self { all: keep(self.all), recent: keep(self.recent) }
    }
}
