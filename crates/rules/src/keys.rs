//! Names and ids of a set of rules as small numbers, so that cards are compared by those.

use std::collections::HashMap;

use vitrine_domain::ItemId;
use vitrine_domain::sorting::sort_by;

use crate::facts::CardFacts;
use crate::target::{RuleFilters, RuleTarget};

/// What no rule names.
pub(crate) const NO_KEY: u32 = u32::MAX;

/// Numbers of all names and ids; no two kinds share one.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    departments: HashMap<Box<str>, u32>,
    categories: HashMap<Box<str>, u32>,
    brands: HashMap<Box<str>, u32>,
    items: HashMap<ItemId, u32>,
    n: u32,
}

/// A target with its names as keys, each list sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyedTarget {
    items: Vec<u32>,
    departments: Vec<u32>,
    categories: Vec<u32>,
    brands: Vec<u32>,
    /// Lowest and highest price in minor units, where one is asked for.
    prices: Option<(u32, u32)>,
    on_offer: bool,
}

/// A card with its names as keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyedCard {
    pub index: u32,
    pub item: u32,
    pub department: u32,
    pub category: u32,
    pub brand: u32,
    pub price_minor: u32,
    pub is_on_offer: bool,
    pub is_available: bool,
}

impl Keys {
    /// How many there are.
    pub fn n(&self) -> usize {
        self.n as usize
    }

    /// The key of a card that a rule places.
    pub fn add_item(&mut self, item: ItemId) -> u32 {
        let next = self.n;
        let key = *self.items.entry(item).or_insert(next);
        self.n += u32::from(key == next);
        key
    }

    /// The keys of a target.
    pub fn add_target(&mut self, target: &RuleTarget) -> KeyedTarget {
        let n = &mut self.n;
        let departments = keys_of(&mut self.departments, &target.departments, n);
        let categories = keys_of(&mut self.categories, &target.categories, n);
        let brands = keys_of(&mut self.brands, &target.brands, n);
        let mut items: Vec<u32> = target.items.iter().map(|item| self.add_item(*item)).collect();
        sort_by(&mut items, Ord::cmp);
        let is_priced = target.price_minor_min.is_some() || target.price_minor_max.is_some();
        // Only priced cards meet a bound.
        let lowest = target.price_minor_min.unwrap_or(0).max(1);
        let highest = target.price_minor_max.unwrap_or(u32::MAX);
        KeyedTarget {
            items,
            departments,
            categories,
            brands,
            prices: is_priced.then_some((lowest, highest)),
            on_offer: target.on_offer,
        }
    }

    /// The keys of a filter: what it wants, and brands that it leaves out.
    pub fn add_filters(&mut self, filters: &RuleFilters) -> (KeyedTarget, Vec<u32>) {
        let excluded = keys_of(&mut self.brands, &filters.brands_excluded, &mut self.n);
        (self.add_target(&filters.target()), excluded)
    }

    /// A card by these keys.
    pub fn card(&self, cards: &dyn CardFacts, index: u32) -> KeyedCard {
        let key =
            |names: &HashMap<Box<str>, u32>, name: &str| names.get(name).copied().unwrap_or(NO_KEY);
        KeyedCard {
            index,
            item: self.items.get(&cards.id(index)).copied().unwrap_or(NO_KEY),
            department: key(&self.departments, cards.department(index)),
            category: key(&self.categories, cards.category(index)),
            brand: key(&self.brands, cards.brand(index)),
            price_minor: cards.price_minor(index),
            is_on_offer: cards.is_on_offer(index),
            is_available: cards.is_available(index),
        }
    }
}

impl KeyedTarget {
    /// Keys of which a card that meets it has one; empty where it names none.
    pub fn any_of(&self) -> &[u32] {
        let lists = [&self.items, &self.categories, &self.brands, &self.departments];
        lists.into_iter().find(|keys| !keys.is_empty()).map_or(&[], |keys| keys.as_slice())
    }

    /// Whether a card meets it.
    pub fn is_met(&self, card: &KeyedCard) -> bool {
        let has = |keys: &[u32], key: u32| keys.is_empty() || keys.binary_search(&key).is_ok();
        has(&self.items, card.item)
            && has(&self.categories, card.category)
            && has(&self.brands, card.brand)
            && has(&self.departments, card.department)
            && (!self.on_offer || card.is_on_offer)
            && self.prices.is_none_or(|(min, max)| (min..=max).contains(&card.price_minor))
    }
}

fn keys_of(known: &mut HashMap<Box<str>, u32>, names: &[String], n: &mut u32) -> Vec<u32> {
    let mut keys = Vec::with_capacity(names.len());
    for name in names {
        let key = known.get(name.as_str()).copied().unwrap_or_else(|| {
            known.insert(name.as_str().into(), *n);
            *n += 1;
            *n - 1
        });
        keys.push(key);
    }
    sort_by(&mut keys, Ord::cmp);
    keys
}
