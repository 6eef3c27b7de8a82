//! The next version, ready to be measured and committed.

use std::collections::{BTreeMap, HashMap, HashSet};

use vitrine_domain::{
    CatalogueInfo, CatalogueVersion, ContentHash, ItemId, Manifest, ModelInfo, ModelVersion,
    ShardRef,
};
use vitrine_student::{PackedStudent, price_minor_median};
use vitrine_wire::shard::CODE_DIM;
use vitrine_wire::{Shard, encode_manifest};

use crate::assemble::{Assembled, NewShard, Published as Bases, assemble};
use crate::rows::{Wanted, code_entries};
use crate::snapshot::{Snapshot, load_shards};
use crate::store::{Published, next_number};
use crate::{CatalogueInput, ModelInput, PublishError, Store};

/// A version that is not public yet.
#[derive(Debug)]
pub struct Prepared {
    /// Its manifest.
    pub manifest: Manifest,
    /// Compressed bytes of shards that a browser which has the current version must fetch.
    pub bytes_to_fetch: u64,
    /// Number of the version that it follows.
    pub(crate) previous: Option<u64>,
    /// Shards that the version before may not have.
    pub(crate) new: BTreeMap<ContentHash, NewShard>,
}

/// The version that the next one follows, decoded.
struct Current {
    number: u64,
    manifest: Manifest,
    shards: Vec<(ShardRef, Shard)>,
}

impl Current {
    fn load(store: &Store) -> Result<Option<Self>, PublishError> {
        let Some(number) = store.current_number()? else { return Ok(None) };
        let manifest = store.manifest(number)?;
        let shards = load_shards(store, &manifest)?;
        Ok(Some(Self { number, manifest, shards }))
    }

    /// The newest version that is whole, in the place of a damaged one. `None` when there
    /// is none: a new catalogue needs nothing of an old one but its number.
    fn load_whole(store: &Store) -> Result<Option<Self>, PublishError> {
        let load = |number| {
            let manifest = store.manifest(number)?;
            let shards = load_shards(store, &manifest)?;
            Ok(Self { number, manifest, shards })
        };
        match store.newest(load) {
            Ok(found) => Ok(found.map(|(_, current)| current)),
            Err(PublishError::NoneWhole { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Prepares a new catalogue, with the model that the input names. What is damaged of the
/// versions before is written anew.
///
/// The same input after the same version always gives the same bytes. The catalogue's
/// version is the number of the manifest that it comes with, so that none is given twice.
///
/// # Errors
/// When the input contradicts itself, names a model that was never published, or may not
/// be published; when the disk refuses.
pub fn prepare_catalogue(
    store: &Store,
    input: &CatalogueInput<'_>,
    published_at_seconds: i64,
) -> Result<Prepared, PublishError> {
    input.check()?;
    let previous = store.current_number()?;
    let current = Current::load_whole(store)?;
    let model = match input.model {
        Some(model) => Some(published_model(store, model.version)?),
        None => None,
    };
    let wanted = input.rows();
    let manifest = Manifest {
        format: Manifest::FORMAT,
        shop: input.shop.to_owned(),
        currency: input.currency.to_owned(),
        prices: input.prices.clone(),
        catalogue: CatalogueInfo {
            version: CatalogueVersion(next_number(previous)),
            revision: 0,
            n_items: wanted.cards.len() as u32,
            published_at_seconds,
            price_minor_median: price_minor_median(wanted.prices.iter().map(|row| row.price_minor)),
            positives: input.positives,
            picture_mode: input.picture_mode,
            never_recommended: input.never_recommended.to_vec(),
        },
        model,
        shards: Vec::new(),
        n_head: 0,
        has_real_urls: false,
        has_language_model: false,
    };
    finish(&wanted, (previous, current.as_ref()), manifest)
}

/// A model that some kept version has.
fn published_model(store: &Store, version: ModelVersion) -> Result<ModelInfo, PublishError> {
    let manifests = store.kept()?.into_iter().filter_map(|number| store.manifest(number).ok());
    let mut models = manifests.filter_map(|manifest| manifest.model);
    models.find(|model| model.version == version).ok_or(PublishError::UnknownModel(version.0))
}

/// Prepares a new model for the current catalogue. It becomes public through
/// [`crate::publish_model`], which asks the gate.
///
/// # Errors
/// [`PublishError::Empty`] without a catalogue, [`PublishError::CodeMissing`]
/// when an item of it has no code; when the payload is not a packed student;
/// when the disk refuses.
pub fn prepare_model(store: &Store, input: &ModelInput<'_>) -> Result<Prepared, PublishError> {
    let current = Current::load(store)?.ok_or(PublishError::Empty)?;
    let (expected, found) = (input.ids.len() * CODE_DIM, input.codes.len());
    if found != expected {
        return Err(PublishError::Length { field: "codes", expected, found });
    }
    let student = PackedStudent::from_bytes(input.payload)?;
    let snapshot = Snapshot::merge(current.manifest.clone(), current.shards.clone())?;
    let mut wanted = Wanted::from_rows(&snapshot.rows);
    let codes: HashMap<ItemId, _> = code_entries(input.ids, input.codes).into_iter().collect();
    let code = |id: ItemId| match codes.get(&id) {
        Some(code) => Ok((id, *code)),
        None => Err(PublishError::CodeMissing(id)),
    };
    wanted.codes = wanted.cards.iter().map(|card| code(card.id)).collect::<Result<_, _>>()?;
    wanted.student = Some(input.payload.to_vec());
    let previous = Some(current.number);
    let mut manifest = current.manifest.clone();
    manifest.model = Some(ModelInfo {
        version: ModelVersion(next_number(previous)),
        base: input.base,
        outputs: student.outputs().to_vec(),
        explore_every: input.explore_every,
    });
    finish(&wanted, (previous, Some(&current)), manifest)
}

/// Prepares a new catalogue and makes it current.
///
/// # Errors
/// Those of [`prepare_catalogue`] and [`Store::commit`].
pub fn publish_catalogue(
    store: &Store,
    input: &CatalogueInput<'_>,
    published_at_seconds: i64,
) -> Result<Published, PublishError> {
    store.commit(&prepare_catalogue(store, input, published_at_seconds)?)
}

/// The shards of `wanted` after those of a whole version, under `manifest`; `previous` is
/// the number of the current version, whole or not.
fn finish(
    wanted: &Wanted,
    (previous, current): (Option<u64>, Option<&Current>),
    manifest: Manifest,
) -> Result<Prepared, PublishError> {
    let bases = current.map(|current| Bases::new(current.manifest.format, &current.shards));
    let Assembled { shards, n_head, new } = assemble(wanted, &bases.unwrap_or_default())?;
    let manifest = Manifest { format: Manifest::FORMAT, shards, n_head, ..manifest };
    encode_manifest(&manifest)?;
    let before = current.map_or(&[][..], |current| &current.manifest.shards);
    let before: HashSet<ContentHash> = before.iter().map(|shard| shard.hash).collect();
    let changed = manifest.shards.iter().filter(|shard| !before.contains(&shard.hash));
    let bytes_to_fetch = changed.map(|shard| u64::from(shard.bytes_compressed)).sum();
    Ok(Prepared { manifest, bytes_to_fetch, previous, new })
}

/// A variation of the current version, for measurements.
pub(crate) fn prepare_variation(
    store: &Store,
    vary: impl FnOnce(&mut Wanted),
) -> Result<Prepared, PublishError> {
    let current = Current::load(store)?.ok_or(PublishError::Empty)?;
    let snapshot = Snapshot::merge(current.manifest.clone(), current.shards.clone())?;
    let mut wanted = Wanted::from_rows(&snapshot.rows);
    vary(&mut wanted);
    finish(&wanted, (Some(current.number), Some(&current)), current.manifest.clone())
}
