//! A whole run on a small shop: it learns, it repeats, it can be interrupted.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::device::{Device, N_SHOWN, in_camp};
use crate::shop::{N_WEEKS, Shop, WEEK_SECONDS};
use vitrine_domain::{EventKind, Positives};
use vitrine_student::features::SERVER_SCORE;
use vitrine_student::layout::HIDDEN1;
use vitrine_student::{LogEntry, popularity_order};
use vitrine_training::{Config, Control, Outcome, Trained, TrainingProgress, train};

pub fn config(n_steps: usize) -> Config {
    let until_seconds = Some((N_WEEKS - 4) * WEEK_SECONDS);
    Config { n_sequences: 150, n_entries: 1, n_steps, until_seconds, ..Config::default() }
}

/// Runs until finished or until `stop_at` steps.
pub fn run(
    shop: &Shop,
    n_steps: usize,
    stop_at: usize,
    checkpoint: Option<&Path>,
) -> (Outcome, usize) {
    let stop = AtomicBool::new(false);
    let mut resumed_at = 0;
    let mut progress = |message: TrainingProgress| match message {
        TrainingProgress::Resumed { step } => resumed_at = step,
        TrainingProgress::Step { step, .. } if step >= stop_at => {
            stop.store(true, Ordering::Relaxed)
        }
        _ => {}
    };
    let mut control = Control { stop: &stop, progress: &mut progress, checkpoint };
    let outcome = train(shop.data(), &config(n_steps), None, &mut control).expect("trains");
    (outcome, resumed_at)
}

pub fn finished(outcome: Outcome) -> Trained {
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
    let scores = |trained: &Trained| {
        let teacher = trained.teacher.as_ref().expect("enough data");
        teacher.score_one(&[], 0).expect("scores")
    };
    assert_eq!(scores(&several), scores(&one));
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
fn of_a_log_without_a_past_no_teacher_is_fitted_and_something_is_trained_all_the_same() {
    let mut shop = Shop::new(1);
    shop.interactions.truncate(40);
    let stop = AtomicBool::new(false);
    let mut progress = |_| {};
    let mut control = Control { stop: &stop, progress: &mut progress, checkpoint: None };
    let trained = finished(train(shop.data(), &config(5), None, &mut control).expect("trains"));
    assert!(trained.teacher.is_none());
    assert!(trained.model.packed.last_layer().is_some());
}

#[test]
fn the_student_learns_taste_and_reacts_to_clicks() {
    let shop = Shop::new(4);
    let trained = finished(run(&shop, 150, usize::MAX, None).0);
    let device = Device::new(shop.prepared(), &trained);
    // No sample has a search, so nothing was learned about the server's score.
    let scalars = device.weights.tensor("score.s").expect("a tensor");
    let of_searches = &scalars[SERVER_SCORE * HIDDEN1..][..HIDDEN1];
    assert!(of_searches.iter().all(|weight| *weight == 0.0));

    // What a shopper's camp never buys is not what they are shown.
    let share = device.own_camp_share();
    assert!(share > 0.9, "{share}");

    // Three clicks on a fresh device.
    let popular = popularity_order(&device.table);
    for camp in 0..2 {
        let clicks: Vec<LogEntry> = (0..3)
            .map(|i| {
                let at_seconds = device.until - 100 + i64::from(i);
                device.entry(60 + 2 * i + camp, EventKind::ViewItem, at_seconds)
            })
            .collect();
        let before = in_camp(&popular[..N_SHOWN], camp);
        let after = in_camp(&device.top(&clicks), camp);
        assert!(after > before, "camp {camp}: {before} of 20 before, {after} after");
    }
}

#[test]
fn a_log_of_clicks_alone_teaches_what_is_clicked_together() {
    let shop = Shop::new(4).with_clicks_only();
    let data = shop.prepared();
    assert_eq!(data.log.positives(), Positives::Clicks);
    assert_eq!(data.log.n_shoppers(), 80, "those who never bought anything are kept");
    assert!(data.non_purchases.is_empty());
    let trained = finished(run(&shop, 150, usize::MAX, None).0);
    let device = Device::new(data, &trained);
    // Both camps click alike, so popularity shows half of the other camp to everyone.
    let popular = popularity_order(&device.table);
    let by_popularity = in_camp(&popular[..N_SHOWN], 0) as f64 / N_SHOWN as f64;
    let by_popularity = by_popularity.max(1.0 - by_popularity);
    let share = device.own_camp_share();
    assert!(share > 0.9 && share > by_popularity + 0.2, "{share}, {by_popularity} at most");
    // A first click on a fresh device says which camp it is of.
    for camp in 0..2 {
        let click = device.entry(60 + camp, EventKind::ViewItem, device.until - 100);
        let after = in_camp(&device.top(&[click]), camp);
        assert!(after as f64 > by_popularity * N_SHOWN as f64, "camp {camp}: {after} of 20");
    }
    let teacher = trained.teacher.as_ref().expect("enough data");
    let scores = teacher.score_one(&[], 0).expect("scores");
    assert!(scores.iter().all(|score| score.is_finite()));
}
