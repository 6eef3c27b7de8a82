//! Price bases written anew, once most of their rows have changed.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use vitrine_domain::{ShardKind, ShardRef, ShardRole};
use vitrine_wire::{PriceRow, Shard, WireError};

use super::chain::RevisionShard;
use crate::compression::compress_quickly;
use crate::plan::NewDraft;
use crate::rows::Row;

/// Deltas of at most one part in this many of the rows are worth keeping the bases: 25 %.
const DELTA_PARTS: usize = 4;
/// Fewer rows are never worth writing bases anew.
const REBASED_ROWS_MIN: usize = 1_000;

/// The bases of prices, and which row is in which.
pub(super) struct PriceCells {
    shards: BTreeMap<u32, ShardRef>,
    cell_of: HashMap<u64, u32>,
    n_buckets: u32,
}

impl PriceCells {
    pub(super) fn of_bases(shards: &[(ShardRef, Shard)]) -> Self {
        let is_base =
            |shard: &ShardRef| shard.kind == ShardKind::Prices && shard.role == ShardRole::Base;
        let bases = || shards.iter().filter(|(shard, _)| is_base(shard));
        let cells = |(shard, rows): &(ShardRef, Shard)| {
            let cell = shard.cell;
            let rows = PriceRow::from_shard(rows).into_iter();
            rows.map(move |row| (row.id.0, cell)).collect::<Vec<_>>()
        };
        let n_buckets = bases().map(|(shard, _)| shard.cell).max().unwrap_or(0).max(1);
        Self {
            shards: bases().map(|(shard, _)| (shard.cell, *shard)).collect(),
            cell_of: bases().flat_map(cells).collect(),
            n_buckets,
        }
    }

    /// References of the bases.
    pub(super) fn shards(&self) -> impl Iterator<Item = ShardRef> {
        self.shards.values().copied()
    }

    /// Whether so many rows of deltas are worth bases anew.
    pub(super) fn is_due(&self, n_rows: usize) -> bool {
        n_rows >= REBASED_ROWS_MIN && n_rows * DELTA_PARTS > self.cell_of.len()
    }

    /// Writes all rows as bases; the shards that are new. Rows keep their cells.
    ///
    /// # Errors
    /// A row is not valid; then the bases are as they were.
    pub(super) fn rebase(&mut self, rows: &[PriceRow]) -> Result<Vec<RevisionShard>, WireError> {
        let mut cells: BTreeMap<u32, Vec<&PriceRow>> = BTreeMap::new();
        for row in rows {
            let bucket = || 1 + (row.id.0 % u64::from(self.n_buckets)) as u32;
            let cell = self.cell_of.get(&row.id.0).copied().unwrap_or_else(bucket);
            cells.entry(cell).or_default().push(row);
        }
        let base = |(cell, rows): (u32, Vec<&PriceRow>)| -> Result<_, WireError> {
            let NewDraft { kind, role, n_rows, hash, bytes: raw, .. } =
                NewDraft::base::<PriceRow>(cell, &rows)?;
            if let Some(same) = self.shards.get(&cell).filter(|shard| shard.hash == hash) {
                return Ok((*same, None));
            }
            let compressed = compress_quickly(&raw);
            let (bytes, n_rows) = (raw.len() as u32, n_rows as u32);
            let bytes_compressed = compressed.len() as u32;
            let reference = ShardRef { kind, role, cell, hash, bytes, bytes_compressed, n_rows };
            Ok((reference, Some(RevisionShard { reference, raw, compressed })))
        };
        let made: Vec<_> = cells
            .into_iter()
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(base)
            .collect::<Result<_, _>>()?;
        self.shards = made.iter().map(|(reference, _)| (reference.cell, *reference)).collect();
        Ok(made.into_iter().filter_map(|(_, new)| new).collect())
    }
}
