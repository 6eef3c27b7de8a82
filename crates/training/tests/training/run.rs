//! A whole run on a small shop: it learns, it repeats, it can be interrupted.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::shop::{N_WEEKS, Shop, WEEK_SECONDS};
use vitrine_domain::EventKind;
use vitrine_ranking::{Popularity, related_lists};
use vitrine_student::features::SERVER_SCORE;
use vitrine_student::layout::HIDDEN1;
use vitrine_student::{LogEntry, Ranker, Shopper, popularity_order};
use vitrine_training::snapshots::item_table;
use vitrine_training::{Config, Control, Outcome, Progress, Trained, TrainingError, train};

fn config(n_steps: usize) -> Config {
    let until_seconds = Some((N_WEEKS - 4) * WEEK_SECONDS);
    Config { n_sequences: 150, n_steps, until_seconds, ..Config::default() }
}

/// Runs until finished or until `stop_at` steps.
fn run(shop: &Shop, n_steps: usize, stop_at: usize, checkpoint: Option<&Path>) -> (Outcome, usize) {
    let stop = AtomicBool::new(false);
    let mut resumed_at = 0;
    let mut progress = |message: Progress| match message {
        Progress::Resumed { step } => resumed_at = step,
        Progress::Step { step, .. } if step >= stop_at => stop.store(true, Ordering::Relaxed),
        _ => {}
    };
    let mut control = Control { stop: &stop, progress: &mut progress, checkpoint };
    let outcome = train(shop.data(), &config(n_steps), &mut control).expect("trains");
    (outcome, resumed_at)
}

fn finished(outcome: Outcome) -> Trained {
    match outcome {
        Outcome::Finished(trained) => *trained,
        Outcome::Stopped => panic!("it was not stopped"),
    }
}

#[test]
fn the_same_seed_gives_the_same_model_on_one_thread_and_on_several() {
    let shop = Shop::new(1);
    let several = finished(run(&shop, 20, usize::MAX, None).0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let one = pool.install(|| finished(run(&shop, 20, usize::MAX, None).0));
    assert_eq!(several.model.base, one.model.base);
    assert_eq!(several.teacher, one.teacher);
}

#[test]
fn a_stopped_run_goes_on_to_the_same_model() {
    let shop = Shop::new(1);
    let folder = tempfile::tempdir().expect("a folder");
    let checkpoint = folder.path().join("distil.safetensors");
    let whole = finished(run(&shop, 60, usize::MAX, None).0);
    let (outcome, _) = run(&shop, 60, 25, Some(&checkpoint));
    assert!(matches!(outcome, Outcome::Stopped));
    let (outcome, resumed_at) = run(&shop, 60, usize::MAX, Some(&checkpoint));
    assert_eq!(resumed_at, 25);
    assert_eq!(finished(outcome).model.base, whole.model.base);
}

#[test]
fn a_log_without_a_past_is_refused() {
    let mut shop = Shop::new(1);
    shop.interactions.truncate(40);
    let stop = AtomicBool::new(false);
    let mut progress = |_| {};
    let mut control = Control { stop: &stop, progress: &mut progress, checkpoint: None };
    let refused = train(shop.data(), &config(5), &mut control);
    assert!(matches!(refused, Err(TrainingError::TooLittleData { .. })));
}

#[test]
fn the_student_learns_taste_and_reacts_to_clicks() {
    let shop = Shop::new(4);
    let trained = finished(run(&shop, 150, usize::MAX, None).0);
    let data = shop.prepared();
    let until = trained.until_seconds;
    let past = data.log.truncated(until);
    let codes = trained.model.codes_for(&data.ids, data.vectors);
    let weights = trained.model.packed.weights();
    // No sample has a search, so nothing was learned about the server's score.
    let of_searches = &weights.tensor("score.s").expect("a tensor")[SERVER_SCORE * HIDDEN1..];
    assert!(of_searches[..HIDDEN1].iter().all(|weight| *weight == 0.0));
    let popularity = Popularity::new(&past, until);
    let related = related_lists(&past, &data.ids);
    let table = item_table(&data, &popularity, &related, &codes, &weights);
    let entry = |row: u32, kind, at_seconds: i64| LogEntry {
        kind,
        item: table.ids()[row as usize],
        at_ms: at_seconds * 1_000,
        code: table.code(row).try_into().expect("64 values"),
        department: table.departments()[row as usize],
        category: table.categories()[row as usize],
    };
    let everything: Vec<u32> = (0..table.n_items() as u32).collect();
    let top = |log: &[LogEntry]| {
        let shopper = Shopper::from_log(&weights, log);
        let now_ms = until * 1_000;
        let scores = Ranker::new().rank(&weights, &table, &shopper, now_ms, &everything, None);
        vitrine_evaluation::top_k(&scores, 20)
    };
    let in_camp = |rows: &[u32], camp: u32| rows.iter().filter(|row| **row % 2 == camp).count();

    // What a shopper's camp never buys is not what they are shown.
    let (mut right, mut shown) = (0, 0);
    for n in (0..data.log.n_shoppers()).filter(|n| !past.of(*n).is_empty()) {
        let history = past.of(n);
        let log: Vec<LogEntry> =
            history.iter().map(|p| entry(p.item_idx, EventKind::Purchase, p.at_seconds)).collect();
        right += in_camp(&top(&log), history[0].item_idx % 2);
        shown += 20;
    }
    assert!(right * 10 > shown * 9, "{right} of {shown}");

    // Three clicks on a fresh device.
    let popular = popularity_order(&table);
    for camp in 0..2 {
        let clicks: Vec<LogEntry> = (0..3)
            .map(|i| entry(60 + 2 * i + camp, EventKind::ViewItem, until - 100 + i64::from(i)))
            .collect();
        let (before, after) = (in_camp(&popular[..20], camp), in_camp(&top(&clicks), camp));
        assert!(after > before, "camp {camp}: {before} of 20 before, {after} after");
    }
}
