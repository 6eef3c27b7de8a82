//! Filters over columns: one mask of rows that both searches obey.

use std::collections::HashMap;
use std::sync::Arc;

use vitrine_conditions::Verdict;
use vitrine_domain::facets::{FACET_VALUES_MAX, facets_of};
use vitrine_domain::pace::Pace;
use vitrine_domain::{Availability, Facet, Filters, Item, Passes, Rating, listed_minute};

use super::claims::{ClaimIndex, Verdicts};
use super::mask::Mask;
use super::rows::{Origin, RowChange, Rows};

/// The filterable fields of all rows.
pub(super) struct Columns {
    pub(super) departments: Interned,
    pub(super) categories: Interned,
    pub(super) brands: Interned,
    /// 0 = not priced.
    pub(super) price_minor: Arc<Vec<u32>>,
    pub(super) is_available: Arc<Vec<bool>>,
    /// By [`listed_minute`].
    pub(super) listed_minute: Arc<Vec<u32>>,
    pub(super) ratings: Arc<Vec<Option<Rating>>>,
    claims: ClaimIndex,
    /// Rows whose item is still there; `None` while that is every row.
    listed: Option<Arc<Mask>>,
    /// Whether some of those that are there are not listed.
    is_narrowed: bool,
}

/// What an item that stays costs now.
pub(super) struct RowTerms {
    /// Its row before the change.
    pub(super) row: u32,
    /// 0 = not priced.
    pub(super) price_minor: u32,
    pub(super) is_available: bool,
}

/// A column of texts, each as the number of its distinct value.
pub(super) struct Interned {
    number_of: Arc<HashMap<String, u32>>,
    rows: Arc<Vec<u32>>,
}

impl Columns {
    pub(super) async fn new(items: &[&Item], pace: &dyn Pace) -> Self {
        let claims = ClaimIndex::new(items, pace).await;
        Self {
            departments: Interned::new(items.iter().map(|item| item.department.as_str())),
            categories: Interned::new(items.iter().map(|item| item.category.as_str())),
            brands: Interned::new(items.iter().map(|item| item.brand.as_str())),
            price_minor: Arc::new(items.iter().map(|item| item.price_minor).collect()),
            is_available: Arc::new(items.iter().map(|item| is_available(item)).collect()),
            listed_minute: Arc::new(
                items.iter().map(|item| listed_minute(item.listed_at_seconds)).collect(),
            ),
            ratings: Arc::new(items.iter().map(|item| item.rating).collect()),
            claims,
            listed: None,
            is_narrowed: false,
        }
    }

    /// The columns after a change; `rows` as they are then.
    pub(super) fn revised(
        &self,
        change: &RowChange,
        rows: &Rows,
        terms: &[RowTerms],
        added: &[Item],
    ) -> Self {
        let mut price_minor = Arc::clone(&self.price_minor);
        let mut availability = Arc::clone(&self.is_available);
        if !terms.is_empty() {
            let (prices, availability) =
                (Arc::make_mut(&mut price_minor), Arc::make_mut(&mut availability));
            for terms in terms {
                prices[terms.row as usize] = terms.price_minor;
                availability[terms.row as usize] = terms.is_available;
            }
        }
        Self {
            departments: self.departments.revised(change, |i| &added[i].department),
            categories: self.categories.revised(change, |i| &added[i].category),
            brands: self.brands.revised(change, |i| &added[i].brand),
            price_minor: change.column(&price_minor, |i| added[i].price_minor),
            is_available: change.column(&availability, |i| is_available(&added[i])),
            listed_minute: change
                .column(&self.listed_minute, |i| listed_minute(added[i].listed_at_seconds)),
            ratings: change.column(&self.ratings, |i| added[i].rating),
            claims: self.claims.revised(change),
            listed: rows.listed().cloned(),
            is_narrowed: false,
        }
    }

    /// Lists some rows alone.
    pub(super) fn narrow(&mut self, to: Mask) {
        self.listed = Some(Arc::new(to));
        self.is_narrowed = true;
    }

    /// Whether fewer rows are listed than there are items.
    pub(super) fn is_narrowed(&self) -> bool {
        self.is_narrowed
    }

    /// The listed rows that meet every condition; `None` when that is every row.
    pub(super) fn mask(&self, filters: &Filters) -> Option<Mask> {
        if *filters == Filters::default() {
            return self.listed.as_deref().cloned();
        }
        let compiled = self.compile(filters);
        Some(self.rows_where(|row| self.passes(&compiled, row).all()))
    }

    /// The listed rows for which something holds.
    pub(super) fn rows_where(&self, holds: impl Fn(u32) -> bool) -> Mask {
        let listed = self.listed.as_deref();
        let mut mask = listed.map_or_else(|| Mask::all(self.n_rows()), Mask::clone);
        mask.retain(|row| holds(row as u32));
        mask
    }

    /// The listed rows, ascending.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        let is_listed = |row: &u32| self.listed.as_ref().is_none_or(|rows| rows.contains(*row));
        (0..self.n_rows() as u32).filter(is_listed)
    }

    fn n_rows(&self) -> usize {
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
            stars: compiled.filters.passes_stars(self.ratings[row]),
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
        Self { number_of: Arc::new(number_of), rows: Arc::new(rows) }
    }

    /// The column after a change. Values that no row has any more keep their numbers.
    fn revised<'a>(&self, change: &RowChange, added: impl Fn(usize) -> &'a String) -> Self {
        let mut number_of = Arc::clone(&self.number_of);
        for origin in &change.origins {
            if let Origin::Added(i) = origin {
                let value = added(*i as usize);
                if !number_of.contains_key(value) {
                    let number = number_of.len() as u32;
                    Arc::make_mut(&mut number_of).insert(value.clone(), number);
                }
            }
        }
        let rows = change.column(&self.rows, |i| number_of[added(i)]);
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

fn is_available(item: &Item) -> bool {
    item.availability == Availability::InStock
}
