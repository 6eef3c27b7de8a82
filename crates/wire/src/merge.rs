//! Bases and deltas put together: the catalogue as one sorted table a kind.

use std::collections::HashSet;

use vitrine_domain::pace::{Pace, Unpaced, at_once};
use vitrine_domain::sorting::sort_by;
use vitrine_domain::{ItemId, ListedCard, ShardKind, ShardRole};
use vitrine_rules::PublicRules;

use crate::layers::Layers;
use crate::rules::RuleLayers;
use crate::shard::{CODE_DIM, NAMES_MAX};
use crate::{
    CardRow, CardShard, CodeShard, DetailRow, OfferRow, PhotoRow, PictureCodeRow,
    PictureNetworkShard, Place, PriceListRow, PriceRow, QueryTableShard, RelatedRow, ReviewRow,
    Shard, TextCode, VariantRow, WireError,
};

/// A shard with its place among the others of its kind; [`vitrine_domain::ShardRef`] says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Base or delta.
    pub role: ShardRole,
    /// Deltas of higher cells override those of lower ones.
    pub cell: u32,
    /// The rows.
    pub shard: Shard,
}

/// Cards whose names are indexed between two breaths.
const STRETCH_CARDS: usize = 512;

/// A card's code beside its id.
pub(crate) type CodeRow = (ItemId, [i8; CODE_DIM]);

/// Every row of a set of shards. Each list is sorted by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CatalogueRows {
    /// Distinct departments of `cards`, sorted. Positions mean nothing outside this value.
    pub departments: Vec<String>,
    /// Distinct categories of `cards`, sorted.
    pub categories: Vec<String>,
    /// Cards.
    pub cards: Vec<Card>,
    /// Prices, availability, popularity.
    pub prices: Vec<PriceRow>,
    /// Cards that have a code.
    pub code_ids: Vec<ItemId>,
    /// Codes, `[code_ids.len(), 64]`, row-major.
    pub codes: Vec<i8>,
    /// Related items of the cards that have any.
    pub related: Vec<RelatedRow>,
    /// What stands for a card, of the cards that have any.
    pub alternatives: Vec<RelatedRow>,
    /// Items that the same shoppers bought, of the cards that have any.
    pub neighbours: Vec<RelatedRow>,
    /// What is on offer.
    pub offers: Vec<OfferRow>,
    /// Pictograms.
    pub pictures: Vec<Picture>,
    /// What only a product's page shows, of the cards of which anything is known.
    pub details: Vec<DetailRow>,
    /// Pictures of the shop's own, 96 pixels.
    pub thumbnails: Vec<PhotoRow>,
    /// The same, 320 pixels.
    pub photos: Vec<PhotoRow>,
    /// Prices of the shop's price lists, of the cards that any list prices.
    pub price_lists: Vec<PriceListRow>,
    /// What buyers wrote, of the cards that were reviewed.
    pub reviews: Vec<ReviewRow>,
    /// The student's payload, if there is one.
    pub student: Option<Vec<u8>>,
    /// What is known of texts beside what pages show of them.
    pub text_codes: Vec<TextCode>,
    /// What words mean along them, if that is here.
    pub query_table: Option<QueryTableShard>,
    /// What main pictures look like, of the cards that have one.
    pub picture_codes: Vec<PictureCodeRow>,
    /// What makes such codes, if that is here.
    pub picture_network: Option<PictureNetworkShard>,
    /// What the shop wants to stand where, sorted by id.
    pub rules: PublicRules,
}

/// A card whose names are resolved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// The card.
    pub id: ItemId,
    /// Readable title.
    pub title: String,
    /// Index into [`CatalogueRows::departments`].
    pub department: u16,
    /// Index into [`CatalogueRows::categories`].
    pub category: u16,
    /// Brand; may be empty.
    pub brand: String,
    /// Its pictogram; [`crate::shard::NO_PICTURE`] when it has none.
    pub picture: u32,
    /// Pictures of its own, the main one first.
    pub photos: Vec<u32>,
    /// ThumbHash of the first of them; empty without one.
    pub placeholder: Vec<u8>,
    /// The most bought variants.
    pub variants: Vec<VariantRow>,
    /// How many variants there are in all.
    pub n_variants: u32,
}

/// One pictogram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// What cards call it.
    pub id: u32,
    /// What it shows, in words.
    pub name: String,
    /// The inside of an `<svg>` with a 32 × 32 view box; shapes only.
    pub body: String,
}

impl CatalogueRows {
    /// Merges decoded shards: rows of bases, overridden by rows of the deltas of
    /// their kind, less what the deltas remove, those of lower cells first. The order of
    /// the shards does not matter, and some may be missing: then their rows are.
    ///
    /// # Errors
    /// [`WireError::RowTwice`] when two bases hold one id (or there are two
    /// students), [`WireError::Rules`] for parts of rules that are none together,
    /// [`WireError::ShardTwice`] for two deltas of a kind in one cell,
    /// [`WireError::RemovedInBase`], [`WireError::TableFull`], and
    /// [`WireError::Index`] for a card shard that was not validated.
    pub fn from_shards(shards: impl IntoIterator<Item = Layer>) -> Result<Self, WireError> {
        at_once(Self::from_shards_paced(shards, &Unpaced))
    }

    /// Merges decoded shards like [`CatalogueRows::from_shards`], in pieces.
    ///
    /// # Errors
    /// As [`CatalogueRows::from_shards`].
    pub async fn from_shards_paced(
        shards: impl IntoIterator<Item = Layer>,
        pace: &dyn Pace,
    ) -> Result<Self, WireError> {
        let mut cards = Layers::new(ShardKind::Cards);
        let mut prices = Layers::new(ShardKind::Prices);
        let mut codes = Layers::new(ShardKind::Codes);
        let mut related = Layers::new(ShardKind::Related);
        let mut alternatives = Layers::new(ShardKind::Alternatives);
        let mut neighbours = Layers::new(ShardKind::Neighbours);
        let mut offers = Layers::new(ShardKind::Offers);
        let mut pictures = Layers::new(ShardKind::Pictures);
        let mut students = Layers::new(ShardKind::Student);
        let mut details = Layers::new(ShardKind::Details);
        let mut thumbnails = Layers::new(ShardKind::Thumbnails);
        let mut photos = Layers::new(ShardKind::Photos);
        let mut price_lists = Layers::new(ShardKind::PriceLists);
        let mut text_codes = Layers::new(ShardKind::TextCodes);
        let mut reviews = Layers::new(ShardKind::Reviews);
        let mut query_tables = Layers::new(ShardKind::QueryTable);
        let mut picture_codes = Layers::new(ShardKind::PictureCodes);
        let mut picture_networks = Layers::new(ShardKind::PictureNetwork);
        let mut rules = RuleLayers::default();
        for Layer { role, cell, shard } in shards {
            let at = (role, cell);
            match shard {
                Shard::Cards(mut shard) => {
                    let removed = std::mem::take(&mut shard.removed);
                    cards.add(at, named(shard)?, removed)?;
                }
                Shard::Prices(shard) => prices.add(at, shard.rows, shard.removed)?,
                Shard::Codes(shard) => codes.add(at, coded(&shard), shard.removed)?,
                Shard::Related(shard) => related.add(at, shard.rows, shard.removed)?,
                Shard::Alternatives(shard) => alternatives.add(at, shard.rows, shard.removed)?,
                Shard::Neighbours(shard) => neighbours.add(at, shard.rows, shard.removed)?,
                Shard::Offers(shard) => offers.add(at, shard.rows, shard.removed)?,
                Shard::Pictures(shard) => {
                    let texts = shard.names.into_iter().zip(shard.bodies);
                    let rows = shard.ids.into_iter().zip(texts);
                    let rows = rows.map(|(id, (name, body))| Picture { id, name, body });
                    pictures.add(at, rows.collect(), Vec::new())?;
                }
                Shard::Student(shard) => students.add(at, vec![shard.payload], Vec::new())?,
                Shard::Details(shard) => details.add(at, shard.rows, shard.removed)?,
                Shard::Thumbnails(shard) => thumbnails.add(at, shard.rows, Vec::new())?,
                Shard::Photos(shard) => photos.add(at, shard.rows, Vec::new())?,
                Shard::PriceLists(shard) => price_lists.add(at, shard.rows, shard.removed)?,
                Shard::Reviews(shard) => reviews.add(at, shard.rows, shard.removed)?,
                Shard::TextCodes(mut shard) => {
                    let removed = std::mem::take(&mut shard.removed);
                    text_codes.add(at, shard.into_rows(), removed)?;
                }
                Shard::QueryTable(shard) => query_tables.add(at, vec![shard], Vec::new())?,
                Shard::PictureCodes(mut shard) => {
                    let removed = std::mem::take(&mut shard.removed);
                    picture_codes.add(at, shard.into_rows(), removed)?;
                }
                Shard::PictureNetwork(shard) => {
                    picture_networks.add(at, vec![shard], Vec::new())?;
                }
                Shard::Rules(shard) => rules.add(at, shard)?,
            }
            pace.breathe().await;
        }
        // Each of these takes a few milliseconds.
        let codes = codes.merge(|row: &CodeRow| row.0)?;
        let mut rows = Self {
            prices: prices.merge(|row: &PriceRow| row.id)?,
            code_ids: codes.iter().map(|row| row.0).collect(),
            codes: codes.iter().flat_map(|row| row.1).collect(),
            ..Self::default()
        };
        pace.breathe().await;
        rows.related = related.merge(|row: &RelatedRow| row.id)?;
        rows.alternatives = alternatives.merge(|row: &RelatedRow| row.id)?;
        pace.breathe().await;
        rows.neighbours = neighbours.merge(|row: &RelatedRow| row.id)?;
        rows.offers = offers.merge(|row: &OfferRow| row.id)?;
        rows.pictures = pictures.merge(|row: &Picture| ItemId(u64::from(row.id)))?;
        pace.breathe().await;
        rows.details = details.merge(|row: &DetailRow| row.id)?;
        rows.thumbnails = thumbnails.merge(|row: &PhotoRow| ItemId(u64::from(row.id)))?;
        rows.photos = photos.merge(|row: &PhotoRow| ItemId(u64::from(row.id)))?;
        rows.price_lists = price_lists.merge(|row: &PriceListRow| row.id)?;
        rows.reviews = reviews.merge(|row: &ReviewRow| row.id)?;
        rows.student = students.merge(|_| ItemId(0))?.pop();
        pace.breathe().await;
        rows.text_codes = text_codes.merge(|row: &TextCode| row.id)?;
        rows.query_table = query_tables.merge(|_| ItemId(0))?.pop();
        rows.picture_codes = picture_codes.merge(|row: &PictureCodeRow| row.id)?;
        rows.picture_network = picture_networks.merge(|_| ItemId(0))?.pop();
        rows.rules = rules.merge()?;
        pace.breathe().await;
        rows.intern(cards.merge(|row: &NamedCard| row.card.id)?, pace).await?;
        Ok(rows)
    }

    /// The cards as rankers are told of them, sorted by id. One without a price row is
    /// neither priced nor bought; one without a code has the code 0.
    pub fn listed(&self) -> impl Iterator<Item = ListedCard<'_>> {
        self.cards.iter().map(move |card| {
            let price = self.price(card.id);
            ListedCard {
                id: card.id,
                code: self.code(card.id).copied().unwrap_or([0; CODE_DIM]),
                department: &self.departments[usize::from(card.department)],
                category: &self.categories[usize::from(card.category)],
                price_minor: price.map_or(0, PriceRow::price_minor_ranked),
                n_buyers: price.map_or(0, |price| price.n_buyers),
                n_buyers_recent: price.map_or(0, |price| price.n_buyers_recent),
            }
        })
    }

    /// The card, if it is here.
    pub fn card(&self, id: ItemId) -> Option<&Card> {
        find(&self.cards, id, |row| row.id)
    }

    /// The card's price row, if it is here.
    pub fn price(&self, id: ItemId) -> Option<&PriceRow> {
        find(&self.prices, id, |row| row.id)
    }

    /// The card's code `[64]`, if it is here.
    pub fn code(&self, id: ItemId) -> Option<&[i8; CODE_DIM]> {
        let at = self.code_ids.binary_search(&id).ok()?;
        self.codes.as_chunks().0.get(at)
    }

    /// What is known of the card's text, if it is here.
    pub fn text_code(&self, id: ItemId) -> Option<&TextCode> {
        find(&self.text_codes, id, |row| row.id)
    }

    /// What is related to the card, if anything is.
    pub fn related_to(&self, id: ItemId) -> Option<&RelatedRow> {
        find(&self.related, id, |row| row.id)
    }

    /// What stands for the card, if anything does.
    pub fn alternatives_to(&self, id: ItemId) -> Option<&RelatedRow> {
        find(&self.alternatives, id, |row| row.id)
    }

    /// The card's offer, if it has one.
    pub fn offer(&self, id: ItemId) -> Option<&OfferRow> {
        find(&self.offers, id, |row| row.id)
    }

    /// The card's prices in the shop's price lists, if any list prices it.
    pub fn list_prices(&self, id: ItemId) -> Option<&PriceListRow> {
        find(&self.price_lists, id, |row| row.id)
    }

    /// What only the card's page shows, if anything is known.
    pub fn details(&self, id: ItemId) -> Option<&DetailRow> {
        find(&self.details, id, |row| row.id)
    }

    /// What buyers wrote of the card, if anything is here.
    pub fn reviews(&self, id: ItemId) -> Option<&ReviewRow> {
        find(&self.reviews, id, |row| row.id)
    }

    /// What the card's main picture looks like, if it is known.
    pub fn picture_code(&self, id: ItemId) -> Option<&PictureCodeRow> {
        find(&self.picture_codes, id, |row| row.id)
    }

    /// The pictogram, if it is here.
    pub fn picture(&self, id: u32) -> Option<&Picture> {
        let at = self.pictures.binary_search_by_key(&id, |picture| picture.id).ok()?;
        self.pictures.get(at)
    }

    /// The small form of a picture of the shop's own, if it is here.
    pub fn thumbnail(&self, id: u32) -> Option<&PhotoRow> {
        let at = self.thumbnails.binary_search_by_key(&id, |photo| photo.id).ok()?;
        self.thumbnails.get(at)
    }

    async fn intern(&mut self, named: Vec<NamedCard>, pace: &dyn Pace) -> Result<(), WireError> {
        let departments = table("departments", named.iter().map(|row| &row.department))?;
        pace.breathe().await;
        let categories = table("categories", named.iter().map(|row| &row.category))?;
        pace.breathe().await;
        let index = |table: &[String], name: &String| {
            table.binary_search(name).expect("the table was made of these names") as u16
        };
        for (place, mut row) in named.into_iter().enumerate() {
            if place % STRETCH_CARDS == 0 {
                pace.breathe().await;
            }
            row.card.department = index(&departments, &row.department);
            row.card.category = index(&categories, &row.category);
            self.cards.push(row.card);
        }
        self.departments = departments;
        self.categories = categories;
        Ok(())
    }
}

fn find<T>(rows: &[T], id: ItemId, key: impl Fn(&T) -> ItemId) -> Option<&T> {
    let at = rows.binary_search_by_key(&id, key).ok()?;
    rows.get(at)
}

/// Distinct names, sorted.
fn table<'a>(
    field: &'static str,
    names: impl Iterator<Item = &'a String>,
) -> Result<Vec<String>, WireError> {
    // Few of very many are distinct.
    let mut distinct: HashSet<&String> = HashSet::new();
    let mut names: Vec<&String> = names.filter(|name| distinct.insert(name)).collect();
    sort_by(&mut names, Ord::cmp);
    if names.len() > NAMES_MAX {
        return Err(WireError::TableFull { field, n_max: NAMES_MAX });
    }
    Ok(names.into_iter().cloned().collect())
}

/// A card beside its names, before they are indexed for the whole catalogue.
pub(crate) struct NamedCard {
    pub(crate) card: Card,
    pub(crate) department: String,
    pub(crate) category: String,
}

pub(crate) fn coded(shard: &CodeShard) -> Vec<CodeRow> {
    shard.ids.iter().copied().zip(shard.codes.as_chunks().0.iter().copied()).collect()
}

pub(crate) fn named(shard: CardShard) -> Result<Vec<NamedCard>, WireError> {
    let CardShard { departments, categories, brands, rows, .. } = shard;
    let resolve = |(idx, row): (usize, CardRow)| {
        Ok(NamedCard {
            department: name("department", idx, &departments, row.department)?,
            category: name("category", idx, &categories, row.category)?,
            card: Card {
                id: row.id,
                title: row.title,
                department: 0,
                category: 0,
                brand: name("brand", idx, &brands, row.brand)?,
                picture: row.picture,
                photos: row.photos,
                placeholder: row.placeholder,
                variants: row.variants,
                n_variants: row.n_variants,
            },
        })
    };
    rows.into_iter().enumerate().map(resolve).collect()
}

fn name(
    field: &'static str,
    idx: usize,
    table: &[String],
    index: u16,
) -> Result<String, WireError> {
    let index = usize::from(index);
    let place = Place { kind: ShardKind::Cards, field, idx };
    table.get(index).cloned().ok_or(WireError::Index { place, index, len: table.len() })
}
