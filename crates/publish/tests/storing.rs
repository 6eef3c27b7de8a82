//! The store: what it keeps, what it deletes, and what it refuses to serve.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use common::Shop;
use vitrine_domain::ContentHash;
use vitrine_publish::store::VERSIONS_KEPT;
use vitrine_publish::{
    Encoding, PublishError, Snapshot, Store, prepare_catalogue, publish_catalogue,
};
use vitrine_wire::content_hash;

fn names(dir: &Path, folder: &str) -> HashSet<String> {
    let entries = fs::read_dir(dir.join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn hashes(store: &Store, number: u64) -> HashSet<ContentHash> {
    store.manifest(number).unwrap().shards.iter().map(|shard| shard.hash).collect()
}

#[test]
fn shards_are_named_by_their_content_in_both_forms() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    publish_catalogue(&store, &Shop::new(300).without_model(), 1).unwrap();
    let manifest = store.current().unwrap().unwrap();
    for shard in &manifest.shards {
        let raw = store.shard(shard.hash, Encoding::Raw).unwrap();
        assert_eq!(content_hash(&raw), shard.hash);
        assert_eq!(raw.len() as u32, shard.bytes);
        let compressed = store.shard(shard.hash, Encoding::Brotli).unwrap();
        assert_eq!(compressed.len() as u32, shard.bytes_compressed);
    }
    assert_eq!(names(dir.path(), "shards").len(), 2 * manifest.shards.len());
    let unknown = store.shard(ContentHash([9; 32]), Encoding::Raw);
    assert!(matches!(unknown, Err(PublishError::Io { .. })));
}

#[test]
fn the_last_versions_are_kept_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut shop = Shop::new(200);
    fs::write(dir.path().join("shards/left-over.tmp"), "half").unwrap();
    for round in 1..=8u64 {
        // Every other round changes so much that the bases are made anew.
        let step = if round % 2 == 0 { 1 } else { 50 };
        shop.items.iter_mut().step_by(step).for_each(|item| item.price_minor += 7);
        let published = publish_catalogue(&store, &shop.without_model(), 1).unwrap();
        assert_eq!(published.number, round);
        assert!(published.leftover.is_none());
        let first = (round + 1).saturating_sub(VERSIONS_KEPT).max(1);
        let kept: HashSet<String> = (first..=round).map(|n| format!("{n}.json")).collect();
        assert_eq!(names(dir.path(), "manifests"), kept);
        let named: HashSet<String> = (first..=round)
            .flat_map(|number| hashes(&store, number))
            .flat_map(|hash| [hash.to_string(), format!("{hash}.br")])
            .collect();
        assert_eq!(names(dir.path(), "shards"), named);
    }
}

#[test]
fn damaged_shards_are_not_served_and_are_healed_by_the_next_publish() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let shop = Shop::new(200);
    publish_catalogue(&store, &shop.without_model(), 1).unwrap();
    let shard = store.current().unwrap().unwrap().shards[0];
    for (name, encoding) in
        [(shard.hash.to_string(), Encoding::Raw), (format!("{}.br", shard.hash), Encoding::Brotli)]
    {
        let path = dir.path().join("shards").join(&name);
        let good = fs::read(&path).unwrap();
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 1;
        for bad in [flipped, good[..good.len() / 2].to_vec(), vec![]] {
            fs::write(&path, bad).unwrap();
            let refused = store.shard(shard.hash, encoding);
            assert!(
                matches!(refused, Err(PublishError::ShardDamaged { hash }) if hash == shard.hash)
            );
        }
        publish_catalogue(&store, &shop.without_model(), 1).unwrap();
        assert_eq!(fs::read(&path).unwrap(), good);
    }
}

#[test]
fn damaged_pointers_and_manifests_are_typed_errors() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    publish_catalogue(&store, &Shop::new(20).without_model(), 1).unwrap();
    let manifest = dir.path().join("manifests/1.json");
    let good = fs::read(&manifest).unwrap();
    fs::write(&manifest, &good[..good.len() / 2]).unwrap();
    let opened = Store::open(dir.path());
    assert!(matches!(opened, Err(PublishError::ManifestDamaged { number: 1, .. })));
    fs::write(&manifest, good).unwrap();
    for text in ["", "1", "x\n", "-1\n", "1\n2\n"] {
        fs::write(dir.path().join("CURRENT"), text).unwrap();
        assert!(matches!(Store::open(dir.path()), Err(PublishError::Pointer { .. })), "{text:?}");
    }
}

#[test]
fn of_two_that_publish_at_once_one_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let shop = Shop::new(50);
    let prepare = || {
        let store = Store::open(dir.path()).unwrap();
        let prepared = prepare_catalogue(&store, &shop.without_model(), 1).unwrap();
        (store, prepared)
    };
    let pairs = [prepare(), prepare()];
    let committed: Vec<bool> = std::thread::scope(|scope| {
        let commit = |(store, prepared): &(Store, _)| match store.commit(prepared) {
            Ok(_) => true,
            Err(PublishError::Conflict { prepared: None, current: Some(1) }) => false,
            Err(error) => panic!("{error}"),
        };
        let running: Vec<_> = pairs.iter().map(|pair| scope.spawn(move || commit(pair))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(committed.iter().filter(|ok| **ok).count(), 1);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(Snapshot::load(&store).unwrap().rows.cards.len(), 50);
}
