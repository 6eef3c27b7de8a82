//! The served catalogue as rules see it.

use std::collections::BTreeMap;

use vitrine_domain::facets::facets_of;
use vitrine_domain::{Availability, Facet, ItemId};
use vitrine_rules::CardFacts;
use vitrine_rules::authoring::{CatalogueCard, CatalogueNames};
use vitrine_studio_api::RuleNames;
use vitrine_wire::{Card, CatalogueRows};

/// Names of each sort that are told, those with most cards.
const NAMES_TOLD_MAX: usize = 2_000;

/// Cards by their place among those of the catalogue.
#[derive(Clone, Copy)]
pub struct ServedCards<'a> {
    rows: &'a CatalogueRows,
    now_seconds: i64,
}

impl<'a> ServedCards<'a> {
    /// The cards at a moment, in seconds since 1970-01-01 UTC.
    pub fn new(rows: &'a CatalogueRows, now_seconds: i64) -> Self {
        Self { rows, now_seconds }
    }

    /// The place of a card, if it is there.
    pub fn index_of(&self, item: ItemId) -> Option<u32> {
        let at = self.rows.cards.binary_search_by_key(&item, |card| card.id).ok()?;
        u32::try_from(at).ok()
    }

    fn card(&self, index: u32) -> &'a Card {
        &self.rows.cards[index as usize]
    }
}

impl CardFacts for ServedCards<'_> {
    fn id(&self, index: u32) -> ItemId {
        self.card(index).id
    }

    fn department(&self, index: u32) -> &str {
        &self.rows.departments[usize::from(self.card(index).department)]
    }

    fn category(&self, index: u32) -> &str {
        &self.rows.categories[usize::from(self.card(index).category)]
    }

    fn brand(&self, index: u32) -> &str {
        &self.card(index).brand
    }

    fn price_minor(&self, index: u32) -> u32 {
        self.rows.price(self.id(index)).map_or(0, |price| price.price_minor)
    }

    fn is_on_offer(&self, index: u32) -> bool {
        let offer = self.rows.offer(self.id(index));
        offer.is_some_and(|offer| self.now_seconds < offer.until_seconds)
    }

    fn is_available(&self, index: u32) -> bool {
        let price = self.rows.price(self.id(index));
        price.is_some_and(|price| price.availability == Availability::InStock)
    }
}

/// What drafts are checked against.
pub fn catalogue_names(rows: &CatalogueRows, now_seconds: i64) -> CatalogueNames {
    let facts = ServedCards::new(rows, now_seconds);
    let card = |index: u32| CatalogueCard {
        id: facts.id(index),
        department: facts.department(index).to_owned(),
        category: facts.category(index).to_owned(),
        brand: facts.brand(index).to_owned(),
        price_minor: facts.price_minor(index),
        is_on_offer: facts.is_on_offer(index),
    };
    CatalogueNames::new((0..rows.cards.len() as u32).map(card).collect())
}

/// The names that rules can be about, those with most cards first.
pub fn rule_names(rows: &CatalogueRows) -> RuleNames {
    let of = |name: &dyn Fn(&Card) -> String| -> Vec<Facet> {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for card in &rows.cards {
            *counts.entry(name(card)).or_default() += 1;
        }
        let counts = counts.iter().map(|(name, n_items)| (name.as_str(), *n_items));
        let mut names = facets_of(counts);
        names.truncate(NAMES_TOLD_MAX);
        names
    };
    RuleNames {
        departments: of(&|card| rows.departments[usize::from(card.department)].clone()),
        categories: of(&|card| rows.categories[usize::from(card.category)].clone()),
        brands: of(&|card| card.brand.clone()),
    }
}
