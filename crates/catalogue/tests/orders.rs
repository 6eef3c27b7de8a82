//! The log of orders.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

mod common;

use std::fs;
use std::path::Path;

use common::*;
use vitrine_catalogue::{
    IdempotencyKey, LineOutcome, LineRequest, OrderLine, OrderLog, PushedOrderLine,
    read_order_lines,
};

fn open(dir: &Path) -> OrderLog {
    let pseudonymise = Box::new(|text: &str| blake3::hash(text.as_bytes()).to_hex()[..16].into());
    OrderLog::open(dir, config(), pseudonymise).unwrap()
}

fn line(order: &str, line: u32) -> PushedOrderLine {
    let text = format!(
        r#"{{"order_id": "{order}", "line": {line}, "sku": "a", "quantity": 2,
            "price": "3.49 EUR", "time": "2026-11-29T10:00:00+01:00", "customer": "ann@shop.test"}}"#
    );
    PushedOrderLine::from_line(text.as_bytes()).unwrap()
}

fn submit(log: &OrderLog, lines: Vec<PushedOrderLine>) -> Vec<LineOutcome> {
    log.submit(LineRequest { lines, key: None }).unwrap().outcomes
}

/// As an import reads them beside the log's writer.
fn lines(dir: &Path) -> Vec<OrderLine> {
    read_order_lines(dir).unwrap()
}

#[test]
fn a_line_is_kept_once_under_pseudonyms() {
    use LineOutcome::{Applied, Duplicate};
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let repeated = vec![line("order-17", 1), line("order-17", 2), line("order-17", 1)];
    assert_eq!(submit(&log, repeated.clone()), [Applied, Applied, Duplicate]);
    drop(log);
    let log = open(dir.path());
    assert_eq!(submit(&log, repeated), [const { Duplicate }; 3]);
    assert_eq!(submit(&log, vec![line("order-18", 1)]), [Applied]);
    let kept = lines(dir.path());
    assert_eq!(kept.len(), 3);
    assert_eq!(kept[0].order, kept[1].order);
    assert_ne!(kept[0].order, kept[2].order);
    assert_eq!(kept[0].shopper, kept[2].shopper);
    assert_eq!((kept[0].time, kept[0].price.unwrap().minor), (1_795_942_800, 349));
    for path in files(dir.path(), "log") {
        let written = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        assert!(!written.contains("ann@") && !written.contains("order-1"), "{written}");
    }
}

#[test]
fn all_lines_of_many_segments_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    for order in 0..100 {
        submit(&log, vec![line(&format!("o{order}"), 1), line(&format!("o{order}"), 2)]);
    }
    assert!(files(dir.path(), "log").len() > 5);
    assert_eq!(lines(dir.path()).len(), 200);
    drop(log);
    assert_eq!(lines(dir.path()).len(), 200);
}

#[test]
fn a_key_is_answered_as_the_first_time() {
    let dir = tempfile::tempdir().unwrap();
    let key = IdempotencyKey::new("till", "k", b"body").unwrap();
    let request = LineRequest { lines: vec![line("a", 1), line("a", 1)], key: Some(key) };
    let first = open(dir.path()).submit(request.clone()).unwrap();
    let again = open(dir.path()).submit(request).unwrap();
    assert!(again.is_repetition && !first.is_repetition);
    assert_eq!(again.outcomes, first.outcomes);
}

/// A log that an earlier version wrote must be read by later ones, so bytes stay as they are.
#[test]
fn records_are_written_as_they_always_were() {
    let dir = tempfile::tempdir().unwrap();
    let log = OrderLog::open(dir.path(), config(), Box::new(|text| format!("<{text}>"))).unwrap();
    let key = IdempotencyKey::new("till", "k", b"body").unwrap();
    log.submit(LineRequest { lines: vec![line("o1", 3), line("o1", 3)], key: Some(key) }).unwrap();
    drop(log);
    let [segment] = &files(dir.path(), "log")[..] else { panic!("one segment") };
    let bytes = fs::read(segment).unwrap();
    let records = String::from_utf8(bytes[16 + 28..].to_vec()).unwrap();
    let (first, second) = records.trim_end().split_once('\n').unwrap();
    assert_eq!(
        first,
        r#"{"line":{"order":"<order o1>","line":3,"sku":"a","quantity":2,"price":"3.49 EUR","time":"2026-11-29T09:00:00Z","shopper":"<ann@shop.test>"}}"#
    );
    assert!(second.starts_with(r#"{"answered":{"key":""#), "{second}");
    let runs = r#""at_seconds":1800000000,"runs":[[1,{"outcome":"applied"}],[1,{"outcome":"duplicate"}]]}}"#;
    assert!(second.ends_with(runs), "{second}");
}

#[test]
fn what_cannot_be_is_named() {
    let good = r#"{"order_id": "o", "line": 1, "sku": "a", "quantity": 2, "time": "2026-11-29T10:00:00Z"}"#;
    PushedOrderLine::from_line(good.as_bytes()).unwrap();
    for (from, to, word) in [
        (r#""quantity": 2"#, r#""quantity": 0"#, "quantity"),
        (r#""sku": "a""#, r#""sku": """#, "sku"),
        (r#""line": 1"#, r#""line": 1, "email": "x""#, "email"),
        ("2026-11-29T10:00:00Z", "2026-11-29", "2026-11-29"),
        (r#""order_id": "o", "#, "", "order_id"),
    ] {
        let line = good.replace(from, to);
        let error = PushedOrderLine::from_line(line.as_bytes()).expect_err(&line).to_string();
        assert!(error.contains(word), "{line}: {error}");
    }
    let dir = tempfile::tempdir().unwrap();
    let bad = PushedOrderLine { quantity: 0, ..line("a", 1) };
    let outcomes = submit(&open(dir.path()), vec![bad]);
    assert!(matches!(&outcomes[..], [LineOutcome::Invalid(why)] if why.contains("quantity")));
}
