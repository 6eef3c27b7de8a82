//! `POST /v1/orders`.

use super::*;

const LINES: &str = r#"{"order_id": "2026-4711", "line": 1, "sku": "a", "quantity": 2, "price": "2.99 USD", "time": "2026-11-02T09:14:00Z", "customer": "jane.doe@example.com"}
{"order_id": "2026-4711", "line": 2, "sku": "b", "quantity": 1, "time": "2026-11-02T09:14:00Z", "customer": "jane.doe@example.com"}
{"order_id": "2026-4711", "line": 1, "sku": "a", "quantity": 2, "time": "2026-11-02T09:14:00Z"}
{"order_id": "2026-4712", "line": 1, "sku": "a", "quantity": 0, "time": "2026-11-02T09:14:00Z"}
{"order_id": "2026-4713", "line": 1, "sku": "a", "quantity": 1, "time": "yesterday"}"#;

#[tokio::test]
async fn lines_of_orders_are_taken_once() {
    let shop = PushShop::new();
    let reply = shop.send(shop.push(ORDERS, LINES)).await.json();
    assert_eq!(outcomes(&reply), ["applied", "applied", "duplicate", "invalid", "invalid"]);
    assert_eq!(reply["n_applied"], 2);
    let first = json!({ "line": 1, "order_id": "2026-4711", "sku": "a", "outcome": "applied" });
    assert_eq!(reply["results"][0], first);
    assert_eq!(reply["results"][4]["order_id"], "2026-4713");
    assert!(reply["results"][4]["reason"].as_str().unwrap().contains("yesterday"), "{reply}");
    let again = shop.send(shop.push(ORDERS, LINES)).await.json();
    assert_eq!(outcomes(&again), ["duplicate", "duplicate", "duplicate", "invalid", "invalid"]);
    assert_eq!(shop.get("/v1/catalogue/status").await.json()["order_record"], 2);
    let anew = shop.start_anew();
    let later = anew.send(anew.push(ORDERS, LINES)).await.json();
    assert_eq!(later["n_applied"], 0, "also after a start anew");
}

#[tokio::test]
async fn nothing_on_the_disk_says_who_bought() {
    let shop = PushShop::new();
    shop.send(shop.push(ORDERS, LINES)).await;
    let path = shop.shop.dir.path().to_owned();
    let everything = bytes_below(&path);
    assert!(holds(&everything, b"\"sku\":\"a\""), "the lines are there");
    for secret in ["jane", "doe@example", "2026-4711"] {
        assert!(!holds(&everything, secret.as_bytes()), "{secret} is on the disk");
    }
    assert!(!holds(&everything, shop.key.as_bytes()), "neither is the key");
}
