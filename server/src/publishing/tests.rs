//! What publishing leaves behind when the power goes, and when files are damaged.

use std::fs;

use vitrine_domain::{EventKind, Interaction, Item, ShopperId, Variant};
use vitrine_durable::LossyDisk;
use vitrine_encoder::TEXT_DIM;
use vitrine_publish::Snapshot;
use vitrine_quality::LogWriter;
use vitrine_wire::ReviewRow;

use super::*;
use crate::commands::rollback::rollback;
use crate::commands::verify::verify;

/// Files of an import besides the catalogue's own, written with no sync at all.
const DERIVED: [&str; 4] = ["profile.json", "summary.json", "quality.json", "quality.html"];

pub fn catalogue(n: usize) -> StoredCatalogue {
    let item = |i: usize| Item {
        id: ItemId(i as u64 + 1),
        title: format!("Article {i}"),
        price_minor: 100 + i as u32,
        variants: vec![Variant { sku: i.to_string(), ..Variant::default() }],
        ..Item::default()
    };
    StoredCatalogue {
        shop: "A shop".into(),
        currency: "EUR".into(),
        items: (0..n).map(item).collect(),
        positives: vitrine_domain::Positives::Purchases,
        never_recommended: Vec::new(),
        buyers: vec![Buyers { all: 13, recent: 7 }; n],
        alternatives: vec![Vec::new(); n],
        vectors: (0..n * TEXT_DIM)
            .map(|at| f32::from(u8::from(at % (TEXT_DIM + 1) == 0)))
            .collect(),
        ..StoredCatalogue::default()
    }
}

/// What an import has in its staging folder right before it is published.
fn stage(data_dir: &Path, catalogue: &StoredCatalogue) -> std::path::PathBuf {
    let staging = retention::fresh(&catalogue::staging(data_dir)).unwrap();
    DERIVED.iter().for_each(|name| fs::write(staging.join(name), "{}").unwrap());
    fs::write(staging.join("quarantine.jsonl"), "rejected\n").unwrap();
    let mut log = LogWriter::create(&catalogue::interactions_file(&staging)).unwrap();
    let line = Interaction {
        shopper: ShopperId(0),
        item: catalogue.items[0].id,
        kind: EventKind::Purchase,
        at_seconds: 1,
        basket: 0,
        quantity: 1,
        price_minor: 1,
    };
    log.push(&line).unwrap();
    log.finish().unwrap();
    catalogue.save(&staging).unwrap();
    staging
}

pub fn publish(data_dir: &Path, catalogue: &StoredCatalogue) -> CatalogueVersion {
    let store = Store::open(data_dir.join("store")).unwrap();
    let staging = stage(data_dir, catalogue);
    publish_on(&FileSystem, data_dir, &store, (catalogue, &[], None), &staging).unwrap()
}

#[test]
fn after_a_power_cut_everything_published_is_whole_and_the_next_import_works() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("store")).unwrap();
    let first = catalogue(3);
    let staging = stage(dir.path(), &first);
    let disk = LossyDisk::new(dir.path());
    let version = publish_on(&disk, dir.path(), &store, (&first, &[], None), &staging).unwrap();
    // The store syncs its own files; here the folder is at stake.
    let folder = catalogue::folder(dir.path(), version);
    let before = names(&folder);
    disk.power_cut_in(&folder).unwrap();

    assert_eq!(names(&folder), before);
    for name in DERIVED {
        assert_eq!(vitrine_durable::read(&folder, name).unwrap(), b"{}", "{name}");
    }
    assert_eq!(StoredCatalogue::load(&folder).unwrap(), first);
    assert_eq!(catalogue::read_interactions(&folder).unwrap().len(), 1);
    assert_eq!(publish(dir.path(), &catalogue(4)).0, version.0 + 1);
}

#[test]
fn reviews_change_from_one_version_to_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let row = |id: u64, stars| ReviewRow { id: ItemId(id), stars, ..ReviewRow::default() };
    let with = |reviews: Vec<ReviewRow>| StoredCatalogue { reviews, ..catalogue(3) };
    let first = with(vec![row(1, [0, 0, 0, 0, 2]), row(2, [1, 0, 0, 0, 0])]);
    let second =
        with(vec![row(1, [0, 0, 0, 0, 2]), row(2, [1, 0, 0, 2, 0]), row(3, [0, 1, 0, 0, 0])]);
    let published = |of: &StoredCatalogue| {
        let version = publish(dir.path(), of);
        let folder = catalogue::folder(dir.path(), version);
        assert_eq!(StoredCatalogue::load(&folder).unwrap().reviews, of.reviews);
        let store = Store::open(dir.path().join("store")).unwrap();
        Snapshot::load(&store).unwrap().rows.reviews.clone()
    };
    for of in [&first, &second, &first, &with(Vec::new())] {
        assert_eq!(published(of), of.reviews);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn each_flipped_byte_of_a_catalogue_is_noticed_when_it_is_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let folder = catalogue::folder(dir.path(), publish(dir.path(), &catalogue(2)));
    for name in ["cards.bin", "vectors.f32", "interactions.bin"] {
        let path = folder.join(name);
        let good = fs::read(&path).unwrap();
        for at in (0..good.len()).step_by(good.len() / 7) {
            let mut bad = good.clone();
            bad[at] ^= 4;
            fs::write(&path, bad).unwrap();
            let loaded = StoredCatalogue::load(&folder);
            let log = catalogue::read_interactions(&folder);
            assert!(loaded.is_err() || log.is_err(), "byte {at} of {name}");
        }
        fs::write(&path, good).unwrap();
    }
    fs::remove_file(folder.join(vitrine_durable::CHECKSUMS)).unwrap();
    assert!(StoredCatalogue::load(&folder).is_ok(), "an older version without checksums");
}

#[test]
fn a_damaged_version_does_not_stop_the_next_import() {
    for damaged in ["store/manifests/1.json", "store/CURRENT", "catalogues/1/cards.bin"] {
        for is_missing in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            publish(dir.path(), &catalogue(2));
            let path = dir.path().join(damaged);
            if is_missing {
                fs::remove_file(&path).unwrap()
            } else {
                fs::write(&path, "").unwrap()
            }
            assert_eq!(publish(dir.path(), &catalogue(3)).0, 2, "{damaged}");
            let store = Store::open(dir.path().join("store")).unwrap();
            assert_eq!(Snapshot::load(&store).unwrap().rows.cards.len(), 3);
        }
    }
}

#[test]
fn folders_and_quarantines_beyond_those_kept_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["models/0", "models/9", "models/refused"] {
        fs::create_dir_all(dir.path().join(name)).unwrap();
    }
    for n in 1..=8 {
        publish(dir.path(), &catalogue(n));
    }
    let kept = |folder: &str| names(&dir.path().join(folder));
    assert_eq!(kept("catalogues"), ["4", "5", "6", "7", "8"]);
    assert_eq!(kept("models"), ["refused"], "no manifest names the others");
    assert_eq!(kept("quarantine"), ["7.jsonl", "8.jsonl"]);
}

#[test]
fn no_compaction_takes_the_quarantine_of_an_import() {
    let dir = tempfile::tempdir().unwrap();
    let compact = |n: usize| {
        let store = Store::open(dir.path().join("store")).unwrap();
        let made = catalogue(n);
        let staging = stage(dir.path(), &made);
        let pushed = staging.join(retention::PUSHED_QUARANTINE_FILE);
        fs::rename(staging.join("quarantine.jsonl"), pushed).unwrap();
        publish_on(&FileSystem, dir.path(), &store, (&made, &[], None), &staging).unwrap();
    };
    let kept = || names(&dir.path().join("quarantine"));
    for n in 1..=3 {
        publish(dir.path(), &catalogue(n));
    }
    (4..=6).for_each(compact);
    assert_eq!(kept(), ["2.jsonl", "3.jsonl", "6-pushed.jsonl"]);
    publish(dir.path(), &catalogue(7));
    assert_eq!(kept(), ["3.jsonl", "7.jsonl"]);
}

#[test]
fn verify_names_each_damaged_file_and_rollback_goes_to_the_newest_whole_version() {
    let dir = tempfile::tempdir().unwrap();
    for n in 2..=4 {
        publish(dir.path(), &catalogue(n));
    }
    let store = Store::open(dir.path().join("store")).unwrap();
    let report = verify(dir.path(), &store).unwrap();
    assert!(report.is_whole(), "{report:?}");
    assert_eq!(report.versions.iter().map(|v| v.version).collect::<Vec<_>>(), [3, 2, 1]);

    for (version, name) in [(3, "profile.json"), (2, "interactions.bin")] {
        let path = catalogue::folder(dir.path(), CatalogueVersion(version)).join(name);
        fs::write(&path, "").unwrap();
        let report = verify(dir.path(), &store).unwrap();
        let report = report.versions.iter().find(|v| v.version == version).unwrap();
        assert!(report.damage[0].contains(name), "{report:?}");
        assert_eq!(report.damage.len(), 1);
    }
    assert!(rollback(dir.path(), &store, Some(2)).is_err(), "it is damaged, too");
    let published = rollback(dir.path(), &store, None).unwrap();
    assert_eq!(published.number, 4);
    assert_eq!(published.manifest.catalogue.version, CatalogueVersion(1));
    assert_eq!(Snapshot::load(&store).unwrap().rows.cards.len(), 2);
    assert_eq!(publish(dir.path(), &catalogue(9)), CatalogueVersion(5), "never given before");
}
