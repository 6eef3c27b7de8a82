//! The deltas of one kind, oldest first, merged so that few are left.

use std::collections::{BTreeMap, BTreeSet};

use vitrine_domain::{ItemId, ShardRef, ShardRole};
use vitrine_wire::{Shard, WireError};

use crate::compression::compress_quickly;
use crate::plan::NewDraft;
use crate::rows::Row;

/// So many deltas of about one size are merged into one. A row is written anew as often as
/// the logarithm to this base of what is there, and a browser that looks now and then
/// fetches little that it has.
const FAN_OUT: usize = 8;
/// Deltas of so few rows together are always one: a first visit waits for each of them.
const SMALL_ROWS: usize = 512;
/// Deltas are not merged beyond this, in bytes: a shard has a limit, and so has a browser.
const MERGED_BYTES_MAX: u32 = 4 << 20;

/// Deltas that override each other in their order.
#[derive(Debug, Default)]
pub(super) struct Chain<R> {
    layers: Vec<ChainLayer<R>>,
}

#[derive(Debug)]
struct ChainLayer<R> {
    shard: ShardRef,
    rows: Vec<R>,
    removed: Vec<ItemId>,
}

/// A shard that a revision needs.
#[derive(Debug)]
pub struct RevisionShard {
    /// What the manifest says of it.
    pub reference: ShardRef,
    /// Its bytes, as hashed.
    pub raw: Vec<u8>,
    /// The same, brotli.
    pub compressed: Vec<u8>,
}

impl<R: Row> Chain<R> {
    /// The delta that the version itself came with.
    pub(super) fn start(shards: &[(ShardRef, Shard)]) -> Self {
        let is_delta = |shard: &ShardRef| shard.kind == R::KIND && shard.role == ShardRole::Delta;
        let of_kind = shards.iter().filter(|(shard, _)| is_delta(shard));
        let layer = |(shard, rows): &(ShardRef, Shard)| ChainLayer {
            shard: *shard,
            rows: R::from_shard(rows),
            removed: rows.removed().to_vec(),
        };
        let mut layers: Vec<ChainLayer<R>> = of_kind.map(layer).collect();
        layers.sort_by_key(|layer| layer.shard.cell);
        Self { layers }
    }

    /// References of the deltas.
    pub(super) fn shards(&self) -> impl Iterator<Item = ShardRef> {
        self.layers.iter().map(|layer| layer.shard)
    }

    /// Rows of all deltas.
    pub(super) fn n_rows(&self) -> usize {
        self.layers.iter().map(ChainLayer::n_rows).sum()
    }

    /// Forgets all deltas: the bases have them.
    pub(super) fn clear(&mut self) {
        self.layers.clear();
    }

    /// Adds a delta; `rows` and `removed` are sorted. Returns the one shard that is new, of
    /// what changed alone or merged with deltas before it.
    ///
    /// # Errors
    /// A row is not valid; then nothing is added.
    pub(super) fn push(
        &mut self,
        rows: Vec<R>,
        removed: Vec<ItemId>,
    ) -> Result<RevisionShard, WireError> {
        let (mut rows, mut removed) = (rows, removed);
        let mut n_kept = self.layers.len();
        // The run at the end of deltas that are no larger than what comes.
        loop {
            let n_rows = rows.len() + removed.len();
            let tier = tier(n_rows);
            let mut n_bytes = 0;
            let fits = |layer: &&ChainLayer<R>| {
                n_bytes += layer.shard.bytes;
                n_bytes <= MERGED_BYTES_MAX
            };
            let last = self.layers[..n_kept].last();
            let is_small = last.is_some_and(|last| last.n_rows() + n_rows <= SMALL_ROWS);
            let run = self.layers[..n_kept].iter().rev();
            let run = run.take_while(|layer| layer.tier() <= tier).take_while(fits);
            let n_run = match run.count() {
                n if n + 1 >= FAN_OUT => n,
                _ if is_small => 1,
                _ => break,
            };
            for layer in self.layers[n_kept - n_run..n_kept].iter().rev() {
                (rows, removed) = override_layer(layer, rows, removed);
            }
            n_kept -= n_run;
        }
        let cell = match self.layers.get(n_kept) {
            Some(merged) => merged.shard.cell,
            None => self.layers.last().map_or(0, |last| last.shard.cell + 1),
        };
        let draft = NewDraft::delta(cell, &rows.iter().collect::<Vec<_>>(), removed.clone())?;
        let NewDraft { kind, role, cell, n_rows, hash, bytes: raw } = draft;
        let compressed = compress_quickly(&raw);
        let reference = ShardRef {
            kind,
            role,
            cell,
            hash,
            bytes: raw.len() as u32,
            bytes_compressed: compressed.len() as u32,
            n_rows: n_rows as u32,
        };
        self.layers.truncate(n_kept);
        self.layers.push(ChainLayer { shard: reference, rows, removed });
        Ok(RevisionShard { reference, raw, compressed })
    }
}

impl<R: Row> ChainLayer<R> {
    fn n_rows(&self) -> usize {
        self.rows.len() + self.removed.len()
    }

    fn tier(&self) -> u32 {
        tier(self.n_rows())
    }
}

/// The size of a delta, by orders of magnitude.
fn tier(n_rows: usize) -> u32 {
    n_rows.max(1).ilog(FAN_OUT)
}

/// What an older delta and a newer one say together.
fn override_layer<R: Row>(
    older: &ChainLayer<R>,
    rows: Vec<R>,
    removed: Vec<ItemId>,
) -> (Vec<R>, Vec<ItemId>) {
    let mut all: BTreeMap<u64, R> = older.rows.iter().map(|row| (row.key(), row.clone())).collect();
    for id in &removed {
        all.remove(&id.0);
    }
    let gone: BTreeSet<ItemId> = older.removed.iter().chain(&removed).copied().collect();
    all.extend(rows.into_iter().map(|row| (row.key(), row)));
    let removed = gone.into_iter().filter(|id| !all.contains_key(&id.0)).collect();
    (all.into_values().collect(), removed)
}
