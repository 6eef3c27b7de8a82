//! What filters would leave, counted.

use crate::sorting::sort_by;
use serde::{Deserialize, Serialize};

/// Most values of one facet.
pub const FACET_VALUES_MAX: usize = 50;
/// Most ranges of prices.
pub const PRICE_RANGES_MAX: usize = 5;

/// A value to filter by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// The value, as [`crate::Filters`] wants it.
    pub name: String,
    /// How many items have it.
    pub n_items: u32,
}

/// A range of prices to filter by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRange {
    /// At least, in minor units; `None` = from the cheapest.
    pub price_minor_min: Option<u32>,
    /// At most, in minor units; `None` = to the dearest.
    pub price_minor_max: Option<u32>,
    /// How many items are in it.
    pub n_items: u32,
}

/// How many results each choice would leave. Every facet is counted under all
/// other filters, but not under its own: choosing another value of it gives
/// the number beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// Departments, most items first, at most [`FACET_VALUES_MAX`].
    pub departments: Vec<Facet>,
    /// Categories, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Facet>,
    /// Brands, likewise.
    pub brands: Vec<Facet>,
    /// Ranges of about equally many items, cheapest first; none where prices
    /// do not differ.
    pub prices: Vec<PriceRange>,
    /// What can be bought now.
    pub n_available: u32,
}

/// Which kinds of conditions an item meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passes {
    /// The department is wanted.
    pub department: bool,
    /// The category is wanted.
    pub category: bool,
    /// The brand is wanted and not left out.
    pub brand: bool,
    /// The price is within its bounds.
    pub price: bool,
    /// It can be bought, where that is asked for.
    pub availability: bool,
    /// It is rated well enough.
    pub stars: bool,
    /// It does not say that it has what it must be free of.
    pub free_of: bool,
}

impl Passes {
    /// Whether all are met.
    pub fn all(self) -> bool {
        self.department
            && self.category
            && self.brand
            && self.price
            && self.availability
            && self.stars
            && self.free_of
    }

    /// Whether all others are met, so that the item counts in the department facet.
    pub fn for_departments(self) -> bool {
        Self { department: true, ..self }.all()
    }

    /// The same for the category facet.
    pub fn for_categories(self) -> bool {
        Self { category: true, ..self }.all()
    }

    /// The same for the brand facet.
    pub fn for_brands(self) -> bool {
        Self { brand: true, ..self }.all()
    }

    /// The same for the price ranges.
    pub fn for_prices(self) -> bool {
        Self { price: true, ..self }.all()
    }

    /// The same for what can be bought.
    pub fn for_availability(self) -> bool {
        Self { availability: true, ..self }.all()
    }
}

/// Counted values as facets: named ones that have items, most first, ties by name.
pub fn facets_of<'a>(counts: impl IntoIterator<Item = (&'a str, u32)>) -> Vec<Facet> {
    let mut facets: Vec<Facet> = counts
        .into_iter()
        .filter(|(name, n_items)| !name.is_empty() && *n_items > 0)
        .map(|(name, n_items)| Facet { name: name.to_owned(), n_items })
        .collect();
    sort_by(&mut facets, |a, b| b.n_items.cmp(&a.n_items).then_with(|| a.name.cmp(&b.name)));
    facets
}

/// Cuts prices (minor units, 0 = not priced, not counted) into at most
/// [`PRICE_RANGES_MAX`] ranges at round prices near their quantiles.
pub fn price_ranges(mut prices_minor: Vec<u32>) -> Vec<PriceRange> {
    prices_minor.retain(|price| *price > 0);
    sort_by(&mut prices_minor, Ord::cmp);
    let n = prices_minor.len();
    let quantile = |i: usize| round_price(prices_minor[i * n / PRICE_RANGES_MAX]);
    let mut cuts: Vec<u32> =
        if n == 0 { Vec::new() } else { (1..PRICE_RANGES_MAX).map(quantile).collect() };
    cuts.dedup();
    cuts.retain(|cut| prices_minor[0] < *cut && *cut <= prices_minor[n - 1]);
    if cuts.is_empty() {
        return Vec::new();
    }
    let lower = std::iter::once(None).chain(cuts.iter().copied().map(Some));
    let upper = cuts.iter().copied().map(Some).chain([None]);
    let below = |cut: u32| prices_minor.partition_point(|price| *price < cut);
    let range = |(lowest, end): (Option<u32>, Option<u32>)| PriceRange {
        price_minor_min: lowest,
        price_minor_max: end.map(|end| end - 1),
        n_items: (end.map_or(n, below) - lowest.map_or(0, below)) as u32,
    };
    lower.zip(upper).map(range).filter(|range| range.n_items > 0).collect()
}

/// The nearest of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten.
fn round_price(price_minor: u32) -> u32 {
    let price = u64::from(price_minor);
    let mut step = 1u64;
    while step * 10 <= price {
        step *= 10;
    }
    let steps = [10, 15, 20, 25, 30, 40, 50, 60, 80, 100].map(|tenths| tenths * step / 10);
    let nearest = steps.into_iter().min_by_key(|round| round.abs_diff(price)).unwrap_or(price);
    u32::try_from(nearest).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_round_cover_all_prices_and_are_about_equal() {
        let prices: Vec<u32> = (1..=1_000).map(|i| i * 7).collect();
        let ranges = price_ranges(prices.clone());
        assert_eq!(ranges.len(), PRICE_RANGES_MAX);
        assert_eq!(ranges.iter().map(|range| range.n_items).sum::<u32>(), 1_000);
        for pair in ranges.windows(2) {
            assert_eq!(pair[0].price_minor_max.map(|max| max + 1), pair[1].price_minor_min);
        }
        assert!(ranges.iter().all(|range| (100..400).contains(&range.n_items)), "{ranges:?}");
        assert_eq!(ranges[1].price_minor_min, Some(1_500));
        for range in ranges {
            let within = |price: &&u32| {
                range.price_minor_min.is_none_or(|min| **price >= min)
                    && range.price_minor_max.is_none_or(|max| **price <= max)
            };
            assert_eq!(prices.iter().filter(within).count() as u32, range.n_items);
        }
    }

    #[test]
    fn nothing_to_choose_from_is_no_range() {
        assert!(price_ranges(vec![]).is_empty());
        assert!(price_ranges(vec![0, 0]).is_empty());
        assert!(price_ranges(vec![199; 30]).is_empty());
        assert!(price_ranges(vec![u32::MAX; 3]).is_empty());
    }

    #[test]
    fn the_most_frequent_values_come_first() {
        let names = |facets: Vec<Facet>| facets.into_iter().map(|f| f.name).collect::<Vec<_>>();
        assert_eq!(
            names(facets_of([("b", 2), ("", 9), ("c", 0), ("a", 2), ("d", 3)])),
            ["d", "a", "b"]
        );
    }
}
