use std::fs;

use tempfile::TempDir;
use vitrine_rules::authoring::{AuthorId, RuleRecord};
use vitrine_rules::{RuleAction, RuleId, RuleTarget};

use super::files::DraftFile;
use super::*;

/// Whoever saves, and when.
const SAVED: (AuthorId, i64) = (AuthorId(4), 1_000);

fn folder() -> (TempDir, RuleStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = RuleStore::open(dir.path());
    (dir, store)
}

fn hiding(id: u32, category: &str) -> RuleRecord {
    let target = RuleTarget::category(category);
    RuleRecord {
        id: RuleId(id),
        name: format!("Without {category}"),
        then: vec![RuleAction::Hide { target }],
        label: "Not shown unasked".into(),
        ..RuleRecord::default()
    }
}

fn published(store: &RuleStore, records: &[RuleRecord]) -> Result<(), RuleStoreError> {
    let revision = store.draft()?.revision;
    let draft = store.save(revision, records.to_vec(), SAVED)?;
    let new = NewVersion { note: "a note", by: AuthorId(4), at_seconds: 2_000 };
    store.publish(draft.revision, new, |_| Ok(()))
}

fn restored(store: &RuleStore, number: u64) -> Result<(), RuleStoreError> {
    let new = NewVersion { at_seconds: 3_000, ..NewVersion::default() };
    store.restore(number, new, |_| Ok(()))
}

fn live(store: &RuleStore) -> (u64, usize) {
    store.live().unwrap().map_or((0, 0), |live| (live.number, live.records.len()))
}

#[test]
fn a_draft_is_saved_published_and_brought_back() {
    let (dir, store) = folder();
    assert_eq!(store.draft().unwrap(), DraftFile::default());
    published(&store, &[]).unwrap();
    published(&store, &[hiding(1, "Beer"), hiding(2, "Wine")]).unwrap();
    assert_eq!((live(&store), store.newest().unwrap()), ((2, 2), Some(2)));
    published(&store, &[hiding(2, "Wine"), hiding(1, "Beer")]).unwrap();
    assert_eq!(live(&store).0, 2, "the same rules are no other version");
    restored(&store, 1).unwrap();
    assert_eq!(live(&store), (3, 0));
    assert!(store.draft().unwrap().records.is_empty(), "it was what was live, and goes with it");
    let version = RuleStore::open(dir.path()).version(3).unwrap();
    assert_eq!((version.restored_from, version.published_at_seconds), (Some(1), 3_000));
    restored(&store, 3).unwrap();
    assert_eq!(live(&store).0, 3, "it is live");
    let revision = store.draft().unwrap().revision;
    store.save(revision, vec![hiding(9, "Tea")], SAVED).unwrap();
    restored(&store, 2).unwrap();
    assert_eq!(live(&store), (4, 2));
    assert_eq!(store.draft().unwrap().records.len(), 1, "what is not published yet stays");
    let numbers: Vec<u64> =
        store.history().unwrap().versions.iter().map(|version| version.number).collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
    assert!(matches!(restored(&store, 9), Err(RuleStoreError::NoSuchVersion { number: 9 })));
}

#[test]
fn who_saves_signs_what_is_other_than_it_was() {
    let (_dir, store) = folder();
    store.save(0, vec![hiding(1, "Beer"), hiding(2, "Wine")], (AuthorId(1), 10)).unwrap();
    let mut records = store.draft().unwrap().records;
    records[1].priority = 3;
    records.push(RuleRecord { author: AuthorId(1), ..hiding(3, "Gin") });
    let saved = store.save(1, records, (AuthorId(2), 20)).unwrap();
    let authors: Vec<u64> = saved.records.iter().map(|record| record.author.0).collect();
    assert_eq!(authors, [1, 2, 2]);
    assert_eq!((saved.revision, saved.saved_at_seconds, saved.by), (2, 20, AuthorId(2)));
}

#[test]
fn of_two_who_save_the_second_is_told_and_nothing_is_lost() {
    let (_dir, store) = folder();
    store.save(0, vec![hiding(1, "Beer")], SAVED).unwrap();
    let refused = store.save(0, vec![hiding(2, "Wine")], SAVED).unwrap_err();
    let RuleStoreError::Conflict(present) = refused else { panic!("{refused}") };
    assert_eq!((present.revision, present.records[0].id, present.by), (1, RuleId(1), SAVED.0));
    assert_eq!(store.draft().unwrap(), *present);
    let new = NewVersion::default();
    let refused = store.publish(0, new, |_| Ok::<(), RuleStoreError>(())).unwrap_err();
    assert!(matches!(refused, RuleStoreError::Conflict(_)), "{refused}");
    assert_eq!(live(&store), (0, 0));
}

#[test]
fn many_who_save_at_once_save_one_after_the_other() {
    let (dir, _) = folder();
    let save = |id: u32| {
        let store = RuleStore::open(dir.path());
        loop {
            let draft = store.draft().unwrap();
            let mut records = draft.records;
            records.push(hiding(id, "Beer"));
            match store.save(draft.revision, records, SAVED) {
                Ok(_) => return,
                Err(RuleStoreError::Conflict(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    std::thread::scope(|scope| {
        for id in 0..8 {
            scope.spawn(move || save(id));
        }
    });
    let draft = RuleStore::open(dir.path()).draft().unwrap();
    assert_eq!((draft.revision, draft.records.len()), (8, 8));
}

#[test]
fn a_damaged_file_says_what_to_do_and_the_others_are_read() {
    let (dir, store) = folder();
    published(&store, &[hiding(1, "Beer")]).unwrap();
    published(&store, &[hiding(1, "Wine"), hiding(2, "Gin")]).unwrap();
    let rules = dir.path().join(FOLDER);
    fs::write(rules.join("draft.json"), b"{\"format\": 1, \"revision\"").unwrap();
    let said = store.draft().unwrap_err().to_string();
    assert!(said.contains("draft.json is damaged") && said.contains("move it away"), "{said}");
    assert!(store.save(2, Vec::new(), SAVED).is_err(), "nothing is written over it");
    assert_eq!(live(&store), (2, 2));
    restored(&store, 1).unwrap();
    assert_eq!(live(&store), (3, 1), "what was published can be taken back all the same");
    fs::write(rules.join("versions/3.json"), b"{\"format\": 7, \"future\": true}").unwrap();
    let store = RuleStore::open(dir.path());
    assert_eq!(live(&store).0, 2, "the newest that can be read");
    let history = store.history().unwrap();
    assert_eq!((history.versions.len(), history.damaged.len()), (2, 1));
    fs::remove_file(rules.join("draft.json")).unwrap();
    assert_eq!(store.draft().unwrap().records.len(), 2, "it begins as what is live");
    published(&store, &[]).unwrap();
    assert_eq!(live(&store), (4, 0), "no number is given twice");
}

#[test]
fn of_too_many_versions_the_oldest_go() {
    let (dir, store) = folder();
    published(&store, &[hiding(1, "Beer")]).unwrap();
    let versions = dir.path().join(FOLDER).join("versions");
    for number in 2..=VERSIONS_KEPT_MAX {
        fs::copy(versions.join("1.json"), versions.join(format!("{number}.json"))).unwrap();
    }
    published(&store, &[hiding(1, "Wine")]).unwrap();
    assert!(!versions.join("1.json").exists() && versions.join("2.json").exists());
    assert_eq!(live(&store).0, VERSIONS_KEPT_MAX as u64 + 1);
    assert_eq!(store.history().unwrap().versions.len(), VERSIONS_KEPT_MAX);
}

#[cfg(unix)]
#[test]
fn files_are_their_owner_s() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, store) = folder();
    published(&store, &[hiding(1, "Beer")]).unwrap();
    for (path, mode) in [("", 0o700), ("draft.json", 0o600), ("versions/1.json", 0o600)] {
        let metadata = fs::metadata(dir.path().join(FOLDER).join(path)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{path}");
    }
}

#[test]
fn a_rule_that_cannot_ship_stops_no_other() {
    let mut faulty = hiding(2, "Wine");
    faulty.then.clear();
    let records = [hiding(1, "Beer"), faulty, hiding(3, "Gin"), hiding(3, "Rum")];
    let ids = |records: &[RuleRecord]| -> Vec<u32> {
        shipping(records, 1_000, &[]).rules.iter().map(|rule| rule.id.0).collect()
    };
    assert_eq!(ids(&records), [1, 3]);
    assert_eq!(ids(&records[..1]), [1]);
}

#[test]
fn a_watch_looks_again_when_another_version_is_live() {
    let (dir, store) = folder();
    let mut watch = RuleWatch::open(dir.path());
    assert_eq!(watch.due(&[], 0).map(|set| set.rules.len()), Some(0), "the first time");
    assert_eq!(watch.due(&[], 0), None);
    published(&store, &[hiding(1, "Beer")]).unwrap();
    assert_eq!(watch.due(&[], 0).map(|set| set.rules.len()), Some(1));
    assert_eq!(watch.due(&[], 0), None);
    assert_eq!(watch.shipping(&[], 0).rules.len(), 1, "whenever it is asked");
}
