//! Any order and any repetition of changes folds to the same catalogue.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use vitrine_catalogue::{CatalogueState, ChangeOutcome, ProductChange, ProductState};

/// Changes of three products, each (sku, revision) once.
fn changes() -> impl Strategy<Value = Vec<ProductChange>> {
    let one = (0..10_u8, 0..4_u32, any::<bool>());
    vec(one, 1..24).prop_map(|made| {
        let numbered = made.into_iter().enumerate();
        numbered.map(|(i, (op, value, is_null))| one_change(i, op, value, is_null)).collect()
    })
}

fn one_change(i: usize, op: u8, value: u32, is_null: bool) -> ProductChange {
    let price = if is_null { Value::Null } else { json!(format!("{value}.50 EUR")) };
    let mut fields = match op {
        0 | 1 => json!({"op": "upsert", "title": format!("t{i}"), "stock": value}),
        2 => json!({"op": "patch", "price": price}),
        3 => json!({"op": "patch", "stock": value, "sale_price": price}),
        4 => json!({"op": if is_null { "hide" } else { "unhide" }}),
        5 => {
            json!({"op": "patch", "offer": if is_null { Value::Null } else { json!({"label": "x"}) },
            "availability": "out_of_stock"})
        }
        6 => json!({"op": "patch", "prices": {(if value < 2 { "a" } else { "b" }): price}}),
        7 => json!({"op": "upsert", "title": format!("t{i}"), "prices": {"a": price}}),
        8 => json!({"op": "patch", "title": format!("p{i}"),
            "description": if is_null { Value::Null } else { json!(format!("d{i}")) }}),
        _ => json!({"op": "delete"}),
    };
    fields["sku"] = json!(format!("s{}", i % 3));
    fields["revision"] = json!(i + 1);
    serde_json::from_value(fields).expect("a change")
}

/// The products of a catalogue without the numbers of their records, which follow from the
/// order of arrival.
fn folded<'c>(changes: impl IntoIterator<Item = &'c ProductChange>) -> Vec<ProductState> {
    let mut state = CatalogueState::default();
    for (change, number) in changes.into_iter().zip(1..) {
        state.apply(change, number);
    }
    let unnumbered = |product: &std::sync::Arc<ProductState>| ProductState {
        number: 0,
        ..ProductState::clone(product)
    };
    let mut products: Vec<_> = state.products().map(unnumbered).collect();
    products.sort_by(|a, b| a.sku.cmp(&b.sku));
    products
}

/// What the newest revision of each field says, computed field by field.
fn expected_title(changes: &[ProductChange], sku: &str) -> Option<String> {
    use vitrine_catalogue::ChangeAction::{Delete, Upsert};
    let of_sku = changes.iter().filter(|change| change.sku == sku);
    let newest = of_sku
        .filter(|change| matches!(change.action, Upsert(_) | Delete))
        .max_by_key(|change| change.revision)?;
    match &newest.action {
        Upsert(product) => Some(product.facts.title.clone()),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn order_and_repetition_do_not_matter(
        changes in changes(),
        picks in vec(any::<prop::sample::Index>(), 0..48),
        seed in any::<u64>(),
    ) {
        use rand::{SeedableRng as _, seq::SliceRandom as _};
        let straight = folded(&changes);
        let mut arrived = changes.clone();
        arrived.extend(picks.iter().map(|pick| pick.get(&changes).clone()));
        arrived.shuffle(&mut rand::rngs::StdRng::seed_from_u64(seed));
        prop_assert_eq!(&folded(&arrived), &straight);
        for product in &straight {
            let title = product.facts.value.as_ref().map(|facts| facts.title.clone());
            prop_assert_eq!(title, expected_title(&changes, &product.sku));
        }
    }

    #[test]
    fn a_repetition_changes_nothing_and_says_so(changes in changes()) {
        let mut state = CatalogueState::default();
        for (change, number) in changes.iter().zip(1..) {
            state.apply(change, number);
        }
        let before = state.clone();
        for (change, number) in changes.iter().zip(1_000..) {
            let outcome = state.apply(change, number);
            prop_assert!(matches!(outcome, ChangeOutcome::Duplicate | ChangeOutcome::Stale));
        }
        prop_assert_eq!(state, before);
    }
}
