//! Bases and deltas put together.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use proptest::prelude::*;
use std::collections::BTreeMap;
use vitrine_domain::{ItemId, ShardRole};
use vitrine_wire::{CatalogueRows, PriceRow, PriceShard, Shard, WireError};

#[test]
fn delta_rows_replace_add_and_remove() {
    use ShardRole::{Base, Delta};
    let mut layers: Vec<_> = common::shards()
        .into_iter()
        .map(|(name, shard)| (if name.ends_with("delta") { Delta } else { Base }, shard))
        .collect();
    let rows = CatalogueRows::from_shards(layers.clone()).unwrap();
    layers.reverse();
    assert_eq!(CatalogueRows::from_shards(layers).unwrap(), rows, "order does not matter");

    let ids: Vec<u64> = rows.cards.iter().map(|card| card.id.0).collect();
    assert_eq!(ids, [9, 0x1234, u64::MAX], "7 is removed, 9 is new");
    assert_eq!(rows.departments, ["Grocery", "Produce"]);
    assert_eq!(rows.categories, ["", "Bananas", "Water"], "names nobody uses any more are gone");
    let water = rows.card(ItemId(9)).unwrap();
    assert_eq!((water.department, water.category, water.brand.as_str()), (0, 2, "Private"));
    assert_eq!(rows.card(ItemId(7)), None);
    assert_eq!(rows.price(ItemId(u64::MAX)).unwrap().price_minor, 59, "replaced");
    assert_eq!(rows.price(ItemId(0x1234)).unwrap().price_minor, 0, "untouched");
    assert_eq!(rows.code(ItemId(0x1234)).unwrap()[..2], [73, 110]);
    assert_eq!(rows.related_to(ItemId(7)).unwrap().strengths, [255, 3]);
    assert_eq!(rows.picture(4).unwrap().name, "ice");
    assert_eq!(rows.picture(3), None);
    assert_eq!(rows.photos.iter().map(|photo| photo.id).collect::<Vec<_>>(), [7, 70_000]);
    assert_eq!(rows.details(ItemId(7)), None, "removed");
    assert_eq!(rows.details(ItemId(9)).unwrap().description, "Still.");
    assert_eq!(rows.student.unwrap().len(), 100);
}

#[test]
fn layers_that_contradict_each_other_are_refused() {
    use ShardRole::{Base, Delta};
    let merge = |layers: &[(ShardRole, Shard)]| CatalogueRows::from_shards(layers.to_vec());
    let (base, delta) = (common::prices(), common::prices_delta());
    let twice = merge(&[(Base, base.clone()), (Base, base.clone())]);
    assert!(matches!(twice, Err(WireError::RowTwice { id: ItemId(7), .. })));
    let deltas = merge(&[(Delta, delta.clone()), (Delta, delta.clone())]);
    assert!(matches!(deltas, Err(WireError::ShardTwice { .. })));
    assert!(matches!(merge(&[(Base, delta)]), Err(WireError::RemovedInBase(_))));
    let student = (Base, common::shards().pop().unwrap().1);
    let students = merge(&[student.clone(), student]);
    assert!(matches!(students, Err(WireError::RowTwice { .. })));
    let Shard::Cards(mut cards) = common::cards() else { unreachable!() };
    cards.brands.clear();
    let unchecked = merge(&[(Base, Shard::Cards(cards))]);
    assert!(matches!(unchecked, Err(WireError::Index { .. })));
}

fn price(id: u64, price_minor: u32) -> PriceRow {
    PriceRow { id: ItemId(id), price_minor, ..PriceRow::default() }
}

fn shard(rows: &BTreeMap<u64, u32>, removed: Vec<u64>) -> Shard {
    let rows = rows.iter().map(|(id, minor)| price(*id, *minor)).collect();
    Shard::Prices(PriceShard { rows, removed: removed.into_iter().map(ItemId).collect() })
}

proptest! {
    /// Whatever is in the bases, a delta of the differences gives what was wanted.
    #[test]
    fn bases_and_their_difference_give_the_wanted_rows(
        base in prop::collection::btree_map(0..60u64, 0..4u32, 0..40),
        wanted in prop::collection::btree_map(0..60u64, 0..4u32, 0..40),
    ) {
        let (even, odd): (BTreeMap<_, _>, BTreeMap<_, _>) =
            base.iter().map(|(id, minor)| (*id, *minor)).partition(|(id, _)| id % 2 == 0);
        let changed =
            wanted.iter().filter(|(id, minor)| base.get(id) != Some(minor));
        let changed = changed.map(|(id, minor)| (*id, *minor)).collect();
        let removed = base.keys().copied().filter(|id| !wanted.contains_key(id)).collect();
        let rows = CatalogueRows::from_shards([
            (ShardRole::Base, shard(&odd, vec![])),
            (ShardRole::Delta, shard(&changed, removed)),
            (ShardRole::Base, shard(&even, vec![])),
        ]).unwrap();
        let expected: Vec<PriceRow> = wanted.iter().map(|(id, minor)| price(*id, *minor)).collect();
        prop_assert_eq!(rows.prices, expected);
    }
}
