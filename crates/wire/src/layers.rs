//! The shards of one kind put over each other: rows of bases, overridden by those of deltas.

use vitrine_domain::sorting::sort_by_key;
use vitrine_domain::{ItemId, ShardKind, ShardRole};

use crate::WireError;

struct LayerDelta<T> {
    cell: u32,
    rows: Vec<T>,
    gone: Vec<ItemId>,
}

/// The shards of one kind, before they are merged.
pub(crate) struct Layers<T> {
    kind: ShardKind,
    bases: Vec<T>,
    /// Deltas by cell, the lowest first.
    deltas: Vec<LayerDelta<T>>,
}

impl<T> Layers<T> {
    pub(crate) fn new(kind: ShardKind) -> Self {
        Self { kind, bases: Vec::new(), deltas: Vec::new() }
    }

    pub(crate) fn add(
        &mut self,
        (role, cell): (ShardRole, u32),
        rows: Vec<T>,
        gone: Vec<ItemId>,
    ) -> Result<(), WireError> {
        match role {
            ShardRole::Base if !gone.is_empty() => Err(WireError::RemovedInBase(self.kind)),
            ShardRole::Base => {
                self.bases.extend(rows);
                Ok(())
            }
            ShardRole::Delta => {
                let at = self.deltas.iter().take_while(|delta| delta.cell < cell).count();
                if self.deltas.get(at).is_some_and(|delta| delta.cell == cell) {
                    return Err(WireError::ShardTwice { kind: self.kind, role, cell });
                }
                self.deltas.insert(at, LayerDelta { cell, rows, gone });
                Ok(())
            }
        }
    }

    /// One list, sorted by key.
    pub(crate) fn merge(self, key: impl Fn(&T) -> ItemId) -> Result<Vec<T>, WireError> {
        let kind = self.kind;
        let mut rows = self.bases;
        sort_by_key(&mut rows, &key);
        if let Some(pair) = rows.windows(2).find(|pair| key(&pair[0]) == key(&pair[1])) {
            return Err(WireError::RowTwice { kind, id: key(&pair[0]) });
        }
        for delta in self.deltas {
            override_rows(&mut rows, delta.rows, &delta.gone, &key);
        }
        Ok(rows)
    }
}

/// Puts changed rows in the place of those of the same key, and drops those that are gone.
/// All three lists are sorted, and `rows` stays so.
pub(crate) fn override_rows<T>(
    rows: &mut Vec<T>,
    changed: Vec<T>,
    gone: &[ItemId],
    key: impl Fn(&T) -> ItemId,
) {
    if !gone.is_empty() {
        rows.retain(|row| gone.binary_search(&key(row)).is_err());
    }
    let mut added = Vec::new();
    for row in changed {
        match rows.binary_search_by_key(&key(&row), &key) {
            Ok(at) => rows[at] = row,
            Err(_) => added.push(row),
        }
    }
    if !added.is_empty() {
        rows.extend(added);
        sort_by_key(rows, &key);
    }
}
