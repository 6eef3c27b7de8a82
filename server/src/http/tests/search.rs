//! `POST /v1/search` and `GET /v1/suggest`.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_search_finds_and_says_what_it_read() {
    let shop = shop();
    let answer = shop.search(json!({ "text": "cookies under 2.50", "facets": true })).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.titles(), ["Peanut butter cookies", "Peanut free cookies"]);
    let body = answer.json();
    assert_eq!(body["filters_read"][0]["typed"], "under 2.50");
    assert_eq!(body["facets"]["departments"][0]["name"], "Grocery");
    assert_eq!(body["catalogue"], 1);
}

#[tokio::test]
async fn what_must_be_absent_is_not_shown_and_doubts_are_named() {
    let shop = shop();
    let answer = shop.search(json!({ "text": "peanut free cookies" })).await;
    assert_eq!(answer.titles(), ["Peanut free cookies", "Oat cookies"]);
    let body = answer.json();
    assert_eq!(body["filters_read"][0]["filters"]["free_of"], json!(["peanut"]));
    assert_eq!(body["free_of"], json!([{ "name": "peanut", "n_results": 1 }]));
    assert_eq!(body["hits"][0].get("unconfirmed"), None);
    assert_eq!(body["hits"][1]["unconfirmed"], json!(["peanut"]));
    let quoted = shop.search(json!({ "text": "\"peanut free\" cookies" })).await;
    assert!(quoted.json().get("free_of").is_none(), "in quotes they are words");
    let asked = json!({ "text": "milk", "filters": { "free_of": ["lactose"] } });
    assert_eq!(shop.search(asked).await.titles(), ["Lactose free milk", "Whole milk"]);
}

#[tokio::test]
async fn what_was_not_met_is_named() {
    let answer = shop().search(json!({ "text": "zzqxjv tea " })).await;
    assert_eq!(answer.titles(), ["Green tea"]);
    assert_eq!(answer.json()["relaxed"], json!([{ "constraint": "word", "typed": "zzqxjv" }]));
}

#[tokio::test]
async fn what_is_no_search_is_a_problem_with_its_code() {
    let shop = shop();
    for (body, status, code) in [
        ("{", 400, "body_invalid"),
        ("{\"text\": 1}", 400, "body_invalid"),
        ("{\"text\": \"tea\", \"shopper\": 7}", 400, "body_invalid"),
        ("{\"text\": \"tea\", \"page\": {\"offset\": 0, \"limit\": 201}}", 422, "query_invalid"),
        (
            "{\"text\": \"\", \"filters\": {\"price_minor_min\": 2, \"price_minor_max\": 1}}",
            422,
            "prices_inverted",
        ),
    ] {
        let answer = shop.send(search_request(body)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    }
    let long = json!({ "text": "x".repeat(501) });
    assert_eq!(shop.search(long).await.code(), "query_invalid");
    let large = shop.send(search_request("x".repeat(65_537))).await;
    assert_eq!((large.status.as_u16(), large.code().as_str()), (413, "body_too_large"));
    let plain = Request::post("/v1/search").body(Body::from("{\"text\": \"tea\"}")).unwrap();
    assert_eq!(shop.send(plain).await.code(), "not_json");
    let wrong = shop.get("/v1/search").await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (405, "method_not_allowed"));
}

#[tokio::test]
async fn suggestions_complete_and_their_parameters_are_checked() {
    let shop = shop();
    let answer = shop.get("/v1/suggest?q=coo&limit=3").await;
    assert_eq!(answer.status, StatusCode::OK);
    let body = answer.json();
    let suggestions = body["suggestions"].as_array().unwrap();
    assert!(!suggestions.is_empty() && suggestions.len() <= 3, "{body}");
    for path in ["/v1/suggest", "/v1/suggest?q=a&limit=999", "/v1/suggest?q=a&who=b"] {
        assert_eq!(shop.get(path).await.code(), "query_invalid", "{path}");
    }
}

#[tokio::test]
async fn every_answer_has_the_strict_headers() {
    let shop = shop();
    for path in ["/v1/manifest", "/healthz", "/readyz", "/metrics", "/no/such", "/docs"] {
        let answer = shop.get(path).await;
        assert_eq!(answer.headers["referrer-policy"], "no-referrer", "{path}");
        assert!(answer.headers.contains_key("content-security-policy"), "{path}");
    }
    assert_eq!(shop.get("/v1/manifest").await.headers["cache-control"], "no-store");
    assert_eq!(shop.get("/readyz").await.json()["n_items"], 8);
    assert_eq!(shop.get("/v1/no/such").await.code(), "not_found");
    let metrics = shop.get("/metrics").await;
    let text = String::from_utf8(metrics.body).unwrap();
    assert!(text.contains("route=\"/v1/manifest\""), "{text}");
}
