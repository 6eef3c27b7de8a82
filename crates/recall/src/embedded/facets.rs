//! Counts of what each filter would leave.

use vitrine_domain::facets::price_ranges;
use vitrine_domain::sorting::sort_by;
use vitrine_domain::{Facets, Filters, Passes};

use super::EmbeddedRecall;
use super::candidates::Prepared;

impl EmbeddedRecall {
    /// Counts the results of a search, or all items where nothing is searched
    /// for. Each facet is counted without its own filter.
    pub(super) fn facets(&self, query: Option<&Prepared<'_>>, filters: &Filters) -> Facets {
        let columns = &self.columns;
        let compiled = columns.compile(filters);
        let passes = |row: u32| columns.passes(&compiled, row);
        let rows: Vec<u32> = match query {
            None => columns.rows().collect(),
            Some(query) => {
                // The scan looks at what passes, so each facet has a scan of its own.
                let mut rows: Vec<u32> = Vec::new();
                let mut add = |counts: fn(Passes) -> bool| {
                    let mask = columns.rows_where(|row| counts(passes(row)));
                    self.result_rows(query, &mask, &mut rows);
                };
                add(Passes::all);
                for (is_set, counts) in [
                    (!filters.departments.is_empty(), Passes::for_departments as fn(_) -> _),
                    (!filters.categories.is_empty(), Passes::for_categories),
                    (
                        !filters.brands.is_empty() || !filters.brands_excluded.is_empty(),
                        Passes::for_brands,
                    ),
                    (
                        filters.price_minor_min.is_some() || filters.price_minor_max.is_some(),
                        Passes::for_prices,
                    ),
                    (filters.available_only, Passes::for_availability),
                ] {
                    if is_set {
                        add(counts);
                    }
                }
                sort_by(&mut rows, Ord::cmp);
                rows.dedup();
                rows
            }
        };
        let counted =
            |counts: fn(Passes) -> bool| rows.iter().copied().filter(move |r| counts(passes(*r)));
        Facets {
            departments: columns.departments.count(counted(Passes::for_departments)),
            categories: columns.categories.count(counted(Passes::for_categories)),
            brands: columns.brands.count(counted(Passes::for_brands)),
            prices: price_ranges(
                counted(Passes::for_prices).map(|row| columns.price_minor[row as usize]).collect(),
            ),
            n_available: counted(Passes::for_availability)
                .filter(|row| columns.is_available[*row as usize])
                .count() as u32,
        }
    }
}
