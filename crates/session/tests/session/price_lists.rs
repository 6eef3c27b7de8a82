//! Price lists: what is shown follows the choice, what is sent and how it is ranked does not.

use std::collections::BTreeSet;

use pollster::block_on;
use vitrine_domain::{EventKind, ItemId, OfferAmount, PriceListInfo, PriceTerms, Query, Sale};
use vitrine_session::{Change, Feed, ItemCard, PriceListChoice};
use vitrine_wire::{CardListPrices, OfferRow, OfferShard, PriceListRow, PriceListShard, Shard};

use crate::device::{Device, Listener, NOW_MS};
use crate::server::FakeServer;
use crate::shop::{SIZES, Shop};

const TRADE: u8 = 0;
const YEN: u8 = 1;

/// Two lists: one in the shop's currency with the same tax, one in another currency.
fn terms() -> PriceTerms {
    let list = |key: &str, name: &str, currency: &str, tax_included| PriceListInfo {
        key: key.into(),
        name: name.into(),
        currency: currency.into(),
        tax_included,
    };
    let lists =
        vec![list("trade", "Trade", "EUR", Some(true)), list("yen", "In yen", "JPY", Some(false))];
    PriceTerms { tax_included: Some(true), lists }
}

/// A list's prices of the two sizes of a product.
fn prices(list: u8, small: u32, large: u32) -> CardListPrices {
    let sales = Vec::new();
    CardListPrices { list, variant_prices_minor: vec![small, large], sales }
}

/// The prices of products, and an offer of the first.
fn shards(rows: &[(ItemId, Vec<CardListPrices>)]) -> Vec<Shard> {
    let row = |(id, lists): &(ItemId, Vec<CardListPrices>)| PriceListRow {
        id: *id,
        lists: lists.clone(),
    };
    let offer = OfferRow {
        id: rows[0].0,
        label: "Coupon".into(),
        amount: OfferAmount::Minor(50),
        until_seconds: NOW_MS / 1_000 + 60,
        variants: 1,
    };
    let mut rows: Vec<PriceListRow> = rows.iter().map(row).collect();
    rows.sort_by_key(|row| row.id);
    let removed = Vec::new;
    vec![
        Shard::PriceLists(PriceListShard { rows, removed: removed() }),
        Shard::Offers(OfferShard { rows: vec![offer], removed: removed() }),
    ]
}

/// A shop with lists: the first two products are in both, the others in none.
fn shop() -> Shop {
    let mut shop = Shop::new(80);
    let [first, second] = [0, 1].map(|n| shop.products[n].id);
    shop.prices = terms();
    shop.more = shards(&[
        (first, vec![prices(TRADE, 70, 250), prices(YEN, 900, 3_000)]),
        (second, vec![prices(TRADE, 80, 260), prices(YEN, 1_000, 3_100)]),
    ]);
    shop
}

fn ranked(feed: &Feed) -> Vec<(ItemId, Option<f32>)> {
    feed.tiles.iter().map(|tile| (tile.card.id, tile.score)).collect()
}

fn shown(card: &ItemCard) -> (u32, Vec<u32>) {
    (card.price_minor, card.variants.iter().map(|variant| variant.price_minor).collect())
}

#[test]
fn the_choice_shows_everywhere_and_is_neither_sent_nor_ranked_by() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let [first, other] = [shop.products[0].id, shop.products[5].id];
        device.act(&session, EventKind::ViewItem, first).await;
        session.put_into_basket(first, Some(&crate::shop::sku(first, SIZES[1].0))).await;
        session.put_into_basket(other, None).await;
        // What is in the basket is in the feed only where a page keeps it.
        let kept = BTreeSet::from([first]);
        let before = session.home(80, &kept).await.feed;
        let standard = session.basket().total_minor;
        server.take_paths();

        session.set_price_list(Some("trade")).await;
        let feed = session.home(80, &kept).await.feed;
        assert_eq!(ranked(&feed), ranked(&before));
        let of_feed = feed.tiles.iter().find(|tile| tile.card.id == first).expect("in the feed");
        assert_eq!(shown(&of_feed.card), (70, vec![70, 250]));
        assert_eq!(shown(&session.item(first).expect("listed")), (70, vec![70, 250]));
        let basket = session.basket();
        let large = 4 * u64::from(shop.product(first).price_minor);
        assert_eq!(basket.total_minor, standard - large + 250, "the other has its standard price");
        assert!(server.take_paths().is_empty(), "a choice sends nothing");

        let status = session.status();
        assert_eq!((status.currency.as_str(), status.tax_included), ("EUR", Some(true)));
        assert_eq!(status.price_list, session.price_list());
        assert_eq!(session.price_list().expect("chosen").name, "Trade");
        assert_eq!(device.open().await.price_list(), session.price_list(), "after a reload");

        let query = Query { text: "number 0".into(), ..Query::default() };
        session.search(query.clone()).await.expect("served");
        session.set_price_list(None).await;
        session.search(query).await.expect("served");
        let requests = server.requests.take();
        let bodies: Vec<&String> = requests.iter().map(|(.., body)| body).collect();
        assert_eq!(bodies[0], bodies[1], "the same with and without a list");
        assert_eq!(session.basket().total_minor, standard);
    });
}

#[test]
fn what_a_list_in_another_currency_does_not_price_has_no_price() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let [first, other] = [shop.products[0].id, shop.products[5].id];
        let offer = |session: &vitrine_session::Session| {
            session.item(first).and_then(|card| card.offer).expect("on offer").amount
        };
        assert_eq!(offer(&session), OfferAmount::Minor(50));
        session.put_into_basket(first, None).await;
        session.put_into_basket(other, None).await;
        session.set_price_list(Some("yen")).await;
        assert_eq!(session.basket().total_minor, 900);
        assert_eq!(shown(&session.item(other).expect("listed")), (0, vec![0, 0]));
        assert_eq!(offer(&session), OfferAmount::Unsaid, "cents are no yen");
        let status = session.status();
        let currencies = (status.currency.as_str(), status.currency_standard.as_str());
        assert_eq!((currencies, status.tax_included), (("JPY", "EUR"), Some(false)));

        // What was logged meanwhile is kept with its standard prices.
        session.put_into_basket(first, None).await;
        session.set_price_list(None).await;
        let kept = session.history().pop().and_then(|event| event.variant).expect("named");
        assert_eq!(kept.price_minor, shop.product(first).price_minor);
    });
}

#[test]
fn all_tabs_follow_the_choice_and_a_preset_holds_until_there_is_one() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let here = Listener::new(device.open_synced().await);
        let there = Listener::new(device.open().await);
        let key = |listener: &Listener| listener.session.price_list().map(|list| list.key);
        there.session.preset_price_list(Some("yen"));
        assert_eq!((key(&here), key(&there)), (None, Some("yen".into())));
        // Other settings are no choice of prices.
        here.session.set_paused(false).await;
        there.catch_up().await;
        assert_eq!(key(&there).as_deref(), Some("yen"));

        here.session.set_price_list(Some("trade")).await;
        assert_eq!(there.catch_up().await, [Change::Settings]);
        assert_eq!(key(&there).as_deref(), Some("trade"));
        let id = shop.products[0].id;
        assert_eq!(there.session.item(id).expect("listed").price_minor, 70);

        here.session.set_price_list(None).await;
        there.catch_up().await;
        assert_eq!(key(&there), None, "the standard prices are a choice, too");
        assert_eq!(there.session.status().settings.price_list, PriceListChoice::Standard);
        here.session.set_price_list(Some("of a year ago")).await;
        assert_eq!(key(&here), None, "it is not published");
    });
}

#[test]
fn a_revision_changes_a_price_of_a_list() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        session.set_price_list(Some("trade")).await;
        let id = shop.products[0].id;
        device.act(&session, EventKind::ViewItem, id).await;
        let before = session.feed(80).await;
        let sale = Sale { price_minor: 55, from_seconds: None, until_seconds: None };
        let on_sale = CardListPrices { sales: vec![(0, sale)], ..prices(TRADE, 60, 200) };
        let row = PriceListRow { id, lists: vec![on_sale] };
        let delta = PriceListShard { rows: vec![row], removed: vec![shop.products[1].id] };
        server.published.borrow_mut().revise_with(&Shard::PriceLists(delta));
        server.take_paths();
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        assert_eq!(server.take_paths().len(), 2, "the manifest, and the one shard that is new");
        let card = session.item(id).expect("listed");
        assert_eq!((shown(&card), card.price_at(NOW_MS)), ((60, vec![60, 200]), 55));
        let second = &shop.products[1];
        let gone = session.item(second.id).expect("listed");
        assert_eq!(gone.price_minor, second.price_minor, "the list prices it no more");
        assert_eq!(ranked(&session.feed(80).await), ranked(&before));
    });
}

#[test]
fn until_the_lists_are_here_nothing_has_the_price_of_another() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open().await;
        session.preset_price_list(Some("trade"));
        session.sync_head().await.expect("served");
        let first = session.feed(20).await;
        assert!(first.tiles.iter().all(|tile| tile.card.price_minor == 0));
        session.sync_rest(|_| {}).await.expect("served");
        assert!(session.feed(20).await.tiles.iter().all(|tile| tile.card.price_minor > 0));
    });
}
