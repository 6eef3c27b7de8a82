//! Which cards an action is about.

use serde::{Deserialize, Serialize};
use vitrine_domain::{Filters, ItemId};

/// Cards that meet all that is given: one of the items, in one of the departments, and so on.
/// Names are compared exactly. One that gives nothing means every card, and is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTarget {
    /// Any of these cards.
    pub items: Vec<ItemId>,
    /// Any of these departments.
    pub departments: Vec<String>,
    /// Any of these categories.
    pub categories: Vec<String>,
    /// Any of these brands.
    pub brands: Vec<String>,
    /// At least this price in minor units; met by priced cards only.
    pub price_minor_min: Option<u32>,
    /// At most this price in minor units; met by priced cards only.
    pub price_minor_max: Option<u32>,
    /// On offer now.
    pub on_offer: bool,
}

/// Conditions that a rule adds to a list: those of [`Filters`] that a card alone can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFilters {
    /// Any of these departments, compared exactly.
    pub departments: Vec<String>,
    /// Any of these categories, compared exactly.
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
}

impl RuleTarget {
    /// The cards of some ids.
    pub fn items(items: impl IntoIterator<Item = ItemId>) -> Self {
        Self { items: items.into_iter().collect(), ..Self::default() }
    }

    /// The cards of a category.
    pub fn category(name: &str) -> Self {
        Self { categories: vec![name.to_owned()], ..Self::default() }
    }

    /// The cards of a department.
    pub fn department(name: &str) -> Self {
        Self { departments: vec![name.to_owned()], ..Self::default() }
    }

    /// The cards of a brand.
    pub fn brand(name: &str) -> Self {
        Self { brands: vec![name.to_owned()], ..Self::default() }
    }

    /// Whether it gives nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl RuleFilters {
    /// The same as a search's filters.
    pub fn to_filters(&self) -> Filters {
        Filters {
            departments: self.departments.clone(),
            categories: self.categories.clone(),
            brands: self.brands.clone(),
            brands_excluded: self.brands_excluded.clone(),
            price_minor_min: self.price_minor_min,
            price_minor_max: self.price_minor_max,
            available_only: self.available_only,
            ..Filters::default()
        }
    }

    /// The part of it that a target can say.
    pub(crate) fn target(&self) -> RuleTarget {
        RuleTarget {
            items: Vec::new(),
            departments: self.departments.clone(),
            categories: self.categories.clone(),
            brands: self.brands.clone(),
            price_minor_min: self.price_minor_min,
            price_minor_max: self.price_minor_max,
            on_offer: false,
        }
    }
}

impl RuleTarget {
    /// The same as a search's filters; `None` where those cannot say it: of single cards, and
    /// of what is on offer.
    pub fn to_filters(&self) -> Option<Filters> {
        let can_be_said = self.items.is_empty() && !self.on_offer;
        can_be_said.then(|| Filters {
            departments: self.departments.clone(),
            categories: self.categories.clone(),
            brands: self.brands.clone(),
            price_minor_min: self.price_minor_min,
            price_minor_max: self.price_minor_max,
            ..Filters::default()
        })
    }
}
