//! Filters over columns: one mask of rows that both searches obey.

use std::collections::HashMap;

use vitrine_conditions::Verdict;
use vitrine_domain::facets::{FACET_VALUES_MAX, facets_of};
use vitrine_domain::{Availability, Facet, Filters, Item, Passes};

use super::claims::{ClaimIndex, Verdicts};

/// The filterable fields of all rows.
pub(super) struct Columns {
    pub(super) departments: Interned,
    pub(super) categories: Interned,
    pub(super) brands: Interned,
    /// 0 = not priced.
    pub(super) price_minor: Vec<u32>,
    pub(super) is_available: Vec<bool>,
    claims: ClaimIndex,
}

/// A column of texts, each as the number of its distinct value.
pub(super) struct Interned {
    number_of: HashMap<String, u32>,
    rows: Vec<u32>,
}

/// Rows that pass the filters, one bit each.
pub(super) struct Mask {
    words: Vec<u64>,
}

impl Columns {
    pub(super) fn new(items: &[&Item]) -> Self {
        Self {
            departments: Interned::new(items.iter().map(|item| item.department.as_str())),
            categories: Interned::new(items.iter().map(|item| item.category.as_str())),
            brands: Interned::new(items.iter().map(|item| item.brand.as_str())),
            price_minor: items.iter().map(|item| item.price_minor).collect(),
            is_available: items
                .iter()
                .map(|item| item.availability == Availability::InStock)
                .collect(),
            claims: ClaimIndex::new(items),
        }
    }

    /// The rows that meet every condition; `None` when there is no condition.
    pub(super) fn mask(&self, filters: &Filters) -> Option<Mask> {
        (*filters != Filters::default()).then(|| {
            let compiled = self.compile(filters);
            self.rows_where(|row| self.passes(&compiled, row).all())
        })
    }

    /// The rows for which something holds.
    pub(super) fn rows_where(&self, holds: impl Fn(u32) -> bool) -> Mask {
        let mut mask = Mask::all(self.n_rows());
        mask.retain(|row| holds(row as u32));
        mask
    }

    pub(super) fn n_rows(&self) -> usize {
        self.price_minor.len()
    }

    /// Filters with the numbers of their values in place of the names.
    pub(super) fn compile<'a>(&self, filters: &'a Filters) -> Compiled<'a> {
        Compiled {
            departments: self.departments.numbers(&filters.departments),
            categories: self.categories.numbers(&filters.categories),
            brands: self.brands.numbers(&filters.brands),
            brands_excluded: self.brands.numbers(&filters.brands_excluded),
            free_of: self.verdicts(filters),
            filters,
        }
    }

    /// The verdicts for each condition to be free of something.
    pub(super) fn verdicts(&self, filters: &Filters) -> Vec<Verdicts> {
        filters.free_of.iter().map(|name| self.claims.verdicts(name)).collect()
    }

    /// Which conditions a row meets. An item without a price meets none on the price.
    pub(super) fn passes(&self, compiled: &Compiled<'_>, row: u32) -> Passes {
        let breaks = |verdicts: &Verdicts| verdicts.of(row) == Verdict::Broken;
        let is_free = !compiled.free_of.iter().any(breaks);
        let row = row as usize;
        let is_in = |numbers: &Option<Vec<bool>>, number: u32| {
            numbers.as_ref().map(|is_wanted| is_wanted[number as usize])
        };
        let brand = self.brands.rows[row];
        Passes {
            department: is_in(&compiled.departments, self.departments.rows[row]).unwrap_or(true),
            category: is_in(&compiled.categories, self.categories.rows[row]).unwrap_or(true),
            brand: is_in(&compiled.brands, brand).unwrap_or(true)
                && !is_in(&compiled.brands_excluded, brand).unwrap_or(false),
            price: compiled.filters.passes_price(self.price_minor[row]),
            availability: !compiled.filters.available_only || self.is_available[row],
            free_of: is_free,
        }
    }
}

/// Filters, looked up once for all rows.
pub(super) struct Compiled<'a> {
    departments: Option<Vec<bool>>,
    categories: Option<Vec<bool>>,
    brands: Option<Vec<bool>>,
    brands_excluded: Option<Vec<bool>>,
    free_of: Vec<Verdicts>,
    filters: &'a Filters,
}

impl Interned {
    fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut number_of: HashMap<String, u32> = HashMap::new();
        let rows = values
            .map(|value| match number_of.get(value) {
                Some(&number) => number,
                None => {
                    let number = number_of.len() as u32;
                    number_of.insert(value.to_owned(), number);
                    number
                }
            })
            .collect();
        Self { number_of, rows }
    }

    /// Which values are listed; `None` for an empty list.
    fn numbers(&self, values: &[String]) -> Option<Vec<bool>> {
        (!values.is_empty()).then(|| {
            let mut is_listed = vec![false; self.number_of.len()];
            for number in values.iter().filter_map(|value| self.number_of.get(value)) {
                is_listed[*number as usize] = true;
            }
            is_listed
        })
    }

    /// Counts the values of rows; the most frequent are kept.
    pub(super) fn count(&self, rows: impl Iterator<Item = u32>) -> Vec<Facet> {
        let mut counts = vec![0u32; self.number_of.len()];
        rows.for_each(|row| counts[self.rows[row as usize] as usize] += 1);
        let named = self.number_of.iter().map(|(name, number)| (name.as_str(), *number as usize));
        let mut facets = facets_of(named.map(|(name, number)| (name, counts[number])));
        facets.truncate(FACET_VALUES_MAX);
        facets
    }
}

impl Mask {
    fn all(n_rows: usize) -> Self {
        let mut words = vec![u64::MAX; n_rows.div_ceil(64)];
        if let (Some(last), n @ 1..) = (words.last_mut(), n_rows % 64) {
            *last = (1 << n) - 1;
        }
        Self { words }
    }

    /// No row.
    pub(super) fn none(n_rows: usize) -> Self {
        Self { words: vec![0; n_rows.div_ceil(64)] }
    }

    pub(super) fn insert(&mut self, row: u32) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        for (i, word) in self.words.iter_mut().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                if !keep(i * 64 + bit as usize) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    pub(super) fn contains(&self, row: u32) -> bool {
        self.words[row as usize / 64] >> (row % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_of_ragged_length_hold_what_is_kept() {
        for n_rows in [0, 1, 63, 64, 65, 200] {
            let mut mask = Mask::all(n_rows);
            mask.retain(|row| row % 3 == 1);
            let rows: Vec<u32> = (0..n_rows as u32).filter(|&row| mask.contains(row)).collect();
            let expected: Vec<u32> = (0..n_rows as u32).filter(|row| row % 3 == 1).collect();
            assert_eq!(rows, expected);
        }
    }
}
