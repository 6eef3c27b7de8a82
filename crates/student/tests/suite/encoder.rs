use vitrine_student::{Shopper, reference};

use crate::shop::shop;

#[test]
fn growing_event_by_event_gives_the_bits_of_encoding_at_once() {
    let mut shop = shop(1, 50);
    let log = shop.log(170);
    let mut grown = Shopper::new();
    for (i, entry) in log.iter().enumerate() {
        grown.append(&shop.weights, *entry);
        let at_once = Shopper::from_log(&shop.weights, &log[..=i]);
        let bits = |shopper: &Shopper| shopper.state_u().unwrap().map(f32::to_bits);
        assert_eq!(bits(&grown), bits(&at_once), "after {} events", i + 1);
    }
}

#[test]
fn recording_first_and_encoding_later_gives_the_same_state() {
    let mut shop = shop(2, 50);
    let log = shop.log(100);
    let mut shopper = Shopper::new();
    for chunk in log.chunks(7) {
        chunk.iter().for_each(|entry| shopper.record(*entry));
        assert!(shopper.state_u().is_none(), "the state is behind the log");
        shopper.encode(&shop.weights);
    }
    let state = *shopper.state_u().unwrap();
    assert_eq!(Some(&state), Shopper::from_log(&shop.weights, &log).state_u());
    shopper.rebuild(&shop.weights);
    assert_eq!(Some(&state), shopper.state_u());
}

#[test]
fn the_state_is_that_of_the_reference() {
    let mut shop = shop(3, 50);
    for n_events in [1, 2, 5, 33, 64, 65, 97, 140] {
        let log = shop.log(n_events);
        let shopper = Shopper::from_log(&shop.weights, &log);
        let expected = reference::state(&shop.weights, &log).unwrap();
        for (value, expected) in shopper.state_u().unwrap().iter().zip(expected) {
            let error = (f64::from(*value) - expected).abs();
            assert!(error < 1e-4, "{n_events} events: {value} for {expected}");
        }
    }
}

#[test]
fn kind_gap_order_and_old_events_matter_and_an_empty_log_has_no_state() {
    let mut shop = shop(4, 50);
    let log = shop.log(10);
    let state = |log: &[_]| *Shopper::from_log(&shop.weights, log).state_u().unwrap();
    let base = state(&log);
    let mut changed = log.clone();
    changed[3].kind = vitrine_domain::EventKind::Purchase;
    changed[4].kind = vitrine_domain::EventKind::ViewItem;
    assert_ne!(base, state(&changed));
    let mut changed = log.clone();
    changed[9].at_ms += 86_400_000 * 40;
    assert_ne!(base, state(&changed));
    let mut changed = log.clone();
    changed.swap(0, 5);
    assert_ne!(base, state(&changed));
    assert!(Shopper::new().state_u().is_none());
    assert!(reference::state(&shop.weights, &[]).is_none());
}
