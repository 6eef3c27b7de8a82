//! Requests that are refused as a whole, each with its status and code.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use vitrine_catalogue::LogConfig;
use vitrine_catalogue::limits::CHANGES_MAX;

use super::*;
use crate::clock::now_seconds;
use crate::failing_disk::FailingDisk;
use crate::http::push::{PUSH_BYTES_MAX, PUSHES_MAX};
use crate::pushed::{CHANGES_FOLDER, PSEUDONYM_KEY_FILE};

const HIDE: &str = "{\"op\": \"hide\", \"sku\": \"a\"}";

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

#[tokio::test]
async fn a_key_opens_what_its_scopes_say() {
    let mut shop = PushShop::new();
    let dir = shop.shop.dir.path().to_owned();
    let reader = keys::add(&dir, "reader", &[KeyScope::CatalogueRead], 1_000, 7).unwrap();
    let till = keys::add(&dir, "till", &[KeyScope::OrdersWrite], 1_000, 7).unwrap();
    Arc::get_mut(&mut shop.shop.state).unwrap().keys = Keys::open(&dir).unwrap();
    for (path, key) in [(CHANGES, &reader), (CHANGES, &till), (ORDERS, &reader)] {
        let answer = shop.send(Push { key, ..shop.push(path, HIDE) }).await;
        assert_eq!(refusal(&answer), (403, "scope_missing".to_owned()), "{path}");
    }
    let answer = shop.send(Push { key: &till, ..shop.push(ORDERS, HIDE) }).await;
    assert_eq!(outcomes(&answer.json()), ["invalid"], "it is let in, with what is no order");
    shop.key = till;
    for path in ["/v1/catalogue/status", "/v1/catalogue/quarantine", "/v1/catalogue/products/a"] {
        let answer = shop.get(path).await;
        assert_eq!(refusal(&answer), (403, "scope_missing".to_owned()), "{path}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("catalogue:read"));
        let without = shop.shop.get(path).await;
        assert_eq!(refusal(&without), (401, "api_key_missing".to_owned()), "{path}");
        assert_eq!(without.headers["www-authenticate"], "Bearer");
    }
}

#[tokio::test]
async fn a_key_is_checked_before_the_body_is_read() {
    let shop = PushShop::new();
    // Whoever read the body would wait in vain.
    let answer = shop.shop.send(endless("vitrine_00")).await;
    assert_eq!(refusal(&answer), (401, "api_key_unknown".to_owned()));
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn a_body_that_does_not_come_gives_its_place_back() {
    let shop = PushShop::with(Limits { body_ms_max: 20, ..limits() });
    let answer = shop.shop.send(endless(&shop.key)).await;
    assert_eq!(refusal(&answer), (408, "body_too_slow".to_owned()));
    assert_eq!(shop.shop.state.pushes.available_permits(), PUSHES_MAX);
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_told_when_to_come_again() {
    let mut shop = PushShop::new();
    let dir = shop.shop.dir.path().to_owned();
    let slow = keys::add(&dir, "slow", &ALL, 1, 7).unwrap();
    Arc::get_mut(&mut shop.shop.state).unwrap().keys = Keys::open(&dir).unwrap();
    let push = Push { key: &slow, ..shop.push(CHANGES, HIDE) };
    let mut answer = shop.send(push).await;
    while answer.status == StatusCode::OK {
        answer = shop.send(push).await;
    }
    assert_eq!(refusal(&answer), (429, "too_many_requests".to_owned()));
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(shop.send(shop.push(CHANGES, HIDE)).await.status, StatusCode::OK, "others may");
}

#[tokio::test]
async fn a_revoked_key_is_refused_while_the_server_runs() {
    let shop = PushShop::new();
    assert_eq!(shop.get("/v1/catalogue/status").await.status, StatusCode::OK);
    keys::revoke(shop.shop.dir.path(), "erp").unwrap();
    let began = Instant::now();
    let refused = loop {
        let answer = shop.get("/v1/catalogue/status").await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it is still let in");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(refusal(&refused), (401, "api_key_unknown".to_owned()));
}

#[tokio::test]
async fn what_is_no_push_is_a_problem_with_its_code() {
    let shop = PushShop::new();
    let many = format!("{HIDE}\n").repeat(CHANGES_MAX + 1);
    let large = "x".repeat(PUSH_BYTES_MAX + 1);
    let long_key = "k".repeat(129);
    let push = shop.push(CHANGES, HIDE);
    for (push, status, code) in [
        (Push { media_type: "text/plain", ..push }, 415, "media_type_unsupported"),
        (Push { media_type: ARRAY, ..push }, 400, "body_invalid"),
        (Push { media_type: ARRAY, body: "[{]", ..push }, 400, "body_invalid"),
        (Push { media_type: ARRAY, body: "[]", ..push }, 400, "body_empty"),
        (Push { body: " \n\n", ..push }, 400, "body_empty"),
        (Push { body: &many, ..push }, 413, "too_many_lines"),
        (Push { body: &large, ..push }, 413, "body_too_large"),
        (Push { idempotency: Some(""), ..push }, 400, "idempotency_key_invalid"),
        (Push { idempotency: Some(&long_key), ..push }, 400, "idempotency_key_invalid"),
    ] {
        let answer = shop.send(push).await;
        assert_eq!(refusal(&answer), (status, code.to_owned()));
    }
    assert_eq!(refusal(&shop.shop.get(CHANGES).await), (405, "method_not_allowed".to_owned()));
    let n_products = shop.get("/v1/catalogue/status").await.json()["n_products"].clone();
    assert_eq!(n_products, 0, "nothing of them was taken");
}

#[tokio::test]
async fn a_line_that_is_too_long_is_invalid_by_itself() {
    let shop = PushShop::new();
    let title = "x".repeat(70_000);
    let body = format!("{{\"op\": \"upsert\", \"sku\": \"a\", \"title\": \"{title}\"}}\n{HIDE}");
    let reply = shop.changes(&body).await;
    assert_eq!(outcomes(&reply), ["invalid", "applied"]);
    assert!(reply["results"][0]["reason"].as_str().unwrap().contains("65536 bytes"), "{reply}");
}

#[tokio::test]
async fn pushes_beyond_the_limit_are_refused_and_searches_go_on() {
    let shop = PushShop::new();
    let pushes = shop.shop.state.pushes.clone();
    let all = pushes.acquire_many(PUSHES_MAX as u32).await.unwrap();
    let answer = shop.send(shop.push(CHANGES, HIDE)).await;
    assert_eq!(refusal(&answer), (429, "too_many_pushes".to_owned()));
    assert_eq!(answer.headers["retry-after"], "1");
    let search = shop.shop.search(json!({ "text": "milk" })).await;
    assert_eq!(search.status, StatusCode::OK);
    assert_eq!(shop.get("/v1/catalogue/status").await.status, StatusCode::OK);
    drop(all);
    let n = shop.shop.state.limits.requests_in_flight_max as u32;
    let _shoppers = shop.shop.state.requests.acquire_many(n).await.unwrap();
    assert_eq!(shop.send(shop.push(CHANGES, HIDE)).await.status, StatusCode::OK);
    assert_eq!(pushes.available_permits(), PUSHES_MAX, "each place came back");
}

#[tokio::test]
async fn a_second_server_on_the_folder_serves_and_takes_nothing() {
    let shop = PushShop::new();
    let second = AppState::new(&shop.shop.settings, meaningless()).unwrap();
    let number = second.published().unwrap().unwrap();
    let loaded = Live::load(&shop.shop.settings, second.store(), number, &second.speeches).unwrap();
    second.serve(loaded.live, number);
    let PushShop { shop: TestShop { dir, settings, state: _first }, key } = shop;
    let second = PushShop { shop: TestShop { dir, settings, state: Arc::new(second) }, key };
    for path in [CHANGES, ORDERS] {
        let answer = second.send(second.push(path, HIDE)).await;
        assert_eq!(refusal(&answer), (503, "log_in_use".to_owned()));
        assert_eq!(answer.headers["retry-after"], "1");
    }
    assert_eq!(second.get("/v1/catalogue/status").await.code(), "log_in_use");
    let search = second.shop.search(json!({ "text": "milk" })).await;
    assert_eq!(search.titles(), ["Whole milk", "Lactose free milk"]);
}

#[tokio::test]
async fn a_server_that_cannot_open_the_logs_serves_and_takes_nothing() {
    let shop = PushShop::new();
    std::fs::write(shop.shop.dir.path().join(PSEUDONYM_KEY_FILE), "short").unwrap();
    let shop = shop.served_anew();
    let answer = shop.send(shop.push(CHANGES, HIDE)).await;
    assert_eq!(refusal(&answer), (503, "log_unavailable".to_owned()));
    let search = shop.shop.search(json!({ "text": "green tea" })).await;
    assert_eq!(search.titles(), ["Green tea"]);
}

#[tokio::test]
async fn an_emptied_log_takes_nothing_until_it_is_back_or_the_shop_is_imported() {
    let shop = PushShop::new();
    assert_eq!(outcomes(&shop.changes(HIDE).await), ["applied"]);
    shop.shop.publish_again(1);
    let dir = shop.shop.dir.path().to_owned();
    std::fs::rename(dir.join(CHANGES_FOLDER), dir.join("aside")).unwrap();
    let shop = shop.served_anew();
    let answer = shop.send(shop.push(CHANGES, HIDE)).await;
    assert_eq!(refusal(&answer), (503, "log_behind".to_owned()));
    // What has a log of its own goes on, and whoever looks is answered.
    assert_eq!(shop.get("/v1/catalogue/status").await.status, StatusCode::OK);
    let order = r#"{"order_id": "1", "line": 1, "sku": "1", "quantity": 1, "time": "2026-01-02T03:04:05Z", "customer": "c"}"#;
    let answer = shop.send(shop.push(ORDERS, order)).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", String::from_utf8_lossy(&answer.body));
    shop.shop.publish_again(0);
    let shop = shop.served_anew();
    assert_eq!(outcomes(&shop.changes(HIDE).await), ["applied"]);
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_a_broken_one_is_told() {
    let mut shop = PushShop::new();
    let disk = Arc::new(FailingDisk::default());
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig { disk: disk.clone(), ..LogConfig::new(Arc::new(now_seconds)) };
    let pushed = Pushed::open_with(folder.path(), &config).unwrap();
    let keys = Keys::open(shop.shop.dir.path()).unwrap();
    Arc::get_mut(&mut shop.shop.state).unwrap().with(pushed, keys);
    assert_eq!(outcomes(&shop.changes(HIDE).await), ["applied"]);

    disk.is_full.store(true, Ordering::SeqCst);
    let body = "{\"op\": \"unhide\", \"sku\": \"a\"}";
    let push = Push { idempotency: Some("k"), ..shop.push(CHANGES, body) };
    assert_eq!(refusal(&shop.send(push).await), (507, "disk_full".to_owned()));
    let product = shop.get("/v1/catalogue/products/a").await.json();
    assert_eq!(product["is_hidden"]["value"], true);
    disk.is_full.store(false, Ordering::SeqCst);
    let again = shop.send(push).await.json();
    assert_eq!((outcomes(&again), &again["is_repetition"]), (vec!["waiting"], &json!(false)));

    disk.loses_syncs.store(true, Ordering::SeqCst);
    let answer = shop.send(shop.push(CHANGES, HIDE)).await;
    assert_eq!(refusal(&answer), (503, "log_failed".to_owned()));
    assert_eq!(answer.headers["retry-after"], "1");
}

/// A push whose body never comes.
fn endless(key: &str) -> Request<Body> {
    let request = Request::post(CHANGES).header(header::CONTENT_TYPE, NDJSON);
    let request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
    request.body(Body::new(NeverComing)).unwrap()
}

/// A body of which nothing comes.
struct NeverComing;

impl axum::body::HttpBody for NeverComing {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Pending
    }
}
