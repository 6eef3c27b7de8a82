//! The log of reviews.
#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

mod common;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use common::*;
use vitrine_catalogue::{
    IdempotencyKey, LineOutcome, LineRequest, LogConfig, LoggedReview, PushedReview, ReviewLog,
    ReviewTime, limits, read_reviews,
};
use vitrine_durable::{LossyDisk, UnsyncedTail};

use LineOutcome::{Applied, Duplicate};

fn open_with(
    dir: &Path,
    config: LogConfig,
) -> Result<ReviewLog, vitrine_catalogue::CatalogueError> {
    let pseudonymise = Box::new(|text: &str| blake3::hash(text.as_bytes()).to_hex()[..16].into());
    ReviewLog::open(dir, config, pseudonymise)
}

fn open(dir: &Path) -> ReviewLog {
    open_with(dir, config()).unwrap()
}

fn read(line: &str) -> PushedReview {
    PushedReview::from_line(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn review(id: &str, text: &str) -> PushedReview {
    read(&format!(
        r#"{{"review_id": "{id}", "sku": "a", "rating": 4, "title": "Fine", "text": "{text}", "helpful": 3,
            "time": "2026-11-29T10:00:00+01:00", "verified": true, "author": "ann@shop.test"}}"#
    ))
}

fn deletion(id: &str) -> PushedReview {
    read(&format!(r#"{{"op": "delete", "review_id": "{id}"}}"#))
}

fn submit(log: &ReviewLog, lines: Vec<PushedReview>) -> Vec<LineOutcome> {
    log.submit(LineRequest { lines, key: None }).unwrap().outcomes
}

/// Texts of the reviews, as an import reads them beside the log's writer.
fn texts(dir: &Path) -> Vec<Option<String>> {
    let reviews = read_reviews(dir).unwrap();
    reviews.into_iter().map(|review| Some(review.content?.text)).collect()
}

#[test]
fn a_review_comes_back_as_it_was_pushed_but_for_who_and_which_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let pushed = review("r-17", "Warm and soft.");
    assert_eq!(submit(&open(dir.path()), vec![pushed.clone()]), [Applied]);
    let [LoggedReview { review, content }] = &read_reviews(dir.path()).unwrap()[..] else {
        panic!("one review")
    };
    assert_eq!(*content, pushed.content);
    assert_eq!(content.as_ref().unwrap().time, Some(ReviewTime::Moment(1_795_942_800)));
    assert_eq!(review.len(), 16);
    for path in files(dir.path(), "log") {
        let written = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        assert!(written.contains("Warm and soft."), "{written}");
        assert!(!written.contains("ann@") && !written.contains("r-17"), "{written}");
    }
}

#[test]
fn new_words_replace_and_a_deletion_takes_away_also_after_a_start_anew() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let lines = vec![review("a", "First."), review("b", "Other."), review("a", "First.")];
    assert_eq!(submit(&log, lines), [Applied, Applied, Duplicate]);
    // Within a request, within a batch and across requests the newest word holds.
    let lines = vec![review("a", "Second."), review("a", "First."), review("a", "First.")];
    assert_eq!(submit(&log, lines), [Applied, Applied, Duplicate]);
    assert_eq!(submit(&log, vec![review("a", "Third.")]), [Applied]);
    assert_eq!(texts(dir.path()), [Some("Third.".into()), Some("Other.".into())]);
    drop(log);
    let log = open(dir.path());
    assert_eq!(submit(&log, vec![review("a", "Third."), deletion("a")]), [Duplicate, Applied]);
    assert_eq!(submit(&log, vec![deletion("a"), deletion("never-seen")]), [Duplicate, Applied]);
    assert_eq!(texts(dir.path()), [None, Some("Other.".into()), None]);
    drop(log);
    let log = open(dir.path());
    assert_eq!(submit(&log, vec![deletion("a"), review("a", "Back.")]), [Duplicate, Applied]);
    assert_eq!(texts(dir.path())[0].as_deref(), Some("Back."));
}

#[test]
fn every_field_is_content() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let line = r#"{"review_id": "r", "sku": "a", "rating": 4, "title": "t", "text": "x", "helpful": 1, "time": "2026-11-29", "verified": true}"#;
    assert_eq!(submit(&log, vec![read(line)]), [Applied]);
    for (from, to) in [
        (r#""sku": "a""#, r#""sku": "b""#),
        (r#""rating": 4"#, r#""rating": 3"#),
        (r#""title": "t""#, r#""title": "tx""#),
        (r#""text": "x""#, r#""text": "y""#),
        (r#""helpful": 1"#, r#""helpful": 2"#),
        ("2026-11-29", "2026-11-29T00:00:00Z"),
        (r#""verified": true"#, r#""verified": false"#),
    ] {
        let other = line.replace(from, to);
        assert_eq!(submit(&log, vec![read(&other)]), [Applied], "{other}");
        assert_eq!(submit(&log, vec![read(line)]), [Applied], "and back");
    }
    // Nobody is told apart by who wrote it.
    let signed = line.replace(r#""rating": 4"#, r#""rating": 4, "author": "someone else""#);
    assert_eq!(submit(&log, vec![read(&signed)]), [Duplicate]);
}

#[test]
fn a_key_is_answered_as_the_first_time() {
    let dir = tempfile::tempdir().unwrap();
    let key = IdempotencyKey::new("till", "k", b"body").unwrap();
    let request = LineRequest { lines: vec![review("a", "x"), review("a", "x")], key: Some(key) };
    let first = open(dir.path()).submit(request.clone()).unwrap();
    let again = open(dir.path()).submit(request).unwrap();
    assert!(again.is_repetition && !first.is_repetition);
    assert_eq!(again.outcomes, first.outcomes);
}

#[test]
fn ratings_of_other_scales_become_stars() {
    let stars = |fields: &str| {
        let line = format!(r#"{{"review_id": "r", "sku": "a", {fields}}}"#);
        read(&line).content.unwrap().stars
    };
    for (fields, expected) in [
        (r#""rating": 1"#, 1.0),
        (r#""rating": 4.5"#, 4.5),
        (r#""rating": 1, "rating_best": 10"#, 1.0),
        (r#""rating": 10, "rating_best": 10"#, 5.0),
        (r#""rating": 50.5, "rating_best": 100"#, 3.0),
    ] {
        assert_eq!(stars(fields), expected, "{fields}");
    }
}

#[test]
fn what_cannot_be_is_named_and_an_author_never_is() {
    let good = r#"{"review_id": "r", "sku": "a", "rating": 4, "time": "2026-11-29T10:00:00Z", "author": "jane"}"#;
    read(good);
    let long = "好".repeat(limits::REVIEW_CHARS_MAX + 1);
    for (from, to, word) in [
        (r#""review_id": "r", "#, "", "review_id"),
        (r#""review_id": "r""#, r#""review_id": """#, "review_id"),
        (r#""sku": "a", "#, "", "sku"),
        (r#""sku": "a""#, r#""sku": "a\u0000""#, "sku"),
        (r#""rating": 4, "#, "", "rating"),
        (r#""rating": 4"#, r#""rating": 5.5"#, "rating"),
        (r#""rating": 4"#, r#""rating": 0"#, "rating"),
        (r#""rating": 4"#, r#""rating": 4, "rating_best": 1"#, "rating_best"),
        (r#""rating": 4"#, r#""rating": 4, "text": 7"#, "7"),
        (r#""rating": 4"#, r#""rating": 4, "email": "x""#, "email"),
        (r#""rating": 4"#, r#""rating": 4, "op": "patch""#, "patch"),
        (r#""rating": 4"#, &format!(r#""rating": 4, "text": "{long}""#), "longer"),
        ("2026-11-29T10:00:00Z", "2026-11-29T10:00", "2026-11-29T10:00"),
        ("2026-11-29T10:00:00Z", "2026-02-30", "2026-02-30"),
    ] {
        let line = good.replace(from, to);
        let error = PushedReview::from_line(line.as_bytes()).expect_err(&line).to_string();
        assert!(error.contains(word), "{line}: {error}");
        assert!(!error.contains("jane"), "{error}");
    }
    for author in [r#""jane""#, "7", "null", r#"{"name": "jane"}"#] {
        read(&good.replace(r#""jane""#, author));
    }
    let more = PushedReview::from_line(br#"{"op": "delete", "review_id": "r", "sku": "a"}"#);
    assert!(more.unwrap_err().to_string().contains("sku"));

    let dir = tempfile::tempdir().unwrap();
    let mut late = review("r", "x");
    let next = NOW_SECONDS / 86_400 + 2;
    late.content.as_mut().unwrap().time = Some(ReviewTime::Day(next));
    let mut unrated = review("r", "x");
    unrated.content.as_mut().unwrap().stars = f64::NAN;
    let outcomes = submit(&open(dir.path()), vec![late, unrated]);
    let [LineOutcome::Invalid(late), LineOutcome::Invalid(unrated)] = &outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert!(late.contains("future") && unrated.contains("rating"), "{outcomes:?}");
    assert!(read_reviews(dir.path()).unwrap().is_empty());
}

const N_REVIEWS: usize = 10;

/// Pushes, each review and then another text of it, until the disk dies; how many lines were
/// acknowledged, and whether it got through.
fn write_until_it_dies(dir: &Path, config: LogConfig) -> (usize, bool) {
    let Ok(log) = open_with(dir, config) else { return (0, false) };
    for i in 0..2 * N_REVIEWS {
        let line = pushed(i);
        if log.submit(LineRequest { lines: vec![line], key: None }).is_err() {
            return (i, false);
        }
    }
    (2 * N_REVIEWS, true)
}

fn pushed(i: usize) -> PushedReview {
    let text = if i < N_REVIEWS { "early words ".repeat(20) } else { "later words ".repeat(20) };
    review(&format!("r{}", i % N_REVIEWS), &text)
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_at_any_step() {
    let mut n_unacknowledged = 0;
    for tail in [UnsyncedTail::Lost, UnsyncedTail::Half, UnsyncedTail::Zeros, UnsyncedTail::Kept] {
        for steps_max in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("log");
            fs::create_dir(&folder).unwrap();
            let lossy = Arc::new(LossyDisk::new(dir.path()));
            let disk = FailingDisk::new(Arc::clone(&lossy) as _, move |_, number| {
                (number >= steps_max).then_some(ErrorKind::Other)
            });
            let (n_acknowledged, is_through) = write_until_it_dies(&folder, disk.config());
            lossy.power_cut_leaving(&folder, tail).unwrap();

            let log = open_with(&folder, config());
            let log = log.unwrap_or_else(|error| panic!("{tail:?} after {steps_max}: {error}"));
            let kept = texts(&folder);
            assert!(kept.len() >= n_acknowledged.min(N_REVIEWS), "{tail:?} after {steps_max}");
            let n_later = kept.iter().flatten().filter(|text| text.starts_with("later")).count();
            let n_later_min = n_acknowledged.saturating_sub(N_REVIEWS);
            assert!(n_later >= n_later_min, "{tail:?} after {steps_max} steps");
            n_unacknowledged += kept.len() + n_later - n_acknowledged;
            // It goes on: what was lost can be sent again, and is there after opening.
            submit(&log, (N_REVIEWS..2 * N_REVIEWS).map(pushed).collect());
            drop(log);
            let log = open(&folder);
            let again = submit(&log, (N_REVIEWS..2 * N_REVIEWS).map(pushed).collect());
            assert_eq!(again, [const { Duplicate }; N_REVIEWS]);
            if is_through {
                assert!(steps_max > 2 * N_REVIEWS, "{steps_max} steps");
                break;
            }
        }
    }
    assert!(n_unacknowledged > 0, "some cut came between the disk and the answer");
}
