//! The basket: card, size and pieces, as the log on the device has them.

use pollster::block_on;
use vitrine_domain::{EventKind, Query};
use vitrine_session::{Basket, Recorded, Storage, StoreName};

use crate::device::Device;
use crate::server::FakeServer;
use crate::shop::{SIZES, Shop, sku};

/// Size, pieces and price of one piece, a line each.
fn lines(basket: &Basket) -> Vec<(String, u32, u32)> {
    let line = |line: &vitrine_session::BasketLine| {
        (line.size().to_owned(), line.quantity, line.price_minor)
    };
    basket.lines.iter().map(line).collect()
}

#[test]
fn a_card_names_each_size_with_its_own_price() {
    block_on(async {
        let shop = Shop::new(60);
        let session = Device::new(&FakeServer::new(&shop)).open_synced().await;
        let product = &shop.products[2];
        let card = session.item(product.id).expect("synced");
        let shown: Vec<_> = card
            .variants
            .iter()
            .map(|of| (of.size.as_str(), of.sku.clone(), of.price_at(0)))
            .collect();
        let expected =
            SIZES.map(|(size, times)| (size, sku(product.id, size), times * product.price_minor));
        assert_eq!(shown, expected);
    });
}

#[test]
fn the_size_chosen_survives_a_reload_and_a_second_size_is_a_second_line() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let product = &shop.products[2];
        let [small, large] = SIZES.map(|(size, _)| sku(product.id, size));
        for _ in 0..3 {
            session.put_into_basket(product.id, Some(&large)).await;
        }
        let price = product.price_minor;
        let bought = [("5 lb".to_owned(), 3, 4 * price)];
        assert_eq!(lines(&session.basket()), bought);
        assert_eq!(lines(&device.open().await.basket()), bought, "after a reload");

        // The + of a tile: the usual size, which has the price on the tile.
        session.record(EventKind::AddToCart, product.id).await;
        let both = [bought[0].clone(), ("1 lb".to_owned(), 1, price)];
        assert_eq!(lines(&session.basket()), both);
        assert_eq!(session.basket().total_minor, u64::from(13 * price));
        let read = device.open().await;
        assert_eq!(read.basket(), session.basket());

        assert!(session.take_out_of_basket(product.id, Some(&large), Some(1)).await.is_some());
        assert_eq!(session.basket().lines[0].quantity, 2);
        session.take_out_of_basket(product.id, Some(&small), None).await;
        assert_eq!(lines(&session.basket()), [("5 lb".to_owned(), 2, 4 * price)]);
        assert_eq!(session.take_out_of_basket(product.id, Some(&small), None).await, None);
        assert_eq!(device.open().await.basket(), session.basket());
    });
}

#[test]
fn one_piece_less_is_not_a_dislike() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let (first, second) = (Device::new(&server), Device::new(&server));
        let (two, three) = (first.open_synced().await, second.open_synced().await);
        let item = shop.products[5].id;
        for _ in 0..2 {
            two.record(EventKind::AddToCart, item).await;
            three.record(EventKind::AddToCart, item).await;
        }
        let name = sku(item, SIZES[0].0);
        three.take_out_of_basket(item, Some(&name), Some(1)).await;
        assert_eq!((two.basket().n_pieces, three.basket().n_pieces), (2, 1));
        let feed = two.feed(60).await;
        assert_eq!(three.feed(60).await.tiles, feed.tiles);
        assert_eq!(second.open().await.feed(60).await.tiles, feed.tiles, "after a reload, too");
        three.take_out_of_basket(item, Some(&name), Some(1)).await;
        assert_ne!(three.feed(60).await.tiles, feed.tiles, "none at all says something");
    });
}

#[test]
fn buying_empties_the_basket_and_logs_what_was_bought() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let item = shop.products[7].id;
        let skus = SIZES.map(|(size, _)| sku(item, size));
        session.put_into_basket(item, Some(&skus[0])).await;
        session.put_into_basket(item, Some(&skus[1])).await;
        session.put_into_basket(shop.products[8].id, None).await;
        assert_eq!(session.buy_basket().await, 3);
        assert_eq!(session.basket(), Basket::default());
        let bought: Vec<_> = session.history().into_iter().skip(3).collect();
        assert!(bought.iter().all(|event| event.kind == EventKind::Purchase));
        let sizes = bought.iter().map(|event| event.variant.as_ref().expect("named").size.as_str());
        assert_eq!(sizes.collect::<Vec<_>>(), ["1 lb", "5 lb", "1 lb"]);
        assert_eq!(device.open().await.history(), session.history());
        assert_eq!(session.buy_basket().await, 0, "there is nothing left");
        assert_eq!(session.history().len(), 6);
    });
}

#[test]
fn a_log_without_sizes_is_read_and_what_is_added_joins_its_lines() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let product = &shop.products[3];
        let old = |kind: &str| {
            format!(r#"{{"kind":"{kind}","item":"{}","at_ms":1}}"#, product.id).into_bytes()
        };
        let entries = ["add_to_cart", "view_item", "add_to_cart"].map(old);
        device.disk.append(StoreName::Events, &entries).await.expect("writable");
        let session = device.open_synced().await;
        let price = product.price_minor;
        assert_eq!(lines(&session.basket()), [("1 lb".to_owned(), 2, price)]);
        let [small, large] = SIZES.map(|(size, _)| sku(product.id, size));
        session.put_into_basket(product.id, Some(&small)).await;
        session.put_into_basket(product.id, Some(&large)).await;
        let expected = [("1 lb".to_owned(), 3, price), ("5 lb".to_owned(), 1, 4 * price)];
        assert_eq!(lines(&session.basket()), expected);
        session.take_out_of_basket(product.id, None, None).await;
        assert_eq!(lines(&session.basket()), expected[1..]);
    });
}

#[test]
fn what_is_no_longer_published_keeps_its_size_and_its_last_price() {
    block_on(async {
        let mut shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let product = shop.products.remove(9);
        session.put_into_basket(product.id, Some(&sku(product.id, "5 lb"))).await;
        let before = lines(&session.basket());
        shop.catalogue = 2;
        server.publish(&shop);
        let later = device.open_synced().await;
        assert!(later.take_up_pending());
        assert!(!later.basket().lines[0].card.listed);
        assert_eq!(lines(&later.basket()), before);
    });
}

#[test]
fn a_result_that_is_not_synced_can_be_put_into_the_basket() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open().await;
        session.sync_head().await.expect("served");
        let query = |text: &str| Query { text: text.into(), ..Query::default() };
        let found = session.search(query("milk")).await.expect("served");
        let unsynced = found.tiles.iter().find(|tile| tile.card.variants.is_empty());
        let id = unsynced.expect("most milk is not in the head").card.id;
        // Another search does not make the shop forget what is on the page.
        session.search(query("tea")).await.expect("served");
        assert_eq!(session.put_into_basket(id, None).await, Recorded::Logged);
        assert_eq!(session.basket().lines[0].card.id, id);
        session.sync_rest(|_| {}).await.expect("served");
        session.put_into_basket(id, None).await;
        assert_eq!(
            lines(&session.basket()),
            [("1 lb".to_owned(), 2, shop.product(id).price_minor)]
        );
        assert_eq!(device.open().await.basket(), session.basket());
    });
}
