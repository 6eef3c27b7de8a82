//! What pages say in the vocabulary of schema.org, as JSON-LD.

use serde_json::{Map, Value, json};
use vitrine_domain::ItemId;
use vitrine_domain::calendar::{date_text, day_of};
use vitrine_domain::currency::amount_text;
use vitrine_wire::{Card, DetailRow, PriceRow};

use super::document::Frame;
use super::picture;
use super::variants::{PageVariant, is_sold_out};
use crate::directory::{ShelfPlace, product_path};

const CONTEXT: &str = "https://schema.org";

/// All that is published of a product.
pub struct PageProduct<'a> {
    pub card: &'a Card,
    pub price: &'a PriceRow,
    pub details: Option<&'a DetailRow>,
    pub variants: &'a [PageVariant<'a>],
}

impl PageProduct<'_> {
    /// Whether nothing of it can be bought.
    pub fn is_sold_out(&self) -> bool {
        let has_variants = !self.variants.is_empty();
        is_sold_out(self.price) || (has_variants && !self.variants.iter().any(|v| v.in_stock))
    }
}

/// Data as an element of a page. Whatever could end the element, or begin another, is written
/// as an escape of JSON. A browser runs none of it, so that no policy need allow it.
pub fn script(data: &Value) -> String {
    let json = data.to_string();
    let mut out = String::with_capacity(json.len() + 64);
    out.push_str("<script type=\"application/ld+json\" data-arrival>");
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push_str("</script>");
    out
}

/// schema.org/Product, with one offer a variant.
pub fn product(frame: &Frame<'_>, of: &PageProduct<'_>, path: &str) -> Value {
    let url = frame.url(path);
    let mut all = Map::from_iter([
        ("@context".to_owned(), json!(CONTEXT)),
        ("@type".to_owned(), json!("Product")),
        ("@id".to_owned(), json!(url)),
        ("url".to_owned(), json!(url)),
        ("name".to_owned(), json!(of.card.title)),
    ]);
    let mut set = |name: &str, value: Value| all.insert(name.to_owned(), value);
    let pictures = picture::addresses(frame, of.card);
    if !pictures.is_empty() {
        set("image", json!(pictures));
    }
    if let Some(details) = of.details.filter(|details| !details.description.is_empty()) {
        set("description", json!(details.description));
    }
    if !of.card.brand.is_empty() {
        set("brand", json!({"@type": "Brand", "name": of.card.brand}));
    }
    if let Some(place) = frame.directory.place_of(frame.rows, of.card) {
        let way: Vec<&str> = place.way().map(|shelf| shelf.name.as_str()).collect();
        set("category", json!(way.join(" > ")));
    }
    if let Some(first) = of.variants.first() {
        set("sku", json!(first.row.sku));
    }
    if let Some(gtin) = of.variants.first().and_then(|variant| variant.gtin) {
        set("gtin", json!(gtin));
    }
    if let Some(rating) = of.price.rating {
        let value = f64::from(rating.hundredths) / 100.0;
        set(
            "aggregateRating",
            json!({
                "@type": "AggregateRating",
                "ratingValue": value,
                "ratingCount": rating.n,
                "bestRating": 5,
            }),
        );
    }
    if let Some(offers) = offers(frame, of, &url) {
        set("offers", offers);
    }
    Value::Object(all)
}

/// One offer, or the offers of all priced variants; `None` where nothing has a price.
fn offers(frame: &Frame<'_>, of: &PageProduct<'_>, url: &str) -> Option<Value> {
    let currency = &frame.manifest.currency;
    let offer = |variant: &PageVariant<'_>| {
        let price = amount_text(variant.now_minor.into(), currency);
        let mut offer = json!({
            "@type": "Offer",
            "url": url,
            "sku": variant.row.sku,
            "price": price,
            "priceCurrency": currency,
            "availability": availability(variant.in_stock),
        });
        if !variant.row.size.is_empty() {
            offer["name"] = json!(variant.row.size);
        }
        if let Some(gtin) = variant.gtin {
            offer["gtin"] = json!(gtin);
        }
        if let Some(until) = variant.until_seconds {
            offer["priceValidUntil"] = json!(date_text(day_of(until)));
        }
        if let Some(is_included) = frame.manifest.prices.tax_included {
            offer["priceSpecification"] = json!({
                "@type": "PriceSpecification",
                "price": price,
                "priceCurrency": currency,
                "valueAddedTaxIncluded": is_included,
            });
        }
        offer
    };
    let mut priced: Vec<&PageVariant<'_>> =
        of.variants.iter().filter(|variant| variant.now_minor > 0).collect();
    // As the page says it: prices at which something can be bought, where any can.
    if priced.iter().any(|variant| variant.in_stock) {
        priced.retain(|variant| variant.in_stock);
    }
    let minors = || priced.iter().map(|variant| variant.now_minor);
    match (priced.as_slice(), minors().min(), minors().max()) {
        ([only], ..) => Some(offer(only)),
        (all, Some(lowest), Some(highest)) => Some(json!({
            "@type": "AggregateOffer",
            "lowPrice": amount_text(lowest.into(), currency),
            "highPrice": amount_text(highest.into(), currency),
            "priceCurrency": currency,
            "offerCount": all.len(),
            "availability": availability(!of.is_sold_out()),
            "offers": all.iter().map(|variant| offer(variant)).collect::<Vec<_>>(),
        })),
        // Without published variants the card has a price of its own.
        _ if of.price.price_minor > 0 => Some(json!({
            "@type": "Offer",
            "url": url,
            "price": amount_text(of.price.price_minor.into(), currency),
            "priceCurrency": currency,
            "availability": availability(!of.is_sold_out()),
        })),
        _ => None,
    }
}

fn availability(in_stock: bool) -> &'static str {
    match in_stock {
        true => "https://schema.org/InStock",
        false => "https://schema.org/OutOfStock",
    }
}

/// The way from the shop's first page to a shelf, and to a product of it.
pub fn breadcrumbs(frame: &Frame<'_>, place: ShelfPlace<'_>, card: Option<&Card>) -> Value {
    let shelves = place.way().map(|shelf| (shelf.name.as_str(), shelf.path.clone()));
    let home = (frame.manifest.shop.as_str(), "/".to_owned());
    let card = card.map(|card| (card.title.as_str(), product_path(card)));
    let steps = std::iter::once(home).chain(shelves).chain(card);
    let steps = steps.zip(1..).map(|((name, path), position): (_, u32)| {
        json!({
            "@type": "ListItem",
            "position": position,
            "name": name,
            "item": frame.url(&path),
        })
    });
    json!({
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": steps.collect::<Vec<_>>(),
    })
}

/// Products of a shelf, in the shop's order; `start` are on the pages before.
pub fn item_list(frame: &Frame<'_>, name: &str, path: &str, start: usize, ids: &[ItemId]) -> Value {
    let cards = ids.iter().filter_map(|id| frame.rows.card(*id));
    let items = cards.zip(start + 1..).map(|(card, position)| {
        json!({
            "@type": "ListItem",
            "position": position,
            "name": card.title,
            "url": frame.url(&product_path(card)),
        })
    });
    json!({
        "@context": CONTEXT,
        "@type": "ItemList",
        "@id": frame.url(path),
        "name": name,
        "itemListElement": items.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_element_but_its_end() {
        let name = "</script><!-- & \u{2028} \"quoted\" ]]>";
        let html = script(&json!({ "name": name }));
        let (_, rest) = html.split_once('>').expect("a start tag");
        let body = rest.strip_suffix("</script>").expect("an end tag");
        assert!(!body.contains(['<', '>', '&', '\u{2028}']), "{body}");
        let read: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(read["name"], name);
    }
}
