use std::collections::BTreeSet;

use vitrine_student::candidates::{
    self, DEPARTMENT_POPULAR_MAX, HISTORY_MAX, POPULAR_MAX, WITHOUT_PAST_MAX,
};
use vitrine_student::{Shopper, popularity_order, scan};

use crate::shop::shop;

#[test]
fn popularity_is_by_buyers_then_id() {
    let shop = shop(51, 300);
    let order = popularity_order(&shop.table);
    let key =
        |i: &u32| (u32::MAX - shop.table.n_buyers()[*i as usize], shop.table.ids()[*i as usize]);
    assert!(order.is_sorted_by_key(key));
    assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), 300);
}

#[test]
fn the_feed_has_the_log_the_popular_and_the_best_of_the_scan_once_each() {
    let mut shop = shop(52, 1_500);
    let log = shop.log(400);
    let shopper = Shopper::from_log(&shop.weights, &log);
    let feed = candidates::feed(&shop.table, &shop.weights, &shopper, 500);
    assert_eq!(feed.len(), 500);
    assert_eq!(feed.iter().collect::<BTreeSet<_>>().len(), 500);
    let newest = shop.table.index_of(log[399].item).unwrap();
    assert_eq!(feed[0], newest);
    let logged: BTreeSet<_> = log.iter().map(|entry| entry.item).collect();
    let from_log = feed.iter().take_while(|i| logged.contains(&shop.table.ids()[**i as usize]));
    assert!(from_log.count() >= HISTORY_MAX);
    for row in popularity_order(&shop.table).iter().take(POPULAR_MAX) {
        assert!(feed.contains(row));
    }
    let fixed = candidates::fixed(&shop.table, &shop.weights, &shopper, 500);
    assert!(fixed.len() <= HISTORY_MAX + POPULAR_MAX + DEPARTMENT_POPULAR_MAX + WITHOUT_PAST_MAX);
    assert_eq!(feed[..fixed.len()], fixed);
    let query = candidates::query(&shop.weights, shopper.state_u().unwrap());
    let scores = |i: &u32| scan::dot_i8(shop.table.code(*i), &query);
    let scanned: Vec<i32> = feed[fixed.len()..].iter().map(scores).collect();
    assert!(scanned.is_sorted_by(|a, b| a >= b));
    // Of the cards without a past, the nearest are among the fixed ones.
    let has_past = |i: &u32| shop.table.n_buyers()[*i as usize] > 0;
    let without: Vec<u32> = (0..1_500).filter(|i| !has_past(i)).collect();
    let mut best =
        scan::rows_top_k(shop.table.codes(), &query, WITHOUT_PAST_MAX, without.into_iter());
    assert!(!best.is_empty(), "some have none");
    best.retain(|(row, _)| !fixed.contains(row));
    assert!(best.is_empty(), "{best:?}");
    let left_out = (0..1_500).filter(|i| !feed.contains(i)).map(|i| scores(&i)).max();
    assert!(left_out <= scanned.last().copied());
}

#[test]
fn small_shops_small_limits_and_empty_logs_work() {
    let mut shop = shop(53, 60);
    let log = shop.log(50);
    let shopper = Shopper::from_log(&shop.weights, &log);
    let feed = candidates::feed(&shop.table, &shop.weights, &shopper, 500);
    assert_eq!(feed.iter().collect::<BTreeSet<_>>().len(), 60);
    assert_eq!(candidates::feed(&shop.table, &shop.weights, &shopper, 5).len(), 5);
    let empty = Shopper::new();
    let popular = candidates::feed(&shop.table, &shop.weights, &empty, 20);
    assert_eq!(popular, popularity_order(&shop.table)[..20]);
}
