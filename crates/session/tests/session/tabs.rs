//! Several tabs of one device have one log, one basket and one set of settings.

use pollster::block_on;
use vitrine_domain::{EventKind, Query};
use vitrine_session::{Change, FeedOrder};

use crate::device::{Device, Listener, ids};
use crate::server::FakeServer;
use crate::shop::Shop;

#[test]
fn what_one_tab_does_the_others_show() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let here = Listener::new(device.open_synced().await);
        let there = Listener::new(device.open().await);
        let (a, b) = (shop.products[1].id, shop.products[2].id);
        here.session.put_into_basket(a, None).await;
        assert_eq!(there.session.basket().n_pieces, 0, "it has not caught up");
        assert_eq!(there.catch_up().await, [Change::Log]);
        assert_eq!(there.session.basket(), here.session.basket());
        assert_eq!(there.session.feed(60).await.tiles, here.session.feed(60).await.tiles);

        // Both act before either has caught up.
        here.session.put_into_basket(b, None).await;
        there.session.put_into_basket(a, None).await;
        here.catch_up().await;
        there.catch_up().await;
        assert_eq!(here.session.basket().n_pieces, 3);
        for tab in [&here.session, &there.session, &device.open().await] {
            assert_eq!(tab.basket(), here.session.basket());
            assert_eq!(tab.history(), here.session.history());
            assert_eq!(tab.feed(60).await.tiles, here.session.feed(60).await.tiles);
        }
        assert!(!here.session.catch_up(Change::Log).await, "nothing is new");
    });
}

#[test]
fn a_tab_that_heard_nothing_buys_what_is_in_the_basket() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let (here, there) = (device.open_synced().await, device.open().await);
        here.put_into_basket(shop.products[1].id, None).await;
        there.put_into_basket(shop.products[2].id, None).await;
        assert_eq!(here.buy_basket().await, 2);
        let n_purchases = |events: Vec<vitrine_session::DeviceEvent>| {
            events.iter().filter(|event| event.kind == EventKind::Purchase).count()
        };
        assert_eq!(there.buy_basket().await, 0, "it is bought once");
        assert_eq!(n_purchases(there.history()), 2);
    });
}

#[test]
fn deleting_in_one_tab_deletes_in_all() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let here = Listener::new(device.open_synced().await);
        let there = Listener::new(device.open().await);
        here.session.record(EventKind::Purchase, shop.products[1].id).await;
        let query = Query { text: "milk".into(), ..Query::default() };
        there.session.search(query.clone()).await.expect("served");
        there.catch_up().await;
        assert_eq!(there.session.feed(20).await.order, FeedOrder::Personal);
        here.session.delete_all().await.expect("emptied");
        assert_eq!(there.catch_up().await, [Change::Deleted]);
        assert!(there.session.history().is_empty() && there.session.ledger().is_empty());
        assert_eq!(there.session.search_again(&query), None);
        assert_eq!(ids(&there.session.feed(60).await), shop.by_popularity());
    });
}

#[test]
fn settings_are_those_of_all_tabs() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let here = Listener::new(device.open_synced().await);
        let there = Listener::new(device.open().await);
        here.session.set_paused(true).await;
        here.session.set_learning(false).await;
        assert_eq!(there.catch_up().await, [Change::Settings, Change::Settings]);
        let settings = there.session.status().settings;
        assert!(settings.paused && !settings.learns);
        assert_eq!(there.session.status().learning, None);
        there.session.record(EventKind::ViewItem, shop.products[1].id).await;
        assert!(there.session.history().is_empty(), "it pauses at once");
    });
}

#[test]
fn what_the_storage_refused_is_not_lost_when_another_tab_writes() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let here = Listener::new(device.open_synced().await);
        let there = Listener::new(device.open().await);
        device.disk.is_full.set(true);
        here.session.put_into_basket(shop.products[1].id, None).await;
        device.disk.is_full.set(false);
        there.session.put_into_basket(shop.products[2].id, None).await;
        here.catch_up().await;
        assert_eq!(here.session.basket().n_pieces, 2);
        assert_eq!(there.session.basket().n_pieces, 1);
    });
}
