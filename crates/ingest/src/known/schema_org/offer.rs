//! From `offers` to price, currency and availability.

use serde_json::Value;

use crate::known::{first, set};
use crate::objects::Object;

/// Adds what the offers of a product say: the cheapest that can be bought, else the cheapest.
pub(super) fn fields(offers: Option<&Value>, to: &mut Object) {
    let mut all = Vec::new();
    collect(offers, &mut all);
    let is_out =
        |offer: &Object| first(offer, "availability").to_lowercase().ends_with("outofstock");
    let price_of = |offer: &Object| price(offer).parse::<f64>().unwrap_or(f64::INFINITY);
    let cheapest = all
        .into_iter()
        .min_by(|a, b| is_out(a).cmp(&is_out(b)).then_with(|| price_of(a).total_cmp(&price_of(b))));
    let Some(offer) = cheapest else { return };
    let (now, before) = (price(offer), price_before(offer));
    if before.is_empty() || before == now {
        set(to, "price", &now);
    } else {
        set(to, "price", &before);
        set(to, "sale_price", &now);
        set(to, "sale_price_ends", &first(offer, "priceValidUntil"));
    }
    let currencies = ["priceCurrency", "priceSpecification.priceCurrency"];
    let currency = currencies.iter().map(|name| first(offer, name)).find(|code| !code.is_empty());
    set(to, "price_currency", &currency.unwrap_or_default());
    set(to, "availability", &first(offer, "availability"));
    for name in ["inventoryLevel.value", "inventoryLevel"] {
        let stock = first(offer, name);
        if !stock.is_empty() {
            set(to, "stock", &stock);
            break;
        }
    }
}

/// Offers, those within an `AggregateOffer`, or that itself where it has none.
fn collect<'o>(value: Option<&'o Value>, all: &mut Vec<&'o Object>) {
    match value {
        Some(Value::Array(offers)) => offers.iter().for_each(|offer| collect(Some(offer), all)),
        Some(Value::Object(offer)) => match offer.get("offers") {
            Some(Value::Array(inner)) if !inner.is_empty() => {
                all.extend(inner.iter().filter_map(Value::as_object));
            }
            _ => all.push(offer),
        },
        _ => {}
    }
}

/// What is asked for now.
fn price(offer: &Object) -> String {
    let own = first(offer, "price");
    if !own.is_empty() {
        return own;
    }
    let now = specifications(offer).find(|of| !is_before(of)).map(|of| first(of, "price"));
    now.filter(|price| !price.is_empty()).unwrap_or_else(|| first(offer, "lowPrice"))
}

/// What was asked for before: a specification of a struck-through price.
fn price_before(offer: &Object) -> String {
    let before = specifications(offer).find(|of| is_before(of));
    before.map(|of| first(of, "price")).unwrap_or_default()
}

fn is_before(specification: &Object) -> bool {
    let kind = first(specification, "priceType");
    ["StrikethroughPrice", "ListPrice", "MSRP"].iter().any(|known| kind.ends_with(known))
}

fn specifications(offer: &Object) -> impl Iterator<Item = &Object> {
    let all: Vec<&Object> = match offer.get("priceSpecification") {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(one)) => vec![one],
        _ => Vec::new(),
    };
    all.into_iter()
}
