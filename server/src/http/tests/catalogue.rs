//! The catalogue API: what the shop's own systems push and ask.

mod orders;
mod refusals;
mod reviews;

use std::fs;
use std::path::Path;

use serde_json::json;

use super::*;
use crate::keys::{self, KeyScope, Keys};
use crate::pushed::Pushed;

const NDJSON: &str = "application/x-ndjson";
const ARRAY: &str = "application/json";
const CHANGES: &str = "/v1/catalogue/changes";
const ORDERS: &str = "/v1/orders";
const REVIEWS: &str = "/v1/reviews";
const ALL: [KeyScope; 4] = [
    KeyScope::CatalogueWrite,
    KeyScope::CatalogueRead,
    KeyScope::OrdersWrite,
    KeyScope::ReviewsWrite,
];

/// A shop with a key that may do everything.
struct PushShop {
    shop: TestShop,
    key: String,
}

/// One request of one of the shop's systems.
#[derive(Clone, Copy)]
struct Push<'t> {
    path: &'t str,
    media_type: &'t str,
    key: &'t str,
    idempotency: Option<&'t str>,
    body: &'t str,
}

impl PushShop {
    fn new() -> Self {
        Self::with(limits())
    }

    fn with(limits: Limits) -> Self {
        let mut shop = TestShop::new(limits, Arc::new(Meaningless));
        let key = keys::add(shop.dir.path(), "erp", &ALL, 1_000, 7).unwrap();
        let keys = Keys::open(shop.dir.path()).unwrap();
        Arc::get_mut(&mut shop.state).unwrap().keys = keys;
        Self { shop, key }
    }

    /// The same data folder, served by a new server.
    fn start_anew(self) -> Self {
        let Self { shop: TestShop { dir, settings, state }, key } = self;
        drop(Arc::into_inner(state).expect("nothing is under way"));
        let state = Arc::new(AppState::new(&settings, meaningless()).unwrap());
        Self { shop: TestShop { dir, settings, state }, key }
    }

    /// The same, and what is published is served.
    fn served_anew(self) -> Self {
        let shop = self.start_anew();
        let TestShop { settings, state, .. } = &shop.shop;
        let number = state.published().unwrap().unwrap();
        state.serve(
            Live::load(settings, state.store(), number, &state.speeches).unwrap().live,
            number,
        );
        shop
    }

    fn push<'t>(&'t self, path: &'t str, body: &'t str) -> Push<'t> {
        Push { path, media_type: NDJSON, key: &self.key, idempotency: None, body }
    }

    async fn send(&self, push: Push<'_>) -> Answer {
        let mut request = Request::post(push.path)
            .header(header::CONTENT_TYPE, push.media_type)
            .header(header::AUTHORIZATION, format!("Bearer {}", push.key));
        if let Some(key) = push.idempotency {
            request = request.header("idempotency-key", key);
        }
        self.shop.send(request.body(Body::from(push.body.to_owned())).unwrap()).await
    }

    /// What became of lines of changes that are all read.
    async fn changes(&self, body: &str) -> Value {
        let answer = self.send(self.push(CHANGES, body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("authorization", format!("bearer {}", self.key));
        self.shop.send(request.body(Body::empty()).unwrap()).await
    }
}

fn outcomes(reply: &Value) -> Vec<&str> {
    let results = reply["results"].as_array().unwrap_or_else(|| panic!("{reply}"));
    results.iter().map(|result| result["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_line_is_answered_with_what_became_of_it() {
    let shop = PushShop::new();
    let body = r#"{"op": "patch", "sku": "a", "revision": 3, "price": "2.99 USD"}

{"op": "upsert", "sku": "a", "revision": 2, "title": "Milk", "price": "3.49 USD"}
{"op": "upsert", "sku": "a", "revision": 2, "title": "Milk", "price": "3.49 USD"}
{"op": "patch", "id": "a", "revision": 1, "price": "3.99 USD"}
{"op": "patch", "sku": "a", "revision": 4, "price": "299 USD"}
{"op": "hide", "sku": "a", "revision": 5, "why": "old"}
{"op": "patch", "sku": "a", "price": "2.79 EUR"}
not JSON
{"op": "patch", "sku": "a", "stock": 4}"#;
    let reply = shop.changes(body).await;
    let expected = [
        "waiting",
        "applied",
        "duplicate",
        "stale",
        "quarantined",
        "invalid",
        "invalid",
        "invalid",
        "applied",
    ];
    assert_eq!(outcomes(&reply), expected);
    assert_eq!((&reply["n_applied"], &reply["is_repetition"]), (&json!(3), &json!(false)));
    let results = &reply["results"];
    assert_eq!(results[0], json!({ "line": 1, "sku": "a", "revision": 3, "outcome": "waiting" }));
    assert_eq!((&results[3]["line"], &results[3]["sku"]), (&json!(5), &json!("a")));
    assert_eq!((&results[5]["sku"], &results[5]["revision"]), (&json!("a"), &json!(5)));
    assert_eq!((&results[7]["line"], &results[7]["sku"]), (&json!(9), &Value::Null));
    assert_eq!(results[8]["revision"], Value::Null, "it was given none");
    let reason = |at: usize| results[at]["reason"].as_str().unwrap();
    assert!(reason(4).contains("299.00 USD"), "{reply}");
    assert!(reason(5).contains("why"), "{reply}");
    assert!(reason(6).contains("2.79 EUR") && reason(6).contains("USD"), "{reply}");
    assert!(reason(7).contains("line 1 column"), "{reply}");

    let status = shop.get("/v1/catalogue/status").await.json();
    assert_eq!(status["record"], reply["record"]);
    let expected = json!({
        "record": reply["record"], "served_record": 0, "n_products": 1, "order_record": 0,
        "review_record": 0, "n_quarantined": 1, "catalogue": 1, "model": null
    });
    assert_eq!(status, expected);
    let stopped = shop.get("/v1/catalogue/quarantine").await.json();
    assert_eq!(stopped["changes"][0]["client"], "erp");
    assert_eq!(stopped["changes"][0]["revision"], 4);
    assert_eq!(stopped["changes"][0]["reason"], results[4]["reason"]);
    let metrics = String::from_utf8(shop.shop.get("/metrics").await.body).unwrap();
    for (outcome, n) in [("applied", 2), ("waiting", 1), ("quarantined", 1), ("invalid", 3)] {
        let line =
            format!("vitrine_pushed_lines_total{{kind=\"change\",outcome=\"{outcome}\"}} {n}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
}

#[tokio::test]
async fn an_array_is_answered_as_lines_are() {
    let shop = PushShop::new();
    let body = r#"[{"op": "upsert", "sku": "a", "title": "Milk"}, 7, {"op": "hide"}]"#;
    let answer = shop.send(Push { media_type: ARRAY, ..shop.push(CHANGES, body) }).await;
    let reply = answer.json();
    assert_eq!(outcomes(&reply), ["applied", "invalid", "invalid"]);
    assert_eq!(reply["results"][2]["line"], 3);
    assert!(reply["results"][2]["reason"].as_str().unwrap().contains("sku"), "{reply}");
    let with_parameter = Push {
        media_type: "Application/JSON; charset=utf-8",
        ..shop.push(CHANGES, "[{\"op\": \"hide\", \"sku\": \"a\"}]")
    };
    assert_eq!(outcomes(&shop.send(with_parameter).await.json()), ["applied"]);
}

#[tokio::test]
async fn a_product_is_told_part_by_part_also_with_a_slash_in_its_sku() {
    let shop = PushShop::new();
    let lines = r#"{"op": "upsert", "sku": "A/7 ü", "revision": 1, "title": "Milk", "brand": "Alm"}
{"op": "patch", "sku": "A/7 ü", "revision": 2, "price": "2.99 USD", "stock": 0}
{"op": "hide", "sku": "A/7 ü", "revision": 9}"#;
    shop.changes(lines).await;
    let answer = shop.get("/v1/catalogue/products/A%2F7%20%C3%BC").await;
    assert_eq!(answer.status, StatusCode::OK);
    let product = answer.json();
    assert_eq!(product["sku"], "A/7 ü");
    assert_eq!(product["facts"]["value"], json!({ "title": "Milk", "brand": "Alm" }));
    assert_eq!(product["price"], json!({ "revision": 2, "value": "2.99 USD" }));
    assert_eq!(product["stock"], json!({ "revision": 2, "value": 0 }));
    assert_eq!(product["offer"], json!({ "revision": 0, "value": null }));
    assert_eq!(product["is_hidden"], json!({ "revision": 9, "value": true }));
    assert_eq!((&product["revision"], &product["is_listed"]), (&json!(9), &json!(false)));
    for unknown in ["A", "A%2F7", "%FF"] {
        let answer = shop.get(&format!("/v1/catalogue/products/{unknown}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "no_such_product"));
    }
}

#[tokio::test]
async fn a_request_that_comes_again_is_answered_as_the_first_time() {
    let shop = PushShop::new();
    let body = "{\"op\": \"patch\", \"sku\": \"a\", \"stock\": 4}\nnot JSON";
    let push = Push { idempotency: Some("night-7"), ..shop.push(CHANGES, body) };
    let first = shop.send(push).await.json();
    let again = shop.send(push).await.json();
    assert_eq!((&first["is_repetition"], &again["is_repetition"]), (&json!(false), &json!(true)));
    assert_eq!(first["results"], again["results"]);
    assert_eq!(shop.get("/v1/catalogue/products/a").await.json()["revision"], 1);
    let other = Push { body: "{\"op\": \"hide\", \"sku\": \"a\"}", ..push };
    let refused = shop.send(other).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "idempotency_key_reused"));
    let orders = Push { path: ORDERS, ..push };
    assert_eq!(shop.send(orders).await.status, StatusCode::OK, "orders have keys of their own");
    let metrics = String::from_utf8(shop.shop.get("/metrics").await.body).unwrap();
    assert!(metrics.contains("{kind=\"change\",outcome=\"repeated\"} 2"), "{metrics}");

    let body = body.to_owned();
    let anew = shop.start_anew();
    let push = Push { idempotency: Some("night-7"), ..anew.push(CHANGES, &body) };
    assert_eq!(anew.send(push).await.json()["is_repetition"], true);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_start_anew() {
    let shop = PushShop::new();
    let lines: String = (0..50)
        .map(|i| format!("{{\"op\": \"upsert\", \"sku\": \"s{i}\", \"title\": \"Milk {i}\"}}\n"))
        .collect();
    let record = shop.changes(&lines).await["record"].clone();
    let anew = shop.start_anew();
    let status = anew.get("/v1/catalogue/status").await.json();
    assert_eq!((&status["record"], &status["n_products"]), (&record, &json!(50)));
    assert_eq!(status["catalogue"], Value::Null, "nothing is served yet");
    let product = anew.get("/v1/catalogue/products/s49").await.json();
    assert_eq!(product["facts"]["value"]["title"], "Milk 49");
}

#[tokio::test]
async fn browsers_of_other_sites_are_not_let_in() {
    let shop = PushShop::new();
    let preflight = Request::options(CHANGES)
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "POST");
    let answer = shop.shop.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.code(), "method_not_allowed");
    let reply = shop.send(shop.push(CHANGES, "{\"op\": \"hide\", \"sku\": \"a\"}")).await;
    for headers in [&answer.headers, &reply.headers] {
        assert!(headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
        assert!(headers.contains_key("content-security-policy"));
    }
}

/// All bytes of the files of a folder and those in it.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(if path.is_dir() { bytes_below(&path) } else { fs::read(&path).unwrap() });
    }
    bytes
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
