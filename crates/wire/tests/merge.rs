//! Bases and deltas put together.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use proptest::prelude::*;
use std::collections::BTreeMap;
use vitrine_domain::{ItemId, ShardRole};
use vitrine_rules::{PublicRules, Rule, RuleId};
use vitrine_wire::{
    CardRow, CardShard, CatalogueRows, Layer, PriceRow, PriceShard, Shard, WireError,
};

#[test]
fn delta_rows_replace_add_and_remove() {
    use ShardRole::{Base, Delta};
    let mut layers: Vec<_> = common::shards()
        .into_iter()
        .map(|(name, shard)| layer(if name.ends_with("delta") { Delta } else { Base }, 0, shard))
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
    let ids: Vec<u32> = rows.rules.rules.iter().map(|rule| rule.id.0).collect();
    assert_eq!(ids, [2], "a delta of rules is a whole set");
    assert_eq!(rows.student.unwrap().len(), 100);
}

#[test]
fn layers_that_contradict_each_other_are_refused() {
    use ShardRole::{Base, Delta};
    let merge = |layers: &[(ShardRole, Shard)]| {
        let layer = |(role, shard): &(ShardRole, Shard)| layer(*role, 0, shard.clone());
        CatalogueRows::from_shards(layers.iter().map(layer))
    };
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

fn layer(role: ShardRole, cell: u32, shard: Shard) -> Layer {
    Layer { role, cell, shard }
}

#[test]
fn rankers_are_told_the_price_that_a_card_had_when_its_version_was_made() {
    let mut shards = common::shards();
    shards.retain(|(_, shard)| !matches!(shard, Shard::Student(_)));
    let role = |name: &str| match name.ends_with("delta") {
        true => ShardRole::Delta,
        false => ShardRole::Base,
    };
    let layers = shards.into_iter().map(|(name, shard)| layer(role(name), 0, shard));
    let rows = CatalogueRows::from_shards(layers).unwrap();
    let listed: Vec<(u64, u32)> = rows.listed().map(|card| (card.id.0, card.price_minor)).collect();
    assert_eq!(listed, [(9, 89), (0x1234, 0), (u64::MAX, 59)]);
    assert_eq!(rows.price(ItemId(9)).unwrap().price_minor, 99, "what a page shows");
}

/// A card of one name in each department, to be put over others.
fn cards(rows: &BTreeMap<u64, u8>, removed: &[u64]) -> Shard {
    let mut departments: Vec<String> = rows.values().map(|name| format!("D{name}")).collect();
    departments.sort_unstable();
    departments.dedup();
    let row = |(id, name): (&u64, &u8)| CardRow {
        id: ItemId(*id),
        title: format!("{id}"),
        department: departments.binary_search(&format!("D{name}")).unwrap() as u16,
        ..CardRow::default()
    };
    Shard::Cards(CardShard {
        rows: rows.iter().map(row).collect(),
        removed: removed.iter().copied().map(ItemId).collect(),
        categories: vec![String::new()],
        brands: vec![String::new()],
        departments,
    })
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
            layer(ShardRole::Base, 1, shard(&odd, vec![])),
            layer(ShardRole::Delta, 0, shard(&changed, removed)),
            layer(ShardRole::Base, 0, shard(&even, vec![])),
        ]).unwrap();
        let expected: Vec<PriceRow> = wanted.iter().map(|(id, minor)| price(*id, *minor)).collect();
        prop_assert_eq!(rows.prices, expected);
    }

    /// Deltas one after the other, in any order of arrival, and the same put over the merged
    /// rows: the last word on each row is that of the highest cell.
    #[test]
    fn deltas_in_a_row_are_the_same_merged_at_once_or_one_by_one(
        base in prop::collection::btree_map(0..30u64, 0..4u32, 1..20),
        deltas in prop::collection::vec(
            (prop::collection::btree_map(0..30u64, 5..9u32, 0..8),
             prop::collection::btree_set(0..30u64, 0..5)), 1..6),
    ) {
        let mut wanted = base.clone();
        let mut layers = vec![layer(ShardRole::Base, 0, shard(&base, vec![]))];
        let mut one_by_one = CatalogueRows::from_shards(layers.clone()).unwrap();
        for (cell, (changed, removed)) in (0..).zip(&deltas) {
            let removed: Vec<u64> =
                removed.iter().copied().filter(|id| !changed.contains_key(id)).collect();
            wanted.retain(|id, _| !removed.contains(id));
            wanted.extend(changed);
            let delta = shard(changed, removed);
            one_by_one.override_with(delta.clone()).unwrap();
            layers.insert(0, layer(ShardRole::Delta, cell, delta));
        }
        let rows = CatalogueRows::from_shards(layers).unwrap();
        let expected: Vec<PriceRow> = wanted.iter().map(|(id, minor)| price(*id, *minor)).collect();
        prop_assert_eq!(&rows.prices, &expected);
        prop_assert_eq!(rows, one_by_one);
    }

    /// Names that come with a delta find their place among the catalogue's.
    #[test]
    fn cards_with_new_departments_keep_those_of_the_others(
        base in prop::collection::btree_map(0..20u64, 0..9u8, 1..12),
        changed in prop::collection::btree_map(0..20u64, 0..9u8, 0..8),
    ) {
        let base = layer(ShardRole::Base, 0, cards(&base, &[]));
        let delta = cards(&changed, &[]);
        let mut rows = CatalogueRows::from_shards([base.clone()]).unwrap();
        rows.override_with(delta.clone()).unwrap();
        let merged = CatalogueRows::from_shards([base, layer(ShardRole::Delta, 0, delta)]).unwrap();
        let named = |rows: &CatalogueRows| -> Vec<(ItemId, String)> {
            let name = |card: &vitrine_wire::Card| {
                (card.id, rows.departments[usize::from(card.department)].clone())
            };
            rows.cards.iter().map(name).collect()
        };
        prop_assert_eq!(named(&rows), named(&merged));
    }
}

#[test]
fn rules_of_bases_are_one_set_and_the_last_delta_is_another() {
    use ShardRole::{Base, Delta};
    let set = |ids: &[u32]| {
        let Shard::Rules(PublicRules { rules }) = common::rules_delta() else { unreachable!() };
        let rule = |id: &u32| Rule { id: RuleId(*id), ..rules[0].clone() };
        Shard::Rules(PublicRules { rules: ids.iter().map(rule).collect() })
    };
    let ids = |layers: &[(ShardRole, u32, Shard)]| {
        let layer =
            |(role, cell, shard): &(ShardRole, u32, Shard)| layer(*role, *cell, shard.clone());
        let rows = CatalogueRows::from_shards(layers.iter().map(layer))?;
        Ok(rows.rules.rules.iter().map(|rule| rule.id.0).collect::<Vec<_>>())
    };
    let bases = [(Base, 0, set(&[5, 3])), (Base, 1, set(&[4]))];
    assert_eq!(ids(&bases).unwrap(), [3, 4, 5]);
    let with = |deltas: &[(ShardRole, u32, Shard)]| ids(&[&bases[..], deltas].concat());
    let (first, second) = ((Delta, 1, set(&[9, 3])), (Delta, 2, set(&[])));
    assert_eq!(with(&[first.clone()]).unwrap(), [3, 9]);
    let none: &[u32] = &[];
    assert_eq!(with(&[second.clone(), first.clone()]).unwrap(), none, "the higher cell counts");
    assert_eq!(ids(&[first.clone()]).unwrap(), [3, 9], "a shop may have its first by a revision");
    assert!(matches!(with(&[first.clone(), first]), Err(WireError::ShardTwice { .. })));
    let twice: Result<_, WireError> = ids(&[(Base, 0, set(&[3])), (Base, 1, set(&[3]))]);
    assert!(matches!(twice, Err(WireError::Rules(_))), "{twice:?}");

    let mut rows = CatalogueRows::from_shards([layer(Base, 0, set(&[5]))]).unwrap();
    rows.override_with(set(&[8, 1])).unwrap();
    assert_eq!(rows.rules.rules.iter().map(|rule| rule.id.0).collect::<Vec<_>>(), [1, 8]);
}
