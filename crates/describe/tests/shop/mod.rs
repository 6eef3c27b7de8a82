//! Products that tests describe.

use std::collections::BTreeMap;

use serde::Deserialize;
use vitrine_describe::{ListingSources, ListingVariant};

/// A product as the data file has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShopProduct {
    pub title: String,
    pub brand: String,
    pub category: String,
    pub department: String,
    pub description: String,
    pub attributes: Vec<(String, String)>,
    pub variants: Vec<(String, String)>,
    pub reviews: Vec<String>,
}

/// The products by name.
pub fn products() -> BTreeMap<String, ShopProduct> {
    serde_json::from_str(include_str!("../data/products.json")).expect("the data file is JSON")
}

impl ShopProduct {
    /// Calls with the sources of the product.
    pub fn with_sources<T>(&self, call: impl FnOnce(&ListingSources<'_>) -> T) -> T {
        let variants: Vec<ListingVariant<'_>> =
            self.variants.iter().map(|(size, colour)| ListingVariant { size, colour }).collect();
        let reviews: Vec<&str> = self.reviews.iter().map(String::as_str).collect();
        call(&ListingSources {
            title: &self.title,
            description: &self.description,
            brand: &self.brand,
            category: &self.category,
            department: &self.department,
            attributes: &self.attributes,
            variants: &variants,
            reviews: &reviews,
            ..Default::default()
        })
    }
}
