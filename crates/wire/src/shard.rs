//! What each kind of shard holds. Rows are sorted by id, ids are unique.
//!
//! A base shard holds full rows of its cell. A delta shard holds rows that
//! replace or add to those of the bases; `removed` (deltas only) lists ids that
//! are gone.

use serde::{Deserialize, Serialize};
use vitrine_domain::limits::{ITEMS_MAX, RELATED_MAX};
use vitrine_domain::price_list::PRICE_LISTS_MAX;
use vitrine_domain::{
    Availability, ItemId, Rating, RelatedList, Sale, ShardKind, TEXT_CODE_DIM, UnitMeasure,
};
use vitrine_rules::PublicRules;

pub use vitrine_domain::{CODE_DIM, OfferAmount};

use crate::{PictureCodeShard, PictureNetworkShard, QueryTableShard, ReviewShard, bounded};

/// Most variants published with one card; the server keeps them all.
pub const VARIANTS_MAX: usize = 12;

/// Names that a table can hold, as `u16` indexes them.
pub const NAMES_MAX: usize = 1 << 16;

/// Longest pictogram's body, in bytes.
pub const PICTURE_BYTES_MAX: usize = 64 << 10;

/// What a card without a pictogram has in the place of its id.
pub const NO_PICTURE: u32 = 0;

/// Most pictures of its own that one card shows.
pub const PHOTOS_MAX: usize = 10;

/// Longest ThumbHash, in bytes.
pub const PLACEHOLDER_BYTES_MAX: usize = 25;

/// Largest picture of 96 pixels, in bytes.
pub const THUMBNAIL_BYTES_MAX: usize = 4 << 10;

/// Largest picture of 320 pixels, in bytes.
pub const PHOTO_BYTES_MAX: usize = 16 << 10;

/// Most characteristics of one card.
pub const CHARACTERISTICS_MAX: usize = 32;

/// Longest unit that a price is said for, in characters.
pub const UNIT_CHARS_MAX: usize = 16;

/// Largest student, in bytes.
pub const STUDENT_BYTES_MAX: usize = 1 << 20;

/// Any decoded shard.
#[derive(Clone, Debug, PartialEq)]
pub enum Shard {
    /// Texts and variants.
    Cards(CardShard),
    /// Prices, availability, popularity.
    Prices(PriceShard),
    /// Item codes.
    Codes(CodeShard),
    /// Related items.
    Related(RelatedShard),
    /// Pictograms.
    Pictures(PictureShard),
    /// The student.
    Student(StudentShard),
    /// Items that stand for one another: rows as of related items, strengths by how
    /// alike they are.
    Alternatives(RelatedShard),
    /// Offers.
    Offers(OfferShard),
    /// Items that the same shoppers bought: rows as of related items, strengths by the
    /// square root of their similarity.
    Neighbours(RelatedShard),
    /// What only a product's page shows.
    Details(DetailShard),
    /// The shop's own pictures, 96 pixels.
    Thumbnails(PhotoShard),
    /// The same, 320 pixels.
    Photos(PhotoShard),
    /// Prices of the shop's price lists.
    PriceLists(PriceListShard),
    /// Codes of texts.
    TextCodes(TextCodeShard),
    /// What words mean along them.
    QueryTable(QueryTableShard),
    /// What buyers wrote.
    Reviews(ReviewShard),
    /// What pictures look like.
    PictureCodes(PictureCodeShard),
    /// What tells it of a picture.
    PictureNetwork(PictureNetworkShard),
    /// What the shop wants to stand where. Those of bases are one set; a delta is a whole set, in
    /// place of all before it.
    Rules(PublicRules),
}

impl Shard {
    /// Which kind this is.
    pub fn kind(&self) -> ShardKind {
        match self {
            Self::Cards(_) => ShardKind::Cards,
            Self::Prices(_) => ShardKind::Prices,
            Self::Codes(_) => ShardKind::Codes,
            Self::Related(_) => ShardKind::Related,
            Self::Pictures(_) => ShardKind::Pictures,
            Self::Student(_) => ShardKind::Student,
            Self::Alternatives(_) => ShardKind::Alternatives,
            Self::Offers(_) => ShardKind::Offers,
            Self::Neighbours(_) => ShardKind::Neighbours,
            Self::Details(_) => ShardKind::Details,
            Self::Thumbnails(_) => ShardKind::Thumbnails,
            Self::Photos(_) => ShardKind::Photos,
            Self::PriceLists(_) => ShardKind::PriceLists,
            Self::TextCodes(_) => ShardKind::TextCodes,
            Self::QueryTable(_) => ShardKind::QueryTable,
            Self::Reviews(_) => ShardKind::Reviews,
            Self::PictureCodes(_) => ShardKind::PictureCodes,
            Self::PictureNetwork(_) => ShardKind::PictureNetwork,
            Self::Rules(_) => ShardKind::Rules,
        }
    }

    /// Cards that a delta says are gone; none of a base, nor of kinds that only grow.
    pub fn removed(&self) -> &[ItemId] {
        match self {
            Self::Cards(shard) => &shard.removed,
            Self::Prices(shard) => &shard.removed,
            Self::Codes(shard) => &shard.removed,
            Self::Related(shard) | Self::Alternatives(shard) | Self::Neighbours(shard) => {
                &shard.removed
            }
            Self::Offers(shard) => &shard.removed,
            Self::Details(shard) => &shard.removed,
            Self::PriceLists(shard) => &shard.removed,
            Self::TextCodes(shard) => &shard.removed,
            Self::Reviews(shard) => &shard.removed,
            Self::PictureCodes(shard) => &shard.removed,
            Self::QueryTable(_) | Self::PictureNetwork(_) | Self::Rules(_) => &[],
            Self::Pictures(_) | Self::Student(_) | Self::Thumbnails(_) | Self::Photos(_) => &[],
        }
    }
}

/// Texts of cards. Departments, categories and brands are indexes into tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CardShard {
    /// Department names used by the rows, sorted.
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    pub departments: Vec<String>,
    /// Category names used by the rows, sorted.
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    pub categories: Vec<String>,
    /// Brand names used by the rows, sorted.
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    pub brands: Vec<String>,
    /// One row a card, sorted by id.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub rows: Vec<CardRow>,
    /// Cards that are gone (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// One card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CardRow {
    /// The card.
    pub id: ItemId,
    /// Readable title.
    pub title: String,
    /// Index into `departments`.
    pub department: u16,
    /// Index into `categories`.
    pub category: u16,
    /// Index into `brands`.
    pub brand: u16,
    /// Its pictogram, see [`PictureShard`]; [`NO_PICTURE`] when it has none.
    pub picture: u32,
    /// Pictures of its own, the main one first, see [`PhotoShard`]; at most [`PHOTOS_MAX`].
    #[serde(deserialize_with = "bounded::list::<PHOTOS_MAX, _, _>")]
    pub photos: Vec<u32>,
    /// ThumbHash of the first of `photos`; empty without one.
    #[serde(deserialize_with = "bounded::bytes")]
    pub placeholder: Vec<u8>,
    /// The most bought variants, at most [`VARIANTS_MAX`].
    #[serde(deserialize_with = "bounded::list::<VARIANTS_MAX, _, _>")]
    pub variants: Vec<VariantRow>,
    /// How many variants there are in all.
    pub n_variants: u32,
}

/// One variant of a card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VariantRow {
    /// The shop's identifier.
    pub sku: String,
    /// Readable size; may be empty.
    pub size: String,
    /// Maker code; may be empty.
    pub manufacturer: String,
}

/// Prices and what else changes daily.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PriceShard {
    /// One row a card, sorted by id.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub rows: Vec<PriceRow>,
    /// Cards that are gone (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// Price, availability and popularity of one card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PriceRow {
    /// The card.
    pub id: ItemId,
    /// Price of the default variant in minor units; 0 = not priced.
    pub price_minor: u32,
    /// Prices of the published variants, in their order; 0 = not priced.
    #[serde(deserialize_with = "bounded::list::<VARIANTS_MAX, _, _>")]
    pub variant_prices_minor: Vec<u32>,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Distinct buyers over the whole log, by [`vitrine_domain::published_count`].
    pub n_buyers: u32,
    /// Distinct buyers in the last 28 days of the log, published likewise.
    pub n_buyers_recent: u32,
    /// What rankers take its price for, where that is another: a price that changed since
    /// the catalogue's version was made does not change rankings.
    pub ranked_price_minor: Option<u32>,
    /// What its buyers say of it, as the shop publishes it.
    pub rating: Option<Rating>,
    /// What is known of the published variants besides their prices, by ascending
    /// variant; those of which nothing is known are left out.
    #[serde(deserialize_with = "bounded::list::<VARIANTS_MAX, _, _>")]
    pub facts: Vec<VariantFacts>,
}

/// What is known of one variant besides its price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantFacts {
    /// Its place among the published variants.
    pub variant: u8,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Pieces in stock, when the shop says.
    pub stock: Option<u32>,
    /// A lower price for a time.
    pub sale: Option<Sale>,
    /// What one piece holds.
    pub unit: Option<UnitMeasure>,
}

impl PriceRow {
    /// The price that rankers are told.
    pub fn price_minor_ranked(&self) -> u32 {
        self.ranked_price_minor.unwrap_or(self.price_minor)
    }
}

impl VariantFacts {
    /// Whether it says anything.
    pub fn is_empty(&self) -> bool {
        *self == Self { variant: self.variant, ..Self::default() }
    }
}

/// Prices of the shop's price lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PriceListShard {
    /// One row a card that any list prices, sorted by id.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub rows: Vec<PriceListRow>,
    /// Cards that are gone, or that no list prices any more (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// The prices of one card in the lists that price it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceListRow {
    /// The card.
    pub id: ItemId,
    /// By ascending list; at least one.
    #[serde(deserialize_with = "bounded::list::<PRICE_LISTS_MAX, _, _>")]
    pub lists: Vec<CardListPrices>,
}

/// The prices of one card in one list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardListPrices {
    /// Place of the list among those of the manifest.
    pub list: u8,
    /// Prices of the published variants in minor units of the list's currency, in the order
    /// of the variants, the first being the card's; 0 = not priced. Variants behind the last
    /// one with a price are left out, so that the last is never 0.
    #[serde(deserialize_with = "bounded::list::<VARIANTS_MAX, _, _>")]
    pub variant_prices_minor: Vec<u32>,
    /// Lower prices for a time: the place of the variant and its sale, by ascending variant.
    #[serde(deserialize_with = "bounded::list::<VARIANTS_MAX, _, _>")]
    pub sales: Vec<(u8, Sale)>,
}

impl PriceListRow {
    /// Price and sale of a variant, by its place, in a list; `None` where it has none.
    pub fn price_of(&self, list: u8, variant: usize) -> Option<(u32, Option<Sale>)> {
        let prices = self.lists.iter().find(|prices| prices.list == list)?;
        let price = prices.variant_prices_minor.get(variant).filter(|price| **price > 0)?;
        let sale = prices.sales.iter().find(|(place, _)| usize::from(*place) == variant);
        Some((*price, sale.map(|(_, sale)| *sale)))
    }
}

/// Item codes: `codes` is `[ids.len(), 64]`, row-major.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CodeShard {
    /// Cards, sorted.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub ids: Vec<ItemId>,
    /// Codes.
    #[serde(deserialize_with = "bounded::signed")]
    pub codes: Vec<i8>,
    /// Cards that are gone (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// What is known of items' texts: `codes` is `[ids.len(), 128]`, row-major.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TextCodeShard {
    /// Cards, sorted.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub ids: Vec<ItemId>,
    /// Codes.
    #[serde(deserialize_with = "bounded::signed")]
    pub codes: Vec<i8>,
    /// What else each is searched by, which no page shows; may be empty. `[ids.len()]`
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub attributes: Vec<String>,
    /// Cards that are gone (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// What is known of the text of one card.
#[derive(Clone, Debug, PartialEq)]
pub struct TextCode {
    /// The card.
    pub id: ItemId,
    /// The code of its text.
    pub code: [i8; TEXT_CODE_DIM],
    /// What else it is searched by.
    pub attributes: String,
}

impl TextCodeShard {
    /// Its rows.
    pub fn into_rows(self) -> Vec<TextCode> {
        let Self { ids, codes, attributes, .. } = self;
        let codes = codes.as_chunks().0.iter().copied();
        let rows = ids.into_iter().zip(codes).zip(attributes);
        rows.map(|((id, code), attributes)| TextCode { id, code, attributes }).collect()
    }

    /// A shard of sorted rows.
    pub fn of_rows<'a>(
        rows: impl Iterator<Item = &'a TextCode> + Clone,
        removed: Vec<ItemId>,
    ) -> Self {
        Self {
            ids: rows.clone().map(|row| row.id).collect(),
            codes: rows.clone().flat_map(|row| row.code).collect(),
            attributes: rows.map(|row| row.attributes.clone()).collect(),
            removed,
        }
    }
}

/// Related items, alternatives or neighbours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RelatedShard {
    /// One row a card that has any, sorted by id.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub rows: Vec<RelatedRow>,
    /// Cards that are gone (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// The items related to one card, best first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RelatedRow {
    /// The card.
    pub id: ItemId,
    /// Other cards, best first, at least one, at most [`RELATED_MAX`].
    #[serde(deserialize_with = "bounded::list::<RELATED_MAX, _, _>")]
    pub related: Vec<ItemId>,
    /// Strength of each, 1 to 255, 255 = strongest of the catalogue.
    #[serde(deserialize_with = "bounded::bytes")]
    pub strengths: Vec<u8>,
}

impl RelatedRow {
    /// The row as rankers read it.
    pub fn list(&self) -> RelatedList {
        let strengths = self.strengths.iter().copied();
        (self.id, self.related.iter().copied().zip(strengths).collect())
    }
}

/// Longest label of an offer, in characters.
pub const OFFER_LABEL_CHARS_MAX: usize = 40;

/// What is on offer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OfferShard {
    /// One row a card that is on offer, sorted by id.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub rows: Vec<OfferRow>,
    /// Cards that are gone or no longer on offer (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// The offer of one card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferRow {
    /// The card.
    pub id: ItemId,
    /// What it is called: "Coupon". 1 to [`OFFER_LABEL_CHARS_MAX`] characters.
    pub label: String,
    /// By how much it is cheaper.
    pub amount: OfferAmount,
    /// When it ends, in seconds since 1970-01-01 UTC.
    pub until_seconds: i64,
    /// The published variants that are on offer, one bit each, the first lowest; not 0.
    pub variants: u16,
}

/// What only a product's page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DetailShard {
    /// One row a card of which anything is known, sorted by id.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub rows: Vec<DetailRow>,
    /// Cards that are gone, or of which nothing is known any more (deltas only).
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub removed: Vec<ItemId>,
}

/// What only the page of one card shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailRow {
    /// The card.
    pub id: ItemId,
    /// Description; may be empty.
    pub description: String,
    /// Address of its page, `http:` or `https:`; may be empty.
    pub link: String,
    /// Names and values; at most [`CHARACTERISTICS_MAX`].
    #[serde(deserialize_with = "bounded::list::<CHARACTERISTICS_MAX, _, _>")]
    pub characteristics: Vec<(String, String)>,
    /// Global trade item numbers of the published variants, in their order; empty when
    /// none has one.
    #[serde(deserialize_with = "bounded::list::<VARIANTS_MAX, _, _>")]
    pub gtins: Vec<String>,
    /// When it was first listed, in seconds since 1970-01-01 UTC.
    pub listed_at_seconds: Option<i64>,
}

/// The shop's own pictures, in WebP.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhotoShard {
    /// One row a picture, sorted by id.
    #[serde(deserialize_with = "bounded::list::<ITEMS_MAX, _, _>")]
    pub rows: Vec<PhotoRow>,
}

/// One picture of the shop's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoRow {
    /// What cards call it.
    pub id: u32,
    /// A still image in WebP.
    #[serde(deserialize_with = "bounded::bytes")]
    pub webp: Vec<u8>,
}

/// Pictograms: SVG bodies in a 32 × 32 view box.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PictureShard {
    /// Their ids, above [`NO_PICTURE`], sorted.
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    pub ids: Vec<u32>,
    /// What each shows, in words.
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    pub names: Vec<String>,
    /// SVG markup inside `<svg>`: shapes only, checked at publish and at decode.
    #[serde(deserialize_with = "bounded::list::<NAMES_MAX, _, _>")]
    pub bodies: Vec<String>,
}

/// The student: bytes that `vitrine_student` decodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StudentShard {
    /// Weights in the student's own versioned layout.
    #[serde(deserialize_with = "bounded::bytes")]
    pub payload: Vec<u8>,
}
