//! The variants of a card as a page shows them.

use vitrine_domain::Availability;
use vitrine_domain::gtin::is_gtin;
use vitrine_wire::{Card, DetailRow, PriceRow, VariantFacts, VariantRow};

/// A variant with what is known of it.
pub struct PageVariant<'a> {
    /// Its texts.
    pub row: &'a VariantRow,
    /// Its trade item number, where it is one: feeds have other texts in that column.
    pub gtin: Option<&'a str>,
    /// What it costs now, in minor units; 0 = not priced.
    pub now_minor: u32,
    /// What it costs outside of a sale.
    pub usual_minor: u32,
    /// When the price of now ends, in seconds since 1970-01-01 UTC.
    pub until_seconds: Option<i64>,
    /// Whether it can be bought.
    pub in_stock: bool,
    /// Its stock and its measure, where the shop gives them.
    pub facts: Option<&'a VariantFacts>,
}

/// Whether nothing of a card can be bought.
pub fn is_sold_out(price: &PriceRow) -> bool {
    price.availability == Availability::OutOfStock
}

/// The published variants of a card, with their prices of a moment (seconds since 1970-01-01
/// UTC).
pub fn variants<'a>(
    card: &'a Card,
    price: &'a PriceRow,
    details: Option<&'a DetailRow>,
    now_seconds: i64,
) -> Vec<PageVariant<'a>> {
    let of = |(place, row): (usize, &'a VariantRow)| {
        let facts = price.facts.iter().find(|facts| usize::from(facts.variant) == place);
        let usual_minor = price.variant_prices_minor.get(place).copied().unwrap_or(0);
        let sale = facts.and_then(|of| of.sale).filter(|sale| sale.is_on(now_seconds));
        let is_here =
            facts.is_none_or(|of| of.availability == Availability::InStock && of.stock != Some(0));
        let gtin = details.and_then(|details| details.gtins.get(place)).map(String::as_str);
        PageVariant {
            row,
            gtin: gtin.filter(|gtin| is_gtin(gtin)),
            now_minor: sale.map_or(usual_minor, |sale| sale.price_minor),
            usual_minor,
            until_seconds: sale.and_then(|sale| sale.until_seconds),
            in_stock: is_here && !is_sold_out(price),
            facts,
        }
    };
    card.variants.iter().enumerate().map(of).collect()
}
