//! Products as results have them: what the shop's pages say, as data.

use std::sync::{Arc, PoisonError};

use serde::Serialize;
use vitrine_domain::currency::amount_text;
use vitrine_domain::{Correction, FreeOfCount, ItemId, ReadFilter, Relaxed, Synonym};
use vitrine_wire::{Card, CatalogueRows, PriceRow, SearchReply};

use crate::clock::now_seconds;
use crate::http::error::ApiError;
use crate::http::front::html::lowest_price;
use crate::http::pages::variants::{PageVariant, is_sold_out, variants};
use crate::http::published::{self, ProductName};
use crate::http::state::AppState;
use crate::http::work;
use crate::live::Live;

/// What a search found.
#[derive(Debug, Serialize)]
pub struct FoundProducts {
    /// How many there are in all; `products` has the best of them.
    pub n_total: u32,
    /// How the words were understood.
    pub understood: UnderstoodWords,
    /// The best first.
    pub products: Vec<FoundProduct>,
}

/// How the words of a search were understood; lists that are empty are left out.
#[derive(Debug, Serialize)]
pub struct UnderstoodWords {
    /// Conditions that were read from the words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters_read: Vec<ReadFilter>,
    /// Words that no product has, and what was searched for in their place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// Words that mean the same, and were searched for, too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<Synonym>,
    /// What was not insisted on, because nothing would have been found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relaxed: Vec<Relaxed>,
    /// How many results say that they are free of something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub free_of: Vec<FreeOfCount>,
}

/// A product that a search found.
#[derive(Debug, Serialize)]
pub struct FoundProduct {
    /// The product.
    #[serde(flatten)]
    pub summary: ProductSummary,
    /// What it must be free of and does not say that it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub does_not_say: Vec<String>,
}

/// A product in short.
#[derive(Debug, Serialize)]
pub struct ProductSummary {
    /// Its card.
    pub id: ItemId,
    /// Readable title.
    pub title: String,
    /// Brand; may be empty.
    pub brand: String,
    /// Department; may be empty.
    pub department: String,
    /// Category; may be empty.
    pub category: String,
    /// The lowest price of what can be bought; null where there is none.
    pub price: Option<PriceText>,
    /// Whether other sizes cost more.
    pub price_is_from: bool,
    /// Whether it can be bought.
    pub in_stock: bool,
    /// What buyers gave; null where nobody did.
    pub stars: Option<MeanStars>,
    /// Address of its page, where products have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// An amount of money.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct PriceText {
    /// In plain decimals: "4.90".
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// The same in minor units, as filters have it.
    pub minor: u32,
}

/// The mean of what buyers gave.
#[derive(Debug, PartialEq, Serialize)]
pub struct MeanStars {
    /// 1 to 5.
    pub mean: f64,
    /// How many gave stars.
    pub n: u32,
}

/// All that the shop says of a product.
#[derive(Debug, Serialize)]
pub struct ProductSheet {
    /// In short.
    #[serde(flatten)]
    pub summary: ProductSummary,
    /// Whether prices include tax; null where the shop does not say.
    pub tax_included: Option<bool>,
    /// The shop's words; may be empty.
    pub description: String,
    /// The shop's words, too.
    pub attributes: Vec<AttributeText>,
    /// What can be bought.
    pub variants: Vec<VariantSheet>,
    /// How many variants there are in all.
    pub n_variants: u32,
    /// What the shop calls the offer that it is in now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
}

/// A name and a value.
#[derive(Debug, Serialize)]
pub struct AttributeText {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// What can be bought of a product.
#[derive(Debug, Serialize)]
pub struct VariantSheet {
    /// The shop's identifier.
    pub sku: String,
    /// Readable size; may be empty.
    pub size: String,
    /// What it costs now.
    pub price: Option<PriceText>,
    /// What it costs outside of a sale, while there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_price: Option<PriceText>,
    /// Whether it can be bought.
    pub in_stock: bool,
    /// Pieces that are there, where the shop says.
    pub stock: Option<u32>,
}

/// What is known of the hits of a search. Those that are not there any more are left out.
///
/// # Errors
/// Nothing is published, or too many ask.
pub async fn of_search(
    state: &Arc<AppState>,
    reply: SearchReply,
) -> Result<FoundProducts, ApiError> {
    let live = state.live()?;
    let slot = work::question_slot(state).await?;
    let state = Arc::clone(state);
    work::in_slot(slot, move || {
        let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
        let found = |(id, does_not_say)| {
            let summary = summary(&state, &live, &rows, rows.card(id)?);
            Some(FoundProduct { summary, does_not_say })
        };
        let hits = reply.hits.into_iter().map(|hit| (hit.item, hit.unconfirmed));
        Ok(FoundProducts {
            n_total: reply.n_total,
            understood: UnderstoodWords {
                filters_read: reply.filters_read,
                corrections: reply.corrections,
                synonyms: reply.synonyms,
                relaxed: reply.relaxed,
                free_of: reply.free_of,
            },
            products: hits.filter_map(found).collect(),
        })
    })
    .await
}

/// All that the shop says of a product.
///
/// # Errors
/// It is not published, or too many ask.
pub async fn of_product(
    state: &Arc<AppState>,
    name: ProductName,
) -> Result<ProductSheet, ApiError> {
    let live = state.live()?;
    let slot = work::question_slot(state).await?;
    let state = Arc::clone(state);
    work::in_slot(slot, move || {
        let id = {
            let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
            published::id(&rows, &name)?
        };
        published::with_card(&live, id, |rows, card, _| sheet(&state, &live, rows, card))
    })
    .await
}

/// A product in short, with the prices of now.
pub fn summary(state: &AppState, live: &Live, rows: &CatalogueRows, card: &Card) -> ProductSummary {
    let none = PriceRow { id: card.id, ..PriceRow::default() };
    let price = rows.price(card.id).unwrap_or(&none);
    let (minor, price_is_from) = lowest_price(price, now_seconds());
    ProductSummary {
        id: card.id,
        title: card.title.clone(),
        brand: card.brand.clone(),
        department: rows.departments[usize::from(card.department)].clone(),
        category: rows.categories[usize::from(card.category)].clone(),
        price: price_text(live, minor),
        price_is_from,
        in_stock: !is_sold_out(price),
        stars: price
            .rating
            .map(|rating| MeanStars { mean: f64::from(rating.hundredths) / 100.0, n: rating.n }),
        address: state.pages.as_ref().map(|pages| pages.address(card)),
    }
}

/// A price in words and figures; `None` where there is none.
pub fn price_text(live: &Live, minor: u32) -> Option<PriceText> {
    let currency = &live.manifest.currency;
    let amount = amount_text(minor.into(), currency);
    (minor > 0).then(|| PriceText { amount, currency: currency.clone(), minor })
}

fn sheet(state: &AppState, live: &Live, rows: &CatalogueRows, card: &Card) -> ProductSheet {
    let none = PriceRow { id: card.id, ..PriceRow::default() };
    let price = rows.price(card.id).unwrap_or(&none);
    let details = rows.details(card.id);
    let attributes = details.map(|row| &row.characteristics[..]).unwrap_or_default();
    let attribute = |(name, value): &(String, String)| AttributeText {
        name: name.clone(),
        value: value.clone(),
    };
    let now = now_seconds();
    let offer = rows.offer(card.id).filter(|offer| now < offer.until_seconds);
    let of_variant = |variant: PageVariant<'_>| VariantSheet {
        sku: variant.row.sku.clone(),
        size: variant.row.size.clone(),
        price: price_text(live, variant.now_minor),
        usual_price: price_text(live, variant.usual_minor)
            .filter(|_| variant.usual_minor > variant.now_minor),
        in_stock: variant.in_stock,
        stock: variant.facts.and_then(|facts| facts.stock),
    };
    ProductSheet {
        summary: summary(state, live, rows, card),
        tax_included: live.manifest.prices.tax_included,
        description: details.map(|row| row.description.clone()).unwrap_or_default(),
        attributes: attributes.iter().map(attribute).collect(),
        variants: variants(card, price, details, now).into_iter().map(of_variant).collect(),
        n_variants: card.n_variants,
        offer: offer.map(|offer| offer.label.clone()),
    }
}
