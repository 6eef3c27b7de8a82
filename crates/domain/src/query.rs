//! What is asked of recall: text, filters and paging, as data.

use serde::{Deserialize, Serialize};

/// Conditions every result meets. Empty lists and `None` do not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filters {
    /// Any of these departments, compared exactly.
    pub departments: Vec<String>,
    /// Any of these brands, compared exactly.
    pub brands: Vec<String>,
    /// At least this price in minor units.
    pub price_minor_min: Option<u32>,
    /// At most this price in minor units.
    pub price_minor_max: Option<u32>,
    /// Leave out what cannot be bought now.
    pub available_only: bool,
}

/// Which part of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Page {
    /// How many results to skip.
    pub offset: u32,
    /// How many to return.
    pub limit: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { offset: 0, limit: 60 }
    }
}

/// A search. It never carries history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// What the shopper typed.
    pub text: String,
    /// Conditions.
    #[serde(default)]
    pub filters: Filters,
    /// Paging.
    #[serde(default)]
    pub page: Page,
    /// Whether each hit says what its score is made of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explain: bool,
}

/// A word that no item has, and what was searched for in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// As typed, in lower case.
    pub typed: String,
    /// The catalogue's word for it, or two of them.
    pub used: String,
}
