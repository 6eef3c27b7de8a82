//! Bytes of each wire version as they were first written. They must decode for as long as
//! the version is read; those of the present one encode to themselves.
//!
//! `VITRINE_BLESS=1 cargo test -p vitrine-wire --test golden` writes missing
//! files; it never replaces one, because bytes in the field can't be replaced.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use std::fs;
use std::path::PathBuf;

use vitrine_domain::{Manifest, ShardKind};
use vitrine_wire::{
    OfferAmount, Shard, decode_manifest, decode_search_reply, decode_shard, encode_manifest,
    encode_search_reply, encode_shard,
};

fn stored(version: &str, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(version).join(name)
}

fn golden(name: &str, bytes: &[u8]) -> Vec<u8> {
    let path = stored("v2", name);
    if std::env::var_os("VITRINE_BLESS").is_some() && !path.exists() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
    }
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn shards_still_decode_and_encode_to_the_same_bytes() {
    for (name, shard) in common::shards() {
        let stored = golden(&format!("{name}.vtr"), &encode_shard(&shard).unwrap());
        assert_eq!(decode_shard(&stored).unwrap(), shard, "{name}");
        assert_eq!(encode_shard(&shard).unwrap(), stored, "{name}");
    }
}

#[test]
fn manifests_still_decode_and_encode_to_the_same_bytes() {
    for (name, manifest) in [
        ("manifest.json", common::manifest()),
        ("manifest-price-lists.json", common::manifest_with_lists()),
    ] {
        let stored = golden(name, &encode_manifest(&manifest).unwrap());
        assert_eq!(decode_manifest(&stored).unwrap(), manifest);
        assert_eq!(encode_manifest(&manifest).unwrap(), stored);
    }
}

#[test]
fn the_search_reply_still_decodes_and_encodes_to_the_same_bytes() {
    let reply = common::reply();
    let stored = golden("search-reply.json", &encode_search_reply(&reply).unwrap());
    assert_eq!(decode_search_reply(&stored).unwrap(), reply);
    assert_eq!(encode_search_reply(&reply).unwrap(), stored);
}

#[cfg(feature = "v1")]
/// What version 1 did not know is as if the shop had not said it.
fn as_of_version_1(mut shard: Shard) -> Shard {
    match &mut shard {
        Shard::Cards(cards) => {
            for row in &mut cards.rows {
                (row.photos, row.placeholder) = (Vec::new(), Vec::new());
                // Every card had a pictogram, counted from 0.
                row.picture = row.picture.max(1);
            }
        }
        Shard::Prices(prices) => {
            for row in &mut prices.rows {
                (row.rating, row.facts) = (None, Vec::new());
                row.ranked_price_minor = None;
            }
        }
        Shard::Offers(offers) => {
            offers.rows.iter_mut().for_each(|row| row.amount = OfferAmount::Unsaid);
        }
        _ => {}
    }
    shard
}

#[cfg(feature = "v1")]
#[test]
fn shards_of_version_1_are_read() {
    let mut n = 0;
    for (name, shard) in common::shards() {
        let Ok(bytes) = fs::read(stored("v1", &format!("{name}.vtr"))) else {
            let is_new = matches!(shard.kind() as u8, 10..=19);
            assert!(is_new, "{name} has a file of version 1");
            continue;
        };
        assert_eq!(decode_shard(&bytes).unwrap(), as_of_version_1(shard), "{name}");
        n += 1;
    }
    assert_eq!(n, 11);
}

#[test]
fn the_manifest_and_the_search_reply_of_version_1_are_read() {
    let manifest = decode_manifest(&fs::read(stored("v1", "manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest, Manifest { format: 1, ..common::manifest() });
    let reply = fs::read(stored("v1", "search-reply.json")).unwrap();
    let mut as_then = common::reply();
    as_then.hits.iter_mut().for_each(|hit| hit.picture = 3);
    assert_eq!(decode_search_reply(&reply).unwrap(), as_then);
}

#[test]
fn kinds_of_a_later_version_are_left_out() {
    let mut manifest = common::manifest();
    let json = String::from_utf8(encode_manifest(&manifest).unwrap()).unwrap();
    let later = json.replace(r#""kind":"pictures""#, r#""kind":"holograms""#);
    assert_ne!(later, json);
    manifest.shards.retain(|shard| shard.kind != ShardKind::Pictures);
    manifest.n_head -= 1;
    assert_eq!(decode_manifest(later.as_bytes()).unwrap(), manifest);
}
