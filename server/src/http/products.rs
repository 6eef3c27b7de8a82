//! `GET /v1/catalogue/products/{sku}` and `GET /v1/catalogue/status`: what the log of
//! changes folds to, and how far it is served.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::Serialize;
use vitrine_catalogue::{Price, ProductFacts, ProductState, RunningOffer, SalePrice, Stamped};
use vitrine_domain::Availability;

use super::clients;
use super::error::ApiError;
use super::state::AppState;
use crate::keys::KeyScope;

/// A product as the log knows it. Each part has the revision that set it; 0 says that none
/// did.
#[derive(Debug, Serialize)]
pub struct ProductReply {
    /// The shop's identifier.
    pub sku: String,
    /// Number of the record that changed it last.
    pub record: u64,
    /// The highest revision of its parts.
    pub revision: u64,
    /// Whether shoppers may see it: it was upserted, and is neither hidden nor deleted.
    pub is_listed: bool,
    /// What describes it; null while only patches have come, and after a deletion.
    pub facts: ProductPart<Option<Arc<ProductFacts>>>,
    /// The title that a patch gave it; one of older revision than the facts counts no more.
    pub title: ProductPart<Option<Arc<str>>>,
    /// The description that a patch gave it, likewise.
    pub description: ProductPart<Option<Arc<str>>>,
    /// Price of a piece.
    pub price: ProductPart<Option<Price>>,
    /// A lower price, perhaps for a time.
    pub sale_price: ProductPart<Option<SalePrice>>,
    /// Prices of a piece in price lists, by key; lists that no change has named are left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prices: BTreeMap<String, ProductPart<Option<Price>>>,
    /// Whether it can be bought, as the shop says it.
    pub availability: ProductPart<Option<Availability>>,
    /// Pieces that are there.
    pub stock: ProductPart<Option<u32>>,
    /// The promotion that it is in.
    pub offer: ProductPart<Option<RunningOffer>>,
    /// Whether it is kept and shown to nobody.
    pub is_hidden: ProductPart<bool>,
}

/// A part of a product, with the revision that set it.
#[derive(Debug, Serialize)]
pub struct ProductPart<T> {
    /// The shop's revision; 0 = never set.
    pub revision: u64,
    /// What was set.
    pub value: T,
}

impl<T: Clone> From<&Stamped<T>> for ProductPart<T> {
    fn from(register: &Stamped<T>) -> Self {
        Self { revision: register.revision, value: register.value.clone() }
    }
}

/// How far things are.
#[derive(Debug, Default, Serialize)]
pub struct CatalogueStatus {
    /// Number of the last record of the log of changes that is on the disk; 0 = none.
    pub record: u64,
    /// Number of the last one that the served manifest has; 0 = none.
    pub served_record: u64,
    /// Products that the log knows, hidden and deleted ones included.
    pub n_products: usize,
    /// Number of the last record of the log of orders; 0 = none.
    pub order_record: u64,
    /// Number of the last record of the log of reviews; 0 = none.
    pub review_record: u64,
    /// Quarantined changes that are remembered.
    pub n_quarantined: usize,
    /// Version of the served catalogue; null before the first import.
    pub catalogue: Option<u64>,
    /// Version of the served model, if there is one.
    pub model: Option<u64>,
}

/// Answers with one product.
pub async fn product(
    State(state): State<Arc<AppState>>,
    sku: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Json<ProductReply>, ApiError> {
    clients::authorise(&state, &headers, KeyScope::CatalogueRead)?;
    // No product has a sku that is not text.
    let Path(sku) = sku.map_err(|_| ApiError::NoSuchProduct)?;
    let product = state.pushed()?.changes.product(&sku).ok_or(ApiError::NoSuchProduct)?;
    Ok(Json(ProductReply::from(&*product)))
}

/// Answers with numbers and versions.
pub async fn status(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Json<CatalogueStatus>, ApiError> {
    clients::authorise(&state, &headers, KeyScope::CatalogueRead)?;
    let pushed = state.pushed()?;
    let live = state.live().ok();
    let manifest = live.as_ref().map(|live| &live.manifest);
    Ok(Json(CatalogueStatus {
        // Before the log's, so that it is not ahead of it.
        served_record: state.served_record.load(Ordering::Acquire),
        record: pushed.changes.number(),
        n_products: pushed.changes.n_products(),
        order_record: pushed.orders.number(),
        review_record: pushed.reviews.number(),
        n_quarantined: state.quarantine.newest().len(),
        catalogue: manifest.map(|manifest| manifest.catalogue.version.0),
        model: manifest.and_then(|manifest| manifest.model.as_ref()).map(|model| model.version.0),
    }))
}

impl From<&ProductState> for ProductReply {
    fn from(product: &ProductState) -> Self {
        Self {
            sku: product.sku.to_string(),
            record: product.number,
            revision: product.revision(),
            is_listed: product.is_listed(),
            facts: (&product.facts).into(),
            title: (&product.title).into(),
            description: (&product.description).into(),
            price: (&product.price).into(),
            sale_price: (&product.sale_price).into(),
            prices: (product.list_prices.iter())
                .map(|(key, price)| (key.to_owned(), price.into()))
                .collect(),
            availability: (&product.availability).into(),
            stock: (&product.stock).into(),
            offer: (&product.offer).into(),
            is_hidden: (&product.is_hidden).into(),
        }
    }
}
