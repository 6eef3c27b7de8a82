//! A card of the catalogue: what a shopper sees as one thing.

use serde::{Deserialize, Serialize};

use crate::{ItemId, ListPrice, Rating, Sale, UnitMeasure};

/// Characters of a description that the encoder sees: it reads 256 tokens at
/// most, and its time grows with them.
pub const PASSAGE_DESCRIPTION_CHARS_MAX: usize = 300;

/// Whether an item can be bought (schema.org/ItemAvailability, the two that matter here).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Can be bought now.
    #[default]
    InStock,
    /// Listed, cannot be bought now.
    OutOfStock,
}

/// One size or maker of a card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// The shop's identifier of this product.
    pub sku: String,
    /// Package size, readable ("22 lb"); may be empty.
    pub size: String,
    /// Maker code; may be empty.
    pub manufacturer: String,
    /// Price in minor units; 0 when never priced.
    pub price_minor: u32,
    /// A lower price for a time.
    pub sale: Option<Sale>,
    /// Its prices in the shop's price lists, by ascending list; lists without a price of it
    /// are left out.
    pub list_prices: Vec<ListPrice>,
    /// What one piece holds, for a price that can be compared.
    pub unit: Option<UnitMeasure>,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Pieces in stock; `None` when the shop does not say.
    pub stock: Option<u32>,
    /// Global trade item number (EAN, UPC), digits alone; may be empty.
    pub gtin: String,
}

/// Products with the same text, shown as one card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Derived from the card's text, so it survives a new import.
    pub id: ItemId,
    /// Readable title.
    pub title: String,
    /// Readable department (top level).
    pub department: String,
    /// Readable category (second level); may be empty.
    pub category: String,
    /// Brand; may be empty.
    pub brand: String,
    /// Description; may be empty.
    pub description: String,
    /// Values of further attributes (colour, material, …); may be empty.
    pub attributes: String,
    /// Attributes with their names, for people: ("Colour", "blue"); may be empty.
    pub characteristics: Vec<(String, String)>,
    /// Address of the product's page in the shop; may be empty.
    pub link: String,
    /// Addresses of its pictures, the main one first, as the feed has them.
    pub image_links: Vec<String>,
    /// What its buyers say of it.
    pub rating: Option<Rating>,
    /// When it was first listed, in seconds since 1970-01-01 UTC; `None` when the shop
    /// does not say.
    pub listed_at_seconds: Option<i64>,
    /// Price of the default variant (the first) in minor units; 0 = not priced.
    pub price_minor: u32,
    /// Whether any variant can be bought.
    pub availability: Availability,
    /// Sizes and makers; those that most shoppers bought first, by published counts;
    /// never empty.
    pub variants: Vec<Variant>,
}

impl Item {
    /// The text that makes the card what it is.
    ///
    /// Title, category, department and brand, joined by " | ", empty parts left out.
    pub fn text(&self) -> String {
        [&self.title, &self.category, &self.department, &self.brand]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" | ")
    }

    /// The text the encoder sees: [`Item::text`] and the beginning of the
    /// description. What a title leaves unsaid ("HA-G101") is often said there.
    pub fn passage(&self) -> String {
        let mut passage = self.text();
        if !self.description.is_empty() {
            passage.push_str(". ");
            passage.extend(self.description.chars().take(PASSAGE_DESCRIPTION_CHARS_MAX));
        }
        passage
    }
}
