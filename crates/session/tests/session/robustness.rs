//! Damage, interruptions, full disks, bad servers.

use pollster::block_on;
use vitrine_domain::EventKind;
use vitrine_session::{
    FeedOrder, Network, Recorded, SessionError, Storage, StorageError, StoreName,
};

use crate::device::{Device, ids};
use crate::server::{FakeServer, Fault};
use crate::shop::Shop;

#[test]
fn a_sync_broken_off_anywhere_goes_on_where_it_was() {
    block_on(async {
        let shop = Shop::new(80);
        let n_shards = shop.publish().manifest.shards.len();
        for n_answered in 0..=n_shards {
            let server = FakeServer::new(&shop);
            let device = Device::new(&server);
            server.set_fault(Fault::DownAfter(n_answered));
            let session = device.open().await;
            let head = session.sync_head().await;
            let failed = head.is_err() || session.sync_rest(|_| {}).await.is_err();
            assert!(failed, "{n_answered} answers are not enough");
            assert_eq!(session.status().network, Network::Offline);
            server.set_fault(Fault::None);
            // The manifest is answered first; of shards, six are asked for at a time.
            let n_fetched = n_answered.saturating_sub(1);
            let n_asked = server.take_paths().len();
            assert!(n_asked <= (n_answered + 6).min(n_shards + 1), "{n_asked} for {n_answered}");

            let again = device.open_synced().await;
            assert_eq!(ids(&again.feed(80).await), shop.by_popularity());
            let mut paths = server.take_paths();
            paths.retain(|path| path != "/v1/manifest");
            let all = server.published.borrow().shard_paths();
            assert_eq!(paths, all[n_fetched..], "after {n_answered} answers");
        }
    });
}

#[test]
fn damaged_shards_on_the_device_are_dropped_and_fetched_again() {
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        device.open_synced().await;
        server.take_paths();
        let shards = server.published.borrow().manifest.shards.clone();
        let n_head = server.published.borrow().manifest.n_head as usize;
        for damaged in [0, n_head] {
            let key = shards[damaged].hash.to_string();
            device.disk.put(StoreName::Shards, &key, b"bit rot").await.expect("writable");
            let session = device.open().await;
            assert_eq!(session.status().n_dropped, 1);
            assert_eq!(session.status().pinned.is_some(), damaged >= n_head);
            session.sync_head().await.expect("served");
            session.sync_rest(|_| {}).await.expect("served");
            assert_eq!(server.take_paths(), ["/v1/manifest", &format!("/v1/shards/{key}")]);
            assert_eq!(ids(&session.feed(80).await), shop.by_popularity());
        }
    });
}

#[test]
fn a_shard_that_is_not_what_it_is_called_leaves_the_old_pair_in_use() {
    block_on(async {
        let mut shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open_synced().await;
        let before = session.feed(80).await;
        shop.catalogue = 2;
        shop.products.rotate_left(1);
        shop.products.truncate(75);
        server.publish(&shop);
        server.set_fault(Fault::Corrupt);
        session.sync_head().await.expect("served");
        let error = session.sync_rest(|_| {}).await.expect_err("the last shard is wrong");
        assert!(matches!(error, SessionError::HashMismatch { .. }), "{error:?}");
        assert!(!session.take_up_pending());
        assert_eq!(ids(&session.feed(80).await), ids(&before));

        server.set_fault(Fault::None);
        server.take_paths();
        session.sync_rest(|_| {}).await.expect("served");
        assert_eq!(server.take_paths().len(), 1, "only what is missing is asked for again");
        assert!(session.take_up_pending());
        assert_eq!(ids(&session.feed(80).await), shop.by_popularity());
        assert_eq!(session.status().sync_error, None);
    });
}

#[test]
fn answers_that_cannot_be_used_are_typed_errors() {
    block_on(async {
        let shop = Shop::new(40);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open().await;
        server.set_fault(Fault::Rubbish);
        let error = session.sync_head().await.expect_err("rubbish");
        assert!(matches!(error, SessionError::Wire { .. }), "{error:?}");
        server.set_fault(Fault::Status(503));
        let error = session.sync_head().await.expect_err("overloaded");
        assert!(matches!(error, SessionError::Status { status: 503, .. }), "{error:?}");
        assert!(matches!(session.sync_rest(|_| {}).await, Err(SessionError::NotSynced)));
        server.set_fault(Fault::None);
        session.sync_head().await.expect("served");
        assert_eq!(ids(&session.feed(10).await), shop.by_popularity()[..10]);
    });
}

#[test]
fn a_full_device_is_a_status_and_not_an_end() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        device.disk.is_full.set(true);
        let session = device.open_synced().await;
        assert_eq!(session.status().storage_error, Some(StorageError::QuotaExceeded));
        let item = shop.products[3].id;
        assert_eq!(session.record(EventKind::AddToCart, item).await, Recorded::InMemoryOnly);
        assert_eq!(session.feed(20).await.order, FeedOrder::Personal);
        assert_eq!(session.basket().n_pieces, 1);
        device.disk.is_full.set(false);
        assert_eq!(session.record(EventKind::AddToCart, item).await, Recorded::Logged);
        assert_eq!(session.status().storage_error, None);
    });
}

#[test]
fn damaged_records_of_the_shopper_are_dropped_and_counted() {
    block_on(async {
        let shop = Shop::new(40);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::ViewItem, shop.products[1].id).await;
        device.act(&session, EventKind::Purchase, shop.products[2].id).await;
        device.disk.append(StoreName::Events, &[b"{".to_vec()]).await.expect("writable");
        device.disk.put(StoreName::Meta, "settings", b"?").await.expect("writable");
        let key = shop.products[1].id.to_string();
        device.disk.put(StoreName::Cards, &key, b"[]").await.expect("writable");
        let again = device.open().await;
        assert_eq!(again.status().n_dropped, 3);
        assert_eq!(again.history(), session.history());
        assert_eq!(again.feed(20).await.tiles, session.feed(20).await.tiles);
    });
}

#[test]
fn sealed_records_that_no_key_opens_are_counted_where_the_shopper_reads_it() {
    block_on(async {
        let shop = Shop::new(40);
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        assert_eq!(session.privacy().await.n_dropped, 0);
        device.disk.n_unopened.set(12);
        device.disk.append(StoreName::Events, &[b"{".to_vec()]).await.expect("writable");
        let again = device.open().await;
        assert_eq!(again.status().n_dropped, 13, "with the damaged one");
        assert_eq!(again.privacy().await.n_dropped, 13);
    });
}

#[test]
fn keys_that_are_not_at_hand_lose_nothing() {
    block_on(async {
        let shop = Shop::new(40);
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let [before, meanwhile] = [1, 2].map(|place| shop.products[place].id);
        device.act(&session, EventKind::ViewItem, before).await;
        session.set_learning(false).await;

        device.disk.is_unreadable.set(true);
        let locked = device.open().await;
        assert!(locked.status().storage_error.is_some());
        assert_eq!(locked.history(), []);
        assert_eq!(locked.status().n_dropped, 0, "it may be read later");
        device.act(&locked, EventKind::ViewItem, meanwhile).await;
        assert_eq!(locked.history(), [], "whether that was allowed cannot be read");

        device.disk.is_unreadable.set(false);
        let again = device.open().await;
        let items: Vec<_> = again.history().iter().map(|event| event.item).collect();
        assert_eq!(items, [before]);
        assert!(!again.status().settings.paused);
        assert!(!again.status().settings.learns, "settings, too");
        assert_eq!(again.status().n_dropped, 0);
    });
}
