use std::sync::atomic::AtomicBool;

use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};
use vitrine_ranking::PurchaseLog;

use super::facts::Facts;
use super::features::rows;
use super::*;
use crate::TrainingError;
use crate::next::Scorer;

const DAY: i64 = 86_400;

/// Lines (shopper, item, day); what is bought on one day is one basket.
fn log(lines: impl IntoIterator<Item = (u32, u64, i64)>) -> PurchaseLog {
    let lines: Vec<Interaction> = lines
        .into_iter()
        .map(|(shopper, item, day)| Interaction {
            shopper: ShopperId(shopper),
            item: ItemId(item),
            kind: EventKind::Purchase,
            at_seconds: day * DAY,
            basket: shopper * 1_000 + day as u32,
            quantity: 1,
            price_minor: 1,
        })
        .collect();
    PurchaseLog::new(&[0, 1, 2, 3].map(ItemId), &lines).expect("distinct ids")
}

/// Item 0 weekly; item 1 every eight weeks, at a week that differs by shopper; item 2 once.
fn regular() -> PurchaseLog {
    log((0..64u32).flat_map(|shopper| {
        (0..40i64).flat_map(move |week| {
            let weekly = Some((shopper, 0, week * 7));
            let rarely = (week % 8 == i64::from(shopper % 8)).then_some((shopper, 1, week * 7));
            let once = (week == 20).then_some((shopper, 2, week * 7));
            [weekly, rarely, once].into_iter().flatten()
        })
    }))
}

/// The first second after a log.
fn now(log: &PurchaseLog) -> i64 {
    log.last_seconds().map_or(0, |last| last + 1)
}

fn config() -> RepeatConfig {
    RepeatConfig {
        window_seconds: 14 * DAY,
        n_networks: 1,
        batch: 64,
        n_passes: 10,
        ..RepeatConfig::default()
    }
}

#[test]
fn what_is_due_is_told_from_what_was_just_bought() {
    let log = regular();
    let model = RepeatModel::fit(&log, &config(), &AtomicBool::new(false)).expect("enough");
    let histories: Vec<_> = (0..64).map(|n| log.of(n)).collect();
    let scores = model.score(&histories, now(&log)).expect("shapes fit");
    let row = |shopper: usize| &scores[shopper * 4..][..4];
    // The log ends with week 39: the next two weeks are due for shoppers 0 and 1, and
    // shoppers 6 and 7 had item 1 in the last two.
    for due in [0, 1, 8, 9] {
        for just in [6, 7, 14, 15] {
            assert!(row(due)[1] > row(just)[1] + 0.3, "{:?} {:?}", row(due), row(just));
        }
    }
    assert!(row(3)[0] > 0.9, "bought every week: {:?}", row(3));
    assert!(row(3)[2] < 0.2, "bought once: {:?}", row(3));
    assert_eq!(row(3)[3], 0.0, "new to everyone");
}

#[test]
fn one_seed_gives_one_model_and_a_stop_is_heard() {
    let (log, go) = (regular(), AtomicBool::new(false));
    let scores = |seed| {
        let config = RepeatConfig { seed, n_networks: 2, n_passes: 1, ..config() };
        let model = RepeatModel::fit(&log, &config, &go).expect("enough");
        model.score(&[log.of(3), &[]], now(&log)).expect("shapes fit")
    };
    assert_eq!(scores(1), scores(1));
    assert_ne!(scores(1), scores(2));
    assert_eq!(scores(1)[4..], [0.0; 4], "nothing is known of a new shopper");
    let stopped = RepeatModel::fit(&log, &config(), &AtomicBool::new(true));
    assert!(matches!(stopped, Err(TrainingError::Stopped)));
}

#[test]
fn a_row_says_how_often_how_lately_and_how_regularly() {
    let log = log([(0, 1, 0), (0, 0, 10), (0, 1, 10), (0, 1, 20)]);
    let facts = Facts::count(&log, 30 * DAY);
    let (items, rows) = rows(log.of(0), &facts, 30 * DAY);
    assert_eq!(items, [0, 1]);
    let [rare, often] = [rows[0], rows[1]];
    assert_eq!((often[0], often[1]), (4f32.ln(), 1.0), "three times, in every basket");
    assert_eq!((rare[6], often[6]), (21f32.ln(), 11f32.ln()), "20 and 10 days ago");
    // Its own interval is 10 days, and so is the shop's.
    assert!((often[7] - 1.0).abs() < 1e-5 && (often[8] - 11f32.ln()).abs() < 1e-5);
    assert!(rows.iter().flatten().all(|value| value.is_finite()));
}

#[test]
fn a_log_without_a_past_is_refused() {
    let log = log([(0, 1, 0)]);
    let error = RepeatModel::fit(&log, &config(), &AtomicBool::new(false));
    assert!(matches!(error, Err(TrainingError::TooLittleData { .. })));
    // What can be said then is how often the shop's shoppers come back.
    let log = regular();
    let scores = RepeatModel::counting(&log).score(&[log.of(3)], now(&log)).expect("scores");
    assert!(scores[0] > 0.8 && scores[2] < 0.2 && scores[3] == 0.0, "{scores:?}");
}
