//! One kind's shards: keep the bases and add a delta, or make them anew.

use std::collections::{BTreeMap, HashMap};

use vitrine_domain::{ContentHash, ItemId, ShardKind, ShardRef, ShardRole};
use vitrine_wire::{WireError, content_hash, encode_shard};

use crate::layout::Layout;
use crate::rows::{Row, has_removals};

/// A delta of at most one part in this many of its bases' bytes is worth keeping
/// them: 25 %.
const DELTA_PARTS: usize = 4;

/// A shard of the next version.
#[derive(Clone, Debug)]
pub(crate) enum Draft {
    /// Published already.
    Kept(ShardRef),
    /// To be written.
    New(NewDraft),
}

/// A shard that is to be compressed and written.
#[derive(Clone, Debug)]
pub(crate) struct NewDraft {
    pub(crate) kind: ShardKind,
    pub(crate) role: ShardRole,
    pub(crate) cell: u32,
    pub(crate) n_rows: usize,
    pub(crate) hash: ContentHash,
    pub(crate) bytes: Vec<u8>,
}

/// Published bases with their rows.
pub(crate) type Bases<R> = [(ShardRef, Vec<R>)];

/// Plans one kind. `wanted` is sorted by key.
pub(crate) fn plan<R: Row>(
    wanted: &[R],
    bases: &Bases<R>,
    layout: &Layout,
) -> Result<Vec<Draft>, WireError> {
    if let Some(drafts) = with_delta(wanted, bases)? {
        return Ok(drafts);
    }
    let mut cells: BTreeMap<u32, Vec<&R>> = BTreeMap::new();
    for row in wanted {
        cells.entry(layout.cell(row.key())).or_default().push(row);
    }
    let published: HashMap<ContentHash, ShardRef> =
        bases.iter().map(|(base, _)| (base.hash, *base)).collect();
    let draft = |(cell, rows): (u32, Vec<&R>)| {
        let new = NewDraft::base::<R>(cell, &rows)?;
        let same = published.get(&new.hash).filter(|base| base.cell == cell);
        Ok(same.map_or(Draft::New(new), |base| Draft::Kept(*base)))
    };
    cells.into_iter().map(draft).collect()
}

/// The bases and what differs from them, if that is little enough.
fn with_delta<R: Row>(wanted: &[R], bases: &Bases<R>) -> Result<Option<Vec<Draft>>, WireError> {
    if bases.is_empty() || wanted.is_empty() {
        return Ok(None);
    }
    let mut drafts: Vec<Draft> = bases.iter().map(|(base, _)| Draft::Kept(*base)).collect();
    let (changed, removed) = difference(wanted, bases);
    let n_rows = changed.len();
    let has_removed = !removed.is_empty() && has_removals(R::KIND);
    if n_rows == 0 && !has_removed {
        return Ok(Some(drafts));
    }
    let delta = match NewDraft::new::<R>(ShardRole::Delta, 0, &changed, removed) {
        Ok(delta) => delta,
        // More than one shard can hold: the bases are made anew.
        Err(WireError::TooLarge { .. } | WireError::TooMany { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let base_bytes: usize = bases.iter().map(|(base, _)| base.bytes as usize).sum();
    if delta.bytes.len() * DELTA_PARTS > base_bytes {
        return Ok(None);
    }
    drafts.push(Draft::New(delta));
    Ok(Some(drafts))
}

/// Rows that the bases lack or have otherwise, and ids that only they have.
fn difference<'a, R: Row>(wanted: &'a [R], bases: &Bases<R>) -> (Vec<&'a R>, Vec<ItemId>) {
    let mut published: BTreeMap<u64, &R> =
        bases.iter().flat_map(|(_, rows)| rows).map(|row| (row.key(), row)).collect();
    let changed = wanted.iter().filter(|row| published.remove(&row.key()) != Some(*row)).collect();
    (changed, published.into_keys().map(ItemId).collect())
}

impl NewDraft {
    pub(crate) fn base<R: Row>(cell: u32, rows: &[&R]) -> Result<Self, WireError> {
        Self::new::<R>(ShardRole::Base, cell, rows, Vec::new())
    }

    /// Sorted rows and ids that are gone.
    pub(crate) fn delta<R: Row>(
        cell: u32,
        rows: &[&R],
        removed: Vec<ItemId>,
    ) -> Result<Self, WireError> {
        Self::new::<R>(ShardRole::Delta, cell, rows, removed)
    }

    fn new<R: Row>(
        role: ShardRole,
        cell: u32,
        rows: &[&R],
        removed: Vec<ItemId>,
    ) -> Result<Self, WireError> {
        let bytes = encode_shard(&R::shard(rows, removed))?;
        let hash = content_hash(&bytes);
        Ok(Self { kind: R::KIND, role, cell, n_rows: rows.len(), hash, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layouts;
    use crate::rows::Wanted;
    use vitrine_wire::PriceRow;

    fn prices(n: u64) -> Vec<PriceRow> {
        let row = |id| PriceRow { id: ItemId(id), price_minor: 100, ..PriceRow::default() };
        (0..n).map(row).collect()
    }

    fn layout() -> Layout {
        Layouts::fresh(&Wanted::default(), 0).items
    }

    fn published(rows: &[PriceRow]) -> Vec<(ShardRef, Vec<PriceRow>)> {
        let drafts = plan(rows, &[], &layout()).expect("valid");
        let base = |draft| {
            let Draft::New(new) = draft else { panic!("there was nothing to keep") };
            let base = ShardRef {
                kind: new.kind,
                role: new.role,
                cell: new.cell,
                hash: new.hash,
                bytes: new.bytes.len() as u32,
                bytes_compressed: 1,
                n_rows: new.n_rows as u32,
            };
            (base, rows.to_vec())
        };
        drafts.into_iter().map(base).collect()
    }

    fn roles(drafts: &[Draft]) -> Vec<(bool, ShardRole)> {
        let role = |draft: &Draft| match draft {
            Draft::Kept(base) => (true, base.role),
            Draft::New(new) => (false, new.role),
        };
        drafts.iter().map(role).collect()
    }

    #[test]
    fn what_did_not_change_is_kept_and_what_did_is_a_delta() {
        let mut rows = prices(100);
        let bases = published(&rows);
        let same = plan(&rows, &bases, &layout()).expect("valid");
        assert_eq!(roles(&same), [(true, ShardRole::Base)]);

        rows[7].price_minor = 1;
        rows.remove(50);
        let drafts = plan(&rows, &bases, &layout()).expect("valid");
        assert_eq!(roles(&drafts), [(true, ShardRole::Base), (false, ShardRole::Delta)]);
        let Draft::New(delta) = &drafts[1] else { unreachable!() };
        let decoded = vitrine_wire::decode_shard(&delta.bytes).expect("valid");
        let vitrine_wire::Shard::Prices(delta) = decoded else { unreachable!() };
        assert_eq!(delta.rows, [rows[7].clone()]);
        assert_eq!(delta.removed, [ItemId(50)]);
    }

    #[test]
    fn a_large_delta_makes_the_bases_anew() {
        let mut rows = prices(100);
        let bases = published(&rows);
        for (n_changed, is_kept) in [(20, true), (30, false)] {
            rows.iter_mut().take(n_changed).for_each(|row| row.price_minor = 101);
            let drafts = plan(&rows, &bases, &layout()).expect("valid");
            assert_eq!(roles(&drafts)[0], (is_kept, ShardRole::Base), "{n_changed} changed");
        }
    }
}
