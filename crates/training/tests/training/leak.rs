//! Nothing is learned from the future.

use std::sync::atomic::AtomicBool;

use crate::shop::{N_WEEKS, Shop, WEEK_SECONDS};
use crate::teacher::{config, fitted};
use vitrine_domain::EventKind;
use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_ranking::PastPurchase;
use vitrine_student::LogEntry;
use vitrine_training::next::Scorer;
use vitrine_training::non_purchases::NonPurchase;
use vitrine_training::samples::{Drawing, Sample};
use vitrine_training::sequences::sequence;
use vitrine_training::snapshots::Snapshots;
use vitrine_training::teacher::Teacher;
use vitrine_training::{PreparedData, fit_features};

const UNTIL: i64 = (N_WEEKS - 4) * WEEK_SECONDS;

/// Samples with the lists of a teacher.
fn drawn(
    data: &PreparedData<'_>,
    teacher: &Teacher,
    n_sequences: usize,
    rounds_max: u64,
    stop: &AtomicBool,
) -> Vec<Sample> {
    let snapshots = &Snapshots::build(data, UNTIL);
    let drawing = Drawing { data, snapshots, n_sequences, rounds_max, seed: 1 };
    drawing.samples(|at| teacher.at(data, at, &config(), stop), stop).expect("scores")
}

#[test]
fn what_happens_after_the_horizon_changes_nothing() {
    for shop in [Shop::new(1), Shop::new(1).with_views()] {
        let altered = shop.altered_from(UNTIL);
        let stop = AtomicBool::new(false);
        let [real, other] = [&shop, &altered].map(|shop| {
            let data = shop.prepared();
            drawn(&data, &fitted(&data), 200, 1, &stop)
        });
        assert!(real.len() > 100);
        assert_eq!(real, other);
    }
}

#[test]
fn a_change_before_the_horizon_is_noticed() {
    // The test above could not fail if samples were always the same.
    let shop = Shop::new(1);
    let altered = shop.altered_from(UNTIL - WINDOW_SECONDS);
    let [real, other] = [&shop, &altered]
        .map(|shop| fit_features(&shop.prepared(), UNTIL, 1).expect("enough data"));
    assert_ne!(real, other);
}

#[test]
fn a_snapshot_knows_only_what_came_before_it() {
    let shop = Shop::new(2);
    let data = shop.prepared();
    let snapshots = Snapshots::build(&data, UNTIL);
    let middle = (snapshots.first_now_seconds() + snapshots.last_now_seconds()) / 2;
    let snapshot = snapshots.at(middle);
    assert!(snapshot.at_seconds <= middle);
    let altered = shop.altered_from(snapshot.at_seconds);
    let altered = altered.prepared();
    let others = Snapshots::build(&altered, UNTIL);
    let other = others.at(middle);
    assert_eq!(snapshot.popularity, other.popularity);
    assert_eq!(snapshot.table.all_static_scalars(), other.table.all_static_scalars());
    for row in 0..data.n_items() as u32 {
        assert_eq!(snapshot.table.related(row), other.table.related(row));
    }
}

#[test]
fn what_is_learned_at_a_cut_does_not_depend_on_what_came_after_its_moment() {
    // The teacher's weights are given: what is left is what it says at each cut, and with
    // it the candidates, their scalars and what is taught. Targets lie after the cut.
    let shop = Shop::new(2);
    let data = shop.prepared();
    let teacher = fitted(&data);
    let snapshots = Snapshots::build(&data, UNTIL);
    let stop = AtomicBool::new(false);
    for snapshot in snapshots.list() {
        let altered = shop.altered_from(snapshot.at_seconds);
        let altered = altered.prepared();
        let probes: Vec<_> = (0..10).map(|n| data.log.before(n, snapshot.at_seconds)).collect();
        let [real, other] = [&data, &altered].map(|data| {
            let teacher = teacher.at(data, snapshot.at_seconds, &config(), &stop).expect("fits");
            // A cut lies up to a snapshot's length later.
            teacher.score(&probes, snapshot.at_seconds + WINDOW_SECONDS).expect("scores")
        });
        assert_eq!(real, other);
    }
}

#[test]
fn inputs_lie_before_and_targets_after_each_cut() {
    let shop = Shop::new(3);
    let data = shop.prepared();
    let snapshots = Snapshots::build(&data, UNTIL);
    let (mut n_cuts, mut n_after_views, mut n_newcomers) = (0, 0, 0);
    for seed in 0..400 {
        let Some(sequence) = sequence(&data, &snapshots, seed) else { continue };
        let purchases = data.log.of(sequence.shopper);
        assert!(sequence.log.is_sorted_by_key(|event| event.at_ms));
        for cut in &sequence.cuts {
            let seen = &sequence.log[..cut.n_events];
            assert!(seen.iter().all(|event| event.at_ms <= cut.now_seconds * 1_000));
            let (from, to) = cut.purchases;
            // The teacher is told of the purchases that the device would know, and no others.
            let bought = seen.iter().filter(|event| event.kind == EventKind::Purchase);
            let bought: Vec<_> = bought.map(|event| event.item).collect();
            let told = purchases[from..to].iter().map(|p| data.ids[p.item_idx as usize]);
            assert_eq!(bought, told.collect::<Vec<_>>());
            assert!(purchases[from..to].iter().all(|p| p.at_seconds < cut.now_seconds));
            let ahead: Vec<u32> = purchases
                .iter()
                .filter(|p| {
                    (cut.now_seconds..cut.now_seconds + WINDOW_SECONDS).contains(&p.at_seconds)
                })
                .map(|p| p.item_idx)
                .collect();
            assert!(cut.targets.iter().chain(&cut.next_basket).all(|item| ahead.contains(item)));
            assert!(cut.now_seconds + WINDOW_SECONDS <= UNTIL);
            assert!(snapshots.at(cut.now_seconds).at_seconds <= cut.now_seconds);
            n_cuts += 1;
            n_after_views += usize::from(cut.after_views);
            // Of a whole log everything behind the cut is known.
            n_newcomers += usize::from(cut.n_events <= 8 && from > 0);
        }
    }
    assert!(
        n_cuts > 300 && n_after_views > 50 && n_newcomers > 100,
        "{n_cuts} {n_after_views} {n_newcomers}"
    );
}

#[test]
fn views_of_the_log_are_taken_as_they_were() {
    let shop = Shop::new(3).with_views();
    let data = shop.prepared();
    let snapshots = Snapshots::build(&data, UNTIL);
    let (mut n_looks, mut n_after_views, mut n_bought_after) = (0, 0, 0);
    for seed in 0..200 {
        let Some(sequence) = sequence(&data, &snapshots, seed) else { continue };
        assert!(sequence.log.is_sorted_by_key(|event| event.at_ms));
        for event in sequence.log.iter().filter(|event| event.kind != EventKind::Purchase) {
            let at_seconds = event.at_ms / 1_000;
            let here = data.non_purchases.between(sequence.shopper, at_seconds, at_seconds + 1);
            let is_it = |look: &NonPurchase| {
                data.ids[look.item_idx as usize] == event.item && look.kind == event.kind
            };
            assert!(here.iter().any(is_it), "nothing is made up");
            n_looks += 1;
        }
        for cut in &sequence.cuts {
            let seen = &sequence.log[..cut.n_events];
            assert!(seen.iter().all(|event| event.at_ms <= cut.now_seconds * 1_000));
            let bought = seen.iter().filter(|event| event.kind == EventKind::Purchase);
            let is_before = |event: &LogEntry| event.at_ms < cut.now_seconds * 1_000;
            assert!(bought.clone().all(is_before), "the answer is not in the question");
            if cut.after_views {
                let last = seen.last().expect("a view");
                assert_ne!(last.kind, EventKind::Purchase);
                assert_eq!(last.at_ms, cut.now_seconds * 1_000);
                n_after_views += 1;
                let next = cut.next_basket.iter().map(|item| data.ids[*item as usize]);
                let is_carted = |event: &&LogEntry| event.kind == EventKind::AddToCart;
                let carted: Vec<_> = seen.iter().filter(is_carted).map(|e| e.item).collect();
                n_bought_after += usize::from(next.clone().any(|item| carted.contains(&item)));
            }
        }
    }
    assert!(n_looks > 1_000 && n_after_views > 30, "{n_looks} {n_after_views}");
    assert!(n_bought_after * 2 > n_after_views, "{n_bought_after} of {n_after_views}");
}

#[test]
fn logs_are_drawn_until_enough_have_a_moment() {
    let shop = Shop::new(3);
    let data = shop.prepared();
    let stop = AtomicBool::new(false);
    let teacher = fitted(&data);
    let once = drawn(&data, &teacher, 60, 1, &stop);
    let enough = drawn(&data, &teacher, 60, 5, &stop);
    assert!(enough.len() >= 54 && enough[..once.len()] == once, "{} {}", once.len(), enough.len());
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(drawn(&data, &teacher, 60, 5, &stop).is_empty());
}

#[test]
fn of_clicks_alone_nothing_is_simulated_and_every_entry_is_a_view() {
    let shop = Shop::new(3).with_clicks_only();
    let data = shop.prepared();
    let snapshots = Snapshots::build(&data, UNTIL);
    let mut n_events = 0;
    for seed in 0..200 {
        let Some(sequence) = sequence(&data, &snapshots, seed) else { continue };
        let clicks = data.log.of(sequence.shopper);
        for event in &sequence.log {
            assert_eq!(event.kind, EventKind::ViewItem);
            let is_it = |click: &PastPurchase| {
                click.at_seconds * 1_000 == event.at_ms
                    && data.ids[click.item_idx as usize] == event.item
            };
            assert!(clicks.iter().any(is_it), "nothing is made up");
            n_events += 1;
        }
        let cut = sequence.cuts.last().expect("at least one");
        assert_eq!(cut.purchases.1 - cut.purchases.0, sequence.log.len());
        let future: Vec<u32> = clicks
            .iter()
            .filter(|click| click.at_seconds >= cut.now_seconds)
            .map(|click| click.item_idx)
            .collect();
        assert!(cut.targets.iter().all(|item| future.contains(item)));
    }
    assert!(n_events > 1_000, "{n_events}");
}
