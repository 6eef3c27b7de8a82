//! A pushed product as the card that an import would make of it.

use anyhow::{Context, Result};
use vitrine_catalogue::{
    AgeGroup, Price, ProductCondition, ProductFacts, ProductGender, ProductState, Stamped,
};
use vitrine_domain::{Item, PriceListInfo, PriceTerms, Sale};
use vitrine_ingest::{
    FeedAgeGroup, FeedCondition, FeedGender, FeedListPrice, FeedMeasure, RawProduct, SaleInterval,
};
use vitrine_quality::{LogSales, ProductPass, ProductRow};

use crate::listed_row::listed_row;

/// The card of a product alone, with its one variant, in a shop with these price lists.
///
/// # Errors
/// Why it cannot be listed: as for a row of a feed.
pub fn card_of(state: &ProductState, facts: &ProductFacts, terms: &PriceTerms) -> Result<Item> {
    let mut pass = ProductPass::new();
    pass.push(Ok(row_of(state, facts, terms)))
        .map_err(|rejection| anyhow::anyhow!(rejection.message))?;
    let cards = pass.finish()?.finish(&LogSales::default());
    cards.items.into_iter().next().context("a product that is listed has a card")
}

/// A pushed product as a row of a feed of a shop with these price lists.
pub fn row_of(state: &ProductState, facts: &ProductFacts, terms: &PriceTerms) -> ProductRow {
    let path: Vec<&str> = facts.product_type_path().collect();
    let (department, category) = match &path[..] {
        [] => ("", ""),
        [department] => (*department, ""),
        [department, .., category] => (*department, *category),
    };
    let attributes: Vec<&str> = facts.attributes.values().map(String::as_str).collect();
    let sale = state.sale_price.value;
    listed_row(RawProduct {
        sku: state.sku.to_string(),
        item_group_id: facts.item_group_id.clone(),
        title: facts.title.clone(),
        description: description(state, facts),
        attributes: attributes.join(", "),
        department: department.to_owned(),
        category: category.to_owned(),
        brand: facts.brand.clone(),
        manufacturer: facts.manufacturer.clone(),
        size: facts.size.clone(),
        price_minor: state.price.value.map(|price| i64::from(price.minor)),
        list_prices: list_prices(state, terms),
        sale_price_minor: sale.map(|sale| i64::from(sale.price.minor)),
        sale_interval: sale.and_then(|sale| sale.period).map(|period| SaleInterval {
            starts_seconds: Some(period.starts_seconds),
            ends_seconds: Some(period.ends_seconds),
        }),
        unit_pricing_measure: FeedMeasure::read(&facts.unit_pricing_measure),
        unit_pricing_base_measure: FeedMeasure::read(&facts.unit_pricing_base_measure),
        availability: state.availability(),
        stock: state.stock.value,
        gtin: facts.gtin.clone(),
        link: facts.link.clone(),
        image_link: facts.image_link.clone(),
        additional_image_links: facts.additional_image_link.clone(),
        condition: facts.condition.map(|condition| match condition {
            ProductCondition::New => FeedCondition::New,
            ProductCondition::Refurbished => FeedCondition::Refurbished,
            ProductCondition::Used => FeedCondition::Used,
        }),
        age_group: facts.age_group.map(|age| match age {
            AgeGroup::Newborn => FeedAgeGroup::Newborn,
            AgeGroup::Infant => FeedAgeGroup::Infant,
            AgeGroup::Toddler => FeedAgeGroup::Toddler,
            AgeGroup::Kids => FeedAgeGroup::Kids,
            AgeGroup::Adult => FeedAgeGroup::Adult,
        }),
        gender: facts.gender.map(|gender| match gender {
            ProductGender::Male => FeedGender::Male,
            ProductGender::Female => FeedGender::Female,
            ProductGender::Unisex => FeedGender::Unisex,
        }),
        color: facts.color.clone(),
        material: facts.material.clone(),
        rating: facts.rating.map(f64::from),
        rating_count: facts.rating_count,
        published_at_seconds: facts.published_at,
        ..RawProduct::default()
    })
}

/// The description of a newer patch, else that of the facts. The title of a patch is not here:
/// cards are told apart by those of the facts.
fn description(state: &ProductState, facts: &ProductFacts) -> String {
    let patched = state.patched_description();
    patched.map_or_else(
        || facts.description.clone(),
        |patched| patched.value.as_deref().unwrap_or_default().to_owned(),
    )
}

/// Prices that were pushed in these lists, in the currency of each.
fn list_prices(state: &ProductState, terms: &PriceTerms) -> Vec<FeedListPrice> {
    let of_list = |(list, info): (u8, &PriceListInfo)| {
        let price_minor = i64::from(list_price_of(&state.list_prices.get(&info.key), info)?);
        Some(FeedListPrice { list, price_minor, sale_price_minor: None })
    };
    (0..).zip(&terms.lists).filter_map(of_list).collect()
}

/// What was pushed of a price in a list; `None` when the list has no such price.
pub fn list_price_of(pushed: &Stamped<Option<Price>>, list: &PriceListInfo) -> Option<u32> {
    let price = pushed.value.filter(|price| price.currency() == list.currency)?;
    (price.minor > 0).then_some(price.minor)
}

/// A sale that was pushed, as a variant has it: one that is no lower than the price is none.
pub fn sale_of(state: &ProductState, price_minor: u32) -> Option<Sale> {
    let sale = state.sale_price.value?;
    (sale.price.minor > 0 && sale.price.minor < price_minor).then_some(Sale {
        price_minor: sale.price.minor,
        from_seconds: sale.period.map(|period| period.starts_seconds),
        until_seconds: sale.period.map(|period| period.ends_seconds),
    })
}
