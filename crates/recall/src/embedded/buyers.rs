//! How many buyers each item has, and the order that follows.

use std::cmp::Reverse;
use std::sync::Arc;
use vitrine_domain::ItemId;
use vitrine_domain::sorting::sort_by_key;

use super::rows::{RowChange, Rows};

/// The buyers of the rows.
pub(super) struct Buyers {
    n_buyers: Arc<Vec<u32>>,
    /// The listed rows, the most popular first, ties by id.
    order: Arc<Vec<u32>>,
}

impl Buyers {
    pub(super) fn new(n_buyers: Vec<u32>, rows: &Rows) -> Self {
        let mut order: Vec<u32> = (0..n_buyers.len() as u32).collect();
        sort_by_key(&mut order, |&row| (Reverse(n_buyers[row as usize]), rows.id(row)));
        Self { n_buyers: Arc::new(n_buyers), order: Arc::new(order) }
    }

    /// Other counts of the same rows.
    pub(super) fn counted_anew(rows: &Rows, n_buyers: impl Fn(ItemId) -> u32) -> Self {
        let is_listed = |row: &u32| rows.listed().is_none_or(|listed| listed.contains(*row));
        let all = 0..rows.len() as u32;
        let mut order: Vec<u32> = all.clone().filter(is_listed).collect();
        let of_row = |row| if is_listed(&row) { n_buyers(rows.id(row)) } else { 0 };
        let n_buyers: Vec<u32> = all.map(of_row).collect();
        sort_by_key(&mut order, |&row| (Reverse(n_buyers[row as usize]), rows.id(row)));
        Self { n_buyers: Arc::new(n_buyers), order: Arc::new(order) }
    }

    /// The buyers after a change; `rows` as they are then, `added` of the items that come.
    pub(super) fn revised(&self, change: &RowChange, rows: &Rows, added: &[u32]) -> Self {
        let n_buyers = change.column(&self.n_buyers, |i| added[i]);
        if change.origins.is_empty() && change.masked.is_empty() {
            return Self { n_buyers, order: Arc::clone(&self.order) };
        }
        let key = |row: u32| (Reverse(n_buyers[row as usize]), rows.id(row));
        let is_listed = |row: u32| rows.listed().is_none_or(|listed| listed.contains(row));
        let stays = |row: &u32| *row < change.first_row && is_listed(*row);
        let staying: Vec<u32> = self.order.iter().copied().filter(stays).collect();
        let mut new: Vec<u32> = (change.first_row..change.n_rows() as u32).collect();
        sort_by_key(&mut new, |row| key(*row));
        let mut order = Vec::with_capacity(staying.len() + new.len());
        let mut rest = staying.as_slice();
        for row in new {
            let (before, after) =
                rest.split_at(rest.partition_point(|other| key(*other) < key(row)));
            order.extend_from_slice(before);
            order.push(row);
            rest = after;
        }
        order.extend_from_slice(rest);
        Self { n_buyers, order: Arc::new(order) }
    }

    /// Buyers of a row.
    pub(super) fn of(&self, row: u32) -> u32 {
        self.n_buyers[row as usize]
    }

    /// The listed rows, the most popular first, ties by id.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    /// Buyers of a row on a logarithmic scale, 1 for the most bought.
    pub(super) fn share(&self, row: u32) -> f32 {
        let most = self.order.first().map_or(0, |&row| self.of(row));
        if most == 0 {
            return 0.0;
        }
        (self.of(row) as f32).ln_1p() / (most as f32).ln_1p()
    }
}
