//! The power goes right after the shop's system was told that a change is kept, or an
//! import that its catalogue is published: what was told is there.
//!
//! `sudo -E cargo test --test disk_power_cut -- --ignored`: needs root and loop devices, and a
//! minute.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vitrine_tests::{BlockImage, Pusher, Server, SmallShop};

/// Times that the power goes.
const N_CUTS: u32 = 20;
/// Pushes before each.
const N_PUSHES: u32 = 3;
/// Changes of a push.
const N_CHANGES: u32 = 20;
/// Products that they change.
const N_PRODUCTS: u32 = 200;

#[test]
#[ignore = "needs root and loop devices"]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let files = Path::new(env!("CARGO_TARGET_TMPDIR")).join("power-cut");
    let _ = fs::remove_dir_all(&files);
    fs::create_dir_all(&files).unwrap();
    let at = |name: &str| files.join(name);
    let disk = BlockImage::create(&at("disk.img"), &at("disk")).unwrap();
    let mut shop = SmallShop::create(&at("shop")).unwrap();
    shop.data_dir = disk.path().join("var");
    let key = shop.key("erp").unwrap();
    shop.import("Cut").unwrap();
    let server = Server::start(&shop.data_dir).unwrap();
    let pusher = Pusher::new(&server.base, &key);
    let mut acknowledged: BTreeMap<String, u32> = BTreeMap::new();
    let mut next = 1;
    for n in 0..N_CUTS {
        // Half of the cuts hit a catalogue that was made of pushes just before.
        let compacts = n % 2 == 1;
        for _ in 0..N_PUSHES {
            let numbers = next..next + N_CHANGES;
            next = numbers.end;
            let sku = |n: u32| format!("p{}", n % N_PRODUCTS);
            let patch = |n| json!({"op": "patch", "sku": sku(n), "revision": n, "stock": n});
            pusher.push(&numbers.clone().map(patch).collect::<Vec<_>>()).unwrap();
            acknowledged.extend(numbers.map(|n| (sku(n), n)));
        }
        if compacts {
            assert_eq!(shop.run(&["compact"]).unwrap().0, Some(0));
        }
        let published: Value = server.json("/v1/manifest").unwrap();
        let cut = disk.cut_power(&at("cut.img"), &at("cut")).unwrap();
        {
            let after = Server::start(&cut.path().join("var")).unwrap();
            let pusher = Pusher::new(&after.base, &key);
            for (sku, number) in &acknowledged {
                let product = pusher.product(sku).unwrap().unwrap();
                assert_eq!(product["stock"]["value"], *number, "{sku} after cut {n}");
            }
            let manifest = after.check_whole().unwrap();
            let version = |manifest: &Value| manifest["catalogue"]["version"].as_u64();
            assert!(version(&manifest) >= version(&published), "cut {n}");
        }
        drop(cut);
    }
}

#[test]
#[ignore = "needs root and loop devices"]
fn a_power_cut_after_an_import_leaves_its_catalogue_and_the_next_import() {
    let files = Path::new(env!("CARGO_TARGET_TMPDIR")).join("power-cut-import");
    let _ = fs::remove_dir_all(&files);
    fs::create_dir_all(&files).unwrap();
    let at = |name: &str| files.join(name);
    let disk = BlockImage::create(&at("disk.img"), &at("disk")).unwrap();
    let mut shop = SmallShop::create(&at("shop")).unwrap();
    shop.data_dir = disk.path().join("var");
    for n in 1..=3_u64 {
        shop.import("Cut").unwrap();
        let cut = disk.cut_power(&at("cut.img"), &at("cut")).unwrap();
        let mut after = SmallShop::of_folder(&at("shop"));
        after.data_dir = cut.path().join("var");
        {
            let server = Server::start(&after.data_dir).unwrap();
            let manifest = server.check_whole().unwrap();
            assert_eq!(manifest["catalogue"]["version"], n);
        }
        after.import("Cut").unwrap();
        assert_eq!(after.run(&["verify"]).unwrap().0, Some(0));
        drop(cut);
    }
}
