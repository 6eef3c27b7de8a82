//! The served path over a published version: what a device would show.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use common::{Shop, model};
use vitrine_domain::limits::FEED_CANDIDATES_MAX;
use vitrine_domain::{Event, EventKind, ItemId};
use vitrine_evaluation::{Segment, Targets};
use vitrine_publish::{
    PublishError, ServedPath, ServedShopper, Snapshot, Store, prepare_model, publish_catalogue,
};
use vitrine_student::{PackedStudent, Weights};

/// A student that ranks by a card's own purchases, then by popularity.
fn by_own_purchases() -> Vec<u8> {
    let mut tensors = Weights::zeros(0.01).tensors();
    let linear = &mut tensors.get_mut("score.lin").unwrap().1;
    (linear[0], linear[3]) = (0.1, 10.0);
    let weights = Weights::from_tensors(&tensors, 0.01).unwrap();
    PackedStudent::pack(&weights).unwrap().to_bytes()
}

fn purchase(item: ItemId, at_ms: i64) -> Event {
    Event { kind: EventKind::Purchase, item, at_ms }
}

#[test]
fn the_served_path_ranks_from_the_bytes_of_a_prepared_version() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let shop = Shop::new(1_200);
    publish_catalogue(&store, &shop.without_model(), 1).unwrap();
    let without = ServedPath::new(&Snapshot::load(&store).unwrap());
    assert!(matches!(without, Err(PublishError::NoModel)));

    let (payload, ids) = (by_own_purchases(), shop.ids());
    let prepared = prepare_model(&store, &model(&shop, &payload, &ids)).unwrap();
    let path = ServedPath::new(&Snapshot::of_prepared(&store, &prepared).unwrap()).unwrap();
    assert_eq!(path.table().n_items(), 1_200);
    let related = shop.related[1].iter().filter(|(other, _)| *other != 1).count();
    let row = path.table().index_of(ids[1]).unwrap();
    assert!(path.table().related(row).len() <= related && related > 0);

    // Bought twice, once and never in the window before; all three come back.
    let events = [purchase(ids[7], 1_000), purchase(ids[8], 2_000), purchase(ids[7], 3_000)];
    let (rows, scores) = path.feed(&events, 5_000);
    assert_eq!(rows.len(), FEED_CANDIDATES_MAX);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let top: Vec<ItemId> =
        order.iter().take(2).map(|at| path.table().ids()[rows[*at] as usize]).collect();
    assert_eq!(top, [ids[7], ids[8]]);

    let hits = Targets::split([7], [7, 8]);
    let misses = Targets::split([7], [1_200]);
    let unknown = [purchase(ItemId(1), 1_000)];
    let mut listed = ids.clone();
    listed.push(ItemId(2));
    let shoppers: Vec<ServedShopper<'_>> = (0..70)
        .map(|i| {
            let events = if i % 3 < 2 { &events[..] } else { &unknown };
            let targets = if i % 3 == 1 { &misses } else { &hits };
            ServedShopper { events, now_ms: 5_000, n_history: events.len(), targets }
        })
        .collect();
    let run = path.run("served", &listed, &shoppers);
    let ndcg = run.ndcg(Segment::All);
    assert_eq!(ndcg.len(), 70, "in the order of the shoppers");
    for (i, ndcg) in ndcg.iter().enumerate() {
        match i % 3 {
            0 => assert!((ndcg - 1.0).abs() < 1e-9),
            1 => assert_eq!(*ndcg, 0.0, "an item that is not published can't be found"),
            _ => assert!(*ndcg < 1.0, "a log of unknown items is an empty one"),
        }
    }
}

#[test]
fn shoppers_without_history_see_the_popular_items() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let shop = Shop::new(700);
    publish_catalogue(&store, &shop.without_model(), 1).unwrap();
    let (payload, ids) = (by_own_purchases(), shop.ids());
    let prepared = prepare_model(&store, &model(&shop, &payload, &ids)).unwrap();
    let path = ServedPath::new(&Snapshot::of_prepared(&store, &prepared).unwrap()).unwrap();
    let (rows, scores) = path.feed(&[], 0);
    assert!(scores.is_sorted_by(|a, b| a >= b));
    let most = shop.n_buyers.iter().max().unwrap();
    assert_eq!(path.table().n_buyers()[rows[0] as usize], most / 5 * 5);
}
