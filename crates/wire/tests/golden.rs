//! Bytes of wire version 1 as they were first written. They must decode for as
//! long as the version is supported, and encode to themselves.
//!
//! `VITRINE_BLESS=1 cargo test -p vitrine-wire --test golden` writes missing
//! files; it never replaces one, because bytes in the field can't be replaced.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use std::fs;
use std::path::PathBuf;

use vitrine_wire::{
    decode_manifest, decode_search_reply, decode_shard, encode_manifest, encode_search_reply,
    encode_shard,
};

fn golden(name: &str, bytes: &[u8]) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1").join(name);
    if std::env::var_os("VITRINE_BLESS").is_some() && !path.exists() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
    }
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn shards_of_version_1_still_decode_and_encode_to_the_same_bytes() {
    for (name, shard) in common::shards() {
        let stored = golden(&format!("{name}.vtr"), &encode_shard(&shard).unwrap());
        assert_eq!(decode_shard(&stored).unwrap(), shard, "{name}");
        assert_eq!(encode_shard(&shard).unwrap(), stored, "{name}");
    }
}

#[test]
fn the_manifest_of_version_1_still_decodes_and_encodes_to_the_same_bytes() {
    let manifest = common::manifest();
    let stored = golden("manifest.json", &encode_manifest(&manifest).unwrap());
    assert_eq!(decode_manifest(&stored).unwrap(), manifest);
    assert_eq!(encode_manifest(&manifest).unwrap(), stored);
}

#[test]
fn the_search_reply_of_version_1_still_decodes_and_encodes_to_the_same_bytes() {
    let reply = common::reply();
    let stored = golden("search-reply.json", &encode_search_reply(&reply).unwrap());
    assert_eq!(decode_search_reply(&stored).unwrap(), reply);
    assert_eq!(encode_search_reply(&reply).unwrap(), stored);
}
