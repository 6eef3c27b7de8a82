//! What drafts are checked against.

use std::collections::HashSet;

use vitrine_domain::ItemId;

use crate::audience::CardGroup;
use crate::facts::CardFacts;

/// A card of the catalogue, as far as rules can name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogueCard {
    /// Its id.
    pub id: ItemId,
    /// Its department; empty where it has none.
    pub department: String,
    /// Its category; empty where it has none.
    pub category: String,
    /// Its brand; empty where it has none.
    pub brand: String,
    /// Its price in minor units, 0 = not priced.
    pub price_minor: u32,
    /// Whether it is on offer now.
    pub is_on_offer: bool,
}

/// Names and ids of a catalogue.
#[derive(Debug, Default)]
pub struct CatalogueNames {
    cards: Vec<CatalogueCard>,
    items: HashSet<ItemId>,
    departments: HashSet<String>,
    categories: HashSet<String>,
    brands: HashSet<String>,
}

impl CatalogueNames {
    /// Of all cards of a catalogue.
    pub fn new(cards: Vec<CatalogueCard>) -> Self {
        let names = |name: fn(&CatalogueCard) -> &String| {
            let named = cards.iter().map(name).filter(|name| !name.is_empty());
            named.cloned().collect::<HashSet<String>>()
        };
        Self {
            items: cards.iter().map(|card| card.id).collect(),
            departments: names(|card| &card.department),
            categories: names(|card| &card.category),
            brands: names(|card| &card.brand),
            cards,
        }
    }

    /// How many cards there are.
    pub fn n_cards(&self) -> u32 {
        self.cards.len() as u32
    }

    pub(super) fn has_item(&self, item: ItemId) -> bool {
        self.items.contains(&item)
    }

    pub(super) fn has_department(&self, name: &str) -> bool {
        self.departments.contains(name)
    }

    pub(super) fn has_category(&self, name: &str) -> bool {
        self.categories.contains(name)
    }

    pub(super) fn has_brand(&self, name: &str) -> bool {
        self.brands.contains(name)
    }

    /// Whether a group has cards, all of them in departments or categories of some sort.
    pub(super) fn is_all_in(&self, group: &CardGroup, is_of_sort: impl Fn(&str) -> bool) -> bool {
        let is_in_group = |card: &&CatalogueCard| match group {
            CardGroup::Department(name) => card.department == *name,
            CardGroup::Category(name) => card.category == *name,
            CardGroup::Brand(name) => card.brand == *name,
        };
        let mut of_group = self.cards.iter().filter(is_in_group).peekable();
        of_group.peek().is_some()
            && of_group.all(|card| is_of_sort(&card.department) || is_of_sort(&card.category))
    }
}

impl CardFacts for CatalogueNames {
    fn id(&self, index: u32) -> ItemId {
        self.cards[index as usize].id
    }

    fn department(&self, index: u32) -> &str {
        &self.cards[index as usize].department
    }

    fn category(&self, index: u32) -> &str {
        &self.cards[index as usize].category
    }

    fn brand(&self, index: u32) -> &str {
        &self.cards[index as usize].brand
    }

    fn price_minor(&self, index: u32) -> u32 {
        self.cards[index as usize].price_minor
    }

    fn is_on_offer(&self, index: u32) -> bool {
        self.cards[index as usize].is_on_offer
    }

    /// What is sold out today may be there tomorrow: no rule is wrong for that.
    fn is_available(&self, _: u32) -> bool {
        true
    }
}
