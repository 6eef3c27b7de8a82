//! A version read back, from the bytes that ship.

use vitrine_domain::{Manifest, ShardRef};
use vitrine_student::{ItemTable, TableBuilder, Weights};
use vitrine_wire::{CatalogueRows, Layer, RelatedRow, Shard, decode_shard};

use crate::{Encoding, Prepared, PublishError, Store};

/// One version, decoded and merged.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its rows.
    pub rows: CatalogueRows,
}

impl Snapshot {
    /// Reads the current version.
    ///
    /// # Errors
    /// [`PublishError::Empty`] before the first publish; when a shard is missing,
    /// damaged or invalid.
    pub fn load(store: &Store) -> Result<Self, PublishError> {
        Self::load_number(store, store.current_number()?.ok_or(PublishError::Empty)?)
    }

    /// Reads a kept version.
    ///
    /// # Errors
    /// When it is not kept any more; when a shard is missing, damaged or invalid.
    pub fn load_number(store: &Store, number: u64) -> Result<Self, PublishError> {
        let manifest = store.manifest(number)?;
        let shards = load_shards(store, &manifest)?;
        Self::merge(manifest, shards)
    }

    /// Reads what a commit would make current.
    ///
    /// # Errors
    /// When a shard is missing, damaged or invalid.
    pub fn of_prepared(store: &Store, prepared: &Prepared) -> Result<Self, PublishError> {
        let shard = |shard: &ShardRef| match prepared.new.get(&shard.hash) {
            Some(new) => decode(shard, &new.raw),
            None => decode(shard, &store.shard(shard.hash, Encoding::Raw)?),
        };
        let manifest = prepared.manifest.clone();
        let shards = manifest.shards.iter().map(shard).collect::<Result<_, _>>()?;
        Self::merge(manifest, shards)
    }

    pub(crate) fn merge(
        manifest: Manifest,
        shards: Vec<(ShardRef, Shard)>,
    ) -> Result<Self, PublishError> {
        let layers =
            shards.into_iter().map(|(at, shard)| Layer { role: at.role, cell: at.cell, shard });
        let rows = CatalogueRows::from_shards(layers)?;
        Ok(Self { manifest, rows })
    }

    /// The cards as the student sees them on a device that has synced all of them.
    pub fn item_table(&self, weights: &Weights) -> ItemTable {
        TableBuilder::new(self.rows.listed())
            .related(self.rows.related.iter().map(RelatedRow::list))
            .neighbours(self.rows.neighbours.iter().map(RelatedRow::list))
            .price_minor_median(self.manifest.catalogue.price_minor_median)
            .build(weights)
    }
}

/// Every shard of a manifest, decoded.
pub(crate) fn load_shards(
    store: &Store,
    manifest: &Manifest,
) -> Result<Vec<(ShardRef, Shard)>, PublishError> {
    let load = |shard: &ShardRef| decode(shard, &store.shard(shard.hash, Encoding::Raw)?);
    manifest.shards.iter().map(load).collect()
}

pub(crate) fn decode(shard: &ShardRef, bytes: &[u8]) -> Result<(ShardRef, Shard), PublishError> {
    let hash = shard.hash;
    let decoded =
        decode_shard(bytes).map_err(|source| PublishError::ShardInvalid { hash, source })?;
    Ok((*shard, decoded))
}
