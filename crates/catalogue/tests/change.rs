//! The JSON of changes.

mod common;

use common::change;
use vitrine_catalogue::{ChangeAction, ProductChange, limits};
use vitrine_domain::Availability;

const WHOLE: &str = r#"{"op": "upsert", "id": "A-7", "revision": 3, "title": "Milk",
  "description": "Fresh", "link": "https://shop.test/a7", "image_link": "https://shop.test/a7.jpg",
  "additional_image_link": ["https://shop.test/a7-2.jpg"], "availability": "in_stock", "stock": 12,
  "price": "3.49 USD", "prices": {"trade": "2.79 USD", "hamburg": "3.19 EUR"}, "sale_price": "2.99 USD",
  "sale_price_effective_date": "2026-12-01T00:00Z/2026-12-24T00:00Z", "brand": "Acme",
  "gtin": "3234567890126", "product_type": "Food > Dairy > Milk", "item_group_id": "milk",
  "condition": "new", "age_group": "adult", "gender": "unisex", "color": "white", "size": "1 l",
  "material": "milk", "unit_pricing_measure": "1000 ml", "rating": 4.5, "rating_count": 12,
  "published_at": "2026-11-01T00:00:00Z", "manufacturer": "M", "attributes": {"fat": "3.5 %"}}"#;

fn refusal(line: &str) -> String {
    ProductChange::from_line(line.as_bytes()).expect_err(line).to_string()
}

#[test]
fn a_whole_product_is_read_and_written_as_it_was() {
    let read = change(WHOLE);
    let ChangeAction::Upsert(product) = &read.action else { panic!("an upsert") };
    let path: Vec<_> = product.facts.product_type_path().collect();
    assert_eq!(path, ["Food", "Dairy", "Milk"]);
    assert_eq!(product.terms.price.unwrap().minor, 349);
    assert_eq!(product.terms.sale_price.unwrap().period.unwrap().starts_seconds, 1_796_083_200);
    assert_eq!(product.terms.availability, Some(Availability::InStock));
    let written = serde_json::to_vec(&read).unwrap();
    assert_eq!(ProductChange::from_line(&written).unwrap(), read);
    let fields: serde_json::Value = serde_json::from_slice(&written).unwrap();
    let given: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
    assert_eq!(fields.as_object().unwrap().len(), given.as_object().unwrap().len());
}

#[test]
fn the_other_operations_survive_a_round_trip() {
    for line in [
        r#"{"op": "patch", "sku": "a", "price": "1.00 EUR", "stock": 0}"#,
        r#"{"op": "patch", "sku": "a", "price": null, "sale_price": null, "stock": null}"#,
        r#"{"op": "patch", "sku": "a", "availability": "backorder"}"#,
        r#"{"op": "patch", "sku": "a", "title": "Milk, 1 l", "description": "Fresh."}"#,
        r#"{"op": "patch", "sku": "a", "description": null}"#,
        r#"{"op": "patch", "sku": "a", "prices": {"trade": "0.80 EUR", "yen": null}}"#,
        r#"{"op": "patch", "sku": "a", "offer": {"label": "Coupon", "price_off": "0.50 EUR"}}"#,
        r#"{"op": "patch", "sku": "a", "offer": {"label": "Coupon", "percent_off": 15}}"#,
        r#"{"op": "patch", "sku": "a", "offer": {"label": "2 for 1", "until": "2026-12-24T00:00:00Z"}}"#,
        r#"{"op": "patch", "sku": "a", "offer": null, "availability": null}"#,
        r#"{"op": "hide", "sku": "a", "revision": 1}"#,
        r#"{"op": "unhide", "sku": "a"}"#,
        r#"{"op": "delete", "sku": "a", "revision": 9223372036854775807}"#,
    ] {
        let read = change(line);
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(change(&written), read, "{written}");
    }
}

/// Each line is refused, and the message has the word.
#[test]
fn what_is_wrong_is_named() {
    for (line, word) in [
        (r#"{"op": "upsert", "sku": "a", "title": "x", "colour": "red"}"#, "colour"),
        (r#"{"op": "patch", "sku": "a", "brand": "x", "stock": 1}"#, "brand"),
        (r#"{"op": "patch", "sku": "a", "title": " "}"#, "title"),
        (r#"{"op": "patch", "sku": "a", "title": null}"#, "title"),
        (r#"{"op": "delete", "sku": "a", "stock": 1}"#, "stock"),
        (r#"{"op": "replace", "sku": "a"}"#, "replace"),
        (r#"{"sku": "a"}"#, "op"),
        (r#"{"op": "hide"}"#, "sku"),
        (r#"{"op": "hide", "sku": ""}"#, "sku"),
        (r#"{"op": "hide", "sku": "a\n"}"#, "control"),
        (r#"{"op": "hide", "sku": "a", "id": "a"}"#, "id"),
        (r#"{"op": "hide", "sku": "a", "revision": 0}"#, "revision"),
        (r#"{"op": "hide", "sku": "a", "revision": -1}"#, "revision"),
        (r#"{"op": "hide", "sku": "a", "revision": 9223372036854775808}"#, "revision"),
        (r#"{"op": "patch", "sku": "a"}"#, "changes nothing"),
        (r#"{"op": "patch", "sku": "a", "price": 349}"#, "price"),
        (r#"{"op": "patch", "sku": "a", "price": "3.49"}"#, "3.49 USD"),
        (r#"{"op": "patch", "sku": "a", "prices": {"two words": "1 EUR"}}"#, "two words"),
        (r#"{"op": "patch", "sku": "a", "prices": {"trade": 12.5}}"#, "prices"),
        (r#"{"op": "patch", "sku": "a", "prices": null}"#, "prices"),
        (r#"{"op": "patch", "sku": "a", "prices": {}}"#, "changes nothing"),
        (
            r#"{"op": "patch", "sku": "a", "offer": {"label": "x", "percent_off": 101}}"#,
            "percent_off",
        ),
        (
            r#"{"op": "patch", "sku": "a", "offer": {"label": "x", "price_off": "0 EUR"}}"#,
            "price_off",
        ),
        (
            r#"{"op": "patch", "sku": "a", "offer": {"label": "x", "price_off": "1 EUR", "percent_off": 5}}"#,
            "give one",
        ),
        (r#"{"op": "patch", "sku": "a", "stock": -1}"#, "stock"),
        (r#"{"op": "patch", "sku": "a", "availability": "maybe"}"#, "maybe"),
        (r#"{"op": "patch", "sku": "a", "offer": {"label": "x", "ends": 1}}"#, "ends"),
        (
            r#"{"op": "patch", "sku": "a", "sale_price_effective_date": "2026-12-01T00:00Z/2026-12-02T00:00Z"}"#,
            "needs a sale_price",
        ),
        (r#"{"op": "upsert", "sku": "a"}"#, "title"),
        (r#"{"op": "upsert", "sku": "a", "title": "x", "link": "javascript:0"}"#, "link"),
        (r#"{"op": "upsert", "sku": "a", "title": "x", "rating": 6}"#, "rating"),
        (r#"{"op": "upsert", "sku": "a", "title": "x", "condition": "broken"}"#, "broken"),
        (r#"{"op": "upsert", "sku": "a", "title": "x", "published_at": "soon"}"#, "soon"),
        ("[]", "map"),
        ("{", "EOF"),
    ] {
        let message = refusal(line);
        assert!(message.contains(word), "{line}: {message}");
    }
}

#[test]
fn limits_count_characters_and_lines_count_bytes() {
    let titled = |n: usize| {
        let title = "ü".repeat(n);
        format!(r#"{{"op": "upsert", "sku": "a", "title": "{title}"}}"#)
    };
    change(&titled(2_000));
    assert!(refusal(&titled(2_001)).contains("title is longer than 2000"));
    let long = format!("{}{}", titled(1), " ".repeat(limits::LINE_BYTES_MAX));
    assert!(refusal(&long).contains("65536 bytes"));
}
