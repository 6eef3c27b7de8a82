//! The catalogue as the student sees it, built once at sync.

use std::sync::OnceLock;

use vitrine_domain::pace::{Pace, Unpaced, at_once};
use vitrine_domain::{ItemId, RelatedList};

use crate::Weights;
use crate::candidates::PopularityIndex;
use crate::features;
use crate::history::IdMap;
use crate::kernels::{self, Accumulate};
use crate::layout::{CODE_DIM, HIDDEN1, N_STATIC};
use crate::places::Places;

/// What the static scalars are measured against: the same for every table cut
/// from one catalogue, so that an item's scalars do not depend on its company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CatalogueScale {
    /// Median price in minor units; 0 when nothing is priced.
    pub price_minor_median: u32,
    /// Most distinct buyers of any card.
    pub n_buyers_max: u32,
    /// Most distinct recent buyers of any card.
    pub n_buyers_recent_max: u32,
}

impl CatalogueScale {
    /// Maxima over `rows` beside the catalogue's median price.
    pub fn of(rows: &[ItemRow], price_minor_median: u32) -> Self {
        Self {
            price_minor_median,
            n_buyers_max: rows.iter().map(|row| row.n_buyers).max().unwrap_or(0),
            n_buyers_recent_max: rows.iter().map(|row| row.n_buyers_recent).max().unwrap_or(0),
        }
    }
}

/// One card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemRow {
    /// The card.
    pub id: ItemId,
    /// Its code.
    pub code: [i8; CODE_DIM],
    /// Interned department.
    pub department: u16,
    /// Interned category.
    pub category: u16,
    /// Price in minor units; 0 = not priced.
    pub price_minor: u32,
    /// Distinct buyers, as published.
    pub n_buyers: u32,
    /// Distinct recent buyers, as published.
    pub n_buyers_recent: u32,
}

/// Lists of other rows, one a row of the table that had any when they were set.
#[derive(Clone, Debug, Default)]
struct Lists {
    offsets: Vec<u32>,
    flat: Vec<(u32, u8)>,
}

impl Lists {
    fn of(&self, index: u32) -> &[(u32, u8)] {
        let i = index as usize;
        match (self.offsets.get(i), self.offsets.get(i + 1)) {
            (Some(from), Some(to)) => &self.flat[*from as usize..*to as usize],
            _ => &[],
        }
    }
}

/// Cards in columns, with everything about them that no shopper changes
/// computed in advance. Rows keep their index for the life of a table.
#[derive(Clone, Debug)]
pub struct ItemTable {
    scale: CatalogueScale,
    ids: Vec<ItemId>,
    codes: Vec<i8>,
    departments: Vec<u16>,
    categories: Vec<u16>,
    price_minor: Vec<u32>,
    n_buyers: Vec<u32>,
    n_buyers_recent: Vec<u32>,
    static_scalars: Vec<f32>,
    pre: Vec<f32>,
    index: IdMap<ItemId, u32>,
    places: Places,
    related: Lists,
    neighbours: Lists,
    popularity: OnceLock<PopularityIndex>,
}

impl ItemTable {
    /// An empty table.
    pub fn new(scale: CatalogueScale) -> Self {
        Self {
            scale,
            ids: Vec::new(),
            codes: Vec::new(),
            departments: Vec::new(),
            categories: Vec::new(),
            price_minor: Vec::new(),
            n_buyers: Vec::new(),
            n_buyers_recent: Vec::new(),
            static_scalars: Vec::new(),
            pre: Vec::new(),
            index: IdMap::default(),
            places: Places::default(),
            related: Lists::default(),
            neighbours: Lists::default(),
            popularity: OnceLock::new(),
        }
    }

    /// Builds a table of rows whose places are numbers already; whoever has names takes a
    /// [`crate::TableBuilder`]. Of rows with the same id the last one counts.
    pub fn from_rows(
        weights: &Weights,
        scale: CatalogueScale,
        rows: impl IntoIterator<Item = ItemRow>,
    ) -> Self {
        at_once(Self::from_rows_paced(weights, scale, rows, &Unpaced))
    }

    pub(crate) async fn from_rows_paced(
        weights: &Weights,
        scale: CatalogueScale,
        rows: impl IntoIterator<Item = ItemRow>,
        pace: &dyn Pace,
    ) -> Self {
        let mut table = Self::new(scale);
        for (place, row) in rows.into_iter().enumerate() {
            if place % ROWS_AT_ONCE == 0 {
                pace.breathe().await;
            }
            table.put(&row);
        }
        table.refresh_paced(weights, pace).await;
        table
    }

    /// Adds a card or replaces its row; returns its index.
    pub fn upsert(&mut self, weights: &Weights, row: &ItemRow) -> u32 {
        let index = self.put(row);
        let i = index as usize;
        let mut pre = [0.0; HIDDEN1];
        precompute(weights, self.code(index), self.static_scalars(index), &mut pre);
        self.pre.resize(self.ids.len() * HIDDEN1, 0.0);
        self.pre[i * HIDDEN1..][..HIDDEN1].copy_from_slice(&pre);
        index
    }

    /// Recomputes what depends on the weights: after the model has changed.
    pub fn refresh(&mut self, weights: &Weights) {
        at_once(self.refresh_paced(weights, &Unpaced));
    }

    async fn refresh_paced(&mut self, weights: &Weights, pace: &dyn Pace) {
        self.pre.resize(self.ids.len() * HIDDEN1, 0.0);
        let codes = self.codes.chunks(ROWS_AT_ONCE * CODE_DIM);
        let scalars = self.static_scalars.chunks(ROWS_AT_ONCE * N_STATIC);
        let pre = self.pre.chunks_mut(ROWS_AT_ONCE * HIDDEN1);
        for ((codes, scalars), pre) in codes.zip(scalars).zip(pre) {
            precompute(weights, codes, scalars, pre);
            pace.breathe().await;
        }
    }

    /// Sets the related lists. Cards that are not in the table are left out.
    pub fn set_related(&mut self, lists: &[RelatedList]) {
        self.related = self.by_row(lists);
    }

    /// Sets the lists of what the same shoppers bought. Cards that are not in the table
    /// are left out.
    pub fn set_neighbours(&mut self, lists: &[RelatedList]) {
        self.neighbours = self.by_row(lists);
    }

    fn by_row(&self, lists: &[RelatedList]) -> Lists {
        let mut by_row: Vec<&[(ItemId, u8)]> = vec![&[]; self.ids.len()];
        for (id, others) in lists {
            if let Some(index) = self.index_of(*id) {
                by_row[index as usize] = others;
            }
        }
        let mut lists = Lists { offsets: vec![0], flat: Vec::new() };
        for others in by_row {
            let known = others.iter().filter_map(|(id, s)| Some((self.index_of(*id)?, *s)));
            lists.flat.extend(known);
            lists.offsets.push(lists.flat.len() as u32);
        }
        lists
    }

    fn put(&mut self, row: &ItemRow) -> u32 {
        let next = self.ids.len() as u32;
        let index = *self.index.entry(row.id).or_insert(next);
        let i = index as usize;
        if index == next {
            self.ids.push(row.id);
            self.codes.extend(row.code);
            self.departments.push(row.department);
            self.categories.push(row.category);
            self.price_minor.push(row.price_minor);
            self.n_buyers.push(row.n_buyers);
            self.n_buyers_recent.push(row.n_buyers_recent);
            self.static_scalars.extend(features::static_scalars(&self.scale, row));
        } else {
            self.codes[i * CODE_DIM..][..CODE_DIM].copy_from_slice(&row.code);
            self.departments[i] = row.department;
            self.categories[i] = row.category;
            self.price_minor[i] = row.price_minor;
            self.n_buyers[i] = row.n_buyers;
            self.n_buyers_recent[i] = row.n_buyers_recent;
            let scalars = features::static_scalars(&self.scale, row);
            self.static_scalars[i * N_STATIC..][..N_STATIC].copy_from_slice(&scalars);
        }
        self.popularity = OnceLock::new();
        index
    }

    /// How many cards there are.
    pub fn n_items(&self) -> usize {
        self.ids.len()
    }

    /// What the static scalars are measured against.
    pub fn scale(&self) -> CatalogueScale {
        self.scale
    }

    /// The row of a card.
    pub fn index_of(&self, id: ItemId) -> Option<u32> {
        self.index.get(&id).copied()
    }

    /// Ids by row.
    pub fn ids(&self) -> &[ItemId] {
        &self.ids
    }

    /// Codes `[n, 64]`.
    ///
    /// # Shapes
    /// → `[n, 64]`.
    pub fn codes(&self) -> &[i8] {
        &self.codes
    }

    /// The code of one row, `[64]`.
    ///
    /// # Shapes
    /// → `[64]`.
    pub fn code(&self, index: u32) -> &[i8] {
        &self.codes[index as usize * CODE_DIM..][..CODE_DIM]
    }

    /// What departments and categories stand for; empty for a table of bare rows.
    pub fn places(&self) -> &Places {
        &self.places
    }

    pub(crate) fn set_places(&mut self, places: Places) {
        self.places = places;
    }

    /// Departments by row.
    pub fn departments(&self) -> &[u16] {
        &self.departments
    }

    /// Categories by row.
    pub fn categories(&self) -> &[u16] {
        &self.categories
    }

    /// Prices by row in minor units; 0 = not priced.
    pub fn price_minor(&self) -> &[u32] {
        &self.price_minor
    }

    /// Distinct buyers by row.
    pub fn n_buyers(&self) -> &[u32] {
        &self.n_buyers
    }

    /// Distinct recent buyers by row.
    pub fn n_buyers_recent(&self) -> &[u32] {
        &self.n_buyers_recent
    }

    /// Static scalars of one row, `[3]`.
    ///
    /// # Shapes
    /// → `[3]`.
    pub fn static_scalars(&self, index: u32) -> &[f32] {
        &self.static_scalars[index as usize * N_STATIC..][..N_STATIC]
    }

    /// Static scalars `[n, 3]`.
    ///
    /// # Shapes
    /// → `[n, 3]`.
    pub fn all_static_scalars(&self) -> &[f32] {
        &self.static_scalars
    }

    /// The item part of the scorer's first layer, `[n, 64]`.
    ///
    /// # Shapes
    /// → `[n, 64]`.
    pub fn pre(&self) -> &[f32] {
        &self.pre
    }

    /// Rows related to a row, with strength, best first.
    pub fn related(&self, index: u32) -> &[(u32, u8)] {
        self.related.of(index)
    }

    /// Rows that the same shoppers bought, with strength, best first.
    pub fn neighbours(&self, index: u32) -> &[(u32, u8)] {
        self.neighbours.of(index)
    }

    pub(crate) fn popularity(&self) -> &PopularityIndex {
        self.popularity.get_or_init(|| PopularityIndex::build(self))
    }
}

const ROWS_AT_ONCE: usize = 64;

/// pre = c·W_c + b1 + static scalars·W_s\[static rows\] of some rows.
fn precompute(weights: &Weights, codes: &[i8], scalars: &[f32], pre: &mut [f32]) {
    let head = &weights.score;
    let mut values = [0.0; ROWS_AT_ONCE * CODE_DIM];
    let values = &mut values[..codes.len()];
    for (value, q) in values.iter_mut().zip(codes) {
        *value = f32::from(*q) * weights.code_scale;
    }
    for row in pre.chunks_exact_mut(HIDDEN1) {
        row.copy_from_slice(&head.bias1);
    }
    kernels::gemm(values, &head.code, pre, (CODE_DIM, HIDDEN1), Accumulate::Yes);
    let static_rows = &head.scalars[..N_STATIC * HIDDEN1];
    kernels::gemm(scalars, static_rows, pre, (N_STATIC, HIDDEN1), Accumulate::Yes);
}
