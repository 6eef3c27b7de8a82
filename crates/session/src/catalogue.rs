//! The synced catalogue as the session reads it: cards by index, in id order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use vitrine_domain::facets::facets_of;
use vitrine_domain::pace::Pace;
use vitrine_domain::{Availability, Facet, ItemId, listed_minute};
use vitrine_rules::PublicRules;
use vitrine_wire::{Card, CatalogueRows, Layer, PriceRow, ReviewRow};

use crate::{CardPicture, ItemCard, ItemDetails, Offer, SessionError, VariantView};

/// Cards whose prices are looked up between two breaths.
const STRETCH_CARDS: usize = 512;

/// Merged shards. An index is a card's place in id order; the student's table
/// has its rows in the same places.
pub(crate) struct Catalogue {
    rows: CatalogueRows,
    /// One for each card; a card without a row is unpriced and unpopular.
    prices: Vec<PriceRow>,
    pictures: HashMap<u32, Arc<CardPicture>>,
}

impl Catalogue {
    /// Merges decoded shards. The student's payload comes back beside it.
    pub async fn from_shards(
        shards: impl IntoIterator<Item = Layer>,
        path: &str,
        pace: &dyn Pace,
    ) -> Result<(Self, Option<Vec<u8>>), SessionError> {
        let mut rows = CatalogueRows::from_shards_paced(shards, pace)
            .await
            .map_err(|source| SessionError::Wire { path: path.to_owned(), source })?;
        let pictures = std::mem::take(&mut rows.pictures)
            .into_iter()
            .map(|p| (p.id, Arc::new(CardPicture { name: p.name, body: p.body })))
            .collect();
        let unpriced = |id| PriceRow { id, ..PriceRow::default() };
        let price = |card: &Card| rows.price(card.id).cloned().unwrap_or(unpriced(card.id));
        let mut prices = Vec::with_capacity(rows.cards.len());
        for cards in rows.cards.chunks(STRETCH_CARDS) {
            pace.breathe().await;
            prices.extend(cards.iter().map(price));
        }
        let student = rows.student.take();
        Ok((Self { rows, prices, pictures }, student))
    }

    /// The rules among the shards; no longer here after that.
    pub fn take_rules(&mut self) -> PublicRules {
        std::mem::take(&mut self.rows.rules)
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

    /// The manifest's popularity order: n_buyers descending, id ascending.
    pub fn by_popularity(&self, a: u32, b: u32) -> Ordering {
        let n_buyers = |index| self.price(index).n_buyers;
        n_buyers(b).cmp(&n_buyers(a)).then_with(|| self.id(a).cmp(&self.id(b)))
    }

    pub fn picture(&self, id: u32) -> Option<Arc<CardPicture>> {
        self.pictures.get(&id).cloned()
    }

    pub fn offer(&self, id: ItemId) -> Option<Offer> {
        let row = self.rows.offer(id)?;
        Some(Offer {
            label: row.label.clone(),
            until_ms: row.until_seconds.saturating_mul(1_000),
            amount: row.amount,
            variants: (0..u16::BITS as usize).filter(|n| row.variants >> n & 1 == 1).collect(),
        })
    }

    /// Everything that is known of a card, with its standard prices.
    pub fn card(&self, index: u32) -> ItemCard {
        let (card, price) = (self.raw(index), self.price(index));
        let variants = card.variants.iter().enumerate().map(|(i, variant)| {
            let facts = price.facts.iter().find(|facts| usize::from(facts.variant) == i);
            let facts = facts.cloned().unwrap_or_default();
            VariantView {
                sku: variant.sku.clone(),
                size: variant.size.clone(),
                manufacturer: variant.manufacturer.clone(),
                price_minor: price.variant_prices_minor.get(i).copied().unwrap_or(0),
                sale: facts.sale,
                unit: facts.unit,
                availability: facts.availability,
                stock: facts.stock,
            }
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
            rating: price.rating,
            picture: self.picture(card.picture),
            photos: card.photos.clone(),
            placeholder: card.placeholder.clone(),
            offer: self.offer(card.id),
            listed: true,
        }
    }

    /// What only the card's page shows.
    pub fn details(&self, id: ItemId) -> ItemDetails {
        let Some(row) = self.rows.details(id) else { return ItemDetails::default() };
        ItemDetails {
            description: row.description.clone(),
            link: row.link.clone(),
            characteristics: row.characteristics.clone(),
            listed_at_ms: row.listed_at_seconds.map(|seconds| seconds.saturating_mul(1_000)),
        }
    }

    /// What buyers wrote of a card, as far as it is here.
    pub fn reviews(&self, id: ItemId) -> Option<&ReviewRow> {
        self.rows.reviews(id)
    }

    /// The minute in which a card was listed; 0 where the shop does not say, or its details
    /// are not here yet.
    pub fn listed_minute(&self, index: u32) -> u32 {
        listed_minute(self.rows.details(self.id(index)).and_then(|row| row.listed_at_seconds))
    }

    pub fn is_available(&self, index: u32) -> bool {
        self.price(index).availability == Availability::InStock
    }

    /// Whether an offer or a sale of its first variant holds at a moment, in milliseconds
    /// since 1970-01-01 UTC.
    pub fn is_reduced(&self, index: u32, now_ms: i64) -> bool {
        let first = self.price(index).facts.iter().find(|facts| facts.variant == 0);
        let sale = first.and_then(|facts| facts.sale);
        sale.is_some_and(|sale| sale.is_on(now_ms.div_euclid(1_000)))
            || self.offer(self.id(index)).is_some_and(|offer| offer.is_on(now_ms))
    }

    /// How many of some cards have each value, most first.
    pub fn facets<'a>(&'a self, values: impl Iterator<Item = &'a str>) -> Vec<Facet> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        values.for_each(|name| *counts.entry(name).or_default() += 1);
        facets_of(counts)
    }
}
