//! Which item each row is, and what a revision does to the rows.
//!
//! Rows lie in parts, and within a part in order of id. A revision appends a part
//! with the items that come and masks the rows of those that go. Small parts at the
//! end become one with what comes, without their masked rows, so that there are
//! never more parts than the logarithm of the rows.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use vitrine_domain::sorting::{sort_by, sort_by_key};

use vitrine_domain::{Item, ItemId, limits};

use super::mask::Mask;
use crate::RecallError;

/// A part becomes one with what comes when it has at most so many times its rows.
/// More means fewer parts to search and more rows that are indexed again.
const MERGED_TIMES_MAX: usize = 4;
/// The first part keeps its items, and so can become one with others, up to so many
/// rows: an index that begins small does not stay in small pieces.
const FIRST_PART_KEPT_MAX: usize = 4_096;

/// The items of the rows. Cheap to clone.
#[derive(Clone)]
pub(super) struct Rows {
    ids: Arc<Vec<ItemId>>,
    parts: Vec<Part>,
    /// Rows whose item is still there; `None` while that is every row.
    listed: Option<Arc<Mask>>,
    n_listed: usize,
}

/// Rows that were indexed together.
#[derive(Clone)]
struct Part {
    first_row: u32,
    /// What its rows were indexed from, to index them again; `None` for a part that
    /// stays as it is.
    items: Option<Arc<Vec<Arc<Item>>>>,
}

/// What a revision does to the rows. Those before [`RowChange::first_row`] stay, though some
/// are masked; from there on all are new, in one part.
pub(super) struct RowChange {
    /// Parts that stay.
    pub(super) n_parts_kept: usize,
    pub(super) first_row: u32,
    /// The rows of the new part; empty where there is none.
    pub(super) origins: Vec<Origin>,
    /// What they are indexed from.
    items: Arc<Vec<Arc<Item>>>,
    /// Rows whose items go, as they were numbered before, ascending.
    pub(super) masked: Vec<u32>,
}

/// Where a row of the new part comes from.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// It was this row.
    Moved(u32),
    /// It is this one of the items that come.
    Added(u32),
}

impl Rows {
    /// One part of all items, which are in order of id.
    pub(super) fn new(items: &[&Item]) -> Self {
        let keep = || Arc::new(items.iter().map(|&item| Arc::new(item.clone())).collect());
        let part = Part { first_row: 0, items: (items.len() <= FIRST_PART_KEPT_MAX).then(keep) };
        Self {
            ids: Arc::new(items.iter().map(|item| item.id).collect()),
            parts: if items.is_empty() { Vec::new() } else { vec![part] },
            listed: None,
            n_listed: items.len(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn n_listed(&self) -> usize {
        self.n_listed
    }

    pub(super) fn n_parts(&self) -> usize {
        self.parts.len()
    }

    pub(super) fn listed(&self) -> Option<&Arc<Mask>> {
        self.listed.as_ref()
    }

    pub(super) fn id(&self, row: u32) -> ItemId {
        self.ids[row as usize]
    }

    /// The row of an item that is listed.
    pub(super) fn row_of(&self, item: ItemId) -> Option<u32> {
        let is_listed = |row: u32| self.listed.as_ref().is_none_or(|listed| listed.contains(row));
        self.row_where(item, is_listed)
    }

    /// The row of an item for which something holds; the rows that had it before do not
    /// count.
    fn row_where(&self, item: ItemId, holds: impl Fn(u32) -> bool) -> Option<u32> {
        let rows = (0..self.parts.len()).rev().filter_map(|part| {
            let range = self.range(part);
            let found = self.ids[range.clone()].binary_search(&item).ok()?;
            Some((range.start + found) as u32)
        });
        rows.into_iter().find(|row| holds(*row))
    }

    fn range(&self, part: usize) -> Range<usize> {
        let end = self.parts.get(part + 1).map_or(self.len(), |next| next.first_row as usize);
        self.parts[part].first_row as usize..end
    }

    /// The rows without some items and with others.
    ///
    /// # Errors
    /// An item that goes and is not there, one that comes and is or comes twice, too
    /// many items.
    pub(super) fn revised(
        &self,
        removed: &[ItemId],
        added: &[Item],
    ) -> Result<(Self, RowChange), RecallError> {
        let mut listed = self.listed.as_deref().map_or_else(|| Mask::all(self.len()), Mask::clone);
        let mut masked = Vec::with_capacity(removed.len());
        for &item in removed {
            let row = self.row_where(item, |row| listed.contains(row));
            let row = row.ok_or(RecallError::NotIndexed(item))?;
            listed.remove(row);
            masked.push(row);
        }
        sort_by(&mut masked, Ord::cmp);
        let is_listed = |item: ItemId| self.row_where(item, |row| listed.contains(row)).is_some();
        if let Some(item) = added.iter().find(|item| is_listed(item.id)) {
            return Err(RecallError::DuplicateItem(item.id));
        }
        let n_items = self.n_listed - removed.len() + added.len();
        if n_items > limits::ITEMS_MAX {
            return Err(RecallError::TooManyItems { n_items, max: limits::ITEMS_MAX });
        }

        let n_parts_kept = self.n_parts_beside(added.len(), &listed);
        let first_row = self.parts.get(n_parts_kept).map_or(self.len() as u32, |p| p.first_row);
        let (origins, items) = self.new_part(n_parts_kept, added, &listed)?;
        let items = Arc::new(items);
        let change = RowChange { n_parts_kept, first_row, origins, items, masked };
        let mut parts = self.parts[..n_parts_kept].to_vec();
        if !change.origins.is_empty() {
            parts.push(Part { first_row, items: Some(Arc::clone(&change.items)) });
        }
        let n_rows = change.n_rows();
        let listed =
            (n_items < n_rows).then(|| Arc::new(listed.with_all_from(first_row as usize, n_rows)));
        let ids = change.column(&self.ids, |i| added[i].id);
        Ok((Self { ids, parts, listed, n_listed: n_items }, change))
    }

    /// How many parts do not become one with a part of `n_added` items.
    fn n_parts_beside(&self, n_added: usize, listed: &Mask) -> usize {
        let mut n_rows = n_added;
        let mut n_kept = self.parts.len();
        while n_rows > 0 && n_kept > 0 && self.parts[n_kept - 1].items.is_some() {
            let own = self.range(n_kept - 1);
            let n_own = own.filter(|row| listed.contains(*row as u32)).count();
            if n_own > MERGED_TIMES_MAX * n_rows {
                break;
            }
            n_rows += n_own;
            n_kept -= 1;
        }
        n_kept
    }

    /// The rows of the new part in order of id, and their items.
    fn new_part(
        &self,
        n_parts_kept: usize,
        added: &[Item],
        listed: &Mask,
    ) -> Result<(Vec<Origin>, Vec<Arc<Item>>), RecallError> {
        let mut rows: Vec<(Origin, Arc<Item>)> = Vec::new();
        for (number, part) in self.parts.iter().enumerate().skip(n_parts_kept) {
            let items = part.items.iter().flat_map(|items| items.iter());
            for (row, item) in self.range(number).zip(items) {
                if listed.contains(row as u32) {
                    rows.push((Origin::Moved(row as u32), Arc::clone(item)));
                }
            }
        }
        let added = (0..).zip(added);
        rows.extend(added.map(|(i, item)| (Origin::Added(i), Arc::new(item.clone()))));
        sort_by_key(&mut rows, |(_, item)| item.id);
        match rows.windows(2).find(|pair| pair[0].1.id == pair[1].1.id) {
            Some(pair) => Err(RecallError::DuplicateItem(pair[0].1.id)),
            None => Ok(rows.into_iter().unzip()),
        }
    }
}

impl RowChange {
    /// How many rows there are afterwards.
    pub(super) fn n_rows(&self) -> usize {
        self.first_row as usize + self.origins.len()
    }

    /// The items of the new part, in the order of its rows.
    pub(super) fn items(&self) -> Vec<&Item> {
        self.items.iter().map(Arc::as_ref).collect()
    }

    /// The new row of each row that moves.
    pub(super) fn moved(&self) -> HashMap<u32, u32> {
        let rows = (self.first_row..).zip(&self.origins);
        rows.filter_map(|(row, origin)| match origin {
            Origin::Moved(before) => Some((*before, row)),
            Origin::Added(_) => None,
        })
        .collect()
    }

    /// The items that come, with their rows.
    pub(super) fn added(&self) -> impl Iterator<Item = (u32, &Item)> {
        let rows = (self.first_row..).zip(&self.origins).zip(self.items.iter());
        rows.filter(|((_, origin), _)| matches!(origin, Origin::Added(_)))
            .map(|((row, _), item)| (row, item.as_ref()))
    }

    /// Those of the masked rows that stay.
    pub(super) fn masked_that_stay(&self) -> &[u32] {
        &self.masked[..self.masked.partition_point(|row| *row < self.first_row)]
    }

    /// A column of all rows afterwards, given what the items that come have in it.
    pub(super) fn column<T: Copy>(
        &self,
        before: &Arc<Vec<T>>,
        added: impl Fn(usize) -> T,
    ) -> Arc<Vec<T>> {
        if self.origins.is_empty() {
            return Arc::clone(before);
        }
        let mut column = Vec::with_capacity(self.n_rows());
        column.extend_from_slice(&before[..self.first_row as usize]);
        column.extend(self.origins.iter().map(|origin| match *origin {
            Origin::Moved(row) => before[row as usize],
            Origin::Added(i) => added(i as usize),
        }));
        Arc::new(column)
    }
}
