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
use crate::store::Published;
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

/// The current version, decoded.
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
}

/// Prepares a new catalogue. The model stays the published one, if there is one.
///
/// The same input after the same version always gives the same bytes.
///
/// # Errors
/// When the input contradicts itself or the published model, or may not be
/// published; when the disk refuses.
pub fn prepare_catalogue(
    store: &Store,
    input: &CatalogueInput<'_>,
    published_at_seconds: i64,
) -> Result<Prepared, PublishError> {
    input.check()?;
    let current = match Current::load(store) {
        // A damaged catalogue is no loss: this one replaces it, unless the model
        // is needed from there.
        Err(error) if error.is_damage() && input.codes.is_none() => {
            let number = store.current_number()?.ok_or(PublishError::Empty)?;
            let manifest = store.manifest(number)?;
            Some(Current { number, manifest, shards: Vec::new() })
        }
        other => other?,
    };
    let model = current.as_ref().and_then(|current| current.manifest.model.clone());
    if model.is_some() != input.codes.is_some() {
        return Err(PublishError::Codes);
    }
    let mut wanted = input.rows();
    let shards = current.as_ref().map_or(&[][..], |current| &current.shards);
    wanted.student = shards.iter().find_map(|(_, shard)| match shard {
        Shard::Student(student) => Some(student.payload.clone()),
        _ => None,
    });
    let before = current.as_ref().map_or(0, |current| current.manifest.catalogue.version.0);
    let manifest = Manifest {
        format: Manifest::FORMAT,
        shop: input.shop.to_owned(),
        currency: input.currency.to_owned(),
        catalogue: CatalogueInfo {
            version: CatalogueVersion(before + 1),
            n_items: wanted.cards.len() as u32,
            published_at_seconds,
            price_minor_median: price_minor_median(wanted.prices.iter().map(|row| row.price_minor)),
            positives: input.positives,
        },
        model,
        shards: Vec::new(),
        n_head: 0,
    };
    finish(&wanted, current.as_ref(), manifest)
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
    let before = current.manifest.model.as_ref().map_or(0, |model| model.version.0);
    let mut manifest = current.manifest.clone();
    manifest.model = Some(ModelInfo {
        version: ModelVersion(before + 1),
        base: input.base,
        outputs: student.outputs().to_vec(),
    });
    finish(&wanted, Some(&current), manifest)
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

/// The shards of `wanted` after those of the current version, under `manifest`.
fn finish(
    wanted: &Wanted,
    current: Option<&Current>,
    manifest: Manifest,
) -> Result<Prepared, PublishError> {
    let shards = current.map_or(&[][..], |current| &current.shards);
    let Assembled { shards, n_head, new } = assemble(wanted, &Bases::new(shards))?;
    let manifest = Manifest { shards, n_head, ..manifest };
    encode_manifest(&manifest)?;
    let before = current.map_or(&[][..], |current| &current.manifest.shards);
    let before: HashSet<ContentHash> = before.iter().map(|shard| shard.hash).collect();
    let changed = manifest.shards.iter().filter(|shard| !before.contains(&shard.hash));
    let bytes_to_fetch = changed.map(|shard| u64::from(shard.bytes_compressed)).sum();
    let previous = current.map(|current| current.number);
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
    finish(&wanted, Some(&current), current.manifest.clone())
}
