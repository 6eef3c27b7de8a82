//! Price lists from a mapping and a feed to what is published.

use vitrine_durable::FileSystem;
use vitrine_encoder::TEXT_DIM;
use vitrine_ingest::{Mapping, open_products};
use vitrine_publish::{Snapshot, Store};
use vitrine_quality::{LogSales, ProductPass, Reason, Unreadable};

use super::publish_on;
use crate::catalogue::{self, Buyers, StoredCatalogue};
use crate::listed_row::listed_row;
use crate::retention;

const MAPPING: &str = r#"
name = "shop"
currency = "EUR"
tax_included = true
[products]
sku = "id"
title = "name"
size = "size"
price = { column = "price" }
sale_price = { column = "sale" }
[[price_lists]]
key = "trade"
name = "Trade"
currency = "EUR"
tax_included = false
price = { column = "trade" }
sale_price = { column = "trade_sale" }
[[price_lists]]
key = "tokyo"
name = "Tokyo"
currency = "JPY"
price = { column = "yen" }
"#;

const FEED: &str = "\
id,name,size,price,sale,trade,trade_sale,yen
1,Green tea,100 g,4.90,,3.90,3.50,700
2,Green tea,250 g,9.90,8.90,,,1500
3,Black tea,100 g,4.50,,,,
4,Free tea,100 g,4.50,,0.00,,
5,Dear tea,100 g,4.50,,much,,
6,White tea,100 g,4.50,,3.00 USD,,
";

#[test]
fn what_a_feed_says_of_price_lists_is_published_and_nonsense_quarantined() {
    let dir = tempfile::tempdir().unwrap();
    let feed = dir.path().join("feed.csv");
    std::fs::write(&feed, FEED).unwrap();
    let mapping = Mapping::from_toml(MAPPING).unwrap();
    let mut pass = ProductPass::new();
    let mut rejected = Vec::new();
    for row in open_products(&feed, &mapping).unwrap() {
        let row = row.unwrap();
        let record = row.record.map(listed_row);
        if let Err(why) = pass.push(record.map_err(|error| Unreadable(error.to_string()))) {
            rejected.push((row.line, why.reason, why.message));
        }
    }
    let reasons: Vec<(u64, Reason)> = rejected.iter().map(|row| (row.0, row.1)).collect();
    let unreadable = Reason::Unparsable;
    assert_eq!(reasons, [(5, Reason::ZeroPrice), (6, unreadable), (7, unreadable)]);
    assert!(rejected[2].2.contains("EUR is expected"), "{}", rejected[2].2);

    let items = pass.finish().unwrap().finish(&LogSales::default()).items;
    let n = items.len();
    let catalogue = StoredCatalogue {
        shop: "A shop".into(),
        currency: mapping.currency.clone(),
        prices: mapping.price_terms(),
        buyers: vec![Buyers::default(); n],
        alternatives: vec![Vec::new(); n],
        vectors: vec![0.0; n * TEXT_DIM],
        items,
        ..StoredCatalogue::default()
    };
    let staging = retention::fresh(&catalogue::staging(dir.path())).unwrap();
    catalogue.save(&staging).unwrap();
    assert_eq!(StoredCatalogue::load(&staging).unwrap().items, catalogue.items, "kept on disk");
    let store = Store::open(dir.path().join("store")).unwrap();
    publish_on(&FileSystem, dir.path(), &store, (&catalogue, &[], None), &staging).unwrap();

    let Snapshot { manifest, rows } = Snapshot::load(&store).unwrap();
    assert_eq!(manifest.prices, mapping.price_terms());
    let head = &manifest.shards[..manifest.n_head as usize];
    let kind = vitrine_domain::ShardKind::PriceLists;
    assert!(head.iter().all(|shard| shard.kind != kind), "no first feed waits for them");
    let card = |title: &str| rows.cards.iter().find(|card| card.title == title).unwrap();
    let green = card("Green tea");
    let row = rows.list_prices(green.id).unwrap();
    let place = |sku: &str| green.variants.iter().position(|variant| variant.sku == sku).unwrap();
    let (price, sale) = row.price_of(0, place("1")).unwrap();
    assert_eq!((price, sale.map(|sale| sale.price_minor)), (390, Some(350)));
    assert_eq!(row.price_of(0, place("2")), None, "trade does not price it");
    assert_eq!(row.price_of(1, place("2")), Some((1_500, None)), "yen have no decimals");
    assert_eq!(rows.list_prices(card("Black tea").id), None);
}
