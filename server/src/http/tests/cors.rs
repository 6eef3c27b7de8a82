//! What pages of other origins may read.

use serde_json::json;

use super::*;

const HOST: &str = "https://www.shop.example";
const STRANGER: &str = "https://elsewhere.example";
const ALLOWED: &str = "access-control-allow-origin";

fn embedding_shop() -> TestShop {
    let origins = vec![HOST.to_owned()].try_into().expect("an origin");
    TestShop::embedded(EmbedSettings { origins })
}

fn from(origin: &str, request: axum::http::request::Builder) -> axum::http::request::Builder {
    request.header(header::ORIGIN, origin)
}

async fn get_from(shop: &TestShop, origin: &str, path: &str) -> Answer {
    shop.send(from(origin, Request::get(path)).body(Body::empty()).unwrap()).await
}

async fn preflight(shop: &TestShop, origin: &str, path: &str) -> Answer {
    let request = from(origin, Request::options(path))
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    shop.send(request.body(Body::empty()).unwrap()).await
}

fn varies_by_origin(answer: &Answer) -> bool {
    answer.headers.get_all(header::VARY).iter().any(|value| value == "Origin")
}

async fn shard_path(shop: &TestShop) -> String {
    let manifest = shop.get("/v1/manifest").await.json();
    format!("/v1/shards/{}", manifest["shards"][0]["hash"].as_str().expect("a shard"))
}

#[tokio::test]
async fn an_allowed_origin_reads_public_data_and_searches() {
    let shop = embedding_shop();
    let picture = format!("/v1/pictures/{}", "0".repeat(64));
    for path in ["/v1/manifest", &shard_path(&shop).await, &picture] {
        let answer = get_from(&shop, HOST, path).await;
        assert_eq!(answer.headers[ALLOWED], HOST, "{path}");
        assert!(varies_by_origin(&answer), "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{path}");
    }
    let search = from(HOST, Request::post("/v1/search")).header("content-type", "application/json");
    let body = Body::from(json!({ "text": "tea" }).to_string());
    let answer = shop.send(search.body(body).unwrap()).await;
    assert_eq!(answer.titles(), ["Green tea"]);
    assert_eq!(answer.headers[ALLOWED], HOST);
}

#[tokio::test]
async fn an_allowed_page_reads_that_the_server_is_busy() {
    let shop = embedding_shop();
    let _all = shop.state.requests.acquire_many(limits().requests_in_flight_max as u32).await;
    let answer = get_from(&shop, HOST, "/v1/manifest").await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::SERVICE_UNAVAILABLE, "overloaded".into())
    );
    assert_eq!(answer.headers[ALLOWED], HOST);
    assert!(!get_from(&shop, HOST, "/v1/catalogue/status").await.headers.contains_key(ALLOWED));
}

#[tokio::test]
async fn what_varies_by_encoding_still_says_so() {
    let shop = embedding_shop();
    let answer = get_from(&shop, HOST, &shard_path(&shop).await).await;
    let varies = answer.headers.get_all(header::VARY).iter();
    assert_eq!(varies.collect::<Vec<_>>(), ["Accept-Encoding", "Origin"]);
}

#[tokio::test]
async fn a_preflight_of_a_search_is_answered_and_not_kept() {
    let shop = embedding_shop();
    let answer = preflight(&shop, HOST, "/v1/search").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.headers[ALLOWED], HOST);
    assert_eq!(answer.headers["access-control-allow-methods"], "GET, POST");
    assert_eq!(answer.headers["access-control-allow-headers"], "content-type");
    assert_eq!(answer.headers["access-control-max-age"], "0");
    assert!(varies_by_origin(&answer) && answer.body.is_empty());
}

#[tokio::test]
async fn other_origins_get_no_header_and_their_answers_are_kept_apart() {
    let shop = embedding_shop();
    for origin in [STRANGER, "null", "https://www.shop.example.evil", "http://www.shop.example"] {
        let answer = get_from(&shop, origin, "/v1/manifest").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.headers.contains_key(ALLOWED), "{origin}");
        assert!(varies_by_origin(&answer), "{origin}");
        let answer = preflight(&shop, origin, "/v1/search").await;
        assert_eq!(answer.code(), "method_not_allowed", "{origin}");
        assert!(!answer.headers.contains_key(ALLOWED), "{origin}");
    }
    assert!(varies_by_origin(&shop.get("/v1/manifest").await), "without an origin");
}

#[tokio::test]
async fn nothing_but_public_data_is_for_other_origins() {
    let shop = embedding_shop();
    let paths = [
        "/",
        "/front.html",
        "/healthz",
        "/metrics",
        "/v1/suggest?q=tea",
        "/v1/catalogue/status",
        "/v1/catalogue/changes",
        "/v1/orders",
        "/v1/reviews",
        "/v1/ask",
        "/mcp",
        "/v1/studio/report",
    ];
    for path in paths {
        for answer in [get_from(&shop, HOST, path).await, preflight(&shop, HOST, path).await] {
            assert!(!answer.headers.contains_key(ALLOWED), "{path}");
        }
    }
}

#[tokio::test]
async fn without_origins_nothing_is_shared() {
    let shop = shop();
    let answer = get_from(&shop, HOST, "/v1/manifest").await;
    assert!(!answer.headers.contains_key(ALLOWED) && !varies_by_origin(&answer));
    assert_eq!(preflight(&shop, HOST, "/v1/search").await.code(), "method_not_allowed");
}

#[tokio::test]
async fn that_a_server_is_there_may_be_known_to_any_page() {
    let shop = shop();
    let policy = "cross-origin-resource-policy";
    assert_eq!(shop.get("/healthz").await.headers[policy], "cross-origin");
    for path in ["/v1/manifest", "/metrics", "/readyz"] {
        assert_eq!(shop.get(path).await.headers[policy], "same-origin", "{path}");
    }
}
