//! What is asked of recall: text, filters, order and paging, as data; and how
//! it was understood.

use serde::{Deserialize, Serialize};

use crate::Rating;

/// Conditions every result meets. Empty lists and `None` do not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filters {
    /// Any of these departments, compared exactly.
    pub departments: Vec<String>,
    /// Any of these categories, compared exactly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Any of these brands, compared exactly.
    pub brands: Vec<String>,
    /// None of these brands, compared exactly.
    pub brands_excluded: Vec<String>,
    /// At least this price in minor units.
    pub price_minor_min: Option<u32>,
    /// At most this price in minor units.
    pub price_minor_max: Option<u32>,
    /// Leave out what cannot be bought now.
    pub available_only: bool,
    /// Leave out what is rated lower than so many stars on average, 1 to 5, and what nobody rated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stars_min: Option<u8>,
    /// Leave out what says that it has one of these (singular, lower case), unless it
    /// says that it is free of it. What says neither is not left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub free_of: Vec<String>,
}

impl Filters {
    /// What both ask for. Of lists of wanted values the first's count where it has any.
    pub fn and(&self, other: &Self) -> Self {
        let either = |a: &Vec<String>, b: &Vec<String>| if a.is_empty() { b } else { a }.clone();
        let union = |a: &Vec<String>, b: &Vec<String>| {
            let more = b.iter().filter(|value| !a.contains(value));
            a.iter().chain(more).cloned().collect::<Vec<_>>()
        };
        Self {
            departments: either(&self.departments, &other.departments),
            categories: either(&self.categories, &other.categories),
            brands: either(&self.brands, &other.brands),
            brands_excluded: union(&self.brands_excluded, &other.brands_excluded),
            price_minor_min: self.price_minor_min.max(other.price_minor_min),
            price_minor_max: match (self.price_minor_max, other.price_minor_max) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            available_only: self.available_only || other.available_only,
            stars_min: self.stars_min.max(other.stars_min),
            free_of: union(&self.free_of, &other.free_of),
        }
    }

    /// The price range, when its lowest price is above its highest.
    pub fn inverted_prices(&self) -> Option<(u32, u32)> {
        self.price_minor_min.zip(self.price_minor_max).filter(|(min, max)| min > max)
    }

    /// Whether an item with this rating meets the condition on stars.
    pub fn passes_stars(&self, rating: Option<Rating>) -> bool {
        // By the mean as it is shown, in tenths: what reads 4.0 has four stars.
        let shown = |rating: Rating| rating.hundredths.saturating_add(5) / 10;
        let has = |least: u8| {
            rating.is_some_and(|rating| shown(rating) >= u16::from(least).saturating_mul(10))
        };
        self.stars_min.is_none_or(has)
    }

    /// Whether a priced or unpriced (0) item meets the condition on the price:
    /// a bound is met by priced items only.
    pub fn passes_price(&self, price_minor: u32) -> bool {
        let lowest = self.price_minor_min.unwrap_or(0).max(1);
        let highest = self.price_minor_max.unwrap_or(u32::MAX);
        self.price_minor_min.is_none() && self.price_minor_max.is_none()
            || (lowest..=highest).contains(&price_minor)
    }
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

/// What the results are ordered by; ties by id, so that every order is total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// How well they answer; the most bought first where nothing is searched for.
    #[default]
    Relevance,
    /// Cheapest first, unpriced last.
    PriceAscending,
    /// Dearest first, unpriced last.
    PriceDescending,
    /// Most buyers first.
    Popularity,
    /// Last listed first; those of which the shop does not say when, last.
    Newest,
    /// Best rated first, by [`Rating::bayesian_hundredths`]; unrated last.
    Rating,
}

/// What an item can be sorted by.
#[derive(Clone, Copy, Debug, Default)]
pub struct SortValues {
    /// In minor units; 0 = not priced.
    pub price_minor: u32,
    /// As published.
    pub n_buyers: u32,
    /// By [`listed_minute`].
    pub listed_minute: u32,
    /// What its buyers say.
    pub rating: Option<Rating>,
}

/// The minute, counted from 1970-01-01 UTC, of a moment in seconds; 0 where none is known.
pub fn listed_minute(listed_at_seconds: Option<i64>) -> u32 {
    let minutes = listed_at_seconds.map_or(0, |seconds| seconds.max(0) / 60);
    u32::try_from(minutes).unwrap_or(u32::MAX)
}

impl Sort {
    /// All orders, the default first.
    pub const ALL: [Self; 6] = [
        Self::Relevance,
        Self::PriceAscending,
        Self::PriceDescending,
        Self::Popularity,
        Self::Newest,
        Self::Rating,
    ];

    /// The name in requests and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::PriceAscending => "price_ascending",
            Self::PriceDescending => "price_descending",
            Self::Popularity => "popularity",
            Self::Newest => "newest",
            Self::Rating => "rating",
        }
    }

    /// What to sort by, smallest first, ties by id; `None` for relevance.
    pub fn key(self, of: SortValues) -> Option<(bool, u32)> {
        let SortValues { price_minor, n_buyers, listed_minute, rating } = of;
        match self {
            Self::Relevance => None,
            Self::PriceAscending => Some((price_minor == 0, price_minor)),
            Self::PriceDescending => Some((price_minor == 0, u32::MAX - price_minor)),
            Self::Popularity => Some((false, u32::MAX - n_buyers)),
            Self::Newest => Some((listed_minute == 0, u32::MAX - listed_minute)),
            Self::Rating => {
                let mean = rating.map_or(0, Rating::bayesian_hundredths);
                Some((rating.is_none(), u32::MAX - mean))
            }
        }
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A search. It never carries history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// What the shopper typed. Conditions in words ("under 20", "not Acme") are
    /// read as filters; words in double quotes are only words.
    pub text: String,
    /// Conditions.
    #[serde(default)]
    pub filters: Filters,
    /// Order of the results.
    #[serde(default, skip_serializing_if = "Sort::is_default")]
    pub sort: Sort,
    /// Paging.
    #[serde(default)]
    pub page: Page,
    /// Whether each hit says what its score is made of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explain: bool,
    /// Whether the reply counts what filters would leave.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub facets: bool,
}

/// A word that no item has, and what was searched for in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// As typed, in lower case.
    pub typed: String,
    /// The catalogue's word for it, or two of them.
    pub used: String,
}

/// Words of a search, and others that were searched for beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synonym {
    /// As typed, in lower case.
    pub typed: String,
    /// What means the same.
    pub used: String,
}

/// How likely a search is after a category.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CategoryChance {
    /// Name of the category, as in [`crate::Item`].
    pub category: String,
    /// 0 to 1.
    pub chance: f32,
}

/// A condition that was read from words of the search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFilter {
    /// The words, exactly as they stand in the text: without them the
    /// condition is gone, in double quotes they are searched for.
    pub typed: String,
    /// The condition.
    pub filters: Filters,
}

/// How many results say that they meet a condition to be free of something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeOfCount {
    /// What, as in [`Filters::free_of`].
    pub name: String,
    /// Results that say that they are free of it. The others do not say; what says
    /// that it has it is no result.
    pub n_results: u32,
}

/// What a search without results did not insist on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Constraint {
    /// A word.
    #[default]
    Word,
    /// A condition that was read from words.
    ReadFilter,
    /// The filter for what can be bought now.
    Availability,
    /// The price filter.
    Price,
    /// The filters for brands.
    Brand,
    /// The filter for departments.
    Department,
    /// The filter for categories.
    Category,
}

/// One thing that was left out because nothing met it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxed {
    /// What kind.
    pub constraint: Constraint,
    /// The words, as typed; empty for a filter.
    pub typed: String,
}
