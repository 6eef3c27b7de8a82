//! What the shop's systems push, through the binary: killed servers, new catalogues, shops
//! without a feed, and what is no shop.
//!
//! The long form of the kills is `cargo test --test pushed -- --ignored`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use vitrine_tests::{Pusher, Server, SmallShop};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("pushed").join(name)
}

fn shop(name: &str) -> SmallShop {
    SmallShop::create(&folder(name)).unwrap()
}

/// Titles that a search finds, sorted.
fn found(server: &Server, text: &str) -> Vec<String> {
    let query = json!({"text": text, "page": {"offset": 0, "limit": 100}});
    let mut reply = ureq::post(format!("{}/v1/search", server.base)).send_json(query).unwrap();
    let reply: Value = reply.body_mut().read_json().unwrap();
    let hits = reply["hits"].as_array().unwrap().iter();
    let mut titles: Vec<String> =
        hits.map(|hit| hit["title"].as_str().unwrap().to_owned()).collect();
    titles.sort_unstable();
    titles
}

/// Stock as the log has it, of every product.
fn stock(pusher: &Pusher, sku: &str) -> Option<u64> {
    pusher.product(sku).unwrap().and_then(|product| product["stock"]["value"].as_u64())
}

/// A server that is killed while changes come: what was acknowledged is there.
fn kills_lose_nothing(name: &str, n_kills: usize, n_changes_min: u32) {
    let shop = shop(name);
    shop.import("Pushed").unwrap();
    let key = shop.key("erp").unwrap();
    let mut random = StdRng::seed_from_u64(7);
    let mut acknowledged: BTreeMap<String, u32> = BTreeMap::new();
    let next = AtomicU32::new(1);
    let mut kills = 0;
    while kills < n_kills || next.load(Ordering::SeqCst) < n_changes_min {
        let server = Server::start(&shop.data_dir).unwrap();
        let (base, is_over) = (server.base.clone(), AtomicBool::new(false));
        let pushed = thread::scope(|scope| {
            let pushing = scope.spawn(|| {
                let pusher = Pusher::new(&base, &key);
                let mut acknowledged = Vec::new();
                while !is_over.load(Ordering::SeqCst) {
                    let first = next.fetch_add(20, Ordering::SeqCst);
                    let line = |n: u32| {
                        let sku = format!("p{}", n % 200);
                        json!({"op": "patch", "sku": sku, "revision": n, "stock": n})
                    };
                    let lines: Vec<Value> = (first..first + 20).map(line).collect();
                    match pusher.push(&lines) {
                        Ok(_) => acknowledged.extend(first..first + 20),
                        // The server is gone; nobody knows about these.
                        Err(_) => break,
                    }
                }
                acknowledged
            });
            thread::sleep(Duration::from_millis(random.random_range(5..400)));
            server.kill().unwrap();
            is_over.store(true, Ordering::SeqCst);
            pushing.join().unwrap()
        });
        kills += 1;
        for n in pushed {
            let newest = acknowledged.entry(format!("p{}", n % 200)).or_default();
            *newest = (*newest).max(n);
        }
    }
    let server = Server::start(&shop.data_dir).unwrap();
    let pusher = Pusher::new(&server.base, &key);
    assert!(!acknowledged.is_empty(), "nothing was ever acknowledged");
    for (sku, newest) in acknowledged {
        // One that was sent and not answered may be there, too.
        assert!(stock(&pusher, &sku).unwrap() >= u64::from(newest), "{sku}: {newest}");
    }
}

#[test]
fn a_server_that_is_killed_loses_no_acknowledged_change() {
    kills_lose_nothing("kills", 4, 0);
}

#[test]
#[ignore = "takes minutes"]
fn fifty_kills_and_20_000_changes_lose_nothing() {
    kills_lose_nothing("many-kills", 50, 20_000);
}

#[test]
fn what_is_pushed_becomes_a_catalogue_while_the_server_runs() {
    let shop = shop("compact");
    shop.import("Compacted").unwrap();
    let key = shop.key("erp").unwrap();
    let server = Server::start(&shop.data_dir).unwrap();
    let pusher = Pusher::new(&server.base, &key);
    let kite = json!({"op": "upsert", "sku": "kite", "title": "Stunt kite",
        "product_type": "Toys", "price": "19.90 EUR"});
    let record = pusher
        .push(&[
            kite,
            json!({"op": "patch", "sku": "p7", "price": "1.23 EUR"}),
            json!({"op": "hide", "sku": "p8"}),
        ])
        .unwrap();
    pusher.wait_until_served(record).unwrap();
    assert_eq!(found(&server, "stunt kite"), ["Stunt kite"]);
    let order = |n: usize| {
        json!({"order_id": format!("o{n}"), "line": 1, "sku": "kite", "quantity": 1,
            "price": "19.90 EUR", "time": "2026-11-01T10:00:00Z", "customer": format!("c{n}")})
    };
    pusher.orders(&(0..6).map(order).collect::<Vec<_>>()).unwrap();

    assert_eq!(shop.run(&["compact"]).unwrap().0, Some(0));
    server.wait_for("/readyz", |ready| ready["catalogue"] == 2).unwrap();
    assert_eq!(found(&server, "stunt kite"), ["Stunt kite"]);
    let price = |title: &str| {
        let query = json!({"text": title, "page": {"offset": 0, "limit": 1}});
        let mut reply = ureq::post(format!("{}/v1/search", server.base)).send_json(query).unwrap();
        let reply: Value = reply.body_mut().read_json().unwrap();
        (reply["hits"][0]["price_minor"].as_u64(), reply["hits"][0]["n_buyers"].as_u64())
    };
    assert_eq!(price("Article number 7").0, Some(123));
    assert_eq!(price("Stunt kite"), (Some(1_990), Some(5)), "six buyers, told by fives");
    assert!(!found(&server, "Article number 8").contains(&"Article number 8".to_owned()));
    // What was hidden comes back as it was, also after the new catalogue.
    let record = pusher.push(&[json!({"op": "unhide", "sku": "p8"})]).unwrap();
    pusher.wait_until_served(record).unwrap();
    assert!(found(&server, "Article number 8").contains(&"Article number 8".to_owned()));
}

#[test]
fn a_shop_without_a_feed_is_made_of_what_it_pushes() {
    let shop = shop("no-feed");
    let key = shop.key("erp").unwrap();
    let server = Server::start(&shop.data_dir).unwrap();
    let pusher = Pusher::new(&server.base, &key);
    let line = |(n, title): (usize, &&str)| {
        json!({"op": "upsert", "sku": format!("s{n}"), "title": title, "product_type": "Food",
            "price": "2.50 EUR"})
    };
    let titles = ["Whole milk", "Oat cookies", "Green tea"];
    pusher.push(&titles.iter().enumerate().map(line).collect::<Vec<_>>()).unwrap();
    assert_eq!(shop.run(&["compact", "--shop", "Corner shop"]).unwrap().0, Some(0));
    server.wait_for("/readyz", |ready| ready["catalogue"] == 1).unwrap();
    let manifest = server.check_whole().unwrap();
    assert_eq!((&manifest["shop"], &manifest["currency"]), (&json!("Corner shop"), &json!("EUR")));
    assert_eq!(found(&server, "tea"), ["Green tea"]);
    let record = pusher.push(&[json!({"op": "delete", "sku": "s2"})]).unwrap();
    pusher.wait_until_served(record).unwrap();
    assert_eq!(found(&server, "green tea"), [] as [&str; 0]);
}

/// Articles that are read, not bought: no price, no order, clicks alone.
#[test]
fn a_catalogue_that_is_no_shop_is_imported_trained_and_served() {
    let dir = folder("articles");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let topics = ["Politics", "Science", "Sport", "Culture"];
    let mut articles = String::from("id,headline,section,abstract\n");
    let mut clicks = String::from("reader,article,at\n");
    for n in 0..80 {
        articles.push_str(&format!("a{n},Report number {n},{},About {n}.\n", topics[n % 4]));
    }
    for n in 0..6_000 {
        // Readers keep to a section, for half a year, and read an article in some order.
        let (reader, round) = (n % 120, n / 120);
        let (month, day) = (round / 9 + 1, round % 9 * 3 + 1);
        let article = (reader % 4) + 4 * ((round * 7 + reader / 4) % 20);
        clicks.push_str(&format!("r{reader},a{article},2026-{month:02}-{day:02} 10:00:00\n"));
    }
    std::fs::write(dir.join("articles.csv"), articles).unwrap();
    std::fs::write(dir.join("clicks.csv"), clicks).unwrap();
    let mapping = r#"
name = "articles"
currency = "XXX"
[products]
sku = "id"
title = "headline"
department = "section"
description = "abstract"
[interactions]
shopper = "reader"
sku = "article"
timestamp = { column = "at" }
kind = { constant = "view_item" }
"#;
    std::fs::write(dir.join("mapping.toml"), mapping).unwrap();
    let shop = SmallShop::of_folder(&dir);
    let file = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let (products, log, mapping) = (file("articles.csv"), file("clicks.csv"), file("mapping.toml"));
    let import = ["import", "--shop", "Gazette", "--products", &products, "--interactions", &log];
    assert_eq!(shop.run(&[&import[..], &["--mapping", &mapping]].concat()).unwrap().0, Some(0));
    let quick = r#"{"n_entries": 0, "n_steps": 0}"#;
    let trained = shop.run(&["train", "--configure", quick]).unwrap();
    assert_eq!(trained.0, Some(0), "{}", trained.1);
    let server = Server::start(&shop.data_dir).unwrap();
    let manifest = server.check_whole().unwrap();
    assert_eq!(manifest["catalogue"]["n_items"], 80);
    assert_ne!(manifest["catalogue"]["positives"], Value::Null, "clicks count, and say so");
    assert!(found(&server, "report number 17").contains(&"Report number 17".to_owned()));
}
