//! Plain values that a page shows. All are `Clone + PartialEq + Send + Sync`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vitrine_domain::{
    Availability, CatalogueVersion, Correction, EventKind, Facets, FreeOfCount, ItemId,
    OfferAmount, Rating, ReadFilter, Relaxed, Sale, Synonym, UnitMeasure,
};

use vitrine_wire::{Contribution, QueryIntent};

use crate::{Backend, Obstacle, PlacedBy, RuleBanner};

/// A pictogram: shapes in a 32 × 32 view box.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardPicture {
    /// What it shows, in words.
    pub name: String,
    /// SVG markup for inside `<svg viewBox="0 0 32 32">`.
    pub body: String,
}

/// One size or maker of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantView {
    /// The shop's identifier.
    pub sku: String,
    /// Readable size; may be empty.
    pub size: String,
    /// Maker code; may be empty.
    pub manufacturer: String,
    /// Price in minor units without a sale; 0 = not priced.
    pub price_minor: u32,
    /// A lower price for a time. This and the rest are today's facts, which the log does
    /// not keep.
    #[serde(skip)]
    pub sale: Option<Sale>,
    /// What one piece holds.
    #[serde(skip)]
    pub unit: Option<UnitMeasure>,
    /// Whether it can be bought.
    #[serde(skip)]
    pub availability: Availability,
    /// Pieces in stock, when the shop says.
    #[serde(skip)]
    pub stock: Option<u32>,
}

impl VariantView {
    /// The sale that holds at a moment, in milliseconds since 1970-01-01 UTC.
    pub fn sale_at(&self, now_ms: i64) -> Option<Sale> {
        self.sale.filter(|sale| sale.is_on(now_ms.div_euclid(1_000)))
    }

    /// What a piece costs at that moment, in minor units; 0 = not priced.
    pub fn price_at(&self, now_ms: i64) -> u32 {
        self.sale_at(now_ms).map_or(self.price_minor, |sale| sale.price_minor)
    }
}

/// What only the page of a card shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemDetails {
    /// Description; may be empty.
    pub description: String,
    /// Address of its page in the shop; may be empty.
    pub link: String,
    /// Names and values.
    pub characteristics: Vec<(String, String)>,
    /// When it was first listed, in milliseconds since 1970-01-01 UTC.
    pub listed_at_ms: Option<i64>,
}

/// An offer of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// What it is called: "Coupon".
    pub label: String,
    /// When it ends, in milliseconds since 1970-01-01 UTC.
    pub until_ms: i64,
    /// Which of the published variants are on offer, by place.
    pub variants: Vec<usize>,
    /// By how much they are cheaper, in the currency that is shown; unsaid where the shop
    /// does not say it in that currency.
    pub amount: OfferAmount,
}

impl Offer {
    /// Whether it still runs at a moment, in milliseconds since 1970-01-01 UTC.
    pub fn is_on(&self, now_ms: i64) -> bool {
        now_ms < self.until_ms
    }
}

/// Everything a page shows of one card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemCard {
    /// The card.
    pub id: ItemId,
    /// Readable title.
    pub title: String,
    /// Department.
    pub department: String,
    /// Category; may be empty.
    pub category: String,
    /// Brand; may be empty.
    pub brand: String,
    /// Size of the default variant; may be empty.
    pub size: String,
    /// The published variants, the most bought first. Empty for a search result
    /// that is not synced yet.
    pub variants: Vec<VariantView>,
    /// How many variants the shop has in all.
    pub n_variants: u32,
    /// Price of the default variant in minor units, without a sale; 0 = not priced.
    pub price_minor: u32,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Distinct buyers; 0 when too few to be published.
    pub n_buyers: u32,
    /// Distinct buyers of the last 28 days; 0 when too few to be published.
    pub n_buyers_recent: u32,
    /// What its buyers say of it, as the shop publishes it.
    #[serde(skip)]
    pub rating: Option<Rating>,
    /// Its pictogram, when it has one and it is synced.
    pub picture: Option<Arc<CardPicture>>,
    /// Pictures of the shop's own, the main one first; [`crate::Session::photo`] has those
    /// that are synced.
    #[serde(skip)]
    pub photos: Vec<u32>,
    /// ThumbHash of the main one, also where the picture itself is never synced; empty
    /// when the card has none.
    #[serde(skip)]
    pub placeholder: Vec<u8>,
    /// Its offer. It may have ended since: see [`Offer::is_on`].
    #[serde(skip)]
    pub offer: Option<Offer>,
    /// Whether the pinned catalogue lists it; false for a card that only the
    /// shopper's own history remembers.
    pub listed: bool,
}

impl ItemCard {
    /// What a piece of the default variant costs at a moment (milliseconds since
    /// 1970-01-01 UTC), in minor units; 0 = not priced.
    pub fn price_at(&self, now_ms: i64) -> u32 {
        self.variants.first().map_or(self.price_minor, |variant| variant.price_at(now_ms))
    }
}

/// A card at its place in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// The card.
    pub card: ItemCard,
    /// The student's score; `None` where the student did not rank, as behind the candidates.
    pub score: Option<f32>,
    /// Why a search shows it here; `None` outside of searches.
    pub found: Option<FoundBecause>,
    /// What a rule of the shop did to its place; a page says it of a sponsored card.
    pub placed: Option<PlacedBy>,
}

/// Why a result stands where it does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundBecause {
    /// What the server's score is made of; empty for what was found on the device,
    /// and unless the query asks to explain.
    pub parts: Vec<Contribution>,
    /// What it should be free of and does not say whether it is; what says so comes first.
    pub unconfirmed: Vec<String>,
    /// Its place among all results as found, from 1. Of a card that a rule brought in, the
    /// place that it has.
    pub place_found: u32,
    /// Its place as shown, likewise.
    pub place: u32,
}

/// What put a feed in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedOrder {
    /// The student, from the shopper's log.
    Personal,
    /// Popularity (n_buyers descending, id ascending).
    Popularity,
}

/// Why a feed is not personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedReason {
    /// No catalogue is on the device yet.
    NotSynced,
    /// Nothing is in the log.
    EmptyLog,
    /// The shop has not published a model.
    NoModel,
}

/// The feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Best first.
    pub tiles: Vec<Tile>,
    /// Whether a longer feed would have more tiles.
    pub has_more: bool,
    /// What put them in this order.
    pub order: FeedOrder,
    /// Why it is not personal; `None` when it is.
    pub reason: Option<FeedReason>,
    /// What computed it.
    pub backend: Backend,
    /// Candidates plus scores plus selection, in milliseconds.
    pub ranking_ms: f64,
    /// How many candidates were ranked.
    pub n_candidates: usize,
    /// Items that have their place because they are on offer.
    pub promoted: Vec<ItemId>,
    /// Items that have their place because hardly anyone has bought them yet.
    pub explored: Vec<ItemId>,
    /// What rules of the shop say above it.
    pub banners: Vec<RuleBanner>,
}

/// What put search results in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchOrder {
    /// The student, from the shopper's log and the place in the found order.
    Personal,
    /// The server's own.
    Server,
    /// The device's own, by the server's engine over the synced cards.
    Device,
}

/// One page of results.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchResults {
    /// Best first.
    pub tiles: Vec<Tile>,
    /// What rules of the shop say above them.
    pub banners: Vec<RuleBanner>,
    /// How many match in all; pages end at the depth limit.
    pub n_total: u32,
    /// Words that no product has, and what was searched for in their place.
    pub corrections: Vec<Correction>,
    /// Conditions that were read from words and are met by all results.
    pub filters_read: Vec<ReadFilter>,
    /// Words that were also searched for.
    pub synonyms: Vec<Synonym>,
    /// What nothing met and was left out, and words that no product has.
    pub relaxed: Vec<Relaxed>,
    /// How many results say that they are free of what was asked to be absent. The
    /// others do not say; what says that it has it is no result.
    pub free_of: Vec<FreeOfCount>,
    /// What the query seems to be after, when the server has learned that.
    pub intent: Option<QueryIntent>,
    /// What filters would leave, when the query asked for it.
    pub facets: Option<Facets>,
    /// What put them in this order.
    pub order: SearchOrder,
    /// True when the server could not answer and the device searched its own cards.
    pub offline: bool,
    /// True when the shopper searches in private: the device searched its own cards.
    pub private: bool,
    /// Catalogue that answered.
    pub catalogue: CatalogueVersion,
    /// What re-ranked it.
    pub backend: Backend,
    /// Re-ranking time in milliseconds; 0 when it was not re-ranked.
    pub ranking_ms: f64,
    /// How long the answer took in all, in milliseconds.
    pub total_ms: f64,
}

/// Why two items are shown together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelatedBy {
    /// Enough buyers put both into one basket.
    BoughtTogether,
    /// Alike, and enough buyers bought now one and now the other.
    Alternative,
    /// Alike in the student's code space.
    Similar,
}

/// A related item.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// The card.
    pub card: ItemCard,
    /// Why it is here.
    pub by: RelatedBy,
    /// What a rule of the shop did to its place.
    pub placed: Option<PlacedBy>,
}

/// One line of the basket: a card in one of its variants.
#[derive(Clone, Debug, PartialEq)]
pub struct BasketLine {
    /// The card.
    pub card: ItemCard,
    /// Which of its variants, at today's price where it is still published.
    /// `None` is the usual one, where the log does not name it.
    pub variant: Option<VariantView>,
    /// Pieces.
    pub quantity: u32,
    /// Price of one piece now, in minor units; 0 = not priced.
    pub price_minor: u32,
    /// Why it cannot be bought now; it is in no total then. `None` when it can.
    pub obstacle: Option<Obstacle>,
}

impl BasketLine {
    /// What names the line, together with its card.
    pub fn sku(&self) -> Option<&str> {
        self.variant.as_ref().map(|variant| variant.sku.as_str())
    }

    /// Readable size; may be empty.
    pub fn size(&self) -> &str {
        self.variant.as_ref().map_or(&self.card.size, |variant| &variant.size)
    }

    /// Price of all pieces in minor units.
    pub fn total_minor(&self) -> u64 {
        u64::from(self.price_minor) * u64::from(self.quantity)
    }
}

/// The basket, as the log tells it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Basket {
    /// In the order in which they were first added.
    pub lines: Vec<BasketLine>,
    /// Pieces in all.
    pub n_pieces: u32,
    /// Pieces of lines that can be bought.
    pub n_pieces_buyable: u32,
    /// Price in all, in minor units, of the lines that can be bought.
    pub total_minor: u64,
}

/// A way in which two cards belong together, the strongest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// Enough buyers took now one and now the other.
    Alternative,
    /// Enough buyers put both into one basket.
    BoughtTogether,
    /// They have this category.
    Category(String),
    /// They have this brand, which few cards have.
    Brand(String),
    /// They have this department.
    Department(String),
}

/// A logged item that moved a score up.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemReason {
    /// The logged item.
    pub card: ItemCard,
    /// How often what was done with it, in the order of [`EventKind`].
    pub counts: Vec<(EventKind, u32)>,
    /// The last time, milliseconds since 1970-01-01 UTC.
    pub last_at_ms: i64,
    /// By how much the score drops without it.
    pub effect: f32,
    /// Share of the effect of all reasons given, 0..1.
    pub share: f32,
    /// How the logged item hangs together with the one that was asked about.
    pub links: Vec<Link>,
}
