//! Filters over columns: one mask of rows that both searches obey.

use std::collections::HashMap;

use vitrine_domain::{Availability, Filters, Item};

/// The filterable fields of all rows.
pub(super) struct Columns {
    departments: Interned,
    brands: Interned,
    /// 0 = not priced.
    price_minor: Vec<u32>,
    is_available: Vec<bool>,
}

/// A column of texts, each as the number of its distinct value.
struct Interned {
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
            brands: Interned::new(items.iter().map(|item| item.brand.as_str())),
            price_minor: items.iter().map(|item| item.price_minor).collect(),
            is_available: items
                .iter()
                .map(|item| item.availability == Availability::InStock)
                .collect(),
        }
    }

    /// The rows that meet every condition; `None` when there is no condition.
    ///
    /// Items without a price meet no condition on the price.
    pub(super) fn mask(&self, filters: &Filters) -> Option<Mask> {
        if *filters == Filters::default() {
            return None;
        }
        let mut mask = Mask::all(self.price_minor.len());
        if !filters.departments.is_empty() {
            self.departments.restrict(&mut mask, &filters.departments);
        }
        if !filters.brands.is_empty() {
            self.brands.restrict(&mut mask, &filters.brands);
        }
        if filters.price_minor_min.is_some() || filters.price_minor_max.is_some() {
            let lowest = filters.price_minor_min.unwrap_or(0).max(1);
            let highest = filters.price_minor_max.unwrap_or(u32::MAX);
            mask.retain(|row| (lowest..=highest).contains(&self.price_minor[row]));
        }
        if filters.available_only {
            mask.retain(|row| self.is_available[row]);
        }
        Some(mask)
    }
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

    fn restrict(&self, mask: &mut Mask, values: &[String]) {
        let mut is_wanted = vec![false; self.number_of.len()];
        for number in values.iter().filter_map(|value| self.number_of.get(value)) {
            is_wanted[*number as usize] = true;
        }
        mask.retain(|row| is_wanted[self.rows[row] as usize]);
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

    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_of_ragged_length_hold_what_is_kept() {
        for n_rows in [0, 1, 63, 64, 65, 200] {
            let mut mask = Mask::all(n_rows);
            assert_eq!(mask.count(), n_rows);
            mask.retain(|row| row % 3 == 1);
            let rows: Vec<u32> = (0..n_rows as u32).filter(|&row| mask.contains(row)).collect();
            let expected: Vec<u32> = (0..n_rows as u32).filter(|row| row % 3 == 1).collect();
            assert_eq!(rows, expected);
            assert_eq!(mask.count(), expected.len());
        }
    }
}
