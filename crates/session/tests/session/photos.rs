//! The shop's own pictures: fetched by everyone in one order, shown from the device.

use pollster::block_on;
use vitrine_domain::{EventKind, PictureMode, ShardKind, ShardRef};
use vitrine_session::{PHOTO_BYTES_SAVING_MAX, PhotoSize, PictureAsker, Purpose, SessionError};
use vitrine_wire::content_hash;

use crate::device::Device;
use crate::server::{FakeServer, Fault};
use crate::shop::{Shop, photo_id, webp};

/// A shop whose pictures take some 7 MB.
fn shop() -> Shop {
    Shop { photo_bytes: Some((4_000, 16_000)), ..Shop::new(350) }
}

fn is_photo(kind: ShardKind) -> bool {
    matches!(kind, ShardKind::Thumbnails | ShardKind::Photos)
}

#[test]
fn pictures_are_shown_as_they_arrive_in_the_size_that_is_there() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open().await;
        session.sync_head().await.expect("served");
        let id = shop.by_popularity()[0];
        assert_eq!(session.item(id).expect("in the head").photos, [photo_id(id)]);
        assert_eq!(session.photo(photo_id(id), PhotoSize::Large), None, "after the head");

        // The connection breaks right after the first small pictures.
        let manifest = server.published.borrow().manifest.clone();
        let first = manifest.shards.iter().position(|s| s.kind == ShardKind::Thumbnails);
        let n_rest = first.expect("pictures") + 1 - manifest.n_head as usize;
        server.set_fault(Fault::DownAfter(n_rest));
        assert!(session.sync_rest(|_| {}).await.is_err());
        let small = webp(id, 4_000);
        assert_eq!(session.photo(photo_id(id), PhotoSize::Small).as_ref(), Some(&small));
        assert_eq!(session.photo(photo_id(id), PhotoSize::Large), Some(small), "the other size");

        server.set_fault(Fault::None);
        session.sync_rest(|_| {}).await.expect("served");
        for id in shop.by_popularity() {
            let large = session.photo(photo_id(id), PhotoSize::Large);
            assert_eq!(large, Some(webp(id, 16_000)));
        }
        assert_eq!(session.details(shop.products[0].id).description, "The first of its kind.");
    });
}

#[test]
fn where_data_is_saved_the_least_popular_pictures_stay_away() {
    block_on(async {
        let server = FakeServer::new(&shop());
        server.saves_data.set(true);
        let session = Device::new(&server).open_synced().await;
        assert!(session.status().is_complete, "what is left out is not waited for");
        let asked = server.take_paths();
        let shards = server.published.borrow().manifest.shards.clone();
        let photos = shards.iter().filter(|shard| is_photo(shard.kind));
        let (fetched, left_out): (Vec<&ShardRef>, Vec<&ShardRef>) =
            photos.partition(|shard| asked.contains(&format!("/v1/shards/{}", shard.hash)));
        let bytes: u64 = fetched.iter().map(|shard| u64::from(shard.bytes_compressed)).sum();
        assert!(bytes > PHOTO_BYTES_SAVING_MAX / 2 && bytes <= PHOTO_BYTES_SAVING_MAX, "{bytes}");
        let last = fetched.iter().map(|shard| shard.cell).max();
        assert!(left_out.iter().all(|shard| Some(shard.cell) >= last), "the most popular first");
        // Another sync finds nothing to do.
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        assert_eq!(server.take_paths(), ["/v1/manifest"]);
    });
}

#[test]
fn what_is_looked_at_does_not_change_which_pictures_are_asked_for() {
    block_on(async {
        let shop = shop();
        let mut requests = Vec::new();
        for n_looks in [0, 40] {
            let server = FakeServer::new(&shop);
            let device = Device::new(&server);
            let session = device.open().await;
            session.sync_head().await.expect("served");
            for product in shop.products.iter().rev().take(n_looks) {
                device.act(&session, EventKind::ViewItem, product.id).await;
                session.photo(photo_id(product.id), PhotoSize::Large);
            }
            session.sync_rest(|_| {}).await.expect("served");
            shop.products.iter().take(n_looks).for_each(|product| {
                session.photo(photo_id(product.id), PhotoSize::Small);
            });
            requests.push(server.requests.take());
        }
        assert_eq!(requests[0], requests[1]);
    });
}

/// Where the larger picture of a product is, whose thumbnail has 4,000 bytes.
fn larger_path(shop: &Shop, place: usize) -> String {
    format!("/v1/pictures/{}", content_hash(&webp(shop.products[place].id, 4_000)))
}

#[test]
fn a_larger_picture_is_asked_for_at_the_word_of_the_shopper_alone() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let id = |place: usize| photo_id(shop.products[place].id);
        let larger = webp(shop.products[0].id, 60_000);
        server.published.borrow_mut().bodies.insert(larger_path(&shop, 0), larger.clone());
        server.published.borrow_mut().bodies.insert(larger_path(&shop, 2), b"<html>".to_vec());
        let session = Device::new(&server).open_synced().await;
        server.take_paths();

        let page = session.larger_picture(id(0), PictureAsker::Page).await;
        assert_eq!(page.expect("nothing is sent"), None);
        let unknown = session.larger_picture(1, PictureAsker::Shopper).await;
        assert_eq!(unknown.expect("nothing is sent"), None);
        assert_eq!(server.take_paths(), [""; 0]);

        let shopper = session.larger_picture(id(0), PictureAsker::Shopper).await;
        assert_eq!(shopper.expect("served"), Some(larger));
        assert_eq!(server.take_paths(), [larger_path(&shop, 0)]);
        let entry = session.ledger().pop().expect("it is listed");
        assert_eq!((entry.path, entry.purpose), (larger_path(&shop, 0), Purpose::Picture));

        let gone = session.larger_picture(id(1), PictureAsker::Shopper).await;
        assert!(matches!(gone, Err(SessionError::Status { status: 404, .. })), "{gone:?}");
        let page = session.larger_picture(id(2), PictureAsker::Shopper).await;
        assert!(matches!(page, Err(SessionError::NotAPicture { .. })), "{page:?}");
    });
}

#[test]
fn in_an_open_shop_a_page_asks_by_itself() {
    block_on(async {
        let shop = Shop { picture_mode: PictureMode::Open, ..shop() };
        let server = FakeServer::new(&shop);
        let larger = webp(shop.products[0].id, 60_000);
        server.published.borrow_mut().bodies.insert(larger_path(&shop, 0), larger.clone());
        let session = Device::new(&server).open_synced().await;
        assert_eq!(session.status().picture_mode, PictureMode::Open);
        let id = photo_id(shop.products[0].id);
        let got = session.larger_picture(id, PictureAsker::Page).await.expect("served");
        assert_eq!(got, Some(larger));
    });
}
