//! What the shopper sees and how it follows what they do.

#[cfg(feature = "gpu-native")]
use std::collections::HashMap;

use pollster::block_on;
use vitrine_domain::{Event, EventKind, ItemId};
use vitrine_session::{
    Backend, BackendChoice, CATEGORY_TILES_MAX, Feed, FeedOrder, FeedReason, GpuState, Link,
    Recorded, RelatedBy, SELECT_BLOCK, Storage, StoreName,
};

use crate::device::{Device, NOW_MS, ids};
use crate::server::FakeServer;
use crate::shop::Shop;

#[test]
fn a_click_changes_the_feed_at_once_and_deleting_brings_popularity_back() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let popular = session.feed(60).await;
        assert_eq!(popular.reason, Some(FeedReason::EmptyLog));
        let mut last = popular.clone();
        for product in &shop.products[..5] {
            assert_eq!(ids(&session.feed(60).await), ids(&last), "without a click nothing moves");
            device.act(&session, EventKind::ViewItem, product.id).await;
            let feed = session.feed(60).await;
            assert_eq!((feed.order, feed.reason.clone()), (FeedOrder::Personal, None));
            assert!(feed.ranking_ms > 0.0 && feed.n_candidates == 120);
            assert!(feed.tiles.iter().all(|tile| tile.score.is_some()));
            // What the click moved up says so.
            let place = |feed: &Feed, id: ItemId| ids(feed).iter().position(|other| *other == id);
            let was_moved_by_it = |id: &ItemId| {
                let (now, before) = (place(&feed, *id), place(&last, *id));
                let is_higher = before.is_none_or(|before| now.is_some_and(|now| now < before));
                is_higher && session.why(*id).iter().any(|reason| reason.card.id == product.id)
            };
            assert!(ids(&feed).iter().any(was_moved_by_it), "each click moves something up");
            last = feed;
        }
        session.delete_all().await.expect("emptied");
        let feed = session.feed(60).await;
        assert_eq!(ids(&feed), ids(&popular));
        assert_eq!(feed.reason, Some(FeedReason::EmptyLog));
        assert_eq!(ids(&device.open().await.feed(60).await), ids(&popular));
    });
}

#[test]
fn a_place_is_kept_for_what_hardly_anyone_bought_but_not_for_what_the_shopper_did() {
    block_on(async {
        let mut shop = Shop::new(300);
        // The last ten have no published buyers, and the shopper bought one of them.
        shop.products[290..].iter_mut().for_each(|product| product.n_buyers = 0);
        // One of them has no price.
        shop.products[290].price_minor = 0;
        let unexplored: Vec<ItemId> = shop.products[291..299].iter().map(|p| p.id).collect();
        let own = shop.products[299].id;
        let feed_of = async |explore_every| {
            let shop = Shop { explore_every, ..shop.clone() };
            let server = FakeServer::new(&shop);
            let device = Device::new(&server);
            let session = device.open_synced().await;
            device.act(&session, EventKind::Purchase, own).await;
            session.feed(60).await
        };
        let (without, with) = (feed_of(None).await, feed_of(Some(10)).await);
        assert!(without.explored.is_empty());
        let is_among = |ids: &[ItemId]| ids.iter().any(|id| unexplored.contains(id));
        for (n, places) in ids(&with).chunks(10).enumerate() {
            assert!(is_among(places), "places {n}0 to {n}9");
        }
        assert!(!with.explored.is_empty());
        assert!(with.explored.iter().all(|id| unexplored.contains(id)));
        // The others keep their order.
        let rest = |feed: &Feed| -> Vec<ItemId> {
            let moved = |id: &ItemId| with.explored.contains(id);
            ids(feed).into_iter().filter(|id| !moved(id)).collect()
        };
        assert!(rest(&without).starts_with(&rest(&with)));
    });
}

#[test]
fn a_log_that_grew_ranks_as_one_that_was_read() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        // Past the window's length, so that it moves.
        for i in 0..100 {
            let kind = [EventKind::ViewItem, EventKind::AddToCart, EventKind::Purchase][i % 3];
            device.act(&session, kind, shop.products[i * 7 % 120].id).await;
        }
        let read = device.open().await;
        assert_eq!(read.history(), session.history());
        assert_eq!(read.feed(120).await.tiles, session.feed(120).await.tiles);
    });
}

#[test]
fn the_feed_is_in_score_order_under_the_category_rule() {
    block_on(async {
        let shop = Shop::new(300);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::Purchase, shop.products[8].id).await;
        let feed = session.feed(100).await;
        let scores: Vec<f32> = feed.tiles.iter().map(|tile| tile.score.expect("ranked")).collect();
        let mut n_waited = 0;
        for (place, tile) in feed.tiles.iter().enumerate() {
            // Whatever scores more and stands below had to wait: four of its category
            // stand above in this block.
            let block = place / SELECT_BLOCK * SELECT_BLOCK;
            for (below, later) in feed.tiles.iter().enumerate().skip(place + 1) {
                if scores[below] <= scores[place] {
                    continue;
                }
                let category = &later.card.category;
                let above = feed.tiles[block..place].iter();
                let n = above.filter(|tile| tile.card.category == *category).count();
                assert_eq!(n, CATEGORY_TILES_MAX, "place {below} scores more than {place}");
                n_waited += 1;
            }
            let of_block = feed.tiles[block..].iter().take(SELECT_BLOCK);
            let same = of_block.filter(|other| other.card.category == tile.card.category);
            assert!(same.count() <= CATEGORY_TILES_MAX, "{}", tile.card.category);
        }
        assert!(n_waited > 0, "the rule for categories decided something");
        let prefix = session.feed(20).await;
        assert_eq!(prefix.tiles, feed.tiles[..20], "a longer feed starts like a shorter one");
    });
}

#[test]
fn a_delisting_does_not_erase_history() {
    block_on(async {
        let mut shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let gone = shop.products[10].id;
        device.act(&session, EventKind::ViewItem, gone).await;
        device.act(&session, EventKind::AddToCart, gone).await;
        shop.catalogue = 2;
        shop.products.remove(10);
        server.publish(&shop);
        let later = device.open_synced().await;
        assert!(later.take_up_pending());

        let card = later.item(gone).expect("remembered");
        assert!(!card.listed);
        assert_eq!(card.title, "tea number 10");
        assert_eq!(later.basket().lines[0].card.id, gone);
        let feed = later.feed(20).await;
        assert!(!ids(&feed).contains(&gone));
        let has_reason = |id: ItemId| later.why(id).iter().any(|r| r.card.id == gone);
        assert!(ids(&feed).into_iter().any(has_reason), "it still explains");

        // The kept code is what the student goes on seeing.
        let keys = [gone.to_string()];
        let stored = device.disk.get(StoreName::Cards, &keys).await.expect("readable").remove(0);
        let mut kept: serde_json::Value =
            serde_json::from_slice(&stored.expect("kept")).expect("JSON");
        kept["code"] = vec![0; 64].into();
        let forgotten = serde_json::to_vec(&kept).expect("writable");
        device.disk.put(StoreName::Cards, &keys[0], &forgotten).await.expect("writable");
        let without_code = device.open().await.feed(20).await;
        assert_ne!(without_code.tiles, feed.tiles);
    });
}

#[test]
fn reasons_name_what_was_done() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        assert!(session.why(shop.products[0].id).is_empty(), "nothing is personal yet");
        let (seen, bought) = (shop.products[20].id, shop.products[33].id);
        device.act(&session, EventKind::ViewItem, seen).await;
        device.act(&session, EventKind::ViewItem, bought).await;
        device.act(&session, EventKind::Purchase, bought).await;
        let feed = session.feed(40).await;
        let explained: Vec<_> =
            ids(&feed).into_iter().map(|id| session.why(id)).filter(|r| !r.is_empty()).collect();
        assert!(!explained.is_empty());
        for reasons in &explained {
            let sum: f32 = reasons.iter().map(|reason| reason.share).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{sum}");
            for reason in reasons {
                assert!(reason.effect > 0.0);
                let counts = if reason.card.id == seen {
                    vec![(EventKind::ViewItem, 1)]
                } else {
                    assert_eq!(reason.card.id, bought);
                    vec![(EventKind::ViewItem, 1), (EventKind::Purchase, 1)]
                };
                assert_eq!(reason.counts, counts);
                assert!(reason.links.len() <= 2 && reason.links.is_sorted());
                assert!(reason.last_at_ms > NOW_MS);
            }
        }
    });
}

#[test]
fn reasons_say_how_the_items_hang_together() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let seen = &shop.products[3];
        device.act(&session, EventKind::ViewItem, seen.id).await;
        let links = |item: usize| -> Vec<Link> {
            session.why(shop.products[item].id).into_iter().flat_map(|r| r.links).collect()
        };
        // The fourth product lists the fifth and the sixth as bought with it.
        let with_links: Vec<usize> = [4, 5]
            .into_iter()
            .filter(|&item| !session.why(shop.products[item].id).is_empty())
            .collect();
        assert!(!with_links.is_empty(), "a view of one moves what is bought with it");
        for item in with_links {
            assert_eq!(links(item).first(), Some(&Link::BoughtTogether));
        }
        assert_eq!(links(3), [], "an item is not linked to itself");
    });
}

#[test]
fn a_pause_logs_nothing_and_the_basket_still_works() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        session.set_paused(true).await;
        let item = shop.products[2].id;
        assert_eq!(session.record(EventKind::ViewItem, item).await, Recorded::Paused);
        assert_eq!(session.record(EventKind::AddToCart, item).await, Recorded::Paused);
        assert_eq!(session.basket().n_pieces, 1);
        assert_eq!(session.basket().total_minor, u64::from(shop.products[2].price_minor));
        assert_eq!(session.feed(60).await.order, FeedOrder::Popularity);
        let stored = device.disk.entries(StoreName::Events).await.expect("readable");
        assert_eq!(stored.len(), 0);

        let again = device.open().await;
        assert!(again.status().settings.paused, "the choice is kept");
        assert_eq!(again.basket().n_pieces, 0);
        again.set_paused(false).await;
        assert_eq!(again.record(EventKind::ViewItem, item).await, Recorded::Logged);
    });
}

#[test]
fn what_goes_with_an_item_and_what_stands_for_it_are_told_apart() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open_synced().await;
        let of = |item: usize, limit: usize, by: RelatedBy| -> Vec<ItemId> {
            let related = session.related(shop.products[item].id, limit).into_iter();
            related.filter(|r| r.by == by).map(|r| r.card.id).collect()
        };
        let id = |item: usize| shop.products[item].id;
        // The first product has a neighbour in both lists: it stands for it.
        assert_eq!(of(0, 6, RelatedBy::BoughtTogether), [id(1)]);
        assert_eq!(of(0, 6, RelatedBy::Alternative), [id(2)]);
        assert_eq!(of(0, 6, RelatedBy::Similar), []);
        // Nothing stands for the fourth, so that others are asked for by their codes.
        assert_eq!(of(3, 6, RelatedBy::BoughtTogether), [id(4), id(5)]);
        let similar = of(3, 6, RelatedBy::Similar);
        assert_eq!(similar.len(), 6);
        assert!([3, 4, 5].iter().all(|&other| !similar.contains(&id(other))), "no repeats");
        assert_eq!(session.related(id(3), 1).len(), 2, "one of each sort");
    });
}

#[test]
fn a_persona_is_another_shopper_of_the_same_shop() {
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::Purchase, shop.products[1].id).await;
        let own = session.feed(30).await;
        server.take_paths();
        let long_ago = 1_488_000_000_000;
        let event = |kind, i: usize| Event { kind, item: shop.products[i].id, at_ms: long_ago };
        let events = vec![event(EventKind::ViewItem, 40), event(EventKind::Purchase, 41)];
        let persona = session.persona(events.clone(), Some(long_ago + 60_000)).await.expect("made");
        assert_eq!(persona.status().pinned, session.status().pinned);
        let feed = persona.feed(30).await;
        assert_eq!(feed.order, FeedOrder::Personal);
        assert_ne!(feed.tiles, own.tiles);
        persona.record(EventKind::ViewItem, shop.products[50].id).await;
        let last = persona.history().pop().expect("logged");
        assert_eq!(last.at_ms, long_ago + 60_000, "it lives in its own time");
        assert_eq!(session.history().len(), 1, "and leaves the shopper alone");
        assert_eq!(session.feed(30).await.tiles, own.tiles);
        assert_eq!(server.take_paths().len(), 0);
    });
}

#[test]
fn facets_count_synced_cards() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open_synced().await;
        let departments = session.departments();
        assert_eq!(departments.len(), 5);
        assert!(departments.iter().all(|facet| facet.n_items == 12));
        let categories = session.categories("Department 2");
        assert_eq!(categories.len(), 3);
        assert!(session.categories("Department 9").is_empty());
        let card = session.item(shop.products[0].id).expect("listed");
        let picture = card.picture.expect("synced");
        assert_eq!(picture.name, "a circle");
        assert_eq!(card.variants[0].price_minor, shop.products[0].price_minor);
    });
}

#[test]
fn a_gpu_that_is_not_there_is_a_status_and_the_order_stays_right() {
    if cfg!(feature = "gpu-native") && !finds_no_gpu() {
        return again_without_a_gpu("a_gpu_that_is_not_there_is_a_status");
    }
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::Purchase, shop.products[1].id).await;
        session.set_backend(BackendChoice::Cpu).await;
        let on_cpu = session.feed(80).await;
        assert_eq!(session.status().gpu, GpuState::NotTried);
        session.set_backend(BackendChoice::Gpu).await;
        let feed = session.feed(80).await;
        assert_eq!((feed.backend, &feed.tiles), (Backend::Cpu, &on_cpu.tiles));
        let GpuState::Unavailable { reason } = session.status().gpu else {
            panic!("{:?}", session.status().gpu)
        };
        assert_eq!(reason, session.status().backend_reason);
        assert!(!reason.is_empty());
        let again = device.open().await;
        assert_eq!(again.status().settings.backend, BackendChoice::Gpu);
    });
}

const DRIVERS: [&str; 2] = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];
const NO_DRIVER: &str = "/nonexistent/driver.json";

fn finds_no_gpu() -> bool {
    std::env::var(DRIVERS[0]).is_ok_and(|files| files == NO_DRIVER)
}

/// Runs one test in a process of its own in which Vulkan has no driver.
fn again_without_a_gpu(test: &str) {
    let this = std::env::current_exe().expect("a test is a program");
    let mut again = std::process::Command::new(this);
    again.arg(test).envs(DRIVERS.map(|variable| (variable, NO_DRIVER)));
    let output = again.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Needs a Vulkan driver; a software one will do.
#[test]
#[cfg(feature = "gpu-native")]
#[cfg_attr(not(vitrine_gpu), ignore = "needs a GPU: set VITRINE_GPU=1")]
fn the_gpu_gives_the_order_of_the_processor() {
    block_on(async {
        let mut shop = Shop::new(700);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        for i in 0..40 {
            device.act(&session, EventKind::Purchase, shop.products[i * 17].id).await;
        }
        same_on_both(&session).await;
        assert!(matches!(session.status().gpu, GpuState::Ready { .. }));
        // The same number of items with other codes: the table must go up anew.
        shop.catalogue = 2;
        for product in &mut shop.products {
            product.code.reverse();
        }
        server.publish(&shop);
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        assert!(session.take_up_pending());
        same_on_both(&session).await;
    });
}

#[cfg(feature = "gpu-native")]
async fn same_on_both(session: &vitrine_session::Session) {
    session.set_backend(BackendChoice::Cpu).await;
    let on_cpu = session.feed(500).await;
    session.set_backend(BackendChoice::Gpu).await;
    let on_gpu = session.feed(500).await;
    assert_eq!((on_cpu.backend, on_gpu.backend), (Backend::Cpu, Backend::Gpu));
    let score = |tile: &vitrine_session::Tile| tile.score.expect("ranked");
    let score_of: HashMap<ItemId, f32> =
        on_cpu.tiles.iter().map(|tile| (tile.card.id, score(tile))).collect();
    assert_eq!(score_of.len(), on_gpu.tiles.len());
    for tile in &on_gpu.tiles {
        let difference = (score(tile) - score_of[&tile.card.id]).abs();
        assert!(difference <= 1e-3, "{difference}");
    }
}
