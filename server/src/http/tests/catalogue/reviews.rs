//! `POST /v1/reviews`.

use super::*;

const LINES: &str = r#"{"review_id": "r-4711", "sku": "a", "rating": 5, "title": "Soft", "text": "Warm and soft.", "helpful": 3, "time": "2026-01-02T09:14:00Z", "verified": true, "author": "jane.doe@example.com"}
{"review_id": "r-4712", "sku": "b", "rating": 8, "rating_best": 10, "text": "Fine.", "time": "2026-01-02", "author": "Jane Doe"}
{"review_id": "r-4711", "sku": "a", "rating": 5, "title": "Soft", "text": "Warm and soft.", "helpful": 3, "time": "2026-01-02T09:14:00Z", "verified": true, "author": "someone else"}
{"review_id": "r-4713", "sku": "a", "rating": 6, "text": "Six of five.", "author": "Jane Doe"}
{"review_id": "r-4714", "sku": "a", "rating": 4, "time": "yesterday", "author": {"name": "Jane Doe"}}"#;

#[tokio::test]
async fn reviews_are_taken_once_replaced_and_taken_away() {
    let shop = PushShop::new();
    let reply = shop.send(shop.push(REVIEWS, LINES)).await.json();
    assert_eq!(outcomes(&reply), ["applied", "applied", "duplicate", "invalid", "invalid"]);
    assert_eq!((&reply["n_applied"], &reply["is_repetition"]), (&json!(2), &json!(false)));
    let first = json!({ "line": 1, "review_id": "r-4711", "sku": "a", "outcome": "applied" });
    assert_eq!(reply["results"][0], first);
    assert!(reply["results"][3]["reason"].as_str().unwrap().contains("rating"), "{reply}");
    assert_eq!(reply["results"][4]["review_id"], "r-4714");
    assert!(reply["results"][4]["reason"].as_str().unwrap().contains("yesterday"), "{reply}");
    assert!(!reply.to_string().contains("Jane"), "{reply}");

    let anew = shop.start_anew();
    let body = r#"{"review_id": "r-4711", "sku": "a", "rating": 2, "text": "Worn out by now."}
{"op": "delete", "review_id": "r-4712"}
{"op": "delete", "review_id": "r-4712"}"#;
    let reply = anew.send(anew.push(REVIEWS, body)).await.json();
    assert_eq!(outcomes(&reply), ["applied", "applied", "duplicate"]);
    let deletion = json!({ "line": 2, "review_id": "r-4712", "sku": null, "outcome": "applied" });
    assert_eq!(reply["results"][1], deletion);
    assert_eq!(anew.get("/v1/catalogue/status").await.json()["review_record"], 4);
    let metrics = String::from_utf8(anew.shop.get("/metrics").await.body).unwrap();
    for (outcome, n) in [("applied", 2), ("duplicate", 1)] {
        let line =
            format!("vitrine_pushed_lines_total{{kind=\"review\",outcome=\"{outcome}\"}} {n}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
}

#[tokio::test]
async fn nothing_on_the_disk_says_who_wrote() {
    let shop = PushShop::new();
    let push = Push { idempotency: Some("night-7"), ..shop.push(REVIEWS, LINES) };
    assert_eq!(shop.send(push).await.json()["n_applied"], 2);
    assert_eq!(shop.send(push).await.json()["is_repetition"], true);
    let everything = bytes_below(shop.shop.dir.path());
    assert!(holds(&everything, b"Warm and soft."), "the reviews are there");
    for secret in ["jane", "Jane", "Doe", "doe@example", "someone else", "r-471"] {
        assert!(!holds(&everything, secret.as_bytes()), "{secret} is on the disk");
    }
}

#[tokio::test]
async fn a_key_for_orders_does_not_push_reviews() {
    let shop = PushShop::new();
    let scopes = [KeyScope::OrdersWrite, KeyScope::CatalogueWrite];
    let key = keys::add(shop.shop.dir.path(), "till", &scopes, 1_000, 7).unwrap();
    let anew = shop.start_anew();
    let refused = anew.send(Push { key: &key, ..anew.push(REVIEWS, LINES) }).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "scope_missing"));
    let document = anew.shop.get("/openapi.json").await.json();
    assert!(document["paths"][REVIEWS]["post"].is_object(), "it is documented");
}
