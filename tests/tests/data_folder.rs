//! What is on disk: damaged, missing, readable by whom; and a shop without orders.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vitrine_tests::{Server, SmallShop};

fn shop(name: &str) -> SmallShop {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("data-folder").join(name);
    SmallShop::create(&folder).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}

#[test]
fn empty_files_of_the_last_version_do_not_stop_the_next_import() {
    let shop = shop("empty");
    shop.import("First").unwrap();
    // As a power cut leaves files that were never synced.
    for file in files(&shop.data_dir.join("catalogues/1")) {
        fs::write(file, "").unwrap();
    }
    shop.import("Second").unwrap();
    let server = Server::start(&shop.data_dir).unwrap();
    let ready = server.wait_for("/readyz", |_| true).unwrap();
    assert_eq!((&ready["catalogue"], ready.get("degraded")), (&Value::from(2), None));
    assert_eq!(server.check_whole().unwrap()["shop"], "Second");
}

#[test]
fn a_damaged_version_is_answered_by_the_one_before_until_it_is_mended() {
    let shop = shop("damaged");
    shop.import("First").unwrap();
    shop.import("Second").unwrap();
    assert_eq!(shop.run(&["verify"]).unwrap().0, Some(0));
    let vectors = shop.data_dir.join("catalogues/2/vectors.f32");
    let mut bytes = fs::read(&vectors).unwrap();
    bytes[1_000] ^= 1;
    fs::write(&vectors, bytes).unwrap();

    let (status, said) = shop.run(&["verify"]).unwrap();
    assert!(status == Some(4) && said.contains("vectors.f32"), "{status:?} {said}");
    let server = Server::start(&shop.data_dir).unwrap();
    let ready = server.wait_for("/readyz", |_| true).unwrap();
    assert_eq!(ready["degraded"]["published_version"], 2, "{ready}");
    assert_eq!(ready["degraded"]["served_version"], 1, "{ready}");
    assert_eq!(server.check_whole().unwrap()["shop"], "First");
    let metrics = String::from_utf8(server.bytes("/metrics").unwrap()).unwrap();
    assert!(metrics.contains("vitrine_degraded 1"), "{metrics}");

    assert_eq!(shop.run(&["rollback"]).unwrap().0, Some(0));
    let ready = server.wait_for("/readyz", |ready| ready.get("degraded").is_none()).unwrap();
    assert_eq!(ready["catalogue"], 1);
    shop.import("Fourth").unwrap();
    let ready = server.wait_for("/readyz", |ready| ready["catalogue"] == 4).unwrap();
    assert!(ready.get("degraded").is_none(), "{ready}");
}

#[test]
fn a_quarantine_names_nobody_and_only_its_owner_reads_it() {
    let shop = shop("quarantine");
    let orders = shop.data_dir.parent().unwrap().join("orders.csv");
    let mut text = fs::read_to_string(&orders).unwrap();
    text.push_str("household-4711,p1,o1,-3,2026-01-02 10:00:00\n");
    text.push_str("household-4711,nothing,o2,1,2026-01-02 10:00:00\n");
    text.push_str("household-4711,p1,o3\n");
    fs::write(&orders, text).unwrap();
    shop.import("Quarantined").unwrap();
    let path = shop.data_dir.join("quarantine/1.jsonl");
    let lines: Vec<Value> = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let codes: Vec<&str> = lines.iter().map(|line| line["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["negative_quantity", "unknown_product", "unparsable"]);
    assert_eq!(lines[0]["record"], lines[1]["record"], "the same shopper");
    assert_eq!(lines[0]["record"].as_object().unwrap().len(), 1, "{}", lines[0]);
    assert!(!shop.data_dir.join("catalogues/1/quarantine.jsonl").exists());
    for (path, bytes) in readable(&shop.data_dir) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("4711"), "{} names a shopper", path.display());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&shop.data_dir.join("pseudonym.key")), 0o600);
        assert_eq!(mode(&shop.data_dir.join("catalogues/1/interactions.bin")), 0o600);
        assert_eq!(mode(&shop.data_dir.join("catalogues/1")), 0o700);
    }
}

/// Every file below a folder.
fn readable(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(readable(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

#[test]
fn a_shop_without_orders_opens_and_is_searched() {
    let shop = shop("new");
    shop.import_products("New").unwrap();
    let server = Server::start(&shop.data_dir).unwrap();
    let ready = server.wait_for("/readyz", |_| true).unwrap();
    assert_eq!((&ready["n_items"], &ready["model"]), (&Value::from(200), &Value::Null));
    let manifest = server.check_whole().unwrap();
    assert!(manifest["n_head"].as_u64().unwrap() > 0, "the first feed has something: {manifest}");
    let mut reply = ureq::post(format!("{}/v1/search", server.base))
        .send_json(serde_json::json!({ "text": "article number 7" }))
        .unwrap();
    let reply: Value = reply.body_mut().read_json().unwrap();
    assert!(reply["n_total"].as_u64().unwrap() > 0, "{reply}");
    assert!(reply["hits"].as_array().unwrap().iter().all(|hit| hit["n_buyers"] == 0), "{reply}");
    shop.import("With orders").unwrap();
    server.wait_for("/readyz", |ready| ready["catalogue"] == 2).unwrap();
}
