use vitrine_domain::EventKind;
use vitrine_student::explain::{self, REASONS_MAX, Why};
use vitrine_student::{LogEntry, Ranker, Shopper};

use crate::shop::shop;

#[test]
fn a_contribution_is_what_the_score_loses_without_those_events() {
    let mut shop = shop(61, 30);
    let log = shop.log(60);
    let shopper = Shopper::from_log(&shop.weights, &log);
    let now_ms = log[59].at_ms;
    let score = |shopper: &Shopper, index| {
        Ranker::new().rank(&shop.weights, &shop.table, shopper, now_ms, &[index], None)[0]
    };
    let mut n_reasons = 0;
    for index in 0..30 {
        let question = Why { index, now_ms, server_score: None };
        let reasons = explain::why(&shop.weights, &shop.table, &shopper, question);
        assert!(reasons.len() <= REASONS_MAX);
        assert!(reasons.is_sorted_by(|a, b| a.contribution >= b.contribution));
        for reason in &reasons {
            let of_item = |entry: &&LogEntry| entry.item == reason.item;
            let rest: Vec<LogEntry> = log.iter().filter(|entry| !of_item(entry)).copied().collect();
            let without = Shopper::from_log(&shop.weights, &rest);
            assert_eq!(reason.contribution, score(&shopper, index) - score(&without, index));
            assert!(reason.contribution > 0.0);
            let count =
                |kind| log.iter().filter(of_item).filter(|entry| entry.kind == kind).count() as u32;
            assert_eq!(reason.n_purchases, count(EventKind::Purchase));
            assert_eq!(reason.n_views, count(EventKind::ViewItem));
            assert_eq!(reason.n_carts, count(EventKind::AddToCart));
            assert_eq!(log[reason.last_event as usize].at_ms, reason.last_at_ms);
        }
        n_reasons += reasons.len();
    }
    assert!(n_reasons > 30, "{n_reasons} reasons for 30 items");
}

#[test]
fn one_event_and_none_at_all_are_explained_too() {
    let mut shop = shop(62, 5);
    let log = shop.log(1);
    let question = Why { index: 0, now_ms: log[0].at_ms, server_score: Some(0.5) };
    let shopper = Shopper::from_log(&shop.weights, &log);
    let reasons = explain::why(&shop.weights, &shop.table, &shopper, question);
    assert!(reasons.iter().all(|reason| reason.item == log[0].item));
    assert!(explain::why(&shop.weights, &shop.table, &Shopper::new(), question).is_empty());
}
