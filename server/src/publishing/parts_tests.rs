//! Each published part that comes from the log, supported by four buyers and by five.

use vitrine_domain::{EventKind, Interaction, ItemId, Product, RelatedList, limits};
use vitrine_durable::FileSystem;
use vitrine_encoder::TEXT_DIM;
use vitrine_publish::{Snapshot, Store};
use vitrine_quality::{InteractionPass, InteractionRow, ProductPass, ProductRow};
use vitrine_ranking::{Popularity, PurchaseLog};

use super::publish_on;
use crate::catalogue::{self, Buyers, StoredCatalogue};
use crate::retention;

/// Sku, title, price of the feed. A sku's number is how many shoppers buy it.
const PRODUCTS: [(&str, &str, Option<i64>); 12] = [
    ("price 4", "Pear", None),
    ("price 5", "Peach", None),
    ("first of 4", "Vase", Some(900)),
    ("second of 4", "Vase", Some(800)),
    ("first of 5", "Bowl", Some(900)),
    ("second of 5", "Bowl", Some(800)),
    ("beside 4", "Cup", Some(100)),
    ("beside 5", "Saucer", Some(100)),
    ("one of 4", "Soy drink", Some(100)),
    ("other of 4", "Oat drink", Some(100)),
    ("one of 5", "Rye bread", Some(100)),
    ("other of 5", "Spelt bread", Some(100)),
];
/// What is bought at once, and by how many shoppers. What is in no basket with its like
/// is bought in its place.
const BASKETS: [(u32, &[&str]); 6] = [
    (4, &["price 4", "second of 4", "beside 4"]),
    (5, &["price 5", "second of 5", "beside 5"]),
    (4, &["one of 4"]),
    (4, &["other of 4"]),
    (5, &["one of 5"]),
    (5, &["other of 5"]),
];
const PAID_MINOR: i64 = 777;

/// A catalogue as an import makes it, and what the same shoppers bought.
fn imported() -> (StoredCatalogue, Vec<RelatedList>) {
    let mut pass = ProductPass::new();
    for (sku, title, price_minor) in PRODUCTS {
        let product = Product { sku: sku.into(), title: title.into(), ..Product::default() };
        pass.push(Ok(ProductRow { product, price_minor, ..ProductRow::default() })).unwrap();
    }
    let products = pass.finish().unwrap();
    let mut pass = InteractionPass::new(&products, 1_000_000);
    let mut log: Vec<Interaction> = Vec::new();
    for (basket, (n_shoppers, skus)) in BASKETS.into_iter().enumerate() {
        for (shopper, sku) in (0..n_shoppers).flat_map(|n| skus.iter().map(move |sku| (n, sku))) {
            // Twice, so that lines are not mistaken for buyers.
            for round in 0..2 {
                let row = InteractionRow {
                    shopper: shopper.to_string(),
                    sku: (*sku).to_owned(),
                    basket: format!("{basket} {round}"),
                    kind: EventKind::Purchase,
                    at_seconds: i64::from(round),
                    quantity: 3,
                    price_minor: Some(PAID_MINOR),
                };
                log.push(pass.push(Ok(row)).unwrap());
            }
        }
    }
    let sales = pass.into_sales();
    let items = products.finish(&sales).items;
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    let purchases = PurchaseLog::new(&ids, &log).unwrap();
    let counts = Popularity::new(&purchases, 10);
    let mut vectors = vec![0.0; items.len() * TEXT_DIM];
    for (item, vector) in items.iter().zip(vectors.chunks_exact_mut(TEXT_DIM)) {
        // Drinks are alike, and so are breads; nothing else is.
        let like = |word: &str| item.title.to_lowercase().contains(word);
        let own = 2 + ids.binary_search(&item.id).unwrap();
        vector[if like("drink") {
            0
        } else if like("bread") {
            1
        } else {
            own
        }] = 1.0;
    }
    let counts = counts.n_buyers.iter().zip(&counts.n_buyers_recent);
    let neighbours = vitrine_ranking::neighbour_lists(&purchases, &ids);
    let catalogue = StoredCatalogue {
        shop: "A shop".into(),
        currency: "EUR".into(),
        positives: vitrine_domain::Positives::Purchases,
        never_recommended: Vec::new(),
        buyers: counts.map(|(&all, &recent)| Buyers { all, recent }).collect(),
        related: vitrine_ranking::related_lists(&purchases, &ids),
        alternatives: vitrine_ranking::alternatives(&purchases, &vectors),
        vectors,
        items,
        ..StoredCatalogue::default()
    };
    (catalogue, neighbours)
}

#[test]
fn each_part_needs_five_buyers() {
    assert_eq!(limits::BUYERS_MIN, 5);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("store")).unwrap();
    let (catalogue, neighbours) = imported();
    let staging = retention::fresh(&catalogue::staging(dir.path())).unwrap();
    catalogue.save(&staging).unwrap();
    publish_on(&FileSystem, dir.path(), &store, (&catalogue, &neighbours, None), &staging).unwrap();
    let rows = Snapshot::load(&store).unwrap().rows;
    let card = |sku: &str| {
        let has = |card: &&vitrine_wire::Card| card.variants.iter().any(|v| v.sku == sku);
        rows.cards.iter().find(has).unwrap()
    };
    let price = |sku: &str| rows.price(card(sku).id).unwrap();

    let paid = PAID_MINOR as u32;
    assert_eq!([price("price 4").price_minor, price("price 5").price_minor], [0, paid], "price");
    assert_eq!(price("price 5").variant_prices_minor, [paid]);
    assert_eq!(price("price 4").variant_prices_minor, [0]);

    let first = |sku: &str| card(sku).variants[0].sku.as_str();
    assert_eq!(first("first of 4"), "first of 4", "order of variants: as in the feed");
    assert_eq!(first("first of 5"), "second of 5", "order of variants: as they are bought");

    let counts = |sku: &str| (price(sku).n_buyers, price(sku).n_buyers_recent);
    assert_eq!([counts("price 4"), counts("price 5")], [(0, 0), (5, 5)], "counts");

    let others = |sku: &str| rows.related_to(card(sku).id).map_or(0, |row| row.related.len());
    assert_eq!([others("beside 4"), others("beside 5")], [0, 2], "related");

    // The same five bought two cards more, in baskets of their own.
    let alike = |sku: &str| {
        let row = rows.neighbours.iter().find(|row| row.id == card(sku).id);
        row.map_or(0, |row| row.related.len())
    };
    assert_eq!([alike("beside 4"), alike("beside 5")], [0, 4], "neighbours");

    let instead = |sku: &str| {
        let row = rows.alternatives.iter().find(|row| row.id == card(sku).id);
        row.map_or(vec![], |row| row.related.clone())
    };
    assert_eq!(instead("one of 4"), [], "alternatives");
    assert_eq!(instead("one of 5"), [card("other of 5").id], "alternatives");
}
