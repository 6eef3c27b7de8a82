//! What the embedded engine promises beyond the conformance suite.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;

use vitrine_domain::{Item, ItemId};
use vitrine_recall::conformance::{Fixture, fixture};
use vitrine_recall::{
    EmbeddedRecall, N_SIGNALS, Recall, RecallError, RecallRequest, Relevance, Signal, TEXT_DIM,
};

fn build(fixture: Fixture) -> Result<EmbeddedRecall, RecallError> {
    EmbeddedRecall::build(&fixture.items, fixture.vectors, &fixture.popularity)
}

#[test]
fn inputs_that_do_not_belong_together_are_refused() {
    let mut short = fixture();
    short.vectors.truncate(10);
    assert!(matches!(build(short).err(), Some(RecallError::LengthsDiffer { n_numbers: 10, .. })));
    let mut short = fixture();
    short.popularity.pop();
    assert!(matches!(build(short).err(), Some(RecallError::LengthsDiffer { .. })));

    let mut twice = fixture();
    twice.items[3].id = twice.items[900].id;
    let id = twice.items[3].id;
    assert!(matches!(build(twice).err(), Some(RecallError::DuplicateItem(found)) if found == id));

    let mut bad = fixture();
    bad.vectors[5 * TEXT_DIM] = f32::NAN;
    let id = bad.items[5].id;
    assert!(matches!(build(bad).err(), Some(RecallError::VectorNotFinite(found)) if found == id));
}

#[test]
fn the_order_of_the_items_changes_nothing() {
    let fixture_a = fixture();
    let mut fixture_b = fixture();
    fixture_b.items.reverse();
    fixture_b.popularity.reverse();
    fixture_b.vectors = fixture_b.vectors.chunks_exact(TEXT_DIM).rev().flatten().copied().collect();
    let request = |near: &[f32]| {
        let mut request = RecallRequest::default();
        request.query.text = "milk butter".to_owned();
        request.vector = Some(near.to_vec());
        request
    };
    let near = fixture_a.vectors[..TEXT_DIM].to_vec();
    let [a, b] = [fixture_a, fixture_b]
        .map(|fixture| build(fixture).unwrap().search(&request(&near)).unwrap());
    assert_eq!(a, b);
}

#[test]
fn searches_from_many_threads_agree() {
    let engine: Arc<dyn Recall> = Arc::new(build(fixture()).unwrap());
    let mut request = RecallRequest::default();
    request.query.text = "bread".to_owned();
    let expected = engine.search(&request).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(engine.search(&request).unwrap(), expected);
                }
            });
        }
    });
}

/// Vectors like those of texts: some hundred topics, variance that falls from
/// direction to direction.
fn topical_vectors(n: usize) -> Vec<f32> {
    let mut state = 42u64;
    let mut uniform = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u32 << 23) as f32 - 1.0
    };
    let topics: Vec<f32> = (0..200 * TEXT_DIM).map(|_| uniform()).collect();
    (0..n)
        .flat_map(|i| {
            let topic = &topics[i % 200 * TEXT_DIM..][..TEXT_DIM];
            let row: Vec<f32> = topic
                .iter()
                .enumerate()
                .map(|(d, topic)| (topic + 0.7 * uniform()) / (1.0 + d as f32 / 40.0))
                .collect();
            let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            row.into_iter().map(move |x| x / norm)
        })
        .collect()
}

#[test]
fn the_scan_finds_what_an_exact_search_finds() {
    let n_items = 8_000;
    let vectors = topical_vectors(n_items);
    let items: Vec<Item> =
        (0..n_items as u64).map(|id| Item { id: ItemId(id), ..Item::default() }).collect();
    let engine = EmbeddedRecall::build(&items, vectors.clone(), &vec![0; n_items]).unwrap();
    let rows: Vec<&[f32]> = vectors.chunks_exact(TEXT_DIM).collect();
    let (mut n_found, mut n_expected) = (0, 0);
    for query in rows.iter().step_by(400) {
        let mut exact: Vec<(f32, u64)> = (0..)
            .zip(&rows)
            .map(|(id, row)| (row.iter().zip(*query).map(|(a, b)| a * b).sum(), id))
            .collect();
        exact.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let expected: HashSet<u64> = exact[..100].iter().map(|&(_, id)| id).collect();
        let found = engine.nearest(query, 100);
        n_found += found.iter().filter(|(id, _)| expected.contains(&id.0)).count();
        n_expected += expected.len();
    }
    assert!(n_found as f64 >= 0.98 * n_expected as f64, "{n_found} of {n_expected}");
}

fn titled(titles: &[&str]) -> EmbeddedRecall {
    let item = |(id, title): (u64, &&str)| Item {
        id: ItemId(id),
        title: (*title).to_owned(),
        category: title.split(' ').next_back().unwrap_or_default().to_owned(),
        ..Item::default()
    };
    let items: Vec<Item> = (0..).zip(titles).map(item).collect();
    let n = items.len();
    EmbeddedRecall::build(&items, vec![0.0; n * TEXT_DIM], &vec![0; n]).expect("a legal catalogue")
}

fn asked(text: &str) -> RecallRequest {
    let mut request = RecallRequest::default();
    request.query.text = text.to_owned();
    request
}

#[test]
fn a_rarer_spelling_counts_no_more_than_what_was_typed() {
    let engine = titled(&[
        "Optical mouse",
        "Wireless mouse",
        "Heating pad",
        "Launch pad",
        "Black mousepad",
        "Black mouse pad",
    ]);
    let reply = engine.search(&asked("mouse pad ")).unwrap();
    let found: Vec<u64> = reply.hits.iter().map(|hit| hit.item.0).collect();
    assert_eq!(found[..2], [5, 4], "{found:?}");
}

#[test]
fn other_weights_give_another_order() {
    let titles = ["Milk", "Milk chocolate with nuts"];
    let item = |(id, title): (u64, &&str)| Item {
        id: ItemId(id),
        title: (*title).to_owned(),
        ..Item::default()
    };
    let items: Vec<Item> = (0..).zip(&titles).map(item).collect();
    let build = || EmbeddedRecall::build(&items, vec![0.0; 2 * TEXT_DIM], &[10, 1_000]).unwrap();
    let first = |engine: &EmbeddedRecall| engine.search(&asked("milk ")).unwrap().hits[0].item.0;
    let mut weights = [0.0; N_SIGNALS];
    weights[Signal::Title as usize] = 1.0;
    assert_eq!(first(&build().with_relevance(Relevance::new(weights))), 0);
    weights[Signal::Popularity as usize] = 100.0;
    assert_eq!(first(&build().with_relevance(Relevance::new(weights))), 1);
}
