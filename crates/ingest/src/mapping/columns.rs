//! The columns of a product feed.

use std::collections::BTreeMap;

use super::{Format, PriceColumn, ProductField, TimestampColumn};
use crate::ExcludeRule;
use crate::input::FileEncoding;

/// Columns of the product feed. Only `sku` is required; what is not mapped is empty. In formats
/// of objects (JSON, XML) a column is a dotted path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductColumns {
    /// Format of the file; by its extension when absent.
    pub format: Option<Format>,
    /// FileEncoding of a text file without a byte order mark.
    pub encoding: FileEncoding,
    /// Name of the list of records within a JSON file's object.
    pub records: Option<String>,
    /// The shop's identifier.
    pub sku: String,
    /// What products that are variants of one another have in common.
    pub item_group_id: Option<String>,
    /// Title or product type.
    pub title: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Address of the product's page.
    pub link: Option<String>,
    /// Address of its picture.
    pub image_link: Option<String>,
    /// Addresses of further pictures; one column may have several.
    pub additional_image_links: Vec<String>,
    /// Columns whose values are searched and read with the rest (colour,
    /// material, …), in this order.
    pub attributes: Vec<String>,
    /// Top level of the category path.
    pub department: Option<String>,
    /// Second level of the category path.
    pub category: Option<String>,
    /// The category path in one column; `department` and `category` are taken from it where
    /// they have no value of their own.
    pub category_path: Option<PathColumn>,
    /// Brand.
    pub brand: Option<String>,
    /// Maker or supplier.
    pub manufacturer: Option<String>,
    /// Package size.
    pub size: Option<String>,
    /// Price of one piece.
    pub price: Option<PriceColumn>,
    /// Price of one piece during a sale.
    pub sale_price: Option<PriceColumn>,
    /// When the sale is.
    pub sale_price_effective_date: Option<SaleDatesColumn>,
    /// How much is in a piece: "750 ml".
    pub unit_pricing_measure: Option<String>,
    /// Of how much the price is told: "100 ml".
    pub unit_pricing_base_measure: Option<String>,
    /// Whether it can be bought: Merchant feed or schema.org words.
    pub availability: Option<String>,
    /// When it can be bought; only checked.
    pub availability_date: Option<String>,
    /// When it stops being listed; only checked.
    pub expiration_date: Option<String>,
    /// Pieces in stock.
    pub stock: Option<String>,
    /// Global trade item number (EAN, UPC).
    pub gtin: Option<String>,
    /// `new`, `refurbished` or `used`.
    pub condition: Option<String>,
    /// `newborn`, `infant`, `toddler`, `kids` or `adult`.
    pub age_group: Option<String>,
    /// `male`, `female` or `unisex`.
    pub gender: Option<String>,
    /// Colour.
    pub color: Option<String>,
    /// Material.
    pub material: Option<String>,
    /// Pattern.
    pub pattern: Option<String>,
    /// Mean rating, 1 to 5.
    pub rating: Option<String>,
    /// How many rated it.
    pub rating_count: Option<String>,
    /// When it was first listed.
    pub published_at: Option<TimestampColumn>,
    /// Whether the shop lists it at all: drafts and archived products are not.
    pub listed: Option<String>,
    /// Values to be shown differently, by field: `values.brand.Private = "Own brand"`.
    pub values: BTreeMap<ProductField, BTreeMap<String, String>>,
    /// What is not for recommendation.
    pub exclude: Vec<ExcludeRule>,
}

/// A column with the levels of a category, from the top: a text with separators, or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathColumn {
    /// Name of the column.
    pub column: String,
    /// What stands between two levels.
    pub separator: String,
}

impl PathColumn {
    /// What stands between two levels unless the mapping says otherwise.
    pub const SEPARATOR: &str = ">";
}

/// Columns that say when a sale is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleDatesColumn {
    /// Column with an ISO 8601 interval: `2026-11-27T00:00+0100/2026-11-30T23:59+0100`.
    pub column: Option<String>,
    /// Column with its first moment, where there is no interval.
    pub starts: Option<String>,
    /// Column with its last moment, where there is no interval. A day without a time is part of
    /// the sale.
    pub ends: Option<String>,
    /// Zone of times that name none.
    pub zone: String,
}
