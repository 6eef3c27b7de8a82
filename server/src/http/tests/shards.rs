//! `GET /v1/shards/{hash}`, also of a store that is damaged.

use std::fs;

use super::*;

async fn one_hash(shop: &TestShop) -> String {
    let manifest = shop.get("/v1/manifest").await.json();
    manifest["shards"][0]["hash"].as_str().unwrap().to_owned()
}

async fn fetch(shop: &TestShop, hash: &str, accepted: &str) -> Answer {
    let request = Request::get(format!("/v1/shards/{hash}"));
    shop.send(request.header(header::ACCEPT_ENCODING, accepted).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_shard_comes_as_it_is_accepted() {
    let shop = shop();
    let hash = one_hash(&shop).await;
    let raw = fetch(&shop, &hash, "br;q=0.0").await;
    assert_eq!((raw.status, raw.headers.get("content-encoding")), (StatusCode::OK, None));
    assert_eq!(blake3::hash(&raw.body).to_hex().as_str(), hash);
    let compressed = fetch(&shop, &hash, "gzip, br").await;
    assert_eq!(compressed.headers["content-encoding"], "br");
    assert!(compressed.headers["cache-control"].to_str().unwrap().contains("immutable"));
}

#[tokio::test]
async fn without_a_good_compressed_form_the_raw_one_is_sent() {
    for damage in ["missing", "flipped"] {
        let shop = shop();
        let hash = one_hash(&shop).await;
        let path = shop.dir.path().join("store/shards").join(format!("{hash}.br"));
        match damage {
            "missing" => fs::remove_file(&path).unwrap(),
            _ => fs::write(&path, b"not brotli").unwrap(),
        }
        // Twice: the second answer is the one that is kept in memory.
        for _ in 0..2 {
            let answer = fetch(&shop, &hash, "br").await;
            assert_eq!(answer.status, StatusCode::OK, "{damage}");
            assert_eq!(answer.headers.get("content-encoding"), None, "{damage}");
            assert_eq!(blake3::hash(&answer.body).to_hex().as_str(), hash, "{damage}");
        }
    }
}

#[tokio::test]
async fn a_shard_that_is_gone_or_damaged_in_both_forms_is_a_problem() {
    let shop = shop();
    let hash = one_hash(&shop).await;
    let folder = shop.dir.path().join("store/shards");
    fs::write(folder.join(&hash), b"damaged").unwrap();
    fs::write(folder.join(format!("{hash}.br")), b"damaged").unwrap();
    assert_eq!(fetch(&shop, &hash, "br").await.code(), "shard_damaged");
    let unknown = "0".repeat(64);
    assert_eq!(fetch(&shop, &unknown, "br").await.code(), "shard_not_found");
    for name in ["xyz", "%ff", "..%2f..%2fLOCK"] {
        assert_eq!(fetch(&shop, name, "br").await.code(), "shard_name_invalid", "{name}");
    }
}
