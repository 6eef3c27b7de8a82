//! Published products by what callers name them, and what is written of them.

use std::sync::PoisonError;

use vitrine_assistant::{CardFieldNames, WrittenCard};
use vitrine_domain::ItemId;
use vitrine_wire::{Card, CatalogueRows};

use super::error::ApiError;
use crate::live::Live;

/// How a caller names a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductName {
    /// By the id of its card.
    Item(ItemId),
    /// By the shop's identifier of a published variant.
    Sku(String),
}

/// Ids of products, in the order of their names.
///
/// # Errors
/// [`ApiError::ProductNotPublished`] for the first that is not there.
pub fn ids(rows: &CatalogueRows, names: &[ProductName]) -> Result<Vec<ItemId>, ApiError> {
    let known = |(name, found): (&ProductName, Option<ItemId>)| {
        found.ok_or_else(|| ApiError::ProductNotPublished(told(name)))
    };
    names.iter().zip(found(rows, names)).map(known).collect()
}

/// Id of one product.
///
/// # Errors
/// [`ApiError::ProductNotPublished`].
#[cfg(feature = "mcp")]
pub fn id(rows: &CatalogueRows, name: &ProductName) -> Result<ItemId, ApiError> {
    let found = found(rows, std::slice::from_ref(name)).into_iter().flatten().next();
    found.ok_or_else(|| ApiError::ProductNotPublished(told(name)))
}

/// Ids of products, in the order of their names, where they are published.
fn found(rows: &CatalogueRows, names: &[ProductName]) -> Vec<Option<ItemId>> {
    let mut found: Vec<Option<ItemId>> = vec![None; names.len()];
    let has_skus = names.iter().any(|name| matches!(name, ProductName::Sku(_)));
    for (name, found) in names.iter().zip(&mut found) {
        if let ProductName::Item(id) = name {
            *found = rows.card(*id).map(|card| card.id);
        }
    }
    // No index knows skus: one pass for all of them.
    let cards = if has_skus { &rows.cards[..] } else { &[] };
    for card in cards {
        for variant in &card.variants {
            for (name, found) in names.iter().zip(&mut found) {
                let is_meant = matches!(name, ProductName::Sku(sku) if *sku == variant.sku);
                if is_meant && found.is_none() {
                    *found = Some(card.id);
                }
            }
        }
    }
    found
}

/// Gives what is written of a product to `read`. The rows are held meanwhile, so that a
/// revision waits.
///
/// # Errors
/// [`ApiError::ProductNotPublished`].
pub fn with_card<T>(
    live: &Live,
    id: ItemId,
    read: impl FnOnce(&CatalogueRows, &Card, &WrittenCard<'_>) -> T,
) -> Result<T, ApiError> {
    let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
    let missing = || ApiError::ProductNotPublished(told(&ProductName::Item(id)));
    let card = rows.card(id).ok_or_else(missing)?;
    let details = rows.details(id);
    let sizes: Vec<&str> = card.variants.iter().map(|variant| variant.size.as_str()).collect();
    let quotes = rows.reviews(id).map(|row| &row.quotes[..]).unwrap_or_default();
    let reviews: Vec<&str> = quotes.iter().map(|quote| quote.text.as_str()).collect();
    let written = WrittenCard {
        title: &card.title,
        category: &rows.categories[usize::from(card.category)],
        brand: &card.brand,
        sizes: &sizes,
        attributes: details.map(|row| &row.characteristics[..]).unwrap_or_default(),
        description: details.map(|row| row.description.as_str()).unwrap_or_default(),
        reviews: &reviews,
        names: CardFieldNames::default(),
    };
    Ok(read(&rows, card, &written))
}

fn told(name: &ProductName) -> String {
    match name {
        ProductName::Item(id) => id.to_string(),
        ProductName::Sku(sku) => format!("with the sku {sku:?}"),
    }
}
