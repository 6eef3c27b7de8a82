//! A made-up shop for tests: its products with their digests.
#![allow(dead_code, reason = "each test that includes this file uses some of it")]

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vitrine_assistant::{DigestInput, Lexicon, ProductDigest, ShelfCard, build_digest};
use vitrine_conditions::Conditions;
use vitrine_domain::ItemId;

/// A product of `data/catalogue.json`.
#[derive(Deserialize)]
pub struct TestProduct {
    pub id: u64,
    pub title: String,
    pub brand: String,
    pub category: String,
    pub department: String,
    pub price_minor: u32,
    pub attributes: Vec<(String, String)>,
    pub description: String,
    pub reviews: Vec<String>,
}

/// What a dialogue needs, but for the cards that borrow it.
pub struct ShelfOfShop {
    pub lexicon: Lexicon,
    pub conditions: Conditions,
    pub products: Vec<TestProduct>,
    pub digests: Vec<ProductDigest>,
}

/// Reads a file of `tests/data`.
pub fn data<T: DeserializeOwned>(file: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("as it should be")
}

impl ShelfOfShop {
    /// The made-up shop.
    pub fn open() -> Self {
        Self::of(data("catalogue.json"))
    }

    /// A shop of some products.
    pub fn of(products: Vec<TestProduct>) -> Self {
        let lexicon = Lexicon::new();
        let names = products.iter().map(|product| (product.title.as_str(), product.brand.as_str()));
        let conditions = Conditions::new(names, "EUR");
        let digest = |product: &TestProduct| {
            let reviews: Vec<&str> = product.reviews.iter().map(String::as_str).collect();
            let input = DigestInput {
                attributes: &product.attributes,
                description: &product.description,
                reviews: &reviews,
            };
            build_digest(&lexicon, &input)
        };
        let digests = products.iter().map(digest).collect();
        Self { lexicon, conditions, products, digests }
    }

    /// Its cards.
    pub fn cards(&self) -> Vec<ShelfCard<'_>> {
        let pairs = self.products.iter().zip(&self.digests);
        pairs
            .map(|(product, digest)| ShelfCard {
                id: ItemId(product.id),
                title: &product.title,
                brand: &product.brand,
                category: &product.category,
                department: &product.department,
                price_minor: product.price_minor,
                digest,
            })
            .collect()
    }
}
