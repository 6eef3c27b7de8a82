//! Makes an imported catalogue public: durable folder first, manifest last.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result, bail};
use vitrine_domain::{CatalogueVersion, ItemId, ModelVersion, RelatedList, published_count};
use vitrine_durable::{Disk, FileSystem};
use vitrine_publish::{
    CatalogueInput, CatalogueModel, PictureInput, PrivateSearchInput, Store, prepare_catalogue,
};
use vitrine_wire::QueryTableShard;

use crate::catalogue::{self, Buyers, StoredCatalogue};
use crate::clock::now_seconds;
use crate::live;
use crate::model::Model;
use crate::retention;
use crate::settings::ServerSettings;

/// Held while a catalogue or a model is made, so that two do not mix.
///
/// # Errors
/// Another import or training is under way.
pub fn lock(data_dir: &Path) -> Result<File> {
    match try_lock(data_dir)? {
        Some(file) => Ok(file),
        None => bail!(
            "another import or training works on {}: wait for it, or give another --data-dir",
            data_dir.display()
        ),
    }
}

/// The lock, if nobody else holds it.
///
/// # Errors
/// The disk refuses.
pub fn try_lock(data_dir: &Path) -> Result<Option<File>> {
    fs::create_dir_all(data_dir).with_context(|| format!("creating {}", data_dir.display()))?;
    let path = data_dir.join("LOCK");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).context("locking the data folder"),
    }
}

/// Publishes what `staging` holds, with what the same shoppers bought. The published model
/// stays, with codes for the new items.
///
/// # Errors
/// The disk refuses, or the catalogue may not be published; what was served
/// before is served on.
pub fn publish_catalogue(
    settings: &ServerSettings,
    store: &Store,
    catalogue: &StoredCatalogue,
    neighbours: &[RelatedList],
    staging: &Path,
) -> Result<CatalogueVersion> {
    let private = match &catalogue.private_search {
        Some(private) if settings.private_search => {
            let language = live::text_language(settings, &catalogue.items)?;
            let (relevance, synonyms) = (live::relevance(settings)?, live::synonyms(settings)?);
            let table = private.shard(language, &relevance, &synonyms);
            Some((private.codes(&catalogue.vectors), table))
        }
        _ => None,
    };
    let made = (catalogue, neighbours, private.as_ref());
    publish_on(&FileSystem, &settings.data_dir, store, made, staging)
}

/// A catalogue, what the same shoppers bought, and codes and table for private search.
type Made<'a> = (&'a StoredCatalogue, &'a [RelatedList], Option<&'a (Vec<i8>, QueryTableShard)>);

/// The same on a disk of the caller's.
fn publish_on(
    disk: &dyn Disk,
    data_dir: &Path,
    store: &Store,
    (catalogue, neighbours, private): Made<'_>,
    staging: &Path,
) -> Result<CatalogueVersion> {
    let model = published_model(data_dir, store)?.filter(|(version, model)| {
        let fits = model.fits(catalogue);
        if !fits {
            tracing::warn!(
                model = version.0,
                "the texts are encoded by another encoder than the model's: the catalogue is \
                 published without a model until `vitrine train` is run"
            );
        }
        fits
    });
    let model = model.map(|(version, model)| {
        let payload = model.trained.packed.to_bytes();
        (version, payload, model.codes(catalogue))
    });
    let pictures: Vec<PictureInput> = catalogue
        .pictures
        .iter()
        .map(|(name, body)| PictureInput { name: name.clone(), body: body.clone() })
        .collect();
    let looks = catalogue.seen.looks.as_ref().map(|looks| (looks, looks.rows()));
    let input = CatalogueInput {
        shop: &catalogue.shop,
        currency: &catalogue.currency,
        prices: &catalogue.prices,
        positives: catalogue.positives,
        never_recommended: &catalogue.never_recommended,
        items: &catalogue.items,
        n_buyers: &catalogue.buyers.iter().map(|b| b.all).collect::<Vec<_>>(),
        n_buyers_recent: &catalogue.buyers.iter().map(|b| b.recent).collect::<Vec<_>>(),
        pictures: &pictures,
        picture_of: &catalogue.picture_of,
        photos: &catalogue.photos.inputs,
        photos_of: &catalogue.photos.of_cards,
        picture_mode: catalogue.pictures_from.mode,
        related: &indexes(catalogue, &catalogue.related),
        alternatives: &catalogue.alternatives,
        neighbours: &indexes(catalogue, neighbours),
        offers: &catalogue.offers,
        reviews: &catalogue.reviews,
        model: model.as_ref().map(|(version, payload, codes)| CatalogueModel {
            version: *version,
            payload,
            codes,
        }),
        looks: looks.as_ref().map(|(looks, rows)| looks.published(rows)),
        private_search: private.map(|(codes, table)| PrivateSearchInput { codes, table }),
    };
    let prepared = prepare_catalogue(store, &input, now_seconds())?;
    let version = prepared.manifest.catalogue.version;

    retention::keep_quarantine(data_dir, staging, version)?;
    vitrine_durable::seal(disk, staging)?;
    let folder = catalogue::folder(data_dir, version);
    if folder.exists() {
        // Left by a publish that ended between the rename and the commit.
        fs::remove_dir_all(&folder)?;
    }
    vitrine_durable::publish(disk, staging, &folder)?;
    let done = store.commit(&prepared)?;
    tracing::info!(
        catalogue = version.0,
        bytes_written = done.bytes_written,
        bytes_to_fetch = done.bytes_to_fetch,
        "committed"
    );
    retention::collect(data_dir, store);
    Ok(version)
}

/// The model that a new catalogue goes on with: that of the newest manifest, or of the
/// newest before it whose files are whole.
fn published_model(data_dir: &Path, store: &Store) -> Result<Option<(ModelVersion, Model)>> {
    let mut is_newest = true;
    for number in store.kept()? {
        let Ok(manifest) = store.manifest(number) else { continue };
        match manifest.model {
            // No model is brought back that was gone already.
            None if is_newest => return Ok(None),
            None => {}
            Some(info) => match Model::load(data_dir, info.version) {
                Ok(model) => return Ok(Some((info.version, model))),
                Err(error) => {
                    tracing::warn!(model = info.version.0, "{error:#}; an older one goes on");
                }
            },
        }
        is_newest = false;
    }
    if !is_newest {
        tracing::warn!("no model can be read: the catalogue is published without one");
    }
    Ok(None)
}

fn indexes(catalogue: &StoredCatalogue, published: &[RelatedList]) -> Vec<Vec<(usize, f32)>> {
    let index = |id: ItemId| catalogue.items.binary_search_by_key(&id, |item| item.id).ok();
    let mut lists = vec![Vec::new(); catalogue.items.len()];
    for (id, others) in published {
        if let Some(i) = index(*id) {
            lists[i] = others
                .iter()
                .filter_map(|(other, strength)| Some((index(*other)?, f32::from(*strength))))
                .collect();
        }
    }
    lists
}

impl Buyers {
    /// The counts as they are published.
    pub fn published(self) -> Self {
        Self { all: published_count(self.all), recent: published_count(self.recent) }
    }
}

#[cfg(test)]
mod parts_tests;
#[cfg(test)]
mod price_list_tests;
#[cfg(test)]
pub mod tests;
