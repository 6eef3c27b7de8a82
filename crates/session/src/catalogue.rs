//! The synced catalogue as the session reads it: cards by index, in id order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use vitrine_domain::{Availability, Filters, ItemId, ShardRole};
use vitrine_wire::{Card, CatalogueRows, PriceRow, Shard};

use crate::{Facet, ItemCard, Offer, Picture, SessionError, VariantView};

/// Merged shards. An index is a card's place in id order; the student's table
/// has its rows in the same places.
pub(crate) struct Catalogue {
    rows: CatalogueRows,
    /// One for each card; a card without a row is unpriced and unpopular.
    prices: Vec<PriceRow>,
    pictures: HashMap<u16, Arc<Picture>>,
}

impl Catalogue {
    /// Merges decoded shards. The student's payload comes back beside it.
    pub fn from_shards(
        shards: impl IntoIterator<Item = (ShardRole, Shard)>,
        path: &str,
    ) -> Result<(Self, Option<Vec<u8>>), SessionError> {
        let mut rows = CatalogueRows::from_shards(shards)
            .map_err(|source| SessionError::Wire { path: path.to_owned(), source })?;
        let pictures = std::mem::take(&mut rows.pictures)
            .into_iter()
            .map(|p| (p.id, Arc::new(Picture { name: p.name, body: p.body })))
            .collect();
        let unpriced = |id| PriceRow { id, ..PriceRow::default() };
        let price = |card: &Card| rows.price(card.id).cloned().unwrap_or(unpriced(card.id));
        let prices = rows.cards.iter().map(price).collect();
        let student = rows.student.take();
        Ok((Self { rows, prices, pictures }, student))
    }

    pub fn n_items(&self) -> u32 {
        self.rows.cards.len() as u32
    }

    pub fn rows(&self) -> &CatalogueRows {
        &self.rows
    }

    pub fn price(&self, index: u32) -> &PriceRow {
        &self.prices[index as usize]
    }

    pub fn index_of(&self, id: ItemId) -> Option<u32> {
        let at = self.rows.cards.binary_search_by_key(&id, |card| card.id).ok()?;
        Some(at as u32)
    }

    pub fn id(&self, index: u32) -> ItemId {
        self.raw(index).id
    }

    pub fn raw(&self, index: u32) -> &Card {
        &self.rows.cards[index as usize]
    }

    pub fn title(&self, index: u32) -> &str {
        &self.raw(index).title
    }

    pub fn department(&self, index: u32) -> &str {
        &self.rows.departments[usize::from(self.raw(index).department)]
    }

    pub fn category(&self, index: u32) -> &str {
        &self.rows.categories[usize::from(self.raw(index).category)]
    }

    /// Texts besides the title that a search may match.
    pub fn other_texts(&self, index: u32) -> [&str; 3] {
        [&self.raw(index).brand, self.category(index), self.department(index)]
    }

    /// Places of the names in this catalogue; `u16::MAX` for a name it has not,
    /// which equals no card's.
    pub fn places(&self, department: &str, category: &str) -> (u16, u16) {
        let place = |table: &[String], name: &str| {
            let at = table.binary_search_by(|entry| entry.as_str().cmp(name));
            at.map_or(u16::MAX, |at| at as u16)
        };
        (place(&self.rows.departments, department), place(&self.rows.categories, category))
    }

    /// The manifest's popularity order: n_buyers descending, id ascending.
    pub fn by_popularity(&self, a: u32, b: u32) -> Ordering {
        let n_buyers = |index| self.price(index).n_buyers;
        n_buyers(b).cmp(&n_buyers(a)).then_with(|| self.id(a).cmp(&self.id(b)))
    }

    pub fn picture(&self, id: u16) -> Option<Arc<Picture>> {
        self.pictures.get(&id).cloned()
    }

    pub fn offer(&self, id: ItemId) -> Option<Offer> {
        let row = self.rows.offer(id)?;
        Some(Offer {
            label: row.label.clone(),
            until_ms: row.until_seconds.saturating_mul(1_000),
            variants: (0..u16::BITS as usize).filter(|n| row.variants >> n & 1 == 1).collect(),
        })
    }

    /// Everything a page shows of a card.
    pub fn card(&self, index: u32) -> ItemCard {
        let (card, price) = (self.raw(index), self.price(index));
        let variants = card.variants.iter().enumerate().map(|(i, variant)| VariantView {
            sku: variant.sku.clone(),
            size: variant.size.clone(),
            manufacturer: variant.manufacturer.clone(),
            price_minor: price.variant_prices_minor.get(i).copied().unwrap_or(0),
        });
        ItemCard {
            id: card.id,
            title: card.title.clone(),
            department: self.department(index).to_owned(),
            category: self.category(index).to_owned(),
            brand: card.brand.clone(),
            size: card.variants.first().map_or_else(String::new, |v| v.size.clone()),
            variants: variants.collect(),
            n_variants: card.n_variants,
            price_minor: price.price_minor,
            availability: price.availability,
            n_buyers: price.n_buyers,
            n_buyers_recent: price.n_buyers_recent,
            picture: self.picture(card.picture),
            offer: self.offer(card.id),
            listed: true,
        }
    }

    /// Whether a card meets every condition, by the server's rules: a price
    /// bound is met by priced cards only.
    pub fn meets(&self, index: u32, filters: &Filters) -> bool {
        let (card, price) = (self.raw(index), self.price(index));
        let any_of = |wanted: &[String], value: &str| {
            wanted.is_empty() || wanted.iter().any(|name| name == value)
        };
        let priced = price.price_minor > 0;
        any_of(&filters.departments, self.department(index))
            && any_of(&filters.brands, &card.brand)
            && filters.price_minor_min.is_none_or(|min| priced && price.price_minor >= min)
            && filters.price_minor_max.is_none_or(|max| priced && price.price_minor <= max)
            && (!filters.available_only || price.availability == Availability::InStock)
    }

    /// How many cards have each value, most first.
    pub fn facets<'a>(&'a self, value: impl Fn(u32) -> Option<&'a str>) -> Vec<Facet> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for name in (0..self.n_items()).filter_map(value).filter(|name| !name.is_empty()) {
            *counts.entry(name).or_default() += 1;
        }
        let facet = |(name, n_items): (&str, u32)| Facet { name: name.to_owned(), n_items };
        let mut facets: Vec<Facet> = counts.into_iter().map(facet).collect();
        facets.sort_by(|a, b| b.n_items.cmp(&a.n_items).then_with(|| a.name.cmp(&b.name)));
        facets
    }
}
