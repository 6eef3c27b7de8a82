//! Rows of version 1 of the format, as they become rows of the present one.
//!
//! A store that an earlier version published goes on being read; nothing is written in
//! this format.

use serde::Deserialize;
use vitrine_domain::limits::ITEMS_MAX;
use vitrine_domain::{Availability, ItemId, ShardKind};

use crate::payload::parse;
use crate::shard::{NAMES_MAX, OfferAmount, VARIANTS_MAX};
use crate::{
    CardRow, CardShard, OfferRow, OfferShard, PictureShard, PriceRow, PriceShard, Shard,
    VariantRow, WireError, bounded,
};

/// The kinds whose rows changed after version 1.
pub(crate) fn parse_shard(kind: ShardKind, payload: &[u8]) -> Result<Shard, WireError> {
    Ok(match kind {
        ShardKind::Cards => Shard::Cards(parse::<CardShardV1>(kind, payload)?.into()),
        ShardKind::Prices => Shard::Prices(parse::<PriceShardV1>(kind, payload)?.into()),
        ShardKind::Offers => Shard::Offers(parse::<OfferShardV1>(kind, payload)?.into()),
        ShardKind::Pictures => Shard::Pictures(parse::<PictureShardV1>(kind, payload)?.into()),
        _ => return Err(WireError::ShardFormat { found: 1 }),
    })
}

/// Pictograms were counted from 0.
fn picture(id: u16) -> u32 {
    u32::from(id) + 1
}

#[derive(Deserialize)]
struct CardShardV1 {
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    departments: Vec<String>,
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    categories: Vec<String>,
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    brands: Vec<String>,
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    rows: Vec<CardRowV1>,
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    removed: Vec<ItemId>,
}

#[derive(Deserialize)]
struct CardRowV1 {
    id: ItemId,
    title: String,
    department: u16,
    category: u16,
    brand: u16,
    picture: u16,
    #[serde(deserialize_with = "bounded::list::<VARIANTS_MAX, _, _>")]
    variants: Vec<VariantRow>,
    n_variants: u32,
}

impl From<CardShardV1> for CardShard {
    fn from(shard: CardShardV1) -> Self {
        let CardShardV1 { departments, categories, brands, rows, removed } = shard;
        let row = |row: CardRowV1| CardRow {
            id: row.id,
            title: row.title,
            department: row.department,
            category: row.category,
            brand: row.brand,
            picture: picture(row.picture),
            variants: row.variants,
            n_variants: row.n_variants,
            ..CardRow::default()
        };
        let rows = rows.into_iter().map(row).collect();
        Self { departments, categories, brands, rows, removed }
    }
}

#[derive(Deserialize)]
struct PriceShardV1 {
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    rows: Vec<PriceRowV1>,
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    removed: Vec<ItemId>,
}

#[derive(Deserialize)]
struct PriceRowV1 {
    id: ItemId,
    price_minor: u32,
    #[serde(deserialize_with = "bounded::list::<VARIANTS_MAX, _, _>")]
    variant_prices_minor: Vec<u32>,
    availability: Availability,
    n_buyers: u32,
    n_buyers_recent: u32,
}

impl From<PriceShardV1> for PriceShard {
    fn from(shard: PriceShardV1) -> Self {
        let row = |row: PriceRowV1| PriceRow {
            id: row.id,
            price_minor: row.price_minor,
            variant_prices_minor: row.variant_prices_minor,
            availability: row.availability,
            n_buyers: row.n_buyers,
            n_buyers_recent: row.n_buyers_recent,
            ..PriceRow::default()
        };
        Self { rows: shard.rows.into_iter().map(row).collect(), removed: shard.removed }
    }
}

#[derive(Deserialize)]
struct OfferShardV1 {
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    rows: Vec<OfferRowV1>,
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    removed: Vec<ItemId>,
}

#[derive(Deserialize)]
struct OfferRowV1 {
    id: ItemId,
    label: String,
    until_seconds: i64,
    variants: u16,
}

impl From<OfferShardV1> for OfferShard {
    fn from(shard: OfferShardV1) -> Self {
        let row = |row: OfferRowV1| OfferRow {
            id: row.id,
            label: row.label,
            amount: OfferAmount::Unsaid,
            until_seconds: row.until_seconds,
            variants: row.variants,
        };
        Self { rows: shard.rows.into_iter().map(row).collect(), removed: shard.removed }
    }
}

#[derive(Deserialize)]
struct PictureShardV1 {
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    ids: Vec<u16>,
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    names: Vec<String>,
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    bodies: Vec<String>,
}

impl From<PictureShardV1> for PictureShard {
    fn from(shard: PictureShardV1) -> Self {
        let ids = shard.ids.into_iter().map(picture).collect();
        Self { ids, names: shard.names, bodies: shard.bodies }
    }
}
