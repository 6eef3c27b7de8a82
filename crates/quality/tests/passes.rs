//! Both passes end to end: whatever comes in, every row is answered once and
//! the counts add up.

use std::path::Path;

use proptest::prelude::*;
use vitrine_domain::{EventKind, Interaction, Product, limits};
use vitrine_quality::{
    Cards, Intake, InteractionPass, InteractionRow, ProductPass, ProductRow, Quarantine, Reason,
    Summary, Unreadable,
};

const NOW_SECONDS: i64 = 1_600_000_000;

type Products = Vec<Result<ProductRow, Unreadable>>;
type Lines = Vec<Result<InteractionRow, Unreadable>>;

struct Imported {
    summary: Summary,
    cards: Cards,
    log: Vec<Interaction>,
    quarantined: Vec<serde_json::Value>,
}

/// What the server's import does, over rows in memory.
fn import(folder: &Path, products: &Products, lines: &Lines) -> Imported {
    let path = folder.join("quarantine.jsonl");
    let mut quarantine = Quarantine::create(&path).expect("a writable folder");
    let mut summary = Summary::default();

    let mut pass = ProductPass::new();
    let mut intake = Intake::new(&mut quarantine, "products.csv");
    for (row, line) in products.iter().zip(2..) {
        intake.read();
        intake.answer(line, pass.push(row.clone()), || line.into()).expect("written");
    }
    intake.finish(&mut summary).expect("balanced");
    let catalogue = pass.finish().expect("no collision");

    let mut pass = InteractionPass::new(&catalogue, NOW_SECONDS);
    let mut log = Vec::new();
    let mut intake = Intake::new(&mut quarantine, "log.csv");
    for (row, line) in lines.iter().zip(2..) {
        intake.read();
        log.extend(intake.answer(line, pass.push(row.clone()), || line.into()).expect("written"));
    }
    intake.finish(&mut summary).expect("balanced");
    let sales = pass.into_sales();
    quarantine.finish().expect("renamed");
    let quarantined = std::fs::read_to_string(&path).expect("there");
    let quarantined =
        quarantined.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    Imported { summary, cards: catalogue.finish(&sales), log, quarantined }
}

fn product(sku: &str, title: &str) -> ProductRow {
    let product = Product {
        sku: sku.into(),
        title: title.into(),
        department: "GROCERY".into(),
        ..Product::default()
    };
    ProductRow { product, ..ProductRow::default() }
}

fn line(shopper: &str, sku: &str, basket: &str) -> InteractionRow {
    InteractionRow {
        shopper: shopper.into(),
        sku: sku.into(),
        basket: basket.into(),
        kind: EventKind::Purchase,
        at_seconds: 1_500_000_000,
        quantity: 2,
        price_minor: Some(199),
    }
}

#[test]
fn every_fault_has_its_reason() {
    let long = "x".repeat(limits::TEXT_CHARS_MAX + 1);
    let priced = |price| ProductRow { price_minor: Some(price), ..product("p", "TEA") };
    let no_text = ProductRow {
        product: Product { sku: "n".into(), department: "MISC.".into(), ..Product::default() },
        ..ProductRow::default()
    };
    let products: Products = vec![
        Ok(product("1", "HONEY")),
        Ok(product("1", "JAM")),
        Ok(product("", "JAM")),
        Ok(product("2", &long)),
        Ok(ProductRow { excluded: true, ..product("3", "GASOLINE") }),
        Ok(no_text),
        Ok(priced(0)),
        Ok(priced(-5)),
        Ok(priced(1 << 40)),
        Err(Unreadable("not a price".into())),
    ];
    let lines: Lines = vec![
        Ok(line("a", "1", "b")),
        Ok(line("a", "1", "b")),
        Ok(line("a", "9", "b")),
        Ok(line("a", "3", "b")),
        Ok(line("a", "2", "b")),
        Ok(line("", "1", "b")),
        Ok(line("a", "", "b")),
        Ok(InteractionRow { quantity: -1, ..line("a", "1", "b") }),
        Ok(InteractionRow { quantity: 0, ..line("a", "1", "b") }),
        Ok(InteractionRow { quantity: 1 << 40, ..line("a", "1", "b") }),
        Ok(InteractionRow { price_minor: Some(0), ..line("a", "1", "b") }),
        Ok(InteractionRow { price_minor: Some(-1), ..line("a", "1", "b") }),
        Ok(InteractionRow { at_seconds: NOW_SECONDS + 200_000, ..line("a", "1", "b") }),
        Ok(InteractionRow { price_minor: None, ..line("a", "1", "") }),
        Err(Unreadable("not a time".into())),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let imported = import(folder.path(), &products, &lines);
    let codes: Vec<&str> =
        imported.quarantined.iter().map(|row| row["code"].as_str().expect("a code")).collect();
    assert_eq!(
        codes,
        [
            "duplicate_id",
            "empty_id",
            "text_too_long",
            "excluded",
            "no_text",
            "zero_price",
            "negative_price",
            "out_of_range",
            "unparsable",
            "unknown_product",
            "excluded_product",
            "rejected_product",
            "empty_id",
            "empty_id",
            "negative_quantity",
            "zero_quantity",
            "out_of_range",
            "zero_price",
            "negative_price",
            "future_time",
            "unparsable",
        ]
    );
    // Equal lines of a basket are two purchases; a line without basket is its own.
    let baskets: Vec<u32> = imported.log.iter().map(|interaction| interaction.basket).collect();
    assert_eq!(baskets, [0, 0, 1]);
    let [honey] = &imported.cards.items[..] else { panic!("one card: {:?}", imported.cards) };
    assert_eq!((honey.title.as_str(), honey.price_minor), ("Honey", 0), "of one buyer");
    assert!(imported.log.iter().all(|interaction| interaction.item == honey.id));
}

#[test]
fn a_rejected_product_may_be_listed_later() {
    let products: Products = vec![
        Ok(ProductRow { price_minor: Some(0), ..product("1", "TEA") }),
        Ok(product("1", "TEA")),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let lines = ["a", "b", "c", "d", "e"].map(|shopper| Ok(line(shopper, "1", "b")));
    let imported = import(folder.path(), &products, &lines.to_vec());
    assert_eq!(imported.log.len(), 5);
    assert_eq!(imported.cards.items[0].price_minor, 199);
}

fn any_product() -> impl Strategy<Value = Result<ProductRow, Unreadable>> {
    let texts = prop::sample::select(vec!["", "TEA", "HONEY (", "MISC", "Oat drink", "É", "("]);
    let sku = prop::sample::select(vec!["", "1", "2", "3", "4", "5"]);
    let price = prop::option::of(prop::sample::select(vec![-1_i64, 0, 250, i64::MAX]));
    let row = (sku, texts.clone(), texts, price, prop::bool::weighted(0.1)).prop_map(
        |(sku, title, category, price_minor, excluded)| {
            let mut row = product(sku, title);
            row.product.category = category.into();
            Ok(ProductRow { price_minor, excluded, ..row })
        },
    );
    prop_oneof![9 => row, 1 => Just(Err(Unreadable("broken".into())))]
}

fn any_line() -> impl Strategy<Value = Result<InteractionRow, Unreadable>> {
    let name = prop::sample::select(vec!["", "1", "2", "3", "7"]);
    let number = prop::sample::select(vec![i64::MIN, -1, 0, 1, 3, i64::MAX]);
    let row = (name.clone(), name.clone(), name, number.clone(), number.clone(), number).prop_map(
        |(shopper, sku, basket, quantity, price, at_seconds)| {
            let price_minor = (price != 3).then_some(price);
            Ok(InteractionRow { quantity, price_minor, at_seconds, ..line(shopper, sku, basket) })
        },
    );
    prop_oneof![9 => row, 1 => Just(Err(Unreadable("broken".into())))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn counts_add_up_under_any_faults(
        products in prop::collection::vec(any_product(), 0..40),
        lines in prop::collection::vec(any_line(), 0..60),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let imported = import(folder.path(), &products, &lines);
        prop_assert!(imported.summary.check_balance().is_ok());
        let [of_products, of_log] = &imported.summary.sources[..] else { panic!("two sources") };
        prop_assert_eq!(of_products.read, products.len() as u64);
        prop_assert_eq!(of_log.read, lines.len() as u64);
        prop_assert_eq!(of_log.kept, imported.log.len() as u64);
        let n_variants: usize = imported.cards.items.iter().map(|item| item.variants.len()).sum();
        prop_assert_eq!(of_products.kept, n_variants as u64);
        prop_assert_eq!(imported.cards.sku_index.len(), n_variants);
        let n_quarantined = of_products.n_quarantined() + of_log.n_quarantined();
        prop_assert_eq!(imported.quarantined.len() as u64, n_quarantined);
        for (sku, at) in &imported.cards.sku_index {
            let item = &imported.cards.items[at.card as usize];
            prop_assert_eq!(item.variants[at.variant as usize].sku.as_str(), &**sku);
        }
        let known = |id| imported.cards.items.iter().any(|item| item.id == id);
        prop_assert!(imported.log.iter().all(|interaction| known(interaction.item)));
        prop_assert!(imported.cards.items.windows(2).all(|pair| pair[0].id < pair[1].id));
        let unparsable = products.iter().filter(|row| row.is_err()).count() as u64;
        let counted = of_products.quarantined.get(&Reason::Unparsable).copied().unwrap_or(0);
        prop_assert_eq!(counted, unparsable);
    }
}
