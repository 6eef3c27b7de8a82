//! A row of a product feed, before products become cards.

use serde::{Deserialize, Serialize};

use crate::{Availability, ListPrice, Rating, Sale, UnitMeasure};

/// Stands between the values of [`Product::attributes`].
pub const ATTRIBUTE_SEPARATOR: &str = " · ";

/// One sellable product as the shop lists it. Field names follow the Google
/// Merchant product feed where it has the field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// The shop's identifier (`id` in the Merchant feed).
    pub sku: String,
    /// Title as given; may be empty when only a type is known.
    pub title: String,
    /// Free text; may be empty.
    pub description: String,
    /// Values of further attributes, joined by [`ATTRIBUTE_SEPARATOR`]; may be empty.
    pub attributes: String,
    /// Top level of the category path.
    pub department: String,
    /// Second level of the category path; may be empty.
    pub category: String,
    /// Brand; may be empty.
    pub brand: String,
    /// Maker or supplier code; tells variants apart. May be empty.
    pub manufacturer: String,
    /// Package size as given ("22 LB"); tells variants apart. May be empty.
    pub size: String,
    /// Price in minor units (cents); `None` when the feed has none.
    pub price_minor: Option<u32>,
    /// A lower price for a time.
    pub sale: Option<Sale>,
    /// Its prices in the shop's price lists, by ascending list.
    pub list_prices: Vec<ListPrice>,
    /// What one piece holds.
    pub unit: Option<UnitMeasure>,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Pieces in stock; `None` when the feed does not say.
    pub stock: Option<u32>,
    /// Global trade item number as given; may be empty.
    pub gtin: String,
    /// Attributes with their names, for people; may be empty.
    pub characteristics: Vec<(String, String)>,
    /// Address of the product's page; may be empty.
    pub link: String,
    /// Addresses of its pictures, the main one first.
    pub image_links: Vec<String>,
    /// What its buyers say of it.
    pub rating: Option<Rating>,
    /// When it was first listed, in seconds since 1970-01-01 UTC.
    pub listed_at_seconds: Option<i64>,
}
