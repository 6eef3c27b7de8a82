//! What is pushed, from the log to search and manifest.

use std::sync::Arc;

use serde_json::{Value, json};
use vitrine_catalogue::{ChangeLog, ChangeOutcome, ChangeRequest, ProductChange};
use vitrine_domain::{Manifest, OfferAmount, ShardRef};
use vitrine_wire::{CatalogueRows, Layer, decode_manifest, decode_shard};

use super::Follower;
use crate::http::tests::{TestShop, shop};
use crate::settings::ServerSettings;

/// A shop that serves, and the log that is pushed to.
struct PushedShop {
    shop: TestShop,
    log: Arc<ChangeLog>,
    follower: Follower,
}

impl PushedShop {
    fn new() -> Self {
        Self::follow(shop())
    }

    /// As a server that is started on the shop's folder.
    fn follow(shop: TestShop) -> Self {
        let log = Arc::clone(&shop.state.pushed().unwrap().changes);
        let settings = ServerSettings::in_folder(shop.dir.path());
        let follower = Follower::start(&settings, &shop.state, Some(Arc::clone(&log))).unwrap();
        Self { shop, log, follower }
    }

    fn push(&mut self, lines: &[Value]) {
        let change = |line: &Value| ProductChange::from_line(line.to_string().as_bytes()).unwrap();
        let changes = lines.iter().map(change).collect();
        let receipt = self.log.submit(ChangeRequest { changes, key: None }).unwrap();
        let is_taken = |outcome: &ChangeOutcome| {
            matches!(outcome, ChangeOutcome::Applied | ChangeOutcome::Waiting)
        };
        assert!(receipt.outcomes.iter().all(is_taken), "{:?}", receipt.outcomes);
        self.follower.look();
    }

    async fn manifest(&self) -> Manifest {
        decode_manifest(&self.shop.get("/v1/manifest").await.body).unwrap()
    }

    /// The rows of a browser that syncs now.
    async fn synced(&self) -> CatalogueRows {
        let mut layers = Vec::new();
        for ShardRef { hash, role, cell, .. } in self.manifest().await.shards {
            let bytes = self.shop.get(&format!("/v1/shards/{hash}")).await.body;
            layers.push(Layer { role, cell, shard: decode_shard(&bytes).unwrap() });
        }
        CatalogueRows::from_shards(layers).unwrap()
    }

    async fn found(&self, query: Value) -> Vec<String> {
        let mut titles = self.shop.search(query).await.titles();
        titles.sort_unstable();
        titles
    }

    /// Price that a page shows, and that a ranking is told.
    async fn prices(&self, title: &str) -> (u32, u32) {
        let rows = self.synced().await;
        let card = rows.cards.iter().find(|card| card.title == title).expect(title);
        let row = rows.price(card.id).unwrap();
        (row.price_minor, row.price_minor_ranked())
    }
}

#[tokio::test]
async fn a_price_is_in_search_and_manifest_and_rankings_stay() {
    let mut shop = PushedShop::new();
    let before = shop.manifest().await.catalogue;
    assert_eq!(shop.prices("Whole milk").await, (400, 400));
    shop.push(&[json!({"op": "patch", "sku": "4", "revision": 1, "price": "3.10 USD"})]);
    assert_eq!(shop.prices("Whole milk").await, (310, 400));
    let cheap = json!({"text": "milk", "filters": {"price_minor_max": 399}});
    assert_eq!(shop.found(cheap).await, ["Whole milk"], "by its new price");
    let after = shop.manifest().await.catalogue;
    assert_eq!((after.version, after.revision), (before.version, 1));
    assert_eq!((after.n_items, before.revision), (before.n_items, 0));
}

#[tokio::test]
async fn a_new_product_is_found_and_synced() {
    let mut shop = PushedShop::new();
    let oat = json!({"op": "upsert", "sku": "oat", "title": "Oat drink", "price": "2.50 USD",
        "product_type": "Plant-based > Drinks", "link": "https://shop.example/oat"});
    shop.push(&[oat]);
    assert_eq!(shop.found(json!({"text": "oat"})).await, ["Oat cookies", "Oat drink"]);
    assert_eq!(shop.prices("Oat drink").await, (250, 250));
    let rows = shop.synced().await;
    assert_eq!(rows.cards.len(), 9);
    let card = rows.cards.iter().find(|card| card.title == "Oat drink").unwrap();
    assert_eq!(rows.departments[usize::from(card.department)], "Plant-based");
    assert_eq!(rows.details(card.id).unwrap().link, "https://shop.example/oat");
    assert_eq!(rows.price(card.id).unwrap().n_buyers, 0);
}

#[tokio::test]
async fn what_is_hidden_or_deleted_is_nowhere_and_comes_back_when_it_is_shown() {
    let mut shop = PushedShop::new();
    let before = shop.synced().await;
    shop.push(&[json!({"op": "hide", "sku": "4"}), json!({"op": "delete", "sku": "5"})]);
    assert_eq!(shop.found(json!({"text": "milk"})).await, [] as [&str; 0]);
    assert_eq!(shop.synced().await.cards.len(), 6);
    assert_eq!(shop.manifest().await.catalogue.n_items, 6);
    shop.push(&[json!({"op": "unhide", "sku": "4"})]);
    assert_eq!(shop.found(json!({"text": "milk"})).await, ["Whole milk"]);
    let rows = shop.synced().await;
    let card = before.cards.iter().find(|card| card.title == "Whole milk").unwrap();
    assert_eq!(rows.price(card.id), before.price(card.id), "with its buyers");
}

#[tokio::test]
async fn a_product_that_is_renamed_moves_to_another_card() {
    let mut shop = PushedShop::new();
    let renamed = json!({"op": "upsert", "sku": "7", "title": "Jasmine tea",
        "product_type": "Grocery > Food & drink", "price": "7.00 USD"});
    shop.push(&[renamed]);
    assert_eq!(shop.found(json!({"text": "tea"})).await, ["Jasmine tea"]);
    assert_eq!(shop.synced().await.cards.len(), 8);
}

#[tokio::test]
async fn stock_sale_and_offer_are_facts_of_the_variant() {
    let mut shop = PushedShop::new();
    let line = json!({"op": "patch", "sku": "6", "stock": 0, "sale_price": "4.99 USD",
        "offer": {"label": "Two for one"}});
    shop.push(&[line]);
    let rows = shop.synced().await;
    let id = rows.cards.iter().find(|card| card.title == "White bread").unwrap().id;
    let facts = &rows.price(id).unwrap().facts[0];
    assert_eq!((facts.stock, facts.sale.map(|sale| sale.price_minor)), (Some(0), Some(499)));
    let offer = rows.offer(id).unwrap();
    assert_eq!((offer.label.as_str(), offer.variants), ("Two for one", 1));
    let available = json!({"text": "bread", "filters": {"available_only": true}});
    let answer = shop.shop.search(available).await.json();
    assert_eq!(answer["relaxed"].as_array().map(Vec::len), Some(1), "none is there: {answer}");

    shop.push(&[json!({"op": "patch", "sku": "6", "offer": null, "stock": 3})]);
    let rows = shop.synced().await;
    assert_eq!(rows.offer(id), None);
    assert_eq!(rows.price(id).unwrap().facts[0].stock, Some(3));
}

#[tokio::test]
async fn a_price_of_a_list_and_an_amount_of_an_offer_are_facts_of_the_variant() {
    let mut shop = PushedShop::new();
    let before = shop.synced().await;
    let line = json!({"op": "patch", "sku": "6", "prices": {"trade": "4.20 EUR"},
        "offer": {"label": "Coupon", "price_off": "0.50 USD"}});
    shop.push(&[line]);
    let rows = shop.synced().await;
    let id = rows.cards.iter().find(|card| card.title == "White bread").unwrap().id;
    assert_eq!(rows.list_prices(id).unwrap().price_of(0, 0), Some((420, None)));
    assert_eq!(rows.offer(id).unwrap().amount, OfferAmount::Minor(50));
    assert_eq!(rows.prices, before.prices, "the standard prices stay");
    assert_eq!(shop.manifest().await.prices.lists[0].key, "trade");

    shop.push(&[json!({"op": "patch", "sku": "6", "prices": {"trade": "4.40 EUR"},
        "offer": {"label": "Coupon", "percent_off": 20}})]);
    let rows = shop.synced().await;
    assert_eq!(rows.list_prices(id).unwrap().price_of(0, 0), Some((440, None)));
    assert_eq!(rows.offer(id).unwrap().amount, OfferAmount::Percent(20));
    let oat = json!({"op": "upsert", "sku": "oat", "title": "Oat drink", "price": "2.50 USD",
        "prices": {"trade": "2.00 EUR"}});
    shop.push(&[oat, json!({"op": "patch", "sku": "6", "prices": {"trade": null}})]);
    let rows = shop.synced().await;
    assert_eq!(rows.list_prices(id), None);
    let oat = rows.cards.iter().find(|card| card.title == "Oat drink").unwrap().id;
    assert_eq!(rows.list_prices(oat).unwrap().price_of(0, 0), Some((200, None)));
}

#[tokio::test]
async fn a_server_that_is_started_anew_shows_what_was_pushed() {
    let mut shop = PushedShop::new();
    shop.push(&[json!({"op": "patch", "sku": "4", "price": "3.10 USD"})]);
    shop.push(&[json!({"op": "upsert", "sku": "oat", "title": "Oat drink", "price": "2 USD"})]);
    shop.push(&[json!({"op": "hide", "sku": "8"})]);
    let before = shop.synced().await;
    let old = shop.manifest().await;
    let shop = PushedShop::follow(shop.shop);
    assert_eq!(shop.synced().await, before);
    // A page that had the manifest of before goes on fetching.
    for shard in old.shards {
        assert_eq!(shop.shop.get(&format!("/v1/shards/{}", shard.hash)).await.status, 200);
    }
}

#[tokio::test]
async fn an_import_has_the_newer_word_on_what_it_names() {
    let mut shop = PushedShop::new();
    shop.push(&[json!({"op": "patch", "sku": "4", "price": "3.10 USD"})]);
    shop.push(&[json!({"op": "hide", "sku": "5"})]);
    shop.push(&[json!({"op": "upsert", "sku": "oat", "title": "Oat drink", "price": "2 USD"})]);
    shop.shop.publish_again(shop.log.number());
    shop.follower.look_until_served(2);
    assert_eq!(shop.prices("Whole milk").await, (400, 400), "the feed's");
    let titles = shop.found(json!({"text": ""})).await;
    assert!(titles.contains(&"Oat drink".to_owned()), "what no feed has stays: {titles:?}");
    assert!(!titles.contains(&"Lactose free milk".to_owned()), "what was hidden stays so");
    shop.push(&[json!({"op": "patch", "sku": "4", "price": "3.20 USD"})]);
    assert_eq!(shop.prices("Whole milk").await, (320, 400), "pushed after the import");
}

/// Parts of a product that were pushed before an import are older than its feed, also when
/// another part is pushed after it.
#[tokio::test]
async fn a_patch_after_an_import_brings_no_older_price_back() {
    let mut shop = PushedShop::new();
    shop.push(&[json!({"op": "patch", "sku": "4", "price": "3.10 USD"})]);
    shop.push(&[json!({"op": "delete", "sku": "6"})]);
    shop.shop.publish_again(shop.log.number());
    shop.follower.look_until_served(2);
    shop.push(&[
        json!({"op": "patch", "sku": "4", "stock": 3}),
        json!({"op": "patch", "sku": "6", "stock": 5}),
    ]);
    assert_eq!(shop.prices("Whole milk").await, (400, 400), "the feed's price, newer than ours");
    assert_eq!(shop.prices("White bread").await, (600, 600), "the feed has it again");
}

/// Back and forth, each in a revision of its own.
#[tokio::test]
async fn a_price_that_goes_back_is_shown_each_time() {
    let mut shop = PushedShop::new();
    for _ in 0..4 {
        for (price, minor) in [("3.10 USD", 310), ("4.00 USD", 400)] {
            shop.push(&[json!({"op": "patch", "sku": "4", "price": price})]);
            assert_eq!(shop.prices("Whole milk").await.0, minor);
        }
        shop.push(&[json!({"op": "hide", "sku": "7"})]);
        shop.push(&[json!({"op": "unhide", "sku": "7"})]);
    }
    assert_eq!(shop.found(json!({"text": "green tea"})).await, ["Green tea"]);
}

/// What changes nothing is served, too: whoever waits for its record does not wait for ever.
#[tokio::test]
async fn a_record_that_changes_no_product_is_served() {
    let mut shop = PushedShop::new();
    shop.push(&[json!({"op": "patch", "sku": "4", "revision": 7, "price": "3.10 USD"})]);
    let line = json!({"op": "patch", "sku": "4", "revision": 6, "price": "3.00 USD"});
    let change = ProductChange::from_line(line.to_string().as_bytes()).unwrap();
    let key = vitrine_catalogue::IdempotencyKey::new("erp", "k", b"body").unwrap();
    let request = ChangeRequest { changes: vec![change], key: Some(key) };
    let receipt = shop.log.submit(request).unwrap();
    assert_eq!(receipt.outcomes, [ChangeOutcome::Stale]);
    shop.follower.look();
    let served = shop.shop.state.served_record.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(served, shop.log.number());
}

/// A server that does not have the log shows nothing that was hidden.
#[tokio::test]
async fn a_server_without_the_log_hides_what_was_hidden() {
    let mut shop = PushedShop::new();
    shop.push(&[json!({"op": "hide", "sku": "4"})]);
    let settings = ServerSettings::in_folder(shop.shop.dir.path());
    drop(Follower::start(&settings, &shop.shop.state, None).unwrap());
    assert!(!shop.found(json!({"text": "whole milk"})).await.contains(&"Whole milk".to_owned()));
}

#[tokio::test]
async fn shards_of_revisions_are_kept_by_no_cache() {
    let mut shop = PushedShop::new();
    let version = shop.manifest().await.shards;
    shop.push(&[json!({"op": "patch", "sku": "4", "price": "3.10 USD"})]);
    for shard in shop.manifest().await.shards {
        let answer = shop.shop.get(&format!("/v1/shards/{}", shard.hash)).await;
        let kept = answer.headers["cache-control"].to_str().unwrap().contains("immutable");
        assert_eq!(kept, version.contains(&shard), "{shard:?}");
    }
}

#[tokio::test]
async fn patched_texts_are_found_and_the_card_keeps_its_id() {
    let mut shop = PushedShop::new();
    let before = shop.synced().await;
    let card = before.cards.iter().find(|card| card.title == "Whole milk").unwrap();
    let line = json!({"op": "patch", "sku": "4", "title": "Whole alpine milk",
        "description": "From hay, without silage."});
    shop.push(&[line]);
    let after = shop.synced().await;
    assert_eq!(after.card(card.id).unwrap().title, "Whole alpine milk");
    assert_eq!(after.details(card.id).unwrap().description, "From hay, without silage.");
    assert_eq!(after.price(card.id).unwrap().n_buyers, before.price(card.id).unwrap().n_buyers);
    assert_eq!(shop.found(json!({"text": "alpine"})).await, ["Whole alpine milk"]);
}

#[tokio::test]
async fn what_the_studio_publishes_is_a_revision() {
    let mut shop = PushedShop::new();
    let bread =
        shop.synced().await.cards.iter().find(|card| card.title == "White bread").unwrap().id;
    let version = &blake3::hash(b"").to_hex().as_str()[..16].to_owned();
    let texts = json!({"description": "White bread.", "description_version": version});
    let request = axum::http::Request::put(format!("/v1/studio/listings/{}", bread.0))
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", crate::http::tests::TOKEN))
        .body(axum::body::Body::from(texts.to_string()))
        .unwrap();
    let answer = shop.shop.send(request).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    shop.follower.look();
    let rows = shop.synced().await;
    assert_eq!(rows.details(bread).unwrap().description, "White bread.");
    assert_eq!(shop.manifest().await.catalogue.revision, 1);
}
