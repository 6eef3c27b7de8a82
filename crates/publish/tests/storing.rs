//! The store: what it keeps, what it deletes, and what it refuses to serve.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use common::Shop;
use vitrine_domain::{CatalogueVersion, ContentHash};
use vitrine_publish::store::VERSIONS_KEPT;
use vitrine_publish::{
    Encoding, PublishError, Snapshot, Store, prepare_catalogue, prepare_model, publish_catalogue,
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
fn a_damaged_manifest_is_a_typed_error_and_numbers_go_on_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut shop = Shop::new(20);
    publish_catalogue(&store, &shop.without_model(), 1).unwrap();
    shop.items[0].price_minor += 1;
    publish_catalogue(&store, &shop.without_model(), 2).unwrap();
    let manifest = dir.path().join("manifests/2.json");
    let good = fs::read(&manifest).unwrap();
    for bad in [&good[..good.len() / 2], &[]] {
        fs::write(&manifest, bad).unwrap();
        let error = store.current().unwrap_err();
        assert!(matches!(error, PublishError::ManifestDamaged { number: 2, .. }), "{error}");
    }
    let published = publish_catalogue(&store, &shop.without_model(), 3).unwrap();
    assert_eq!(published.number, 3);
    assert_eq!(published.manifest.catalogue.version, CatalogueVersion(3), "2 is not given twice");
    assert!(published.leftover.is_none(), "{:?}", published.leftover);
}

#[test]
fn without_a_pointer_the_newest_manifest_is_current_and_numbers_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let shop = Shop::new(20);
    for seconds in 1..=3 {
        publish_catalogue(&store, &shop.without_model(), seconds).unwrap();
    }
    let pointer = dir.path().join("CURRENT");
    for text in ["", "3", "x\n", "-1\n", "1\n2\n"] {
        fs::write(&pointer, text).unwrap();
        assert_eq!(store.current_number().unwrap(), Some(3), "{text:?}");
    }
    fs::remove_file(&pointer).unwrap();
    let store = Store::open(dir.path()).unwrap();
    let manifest = store.current().unwrap().unwrap();
    assert_eq!(manifest.catalogue.published_at_seconds, 3);
    assert!(!vitrine_publish::verify(&store).unwrap().has_pointer);
    assert_eq!(publish_catalogue(&store, &shop.without_model(), 4).unwrap().number, 4);
    assert_eq!(fs::read_to_string(&pointer).unwrap(), "4\n");
}

/// Each file of the current version in turn: damaged, then missing.
#[test]
fn the_newest_whole_version_is_found_and_the_next_publish_mends_the_current_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut shop = Shop::new(300);
    with_model(&store, &shop);
    shop.items.iter_mut().for_each(|item| item.price_minor += 1);
    let current = publish_catalogue(&store, &shop.with_codes(), 3).unwrap().manifest;
    let load = |store: &Store| store.newest(|number| Snapshot::load_number(store, number));
    assert_eq!(load(&store).unwrap().unwrap().0, 3);
    assert_eq!(damage(&store), 0);

    let mut fell_back = HashSet::new();
    for shard in current.shards.iter().map(|shard| shard.hash) {
        let path = dir.path().join("shards").join(shard.to_string());
        let good = fs::read(&path).unwrap();
        for is_missing in [false, true] {
            if is_missing {
                fs::remove_file(&path).unwrap();
            } else {
                fs::write(&path, &good[..good.len() - 1]).unwrap();
            }
            assert!(damage(&store) > 0);
            let expected = (1..=3).rev().find(|number| !hashes(&store, *number).contains(&shard));
            match load(&store) {
                Ok(found) => assert_eq!(found.map(|(number, _)| number), expected),
                Err(PublishError::NoneWhole { number: 3, .. }) => assert_eq!(expected, None),
                Err(error) => panic!("{error}"),
            }
            fell_back.insert(expected);
            let prepared = prepare_catalogue(&store, &shop.with_codes(), 3).unwrap();
            let mended = Snapshot::of_prepared(&store, &prepared).unwrap();
            assert_eq!(mended.rows.prices[0].price_minor, prices(&shop)[0]);
            assert!(mended.rows.student.is_some(), "the model stays");
            fs::write(&path, &good).unwrap();
        }
    }
    assert_eq!(fell_back, HashSet::from([None, Some(1), Some(2)]), "all cases were met");
    let path = dir.path().join("shards").join(current.shards[0].hash.to_string());
    fs::remove_file(&path).unwrap();
    publish_catalogue(&store, &shop.with_codes(), 4).unwrap();
    assert_eq!(damage(&store), 0, "the missing shard is there again");
}

#[test]
fn a_rollback_is_a_version_of_its_own_and_finds_the_newest_whole_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut shop = Shop::new(100);
    assert!(matches!(store.rollback(None, |_| true), Err(PublishError::NothingOlder)));
    for seconds in 1..=3 {
        shop.items.iter_mut().for_each(|item| item.price_minor += 1);
        publish_catalogue(&store, &shop.without_model(), seconds).unwrap();
    }
    let seconds = |store: &Store| store.current().unwrap().unwrap().catalogue.published_at_seconds;
    let published = store.rollback(None, |_| true).unwrap();
    assert_eq!((published.number, seconds(&store)), (4, 2));
    assert_eq!(published.manifest.catalogue.version, CatalogueVersion(2), "the same catalogue");
    store.rollback(Some(1), |_| true).unwrap();
    assert_eq!((store.current_number().unwrap(), seconds(&store)), (Some(5), 1));
    let error = store.rollback(Some(9), |_| true).unwrap_err();
    assert!(matches!(error, PublishError::NotKept { number: 9, .. }), "{error}");

    // Damaged versions are not gone back to, and not by number either.
    let only = hashes(&store, 3).difference(&hashes(&store, 2)).copied().next().unwrap();
    fs::write(dir.path().join("shards").join(only.to_string()), "").unwrap();
    assert!(store.rollback(Some(3), |_| true).is_err());
    assert_eq!(store.current_number().unwrap(), Some(5));
    let published = publish_catalogue(&store, &shop.without_model(), 6).unwrap();
    assert_eq!(published.manifest.catalogue.version, CatalogueVersion(6), "never given before");
}

fn with_model(store: &Store, shop: &Shop) {
    publish_catalogue(store, &shop.without_model(), 1).unwrap();
    let (payload, ids) = (common::student(), shop.ids());
    let model = common::model(shop, &payload, &ids);
    store.commit(&prepare_model(store, &model).unwrap()).unwrap();
}

/// Prices in the order of the published rows.
fn prices(shop: &Shop) -> Vec<u32> {
    let mut items = shop.items.clone();
    items.sort_by_key(|item| item.id);
    items.iter().map(|item| item.price_minor).collect()
}

fn damage(store: &Store) -> usize {
    let check = vitrine_publish::verify(store).unwrap();
    check.versions.iter().map(|version| version.damage.len()).sum()
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
