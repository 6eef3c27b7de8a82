//! Before the shopper agrees, nothing of them is on the device.

use pollster::block_on;
use vitrine_domain::{EventKind, Query};
use vitrine_session::{Change, FeedOrder, FeedReason, Recorded, Session, Storage, StoreName};

use crate::device::{Device, Listener, NOW_MS};
use crate::server::FakeServer;
use crate::shop::Shop;

/// Looks, wishes, buys and searches.
async fn act(device: &Device, session: &Session, shop: &Shop) -> Recorded {
    let [a, b, c] = [1, 2, 3].map(|place| shop.products[place].id);
    device.act(session, EventKind::ViewItem, a).await;
    session.wish(b).await;
    session.not_interested(c).await;
    session.put_into_basket(b, None).await;
    let query = Query { text: "milk".into(), ..Query::default() };
    session.search(query).await.expect("served");
    session.record(EventKind::Purchase, a).await
}

async fn n_stored(device: &Device) -> [usize; 3] {
    let mut n = [0; 3];
    for (n, store) in n.iter_mut().zip([StoreName::Events, StoreName::Cards, StoreName::Ledger]) {
        let usage = device.disk.usage().await.expect("readable");
        *n = usage.iter().find(|of| of.store == store).map_or(0, |of| of.n_entries as usize);
    }
    n
}

#[test]
fn before_consent_the_storage_has_nothing_of_the_shopper() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let tab = device.new_tab();
        let session = device.open_in(&tab).await;
        session.require_consent();
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        assert!(session.status().asks_consent);
        assert_eq!(act(&device, &session, &shop).await, Recorded::Paused);
        assert_eq!(n_stored(&device).await, [0, 0, 0]);
        let query = Query { text: "milk".into(), ..Query::default() };
        assert_eq!(session.search_again(&query), None, "no search is kept");
        assert_eq!(session.basket().n_pieces, 1, "the basket works in the tab");
        assert!(session.starters().is_empty(), "no choice is offered that would not be kept");
        let feed = session.feed(20).await;
        assert_eq!((feed.order, feed.reason), (FeedOrder::Popularity, Some(FeedReason::EmptyLog)));
        assert!(device.open().await.basket().lines.is_empty());

        session.set_consent(true).await;
        assert_eq!(act(&device, &session, &shop).await, Recorded::Logged);
        let [n_events, n_cards, n_requests] = n_stored(&device).await;
        // The line that lay in the basket, and what was done since.
        assert_eq!((n_events, n_cards), (1 + 5, 3));
        assert_eq!(n_requests, 1, "the search since then");
        assert_eq!(session.feed(20).await.order, FeedOrder::Personal);
    });
}

#[test]
fn a_no_is_kept_and_ends_the_use_of_what_was_recorded() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let here = Listener::new(device.open_synced().await);
        let there = Listener::new(device.open().await);
        assert!(here.session.status().has_consent, "where nobody asks, as before");
        for tab in [&here, &there] {
            tab.session.require_consent();
        }
        here.session.set_consent(true).await;
        assert_eq!(there.catch_up().await, [Change::Settings]);
        assert_eq!(act(&device, &here.session, &shop).await, Recorded::Logged);
        there.catch_up().await;
        let stored = n_stored(&device).await;
        assert_eq!(there.session.feed(20).await.order, FeedOrder::Personal);
        here.session.set_consent(false).await;
        assert_eq!(there.catch_up().await, [Change::Settings]);
        for session in [&here.session, &there.session, &device.open().await] {
            assert_eq!(act(&device, session, &shop).await, Recorded::Paused);
            assert_eq!(session.feed(20).await.order, FeedOrder::Popularity);
            assert_eq!(session.status().learning, None);
            assert!(!session.status().asks_consent, "who has answered is not asked again");
            let home = session.home(20, &Default::default()).await;
            assert!(home.carousels.iter().all(|of| !matches!(
                of.kind,
                vitrine_session::CarouselKind::RecentlyViewed
                    | vitrine_session::CarouselKind::BuyAgain
            )));
        }
        here.session.note_search("tea").await;
        assert_eq!(here.session.recent_searches(""), [] as [&str; 0]);
        assert_eq!(n_stored(&device).await, stored);
        here.session.set_consent(true).await;
        assert_eq!(here.session.feed(20).await.order, FeedOrder::Personal, "it was not deleted");
    });
}

#[test]
fn the_basket_of_before_the_answer_can_be_emptied_and_bought_after_it() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        session.require_consent();
        let [first, second] = [shop.products[0].id, shop.products[1].id];
        session.put_into_basket(first, None).await;
        session.put_into_basket(second, None).await;
        session.put_into_basket(second, None).await;
        session.set_consent(true).await;
        let again = device.open().await;
        assert_eq!(again.basket().n_pieces, 3, "it is written down with the answer");
        let sku = session.basket().lines[0].sku().map(str::to_owned);
        session.take_out_of_basket(first, sku.as_deref(), None).await;
        assert_eq!(session.basket().lines.len(), 1);
        assert_eq!(session.buy_basket().await, 1);
        assert_eq!(session.basket().lines, []);
        assert_eq!(device.open().await.basket().lines, []);

        // A no: the basket lasts in this tab, and nothing of before is used.
        session.put_into_basket(first, None).await;
        session.set_consent(false).await;
        assert_eq!(session.basket().n_pieces, 1);
        assert_eq!(device.open().await.basket().lines, []);
        assert!(session.last_basket().is_none());
        // Another yes brings back what was not deleted.
        let later = device.open().await;
        later.set_consent(true).await;
        assert_eq!(later.basket().n_pieces, 1);
        assert!(later.last_basket().is_some());
    });
}

#[test]
fn a_basket_without_consent_lasts_as_long_as_its_tab() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        device.open_synced().await;
        let tab = device.new_tab();
        let session = device.open_in(&tab).await;
        session.require_consent();
        session.put_into_basket(shop.products[0].id, None).await;
        let reloaded = device.open_in(&tab).await;
        reloaded.require_consent();
        assert_eq!(reloaded.basket().n_pieces, 1);
        assert_eq!(n_stored(&device).await[..2], [0, 0], "no event, no card");
        reloaded.set_consent(false).await;
        assert_eq!(device.open_in(&tab).await.basket().n_pieces, 1, "after a no as well");
        reloaded.delete_all().await.expect("deleted");
        let deleted = device.open_in(&tab).await;
        deleted.require_consent();
        assert_eq!(deleted.basket().lines, []);
    });
}

#[test]
fn what_is_done_after_a_pause_comes_after_what_was_done_in_it() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let id = shop.products[0].id;
        session.set_paused(true).await;
        device.clock.set(NOW_MS + 1_000);
        session.put_into_basket(id, None).await;
        device.clock.set(NOW_MS + 2_000);
        session.set_paused(false).await;
        let sku = session.basket().lines[0].sku().map(str::to_owned);
        session.take_out_of_basket(id, sku.as_deref(), None).await;
        assert_eq!(session.basket().lines, []);
    });
}

#[test]
fn undo_after_putting_in_again_doubles_nothing() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open_synced().await;
        let id = shop.products[0].id;
        session.put_into_basket(id, None).await;
        session.put_into_basket(id, None).await;
        let line = session.basket().lines[0].clone();
        session.take_out_of_basket(id, line.sku(), None).await;
        session.put_into_basket(id, None).await;
        session.put_back(&line).await;
        assert_eq!(session.basket().n_pieces, 2);
    });
}

#[test]
fn an_answer_in_one_tab_keeps_the_baskets_of_the_others() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        device.open_synced().await;
        let (tabs, ids) =
            ([device.new_tab(), device.new_tab()], [0, 1].map(|i| shop.products[i].id));
        let [here, there] = [device.open_in(&tabs[0]).await, device.open_in(&tabs[1]).await];
        for (session, id) in [(&here, ids[0]), (&there, ids[1])] {
            session.require_consent();
            session.put_into_basket(id, None).await;
        }
        here.set_consent(true).await;
        there.catch_up(Change::Settings).await;
        here.catch_up(Change::Log).await;
        for session in [&here, &there] {
            assert_eq!(session.basket().n_pieces, 2, "one basket for all tabs");
        }
        let reloaded = device.open_in(&tabs[1]).await;
        reloaded.require_consent();
        assert_eq!(reloaded.basket().n_pieces, 2, "it is written down");
        here.set_consent(false).await;
        there.catch_up(Change::Settings).await;
        assert_eq!(there.basket().n_pieces, 2, "a no empties no basket");
    });
}
