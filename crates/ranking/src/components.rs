//! Everything the teacher looks things up in, counted from a log up to a moment.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

use vitrine_domain::Item;

use crate::cooccurrence::{self, CooccurrenceConfig, Together};
use crate::{Latent, Neighbours, Popularity, PurchaseLog, RankingError};

/// Sizes and exponents of the components.
#[derive(Clone, Copy, Debug)]
pub struct ComponentsConfig {
    /// Neighbours by co-occurrence.
    pub n_neighbours: usize,
    /// Neighbours by text.
    pub n_text_neighbours: usize,
    /// Exponent of the neighbour's own count: below ½ popular cards gain.
    pub exponent_to: f32,
}

impl Default for ComponentsConfig {
    fn default() -> Self {
        Self { n_neighbours: 100, n_text_neighbours: 50, exponent_to: 0.4 }
    }
}

/// Lists and counts by card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Components {
    /// Buyers by card, all of them: the teacher is not published.
    pub popularity: Popularity,
    /// Bought by the same shoppers.
    pub by_shopper: Neighbours,
    /// Bought in the same baskets.
    pub by_basket: Neighbours,
    /// Latent factors of shoppers and cards.
    pub latent: Latent,
    /// Nearest cards by text similarity.
    pub by_text: Neighbours,
    /// Interned department by card.
    pub departments: Vec<u16>,
    /// Interned category by card.
    pub categories: Vec<u16>,
}

impl Components {
    /// Counts what happened before `until_seconds`; nothing later is looked at.
    /// Text neighbours ([`crate::text::neighbours`]) do not change with time and
    /// are made once.
    ///
    /// # Shapes
    /// `items` as indexed by `log`.
    ///
    /// # Errors
    /// [`RankingError::Inconsistent`] when a part is of another number of items.
    pub fn build(
        items: &[Item],
        by_text: Neighbours,
        log: &PurchaseLog,
        until_seconds: i64,
        config: &ComponentsConfig,
    ) -> Result<Self, RankingError> {
        if by_text.n_items() != items.len() || log.n_items() != items.len() {
            return Err(RankingError::Inconsistent { n_items: items.len() });
        }
        let past = log.truncated(until_seconds);
        let together = |together, exponent_to| {
            let n_neighbours = config.n_neighbours;
            let config = CooccurrenceConfig {
                together,
                exponent_from: 0.5,
                exponent_to,
                buyers_min: 2,
                n_neighbours,
            };
            cooccurrence::neighbours(&past, &config)
        };
        Ok(Self {
            popularity: Popularity::new(&past, until_seconds),
            by_shopper: together(Together::Shopper, config.exponent_to),
            by_basket: together(Together::Basket, config.exponent_to),
            latent: Latent::new(&past),
            by_text,
            departments: intern(items.iter().map(|item| item.department.as_str())),
            categories: intern(items.iter().map(|item| item.category.as_str())),
        })
    }

    /// How many cards there are.
    pub fn n_items(&self) -> usize {
        self.departments.len()
    }

    pub(crate) fn check(&self) -> Result<(), RankingError> {
        let n_items = self.n_items();
        let lists = [&self.by_shopper, &self.by_basket, &self.by_text];
        let fits = lists.into_iter().all(|list| list.is_consistent(n_items))
            && self.latent.n_items() == n_items
            && self.categories.len() == n_items
            && self.popularity.n_buyers.len() == n_items
            && self.popularity.n_buyers_recent.len() == n_items;
        if fits { Ok(()) } else { Err(RankingError::Inconsistent { n_items }) }
    }
}

/// Numbers names in the order of their first appearance; beyond 65,535 names
/// the rest share the last number.
pub fn intern<'a>(names: impl Iterator<Item = &'a str>) -> Vec<u16> {
    let mut numbers: HashMap<&str, u16> = HashMap::new();
    names
        .map(|name| {
            let next = numbers.len().min(usize::from(u16::MAX)) as u16;
            *numbers.entry(name).or_insert(next)
        })
        .collect()
}
