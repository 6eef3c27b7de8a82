//! Every rule of a manifest and of a search reply, each broken once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use common::shard_ref;
use vitrine_domain::limits::{MANIFEST_BYTES_MAX, MANIFEST_SHARDS_MAX, SHARD_BYTES_MAX};
use vitrine_domain::{Manifest, ShardKind, ShardRole};
use vitrine_rules::ShopRoute;
use vitrine_wire::{
    SearchReply, WireError, decode_manifest, decode_search_reply, encode_manifest,
    encode_search_reply,
};

fn broken(words: &str, change: impl Fn(&mut Manifest)) {
    let mut manifest = common::manifest();
    change(&mut manifest);
    let json = serde_json::to_vec(&manifest).unwrap();
    for error in
        [encode_manifest(&manifest).expect_err(words), decode_manifest(&json).expect_err(words)]
    {
        assert!(error.to_string().contains(words), "{error:?} does not say {words:?}");
    }
}

#[test]
fn versions_names_and_counts_are_checked() {
    broken("manifest format 3", |m| m.format = 3);
    broken("manifest format 0", |m| m.format = 0);
    for every in [0, 4] {
        broken("explore_every", |m| m.model.as_mut().unwrap().explore_every = Some(every));
    }
    // Where none is kept, nothing is said of it, as before it was a setting.
    let mut manifest = common::manifest();
    let json = encode_manifest(&manifest).unwrap();
    assert!(!String::from_utf8_lossy(&json).contains("explore_every"));
    manifest.model.as_mut().unwrap().explore_every = Some(20);
    let json = encode_manifest(&manifest).unwrap();
    assert_eq!(decode_manifest(&json).unwrap(), manifest);
    broken("length of shop", |m| m.shop.clear());
    broken("length of shop", |m| m.shop = "x".repeat(201));
    for currency in ["", "usd", "EURO", "€"] {
        broken("currency", |m| m.currency = currency.into());
    }
    broken("n_items of the manifest is 4000001", |m| m.catalogue.n_items = 4_000_001);
    broken("n_head", |m| m.n_head = 11);
    broken("number of shards", |m| {
        let many = 0..MANIFEST_SHARDS_MAX as u32 + 1;
        m.shards = many.map(|i| shard_ref(ShardKind::Cards, ShardRole::Base, i, 1)).collect();
    });
    broken("number of outputs", |m| m.model.as_mut().unwrap().outputs.clear());
    for output in ["", "Purchase", "a b", "purchase"] {
        broken("output", |m| m.model.as_mut().unwrap().outputs.push(output.into()));
    }
}

#[test]
fn price_lists_are_few_and_have_keys_names_and_currencies() {
    let lists = common::manifest_with_lists().prices.lists;
    let with = |change: &dyn Fn(&mut Vec<vitrine_domain::PriceListInfo>)| {
        let mut lists = lists.clone();
        change(&mut lists);
        lists
    };
    let many = vec![lists[0].clone(); 9];
    broken("number of price lists of the manifest is 9", |m| m.prices.lists = many.clone());
    for key in ["", "two words", "hamburg"] {
        broken("key of price list", |m| m.prices.lists = with(&|lists| lists[0].key = key.into()));
    }
    for name in [String::new(), "x".repeat(61)] {
        broken("length of the name of price list", |m| {
            m.prices.lists = with(&|lists| lists[2].name.clone_from(&name));
        });
    }
    broken("currency", |m| m.prices.lists = with(&|lists| lists[1].currency = "eur".into()));
}

#[test]
fn what_is_never_recommended_is_sorted_names_each_once_and_may_be_absent() {
    let mut manifest = common::manifest();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let json = encode_manifest(&manifest).unwrap();
    assert!(!String::from_utf8_lossy(&json).contains("never_recommended"));
    manifest.catalogue.never_recommended = names(&["Beer", "Cigars"]);
    let json = encode_manifest(&manifest).unwrap();
    assert_eq!(decode_manifest(&json).unwrap(), manifest);
    for wrong in [&["Cigars", "Beer"][..], &["Beer", "Beer"], &[""]] {
        broken("never_recommended", |m| m.catalogue.never_recommended = names(wrong));
    }
    broken("number of never_recommended", |m| {
        m.catalogue.never_recommended = (0..101).map(|n| format!("{n:03}")).collect();
    });
}

#[test]
fn shard_references_are_checked() {
    broken("bytes = 4", |m| m.shards[0].bytes = 4);
    broken("bytes = 16777217", |m| m.shards[0].bytes = SHARD_BYTES_MAX as u32 + 1);
    broken("bytes_compressed = 0", |m| m.shards[0].bytes_compressed = 0);
    broken("bytes_compressed = 2025", |m| m.shards[0].bytes_compressed = 2_025);
    broken("n_rows = 1001", |m| m.shards[0].n_rows = 1_001);
    broken("Cards Base 1 is listed twice", |m| m.shards[1].cell = 1);
    broken("is listed twice", |m| m.shards[1].hash = m.shards[0].hash);
    broken("Prices Delta 0 is listed twice", |m| {
        let mut second = m.shards[6];
        second.hash.0[0] ^= 1;
        m.shards.push(second);
    });
}

#[test]
fn kinds_are_checked_against_versions_and_totals() {
    use ShardKind::*;
    let without = |kind: ShardKind| {
        move |m: &mut Manifest| {
            m.shards.retain(|shard| shard.kind != kind);
            m.n_head = 0;
        }
    };
    broken("0 Cards bases", without(Cards));
    broken("0 Prices bases", without(Prices));
    broken("0 Codes bases", without(Codes));
    broken("0 Student bases", without(Student));
    broken("bases do not fit", |m| m.model = None);
    broken("Codes delta but no base", |m| {
        let codes = m.shards.iter_mut().filter(|shard| shard.kind == Codes);
        codes.for_each(|shard| shard.role = ShardRole::Delta);
    });
    broken("Student delta but no base", |m| m.shards[3].role = ShardRole::Delta);
    broken("2 Student bases", |m| m.shards.push(shard_ref(Student, ShardRole::Base, 1, 1)));
    broken("4 items cannot come from 3 Cards rows", |m| m.catalogue.n_items = 4);
    broken("3 items cannot come from 2 Codes rows", |m| m.shards[2].n_rows = 1);
}

/// A shop's first offer, and a price that went back to what it was two revisions before.
#[test]
fn deltas_may_be_many_and_alike_and_of_kinds_without_bases() {
    let mut manifest = common::manifest();
    let mut again = manifest.shards[6];
    assert_eq!(again.role, ShardRole::Delta);
    again.cell = 7;
    manifest.shards.push(again);
    manifest.shards.push(shard_ref(ShardKind::Offers, ShardRole::Delta, 3, 1));
    encode_manifest(&manifest).unwrap();
}

#[test]
fn a_manifest_without_model_and_one_without_items_are_fine() {
    let mut manifest = common::manifest();
    manifest.model = None;
    manifest.shards.retain(|s| !matches!(s.kind, ShardKind::Codes | ShardKind::Student));
    manifest.n_head = 4;
    assert!(encode_manifest(&manifest).is_ok());
    manifest.catalogue.n_items = 0;
    manifest.shards.clear();
    manifest.n_head = 0;
    assert!(encode_manifest(&manifest).is_ok());
}

#[test]
fn the_longest_list_of_shards_fits_the_byte_limit() {
    let mut manifest = common::manifest();
    let longest = |cell| {
        let mut shard = shard_ref(ShardKind::Pictures, ShardRole::Base, cell, 10_000_000);
        (shard.bytes, shard.bytes_compressed) = (15_999_999, 10_000_000);
        shard
    };
    let n = manifest.shards.len();
    manifest.shards.extend((1_000..).map(longest).take(MANIFEST_SHARDS_MAX - n));
    let bytes = encode_manifest(&manifest).unwrap();
    assert!(bytes.len() <= MANIFEST_BYTES_MAX);
}

#[test]
fn what_is_not_json_of_a_manifest_is_refused() {
    for bytes in [b"".as_slice(), b"{}", b"[]", b"\xff", b"{\"format\":1"] {
        assert!(matches!(decode_manifest(bytes), Err(WireError::Json { .. })));
    }
    let spaces = vec![b' '; MANIFEST_BYTES_MAX + 1];
    assert!(matches!(decode_manifest(&spaces), Err(WireError::TooLarge { .. })));
    let mut trailing = encode_manifest(&common::manifest()).unwrap();
    trailing.push(b'}');
    assert!(decode_manifest(&trailing).is_err());
}

fn broken_reply(words: &str, change: impl Fn(&mut SearchReply)) {
    let mut reply = common::reply();
    change(&mut reply);
    let json = serde_json::to_vec(&reply).unwrap();
    for error in [
        encode_search_reply(&reply).expect_err(words).to_string(),
        decode_search_reply(&json).expect_err(words).to_string(),
    ] {
        assert!(error.contains(words), "{error:?} does not say {words:?}");
    }
}

#[test]
fn search_replies_are_checked() {
    broken_reply("length of query_code", |r| r.query_code.truncate(63));
    broken_reply("length of query_code", |r| r.model = None);
    broken_reply("length of code", |r| r.hits[0].code.clear());
    broken_reply("n_total", |r| r.n_total = 0);
    broken_reply("repeated item", |r| r.hits.push(r.hits[0].clone()));
    broken_reply("repeated item", |r| r.cards_for_rules = Some(r.hits.clone()));
    broken_reply("number of cards_for_rules", |r| {
        r.cards_for_rules = Some(vec![r.hits[0].clone(); 201])
    });
    broken_reply("number of hits", |r| r.hits = vec![r.hits[0].clone(); 201]);
    let long = ShopRoute::Search("x".repeat(2_001));
    broken_reply("length of redirect", |r| r.redirect = Some(long.clone()));
    broken_reply("length of a text", |r| r.hits[0].title = "x".repeat(2_001));
    let mut reply = common::reply();
    reply.hits[0].score = f32::NAN;
    assert!(encode_search_reply(&reply).is_err());
}
