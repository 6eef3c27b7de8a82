//! Products side by side, by the assistant's own comparison.

use std::sync::{Arc, PoisonError};

use serde::Serialize;
use vitrine_assistant::{
    ComparisonAspect, ComparisonCell, ComparisonRow, DigestInput, Lexicon, ShelfCard, WrittenCard,
    compare, whole_texts,
};
use vitrine_domain::ItemId;
use vitrine_wire::{Card, CatalogueRows, PriceRow};

use super::facts::{self, ProductSummary};
use crate::clock::now_seconds;
use crate::http::error::ApiError;
use crate::http::front::html::lowest_price;
use crate::http::pages::variants::variants;
use crate::http::published;
use crate::http::state::AppState;
use crate::http::work;
use crate::live::Live;

/// Most rows of a table; what differs comes first.
const ROWS_MAX: usize = 48;

/// Products side by side.
#[derive(Debug, Serialize)]
pub struct ComparedProducts {
    /// The products, in the order in which they were named; that of each row's cells.
    pub products: Vec<ProductSummary>,
    /// What differs first.
    pub rows: Vec<ComparedRow>,
    /// Rows behind the last, which are left out.
    pub n_rows_left_out: usize,
}

/// One thing that products say, or do not say.
#[derive(Debug, Serialize)]
pub struct ComparedRow {
    /// `price`, `brand`, `size` or `attribute`.
    pub aspect: &'static str,
    /// What the attribute is called; empty for others.
    pub name: String,
    /// Whether two products say different things.
    pub differs: bool,
    /// The product that is better in this, only where nobody would argue.
    pub better: Option<ItemId>,
    /// What each product says, word for word; null where the shop does not say.
    pub cells: Vec<Option<String>>,
}

/// Compares products that are published.
///
/// # Errors
/// One of them is not published, or too many ask.
pub async fn of(state: &Arc<AppState>, ids: Vec<ItemId>) -> Result<ComparedProducts, ApiError> {
    let live = state.live()?;
    let slot = work::question_slot(state).await?;
    let state = Arc::clone(state);
    work::in_slot(slot, move || {
        let lexicon = state.lexicon.get_or_init(Lexicon::new);
        let on_shelf = |id: &ItemId| published::with_card(&live, *id, shelf_card);
        let cards = ids.iter().map(on_shelf).collect::<Result<Vec<ShelfCard>, ApiError>>()?;
        let mut rows = compare(&cards, lexicon).rows;
        let n_rows_left_out = rows.len().saturating_sub(ROWS_MAX);
        rows.truncate(ROWS_MAX);
        let published = live.rows.read().unwrap_or_else(PoisonError::into_inner);
        let cards = ids.iter().filter_map(|id| published.card(*id));
        Ok(ComparedProducts {
            products: cards.map(|card| facts::summary(&state, &live, &published, card)).collect(),
            rows: rows.into_iter().map(|row| told(&live, &ids, row)).collect(),
            n_rows_left_out,
        })
    })
    .await
}

/// A product with all that is written of it and the price of now.
fn shelf_card(rows: &CatalogueRows, card: &Card, written: &WrittenCard<'_>) -> ShelfCard {
    let none = PriceRow { id: card.id, ..PriceRow::default() };
    let price = rows.price(card.id).unwrap_or(&none);
    let now = now_seconds();
    let variants = variants(card, price, None, now).into_iter().filter(|variant| variant.in_stock);
    let sizes = variants.map(|variant| variant.row.size.as_str()).filter(|size| !size.is_empty());
    ShelfCard {
        id: card.id,
        title: written.title.to_owned(),
        brand: written.brand.to_owned(),
        category: written.category.to_owned(),
        department: rows.departments[usize::from(card.department)].clone(),
        sizes: sizes.collect::<Vec<_>>().join(", "),
        price_minor: lowest_price(price, now).0,
        texts: whole_texts(&DigestInput {
            attributes: written.attributes,
            description: written.description,
            reviews: written.reviews,
        }),
    }
}

fn told(live: &Live, ids: &[ItemId], row: ComparisonRow) -> ComparedRow {
    let (aspect, name) = match row.aspect {
        ComparisonAspect::Price => ("price", String::new()),
        ComparisonAspect::Brand => ("brand", String::new()),
        ComparisonAspect::Size => ("size", String::new()),
        ComparisonAspect::Attribute(name) => ("attribute", name),
    };
    let cell = |cell: ComparisonCell| match cell {
        ComparisonCell::Unsaid => None,
        ComparisonCell::Said { text, .. } => Some(text),
        ComparisonCell::Price(minor) => facts::price_text(live, minor)
            .map(|price| format!("{} {}", price.amount, price.currency)),
    };
    ComparedRow {
        aspect,
        name,
        differs: row.differs,
        better: row.better.and_then(|place| ids.get(place).copied()),
        cells: row.cells.into_iter().map(cell).collect(),
    }
}
