//! The log of changes: what is acknowledged stays, what is damaged is told.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

mod common;

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::*;
use vitrine_catalogue::{
    CatalogueError, ChangeLog, ChangeOutcome, ChangeRequest, IdempotencyKey, LogConfig, PriceGuard,
    limits,
};
use vitrine_domain::PriceListInfo;

/// A reader without the lock sees what the writer has written, whatever was compacted.
#[test]
fn products_are_read_beside_the_writer() {
    let dir = tempfile::tempdir().unwrap();
    let none = vitrine_catalogue::read_products(&dir.path().join("none")).unwrap();
    assert_eq!(none, (0, Vec::new()));
    let log = open(dir.path());
    for n in 1..=60 {
        submit(&log, vec![upsert(&format!("sku-{}", n % 20), n, &format!("Title {n}"))]);
        if n % 25 == 0 {
            log.compact().unwrap();
        }
        let (number, mut read) = vitrine_catalogue::read_products(dir.path()).unwrap();
        let (expected_number, mut expected) = log.products();
        read.sort_by_key(|product| product.number);
        expected.sort_by_key(|product| product.number);
        assert_eq!((number, read), (expected_number, expected));
    }
    // A write that is half done is not there yet.
    let last = files(dir.path(), "log").pop().unwrap();
    let mut bytes = std::fs::read(&last).unwrap();
    bytes.extend(*b"VITR");
    std::fs::write(&last, bytes).unwrap();
    assert_eq!(vitrine_catalogue::read_products(dir.path()).unwrap().0, 60);
}

#[test]
fn outcomes_tell_what_became_of_each_change() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let patch = |revision: u64, price: &str| {
        change(&format!(
            r#"{{"op": "patch", "sku": "a", "revision": {revision}, "price": "{price}"}}"#
        ))
    };
    assert_eq!(submit_one(&log, patch(5, "2.00 EUR")), ChangeOutcome::Waiting);
    assert!(!log.product("a").unwrap().is_listed());
    assert_eq!(submit_one(&log, upsert("a", 3, "Milk")), ChangeOutcome::Applied);
    let milk = log.product("a").unwrap();
    assert!(milk.is_listed());
    assert_eq!(milk.price.value.unwrap().minor, 200, "the patch is newer than the upsert");
    assert_eq!(submit_one(&log, upsert("a", 3, "Milk")), ChangeOutcome::Duplicate);
    assert_eq!(submit_one(&log, patch(4, "9.00 EUR")), ChangeOutcome::Stale);
    let outcome = submit_one(&log, patch(5, "3.00 EUR"));
    assert!(matches!(outcome, ChangeOutcome::Invalid(why) if why.contains("revision 5")));
    // Without a revision it is the next one, also within a request.
    let next = change(r#"{"op": "patch", "sku": "a", "stock": 4}"#);
    let outcomes = submit(&log, vec![next.clone(), next]).outcomes;
    assert_eq!(outcomes, [ChangeOutcome::Applied, ChangeOutcome::Applied]);
    assert_eq!(log.product("a").unwrap().revision(), 7);
}

#[test]
fn a_judge_stops_a_price_that_jumps_and_a_foreign_currency() {
    let dir = tempfile::tempdir().unwrap();
    let guard = PriceGuard { currency: Some("EUR".into()), lists: Vec::new(), ratio_max: 20 };
    let judge = Box::new(move |change: &_, before: Option<&_>| guard.judge(change, before, None));
    let log = ChangeLog::open(dir.path(), config(), judge).unwrap();
    let price = |text: &str| {
        submit_one(&log, change(&format!(r#"{{"op": "patch", "sku": "a", "price": "{text}"}}"#)))
    };
    assert_eq!(price("3.49 EUR"), ChangeOutcome::Waiting);
    assert!(matches!(price("349 EUR"), ChangeOutcome::Quarantined(why) if why.contains("349.00")));
    assert!(matches!(price("0.03 EUR"), ChangeOutcome::Quarantined(_)));
    assert!(matches!(price("3.49 USD"), ChangeOutcome::Invalid(why) if why.contains("EUR")));
    assert_eq!(price("3.99 EUR"), ChangeOutcome::Waiting);
    assert_eq!(log.product("a").unwrap().price.value.unwrap().minor, 399);
}

#[test]
fn a_judge_knows_the_price_lists_and_their_currencies() {
    let dir = tempfile::tempdir().unwrap();
    let list = |key: &str, currency: &str| PriceListInfo {
        key: key.into(),
        currency: currency.into(),
        ..PriceListInfo::default()
    };
    let lists = vec![list("trade", "EUR"), list("yen", "JPY")];
    let guard = PriceGuard { currency: Some("EUR".into()), lists, ratio_max: 20 };
    let judge = Box::new(move |change: &_, before: Option<&_>| {
        guard.judge_lists(change, before, 0, |_| None)
    });
    let log = ChangeLog::open(dir.path(), config(), judge).unwrap();
    let patch = |fields: &str| {
        submit_one(&log, change(&format!(r#"{{"op": "patch", "sku": "a", {fields}}}"#)))
    };
    let prices = |prices: &str| patch(&format!(r#""prices": {{{prices}}}"#));
    let refused = |outcome: ChangeOutcome, word: &str| {
        let ChangeOutcome::Invalid(why) = outcome else { panic!("{word}: {outcome:?}") };
        assert!(why.contains(word), "{why}");
    };
    assert_eq!(prices(r#""trade": "2.00 EUR", "yen": "300 JPY""#), ChangeOutcome::Waiting);
    refused(prices(r#""yen": "3.00 EUR""#), "JPY");
    refused(prices(r#""vip": "3.00 EUR""#), "trade, yen");
    refused(prices(r#""trade": "0 EUR""#), "null");
    let jump = prices(r#""trade": "200.00 EUR""#);
    assert!(matches!(jump, ChangeOutcome::Quarantined(why) if why.contains("list trade")));
    refused(patch(r#""offer": {"label": "x", "price_off": "1.00 USD"}"#), "EUR");
    assert_eq!(prices(r#""yen": null"#), ChangeOutcome::Waiting);
    let product = log.product("a").unwrap();
    assert_eq!(product.list_prices.get("yen").value, None);
    assert_eq!(product.list_prices.get("trade").value.unwrap().to_string(), "2.00 EUR");
    // A whole product without prices in lists has none, also in the list that no change named.
    submit_one(&log, upsert("a", 9, "Milk"));
    let product = log.product("a").unwrap();
    assert_eq!(product.list_prices.get("trade").value, None);
    assert_eq!(product.list_prices.get("never").revision, 9);
}

#[test]
fn a_key_is_answered_as_the_first_time_also_after_opening_and_compaction() {
    let dir = tempfile::tempdir().unwrap();
    let key = |body: &str| Some(IdempotencyKey::new("erp", "k1", body.as_bytes()).unwrap());
    let more = change(r#"{"op": "patch", "sku": "a", "stock": 4}"#);
    let request = ChangeRequest { changes: vec![more.clone(), upsert("b", 1, "x")], key: key("1") };
    let log = open(dir.path());
    let first = log.submit(request.clone()).unwrap();
    assert!(!first.is_repetition);
    let check = |log: &ChangeLog| {
        let again = log.submit(request.clone()).unwrap();
        assert!(again.is_repetition);
        assert_eq!(again.outcomes, first.outcomes);
        assert_eq!(log.product("a").unwrap().revision(), 1, "it was not applied again");
        let other = ChangeRequest { changes: vec![more.clone()], key: key("2") };
        assert!(matches!(log.submit(other), Err(CatalogueError::KeyReused)));
    };
    check(&log);
    drop(log);
    let log = open(dir.path());
    check(&log);
    log.compact().unwrap();
    drop(log);
    check(&open(dir.path()));
    let day_after =
        LogConfig { now_seconds: Arc::new(|| NOW_SECONDS + limits::KEY_KEPT_SECONDS), ..config() };
    let log = ChangeLog::open(dir.path(), day_after, accept_all()).unwrap();
    assert!(!log.submit(request).unwrap().is_repetition);
}

/// Many segments, the paths of which are returned.
fn many_segments(dir: &std::path::Path) -> Vec<PathBuf> {
    let log = open(dir);
    for i in 0..200 {
        submit_one(&log, upsert(&format!("s{i}"), 1, "a title of some length"));
    }
    files(dir, "log")
}

#[test]
fn a_tail_that_is_cut_anywhere_loses_the_last_write_alone() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    submit_one(&log, upsert("a", 1, "first"));
    let path = files(dir.path(), "log").remove(0);
    let n_before = fs::metadata(&path).unwrap().len() as usize;
    submit_one(&log, upsert("b", 1, "second"));
    drop(log);
    let whole = fs::read(&path).unwrap();
    for n_bytes in 0..whole.len() {
        fs::write(&path, &whole[..n_bytes]).unwrap();
        let log = open(dir.path());
        assert_eq!(log.product("a").is_some(), n_bytes >= n_before, "{n_bytes} bytes");
        assert!(log.product("b").is_none());
        // It goes on from there.
        submit_one(&log, upsert("c", 1, "third"));
        drop(log);
        assert!(open(dir.path()).product("c").is_some(), "{n_bytes} bytes");
        for path in files(dir.path(), "log") {
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn damage_in_the_middle_names_file_and_offset() {
    let dir = tempfile::tempdir().unwrap();
    let paths = many_segments(dir.path());
    assert!(paths.len() > 10, "{}", paths.len());
    let open = || ChangeLog::open(dir.path(), config(), accept_all());
    // In a segment that is complete: any byte, the last one too.
    let sealed = fs::read(&paths[3]).unwrap();
    for at in (0..sealed.len()).step_by(97).chain([sealed.len() - 1]) {
        let mut bad = sealed.clone();
        bad[at] ^= 1;
        fs::write(&paths[3], bad).unwrap();
        match open().err() {
            Some(CatalogueError::Damaged { path, offset, .. }) => {
                assert_eq!(path, paths[3]);
                assert!(offset as usize <= at, "{offset} for {at}");
            }
            other => panic!("byte {at}: {other:?}"),
        }
    }
    fs::write(&paths[3], &sealed).unwrap();
    // In the last one, with whole frames behind it.
    let last = paths.last().unwrap();
    let bytes = fs::read(last).unwrap();
    let mut bad = bytes.clone();
    bad[20] ^= 1;
    fs::write(last, bad).unwrap();
    let error = open().err().expect("damaged");
    assert!(error.to_string().contains("byte 16"), "{error}");
    fs::write(last, bytes).unwrap();
    // A segment that is gone.
    fs::remove_file(&paths[5]).unwrap();
    let error = open().err().expect("damaged");
    assert!(matches!(error, CatalogueError::Damaged { path, .. } if path == paths[6]));
}

#[test]
fn compaction_drops_segments_and_a_damaged_snapshot_is_answered_by_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let n_before = many_segments(dir.path()).len();
    let log = open(dir.path());
    log.compact().unwrap();
    assert_eq!(files(dir.path(), "log").len(), n_before, "one snapshot alone covers nothing");
    submit_one(&log, upsert("later", 1, "x"));
    log.compact().unwrap();
    log.compact().unwrap();
    submit_one(&log, upsert("last", 1, "x"));
    assert!(files(dir.path(), "log").len() < n_before / 2);
    let snapshots = files(dir.path(), "snapshot");
    assert_eq!(snapshots.len(), limits::SNAPSHOTS_KEPT);
    let (number, mut before) = log.products();
    drop(log);
    let whole = fs::read(&snapshots[1]).unwrap();
    for at in (0..whole.len()).step_by(251) {
        let mut bad = whole.clone();
        bad[at] ^= 1;
        fs::write(&snapshots[1], bad).unwrap();
        let (found, mut products) = open(dir.path()).products();
        products.sort_by_key(|product| product.number);
        before.sort_by_key(|product| product.number);
        assert_eq!((found, &products), (number, &before), "byte {at}");
    }
    // The next snapshot takes the place of the damaged one.
    let log = open(dir.path());
    log.compact().unwrap();
    assert!(!files(dir.path(), "snapshot").contains(&snapshots[1]));
    drop(log);
    assert_eq!(open(dir.path()).n_products(), 202);
}

/// Somebody removed the log and left the snapshots: what they have is there, and the log
/// goes on after it.
#[test]
fn a_snapshot_that_knows_more_than_the_log_is_gone_on_from() {
    let dir = tempfile::tempdir().unwrap();
    many_segments(dir.path());
    let log = open(dir.path());
    log.compact().unwrap();
    let number = log.number();
    drop(log);
    let paths = files(dir.path(), "log");
    for path in &paths[1..] {
        fs::remove_file(path).unwrap();
    }
    let log = open(dir.path());
    assert_eq!((log.number(), log.n_products()), (number, 200));
    submit_one(&log, upsert("later", 1, "x"));
    drop(log);
    let log = open(dir.path());
    assert_eq!((log.number(), log.n_products()), (number + 1, 201));
}

#[test]
fn readers_follow_from_where_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    submit(&log, vec![upsert("a", 1, "x"), upsert("b", 1, "x"), upsert("a", 2, "y")]);
    let skus = |number, n_max| -> Vec<String> {
        log.changed_since(number, n_max).iter().map(|product| product.sku.to_string()).collect()
    };
    assert_eq!(skus(0, 10), ["b", "a"], "each once, by its last change");
    assert_eq!(skus(0, 1), ["b"]);
    assert_eq!(skus(log.changed_since(0, 1)[0].number, 10), ["a"]);
    assert_eq!(skus(log.number(), 10), [""; 0]);
    assert_eq!(log.wait_past(log.number(), Duration::ZERO), 3);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| log.wait_past(3, Duration::from_secs(60)));
        submit_one(&log, upsert("c", 1, "x"));
        assert_eq!(waiting.join().unwrap(), 4);
    });
}

#[test]
fn a_full_disk_changes_nothing_and_the_log_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let is_full = Arc::new(AtomicBool::new(false));
    let full = Arc::clone(&is_full);
    let disk = failing(move |step, _| {
        (step == Step::Append && full.load(Ordering::SeqCst)).then_some(ErrorKind::StorageFull)
    });
    let log = ChangeLog::open(dir.path(), disk.config(), accept_all()).unwrap();
    for i in 0..60 {
        let sku = format!("s{i}");
        is_full.store(true, Ordering::SeqCst);
        let request = ChangeRequest { changes: vec![upsert(&sku, 1, "x")], key: None };
        let error = log.submit(request).unwrap_err();
        assert!(error.is_disk_full(), "{error}");
        assert!(error.to_string().contains("full"), "{error}");
        assert!(log.product(&sku).is_none());
        is_full.store(false, Ordering::SeqCst);
        assert_eq!(submit_one(&log, upsert(&sku, 1, "x")), ChangeOutcome::Applied);
    }
    assert!(files(dir.path(), "log").len() > 1, "also where a segment begins");
    drop(log);
    assert_eq!(open(dir.path()).n_products(), 60);
}

#[test]
fn after_a_sync_that_failed_nothing_is_taken_until_it_is_opened_anew() {
    let dir = tempfile::tempdir().unwrap();
    let fails = Arc::new(AtomicBool::new(false));
    let failing_now = Arc::clone(&fails);
    let disk = failing(move |step, _| {
        (step == Step::Sync && failing_now.load(Ordering::SeqCst)).then_some(ErrorKind::Other)
    });
    let log = ChangeLog::open(dir.path(), disk.config(), accept_all()).unwrap();
    submit_one(&log, upsert("a", 1, "x"));
    fails.store(true, Ordering::SeqCst);
    let send = || log.submit(ChangeRequest { changes: vec![upsert("b", 1, "x")], key: None });
    assert!(send().is_err());
    fails.store(false, Ordering::SeqCst);
    let error = send().unwrap_err();
    assert!(error.to_string().contains("started anew"), "{error}");
    assert!(log.product("b").is_none() && log.product("a").is_some());
    drop(log);
    let log = open(dir.path());
    assert!(log.product("a").is_some());
    // It had reached the disk all the same, or it had not: either way it can be sent again.
    let outcome = submit_one(&log, upsert("b", 1, "x"));
    assert!(matches!(outcome, ChangeOutcome::Applied | ChangeOutcome::Duplicate));
}

#[test]
fn writers_that_wait_share_a_sync() {
    let dir = tempfile::tempdir().unwrap();
    // A sync that takes its time, so that others come meanwhile.
    let disk = failing(|step, _| {
        if step == Step::Sync {
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    });
    let log = ChangeLog::open(dir.path(), disk.config(), accept_all()).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..16 {
            let log = &log;
            scope.spawn(move || {
                for i in 0..20 {
                    let sku = format!("{writer}-{i}");
                    assert_eq!(submit_one(log, upsert(&sku, 1, "x")), ChangeOutcome::Applied);
                }
            });
        }
    });
    assert_eq!(log.n_products(), 320);
    let n_syncs = disk.n_syncs.load(Ordering::SeqCst);
    assert!(n_syncs < 160, "{n_syncs} syncs for 320 requests of 16 writers");
}

#[test]
fn a_log_has_one_owner_and_a_request_has_its_limit() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let second = ChangeLog::open(dir.path(), config(), accept_all());
    assert!(matches!(second.err(), Some(CatalogueError::InUse { .. })));
    let changes = vec![upsert("a", 1, "x"); limits::CHANGES_MAX + 1];
    let refused = log.submit(ChangeRequest { changes, key: None });
    assert!(matches!(refused, Err(CatalogueError::TooManyChanges)));
    let long = "x".repeat(2_000);
    let large: Vec<_> = (0..9_000)
        .map(|i| {
            let line = format!(
                r#"{{"op": "upsert", "sku": "s{i}", "title": "{long}", "description": "{long}"}}"#
            );
            change(&line)
        })
        .collect();
    let refused = log.submit(ChangeRequest { changes: large, key: None });
    assert!(matches!(refused, Err(CatalogueError::RequestTooLarge)));
    assert_eq!(log.n_products(), 0, "whole or not at all");
}
