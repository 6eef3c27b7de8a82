//! The wish list and what has become cheaper on it.

use pollster::block_on;
use vitrine_domain::{EventKind, ItemId};
use vitrine_session::{Change, Recorded, Session, Storage, StoreName};

use crate::device::{Device, Listener};
use crate::server::FakeServer;
use crate::shop::Shop;

fn wished(session: &Session) -> Vec<(ItemId, Option<u32>)> {
    session.wishes().into_iter().map(|of| (of.card.id, of.cheaper_by_minor)).collect()
}

#[test]
fn a_wish_says_when_its_card_has_become_cheaper() {
    block_on(async {
        let mut shop = Shop::new(60);
        shop.products[1].price_minor = 500;
        shop.products[2].price_minor = 500;
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let [a, b] = [1, 2].map(|place| shop.products[place].id);
        assert_eq!(session.wish(a).await, Recorded::Logged);
        device.act(&session, EventKind::ViewItem, b).await;
        session.wish(b).await;
        assert_eq!(wished(&session), [(b, None), (a, None)], "the newest first");
        server.requests.take();

        shop.catalogue = 2;
        shop.products[1].price_minor = 420;
        shop.products[2].price_minor = 510;
        server.publish(&shop);
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        session.take_up_pending();
        assert_eq!(wished(&session), [(b, None), (a, Some(80))]);
        let sent = server.requests.take();
        assert!(sent.iter().all(|(method, _, body)| method == "GET" && body.is_empty()));

        session.wish(a).await;
        assert!(wished(&session).contains(&(a, None)), "a wish made anew counts from then on");
        session.wish_no_more(a).await;
        assert!(!session.is_wished(a) && session.is_wished(b));
        assert_eq!(device.open().await.wishes(), session.wishes());
    });
}

#[test]
fn wishes_are_of_all_tabs_exported_and_deleted_and_rank_nothing() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let here = Listener::new(device.open_synced().await);
        let there = Listener::new(device.open().await);
        device.act(&here.session, EventKind::ViewItem, shop.products[9].id).await;
        there.catch_up().await;
        let before = here.session.feed(60).await.tiles;
        let item = shop.products[1].id;
        here.session.wish(item).await;
        assert_eq!(here.session.feed(60).await.tiles, before);
        assert_eq!(there.catch_up().await, [Change::Log]);
        assert!(there.session.is_wished(item));
        let export = here.session.export().expect("writable");
        let exported: serde_json::Value = serde_json::from_str(&export).expect("JSON");
        assert_eq!(exported["opinions"][0]["kind"], "wished");
        assert_eq!(exported["opinions"][0]["price"]["minor"], shop.products[1].price_minor);
        here.session.delete_all().await.expect("emptied");
        there.catch_up().await;
        assert!(here.session.wishes().is_empty() && there.session.wishes().is_empty());
        assert!(device.disk.entries(StoreName::Events).await.expect("readable").is_empty());
    });
}
