//! The one small document that says which shards make up the shop.

use serde::{Deserialize, Serialize};

use crate::{CatalogueVersion, ContentHash, ModelVersion, Positives, PriceTerms};

/// What a shard holds. The discriminant is on the wire; append only. A kind that a reader
/// does not know is none of its concern: [`ShardKind::Unknown`] is left out of the
/// manifests that it decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ShardKind {
    /// Titles, departments, brands, variants.
    Cards = 1,
    /// Prices, availability, popularity.
    Prices = 2,
    /// Item codes of the student.
    Codes = 3,
    /// Related items.
    Related = 4,
    /// Pictograms (SVG bodies).
    Pictures = 5,
    /// The student's weights.
    Student = 6,
    /// Items that stand for one another.
    Alternatives = 7,
    /// What is on offer, until when.
    Offers = 8,
    /// Items that the same shoppers bought, for counting on the device.
    Neighbours = 9,
    /// Descriptions, addresses, characteristics, dates: what only a product's page shows.
    Details = 10,
    /// The shop's own pictures, 96 pixels.
    Thumbnails = 11,
    /// The same pictures, 320 pixels.
    Photos = 12,
    /// Prices of the shop's price lists.
    PriceLists = 13,
    /// Codes of the items' texts, for searches that are answered on the device.
    TextCodes = 14,
    /// What words mean along those codes.
    QueryTable = 15,
    /// What buyers wrote: stars, aspects, quoted sentences.
    Reviews = 16,
    /// Codes of the cards' own pictures, by which pictures are compared.
    PictureCodes = 17,
    /// The network that makes such codes of a picture.
    PictureNetwork = 18,
    /// What the shop wants to stand where.
    Rules = 19,
    /// A kind of a later version.
    #[serde(other)]
    Unknown = 0,
}

impl ShardKind {
    /// Whether only a device that answers searches by itself has a use for it.
    pub fn is_for_private_search(self) -> bool {
        matches!(self, Self::TextCodes | Self::QueryTable)
    }

    /// Whether only a device that searches by pictures has a use for it.
    pub fn is_for_picture_search(self) -> bool {
        self == Self::PictureNetwork
    }

    /// Those that this version knows, in the order of their numbers.
    pub const KNOWN: [Self; 19] = [
        Self::Cards,
        Self::Prices,
        Self::Codes,
        Self::Related,
        Self::Pictures,
        Self::Student,
        Self::Alternatives,
        Self::Offers,
        Self::Neighbours,
        Self::Details,
        Self::Thumbnails,
        Self::Photos,
        Self::PriceLists,
        Self::TextCodes,
        Self::QueryTable,
        Self::Reviews,
        Self::PictureCodes,
        Self::PictureNetwork,
        Self::Rules,
    ];
}

/// Base shards are replaced rarely; a delta overrides rows of the bases of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ShardRole {
    /// Full rows of a cell.
    Base = 0,
    /// Changes against the bases and the deltas of lower cells, of any cell's rows.
    Delta = 1,
}

/// Where to find one shard and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardRef {
    /// What it holds.
    pub kind: ShardKind,
    /// Base or delta.
    pub role: ShardRole,
    /// Of a base: 0 is the head (the most popular items), others are hash buckets. Of a
    /// delta: its place, a higher one overrides a lower one.
    pub cell: u32,
    /// BLAKE3 of the uncompressed bytes: its name.
    pub hash: ContentHash,
    /// Uncompressed size.
    pub bytes: u32,
    /// Size as sent (brotli).
    pub bytes_compressed: u32,
    /// Rows.
    pub n_rows: u32,
}

/// When a browser asks for pictures larger than those that everybody syncs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureMode {
    /// When the shopper says so, picture by picture.
    #[default]
    Private,
    /// On every product page, so that the server learns which are looked at.
    Open,
}

impl PictureMode {
    /// Whether it is [`Self::Private`].
    pub fn is_private(&self) -> bool {
        *self == Self::Private
    }
}

/// The published catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueInfo {
    /// Counts up with every publish.
    pub version: CatalogueVersion,
    /// Record of the log of pushed changes up to which they are in it; 0 before the first.
    /// A revision changes facts (prices, stock, what is listed), never what cards of the
    /// version are ranked by.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: u64,
    /// Cards in all.
    pub n_items: u32,
    /// When it was published, seconds since 1970-01-01 UTC.
    pub published_at_seconds: i64,
    /// Median price of the catalogue in minor units: the student's price scale.
    pub price_minor_median: u32,
    /// What its counts of buyers count, and its model learned from; left out when it is
    /// purchases.
    #[serde(default, skip_serializing_if = "Positives::are_purchases")]
    pub positives: Positives,
    /// When larger pictures are asked for; left out when it is at a shopper's word.
    #[serde(default, skip_serializing_if = "PictureMode::is_private")]
    pub picture_mode: PictureMode,
    /// Departments and categories, by the names that cards have, whose cards are never
    /// recommended unasked; sorted, and left out when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never_recommended: Vec<String>,
}

/// The published model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// Counts up with every published model.
    pub version: ModelVersion,
    /// Identifies the frozen base: derived on-device state is keyed by it.
    pub base: ContentHash,
    /// Outputs the weights have, in order ("purchase", …).
    pub outputs: Vec<String>,
    /// Of so many places of a feed, one is kept for a card without a past; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explore_every: Option<u16>,
}

/// One manifest for everyone: two versions and the shards that make them up,
/// in the order in which every browser fetches them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format of this document.
    pub format: u16,
    /// Name of the shop, for the page.
    pub shop: String,
    /// ISO 4217 code of the standard prices.
    pub currency: String,
    /// Whether those include tax, and which price lists there are beside them; left out
    /// where the shop says nothing of either.
    #[serde(default, skip_serializing_if = "PriceTerms::is_empty")]
    pub prices: PriceTerms,
    /// The catalogue.
    pub catalogue: CatalogueInfo,
    /// The model; absent until one has passed the gate.
    pub model: Option<ModelInfo>,
    /// Fetch order. Those before `n_head` are needed for the first feed.
    pub shards: Vec<ShardRef>,
    /// How many of `shards` the first feed needs.
    pub n_head: u32,
    /// Whether products and categories have addresses that name them to the server; a setting
    /// of the server that serves it, left out when it is off.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_real_urls: bool,
    /// Whether questions about products may be put to a language model of the shop's own, by
    /// shoppers who allow it; likewise.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_language_model: bool,
}

impl Manifest {
    /// The format this code writes.
    pub const FORMAT: u16 = 2;
    /// The oldest it reads: a document of format 1 has the same fields.
    pub const FORMAT_MIN: u16 = 1;
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}
