//! The embedded engine obeys every rule of the conformance suite, built at once or by
//! revisions.

use std::sync::Arc;

use vitrine_domain::{Availability, Item, ItemId};
use vitrine_recall::conformance::Fixture;
use vitrine_recall::{EmbeddedRecall, IndexRevision, ItemTerms, Recall, TEXT_DIM};

fn embedded(fixture: Fixture) -> Arc<dyn Recall> {
    let Fixture { items, vectors, popularity } = fixture;
    Arc::new(EmbeddedRecall::build(&items, vectors, &popularity).expect("a fixture is legal"))
}

vitrine_recall::conformance_tests!(embedded);

mod revised {
    use super::*;

    /// Items that come in one revision.
    const N_OF_REVISION: usize = 160;

    /// The fixture by way of another catalogue: most of its items come by revisions, some
    /// were something else before, and all had another price.
    fn revised(fixture: Fixture) -> Arc<dyn Recall> {
        let Fixture { items, vectors, popularity } = fixture;
        let n = items.len();
        let n_before = n * 2 / 3;
        let of = |row: usize| &vectors[row * TEXT_DIM..(row + 1) * TEXT_DIM];
        let was_another = |row: usize| row % 7 == 3;
        let before = |row: usize| {
            let other = (row * 31 + 1) % n;
            let item = if was_another(row) { &items[other] } else { &items[row] };
            Item { id: items[row].id, price_minor: 1, ..item.clone() }
        };
        let gone = |id: u64| Item {
            id: ItemId(id),
            title: "butterscotch milk bread".to_owned(),
            department: "Dairy".to_owned(),
            brand: "Gone".to_owned(),
            ..Item::default()
        };
        let n_gone = n_before / 10;
        let first: Vec<Item> = (0..n_before)
            .map(before)
            .chain((0..n_gone as u64).map(|i| gone(1 << 40 | i)))
            .collect();
        let first_vectors: Vec<f32> =
            (0..n_before + n_gone).flat_map(|row| of(row % n.max(1))).copied().collect();
        let first_popularity: Vec<u32> = popularity[..n_before]
            .iter()
            .copied()
            .chain((0..n_gone as u32).map(|i| i * 9))
            .collect();
        let mut engine = EmbeddedRecall::build(&first, first_vectors, &first_popularity)
            .expect("the catalogue before is legal");

        let removed: Vec<ItemId> = first[n_before..].iter().map(|item| item.id).collect();
        let revision = IndexRevision { removed: &removed, ..IndexRevision::default() };
        engine = engine.revised(&revision).expect("items that are there can go");
        let rows: Vec<usize> = (0..n).filter(|row| *row >= n_before || was_another(*row)).collect();
        for rows in rows.chunks(N_OF_REVISION) {
            let added: Vec<Item> = rows.iter().map(|&row| items[row].clone()).collect();
            let vectors: Vec<f32> = rows.iter().flat_map(|&row| of(row)).copied().collect();
            let popularity: Vec<u32> = rows.iter().map(|&row| popularity[row]).collect();
            let changed = rows.iter().filter(|row| **row < n_before);
            let removed: Vec<ItemId> = changed.map(|&row| items[row].id).collect();
            let revision = IndexRevision {
                removed: &removed,
                terms: &[],
                added: &added,
                vectors: &vectors,
                codes: &[],
                popularity: &popularity,
            };
            engine = engine.revised(&revision).expect("a legal revision");
        }
        let terms = |item: &Item| ItemTerms {
            item: item.id,
            price_minor: item.price_minor,
            availability: item.availability,
        };
        let terms: Vec<ItemTerms> = items.iter().map(terms).collect();
        let revision = IndexRevision { terms: &terms, ..IndexRevision::default() };
        Arc::new(engine.revised(&revision).expect("all items are there"))
    }

    vitrine_recall::conformance_tests!(revised);

    #[test]
    fn what_is_revised_had_another_price_and_availability() {
        let fixture = vitrine_recall::conformance::fixture();
        assert!(fixture.items.iter().any(|item| item.price_minor != 1));
        assert!(fixture.items.iter().any(|item| item.availability == Availability::OutOfStock));
    }
}
