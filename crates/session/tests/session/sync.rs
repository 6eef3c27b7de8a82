//! Sync by difference, pinning, taking up.

use futures_util::future::join;
use pollster::block_on;
use vitrine_domain::{CatalogueVersion, EventKind, ModelVersion};
use vitrine_session::{FeedOrder, FeedReason, Network, Progress, Versions};

use crate::device::{Device, ids};
use crate::server::{FakeServer, Fault};
use crate::shop::{N_HEAD_ITEMS, Shop, set};

#[test]
fn a_first_visit_shows_the_head_and_then_the_rest_in_the_manifests_order() {
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open().await;
        let before = session.feed(20).await;
        assert_eq!((before.tiles.len(), before.reason), (0, Some(FeedReason::NotSynced)));

        let progress = session.sync_head().await.expect("served");
        assert!(progress.head_ready && !progress.is_complete());
        let n_head = server.published.borrow().manifest.n_head as usize;
        let mut expected = vec!["/v1/manifest".to_owned()];
        expected.extend_from_slice(&server.published.borrow().shard_paths()[..n_head]);
        assert_eq!(server.take_paths(), expected);
        assert_eq!(ids(&session.feed(20).await), shop.by_popularity()[..20]);
        assert_eq!(session.status().n_items_synced as usize, N_HEAD_ITEMS);

        let mut seen: Vec<Progress> = Vec::new();
        session.sync_rest(|progress| seen.push(progress)).await.expect("served");
        assert_eq!(server.take_paths(), server.published.borrow().shard_paths()[n_head..]);
        assert!(seen.is_sorted_by_key(|p| p.bytes_done), "progress never goes back");
        assert!(seen.last().expect("some progress").is_complete());
        let feed = session.feed(500).await;
        assert_eq!(ids(&feed), shop.by_popularity());
        assert_eq!(feed.order, FeedOrder::Popularity);
        assert_eq!(session.status().network, Network::Online);
    });
}

#[test]
fn whoever_waits_for_a_sync_is_told_how_it_ended() {
    block_on(async {
        let server = FakeServer::new(&Shop::new(80));
        let session = Device::new(&server).open().await;
        let (head, has_synced) = join(session.sync_head(), session.has_synced()).await;
        assert!(head.is_ok() && has_synced);
        assert_eq!(session.status().n_items_synced as usize, N_HEAD_ITEMS, "it has waited");

        server.set_fault(Fault::Down);
        let (head, has_synced) = join(session.sync_head(), session.has_synced()).await;
        assert!(head.is_err() && !has_synced);
    });
}

#[test]
fn a_second_visit_works_without_a_server() {
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::ViewItem, shop.products[4].id).await;
        let before = session.feed(40).await;
        server.set_fault(Fault::Down);
        server.take_paths();

        let again = device.open().await;
        assert_eq!(server.take_paths().len(), 0, "opening sends nothing");
        let feed = again.feed(40).await;
        assert_eq!(feed.order, FeedOrder::Personal);
        assert_eq!(feed.tiles, before.tiles, "rebuilt from the log: the same scores");
        assert!(again.sync_head().await.is_err());
        assert_eq!(again.status().network, Network::Offline);
        assert!(again.status().sync_error.is_some());
        assert_eq!(again.feed(40).await.tiles, before.tiles);
    });
}

#[test]
fn only_what_changed_is_fetched_and_the_open_tab_stays_pinned() {
    block_on(async {
        let mut shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let first = server.published.borrow().shard_paths();
        server.take_paths();

        let cheapest = shop.by_popularity()[0];
        let old_price = shop.product(cheapest).price_minor;
        shop.catalogue = 2;
        for product in &mut shop.products {
            product.price_minor += 1;
        }
        server.publish(&shop);
        let second = server.published.borrow().shard_paths();
        let changed: Vec<String> =
            second.iter().filter(|path| !first.contains(path)).cloned().collect();
        assert_eq!(changed.len(), 2, "two price shards");

        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        let paths = server.take_paths();
        assert_eq!(paths[0], "/v1/manifest");
        assert_eq!(paths[1..], changed);
        let versions = |catalogue| Versions {
            catalogue: CatalogueVersion(catalogue),
            model: Some(ModelVersion(1)),
        };
        let price = || session.item(cheapest).expect("listed").price_minor;
        assert_eq!(session.status().pinned, Some(versions(1)));
        assert_eq!(session.status().pending, Some(versions(2)));
        assert_eq!(price(), old_price);

        assert!(session.take_up_pending());
        assert_eq!(session.status().pinned, Some(versions(2)));
        assert_eq!(price(), old_price + 1);
        assert!(!session.take_up_pending(), "taken up once");

        let stored = device.open().await;
        assert_eq!(stored.status().pinned, Some(versions(2)), "a reload starts with the newer");
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        assert_eq!(server.take_paths(), ["/v1/manifest"]);
    });
}

/// A price that was pushed is shown at the next sync, in the pair that is in use, in the basket
/// and nowhere else: the feed keeps its order and its scores.
#[test]
fn a_revision_changes_prices_and_no_ranking() {
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let [looked_at, other] = [shop.products[4].id, shop.products[9].id];
        device.act(&session, EventKind::ViewItem, looked_at).await;
        device.act(&session, EventKind::AddToCart, other).await;
        let before = session.feed(80).await;
        let basket = session.basket().lines[0].price_minor;
        server.take_paths();

        let times = [(looked_at, 7), (other, 1)];
        let mut paths = Vec::new();
        for (n, (id, price_minor)) in times.into_iter().enumerate() {
            server.published.borrow_mut().revise(&[(id, price_minor)]);
            session.sync_head().await.expect("served");
            session.sync_rest(|_| {}).await.expect("served");
            paths.push(server.take_paths().len());
            assert_eq!(session.status().revision, n as u64 + 1);
            assert_eq!(session.item(id).expect("listed").price_minor, price_minor);
        }
        assert_eq!(paths, [2, 2], "the manifest, and the one shard that is new");
        assert_eq!(session.status().pending, None, "nothing waits for a navigation");
        let after = session.feed(80).await;
        assert_eq!(ids(&after), ids(&before));
        let scores = |feed: &vitrine_session::Feed| -> Vec<Option<f32>> {
            feed.tiles.iter().map(|tile| tile.score).collect()
        };
        assert_eq!(scores(&after), scores(&before));
        assert_ne!(session.basket().lines[0].price_minor, basket);

        let stored = device.open().await;
        assert_eq!(stored.status().revision, 2, "a reload starts with it");

        // What a visit need not fetch would tell when the last one was: every one fetches
        // all deltas of revisions, as a first one does.
        server.published.borrow_mut().revise(&[(looked_at, 9)]);
        stored.sync_head().await.expect("served");
        stored.sync_rest(|_| {}).await.expect("served");
        let paths = server.take_paths();
        assert_eq!(paths.len(), 4, "the manifest and three deltas: {paths:?}");
        assert_eq!(stored.item(looked_at).expect("listed").price_minor, 9);
    });
}

#[test]
fn shards_that_no_manifest_lists_are_forgotten() {
    block_on(async {
        use vitrine_session::{Storage, StoreName};
        let mut shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        device.open_synced().await;
        shop.catalogue = 2;
        shop.products.truncate(70);
        server.publish(&shop);
        device.open_synced().await;
        let keys = device.disk.keys(StoreName::Shards).await.expect("readable");
        let listed: Vec<String> = server
            .published
            .borrow()
            .manifest
            .shards
            .iter()
            .map(|shard| shard.hash.to_string())
            .collect();
        assert_eq!(set(&keys), set(&listed));
    });
}

#[test]
fn a_model_that_comes_later_is_taken_up_with_the_log_so_far() {
    block_on(async {
        let mut shop = Shop::new(60);
        shop.model = None;
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::Purchase, shop.products[9].id).await;
        let feed = session.feed(60).await;
        assert_eq!(feed.reason, Some(FeedReason::NoModel));
        assert_eq!(ids(&feed), shop.by_popularity());
        assert!(!session.status().model_ready);

        shop.model = Some(5);
        server.publish(&shop);
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        assert!(session.take_up_pending());
        assert_eq!(session.feed(60).await.order, FeedOrder::Personal);
        assert!(session.status().model_ready);
    });
}

#[test]
fn syncs_that_overlap_fetch_nothing_twice() {
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open().await;
        let both = async {
            session.sync_head().await.expect("served");
            session.sync_rest(|_| {}).await.expect("served");
        };
        let other = async {
            session.sync_head().await.expect("served");
            session.sync_rest(|_| {}).await.expect("served");
        };
        futures_util::future::join(both, other).await;
        let mut paths = server.take_paths();
        paths.retain(|path| path != "/v1/manifest");
        assert_eq!(paths, server.published.borrow().shard_paths());
    });
}
