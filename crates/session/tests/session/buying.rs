//! What a shopper relies on when buying: what can be bought, what is undone, what was bought last,
//! what may be missing, and what the shop's own checkout is told.

use std::rc::Rc;

use pollster::block_on;
use vitrine_domain::{Availability, EventKind, ItemId};
use vitrine_session::{
    BasketLine, FORGOTTEN_CARDS_MAX, ForgottenBecause, Obstacle, Recorded, Session,
};
use vitrine_wire::{PriceRow, PriceShard, Shard, VariantFacts};

use crate::device::{Device, NOW_MS, ids};
use crate::server::FakeServer;
use crate::shop::{SIZES, Shop, category, department, sku};

const DAY_MS: i64 = 86_400_000;

/// The small size is sold out from now on, of the large one three are left.
fn sell(server: &Rc<FakeServer>, id: ItemId, price_minor: u32) {
    let facts = |variant: u8, availability, stock| VariantFacts {
        variant,
        availability,
        stock,
        ..VariantFacts::default()
    };
    let row = PriceRow {
        id,
        price_minor,
        variant_prices_minor: SIZES.map(|(_, times)| times * price_minor).to_vec(),
        facts: vec![
            facts(0, Availability::OutOfStock, None),
            facts(1, Availability::InStock, Some(3)),
        ],
        ..PriceRow::default()
    };
    let shard = Shard::Prices(PriceShard { rows: vec![row], removed: Vec::new() });
    server.published.borrow_mut().revise_with(&shard);
}

fn obstacles(session: &Session) -> Vec<Option<Obstacle>> {
    session.basket().lines.iter().map(|line| line.obstacle).collect()
}

#[test]
fn what_is_sold_out_cannot_be_put_in_and_is_in_no_total_but_the_other_size_is() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let product = &shop.products[4];
        let [small, large] = SIZES.map(|(size, _)| sku(product.id, size));
        session.put_into_basket(product.id, Some(&small)).await;
        sell(&server, product.id, product.price_minor);
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        session.take_up_pending();

        let sold_out = Recorded::NotForSale(Obstacle::SoldOut);
        assert_eq!(session.put_into_basket(product.id, Some(&small)).await, sold_out);
        assert_eq!(session.put_into_basket(product.id, None).await, sold_out, "the usual one");
        assert_eq!(session.set_pieces(product.id, Some(&small), 5).await, Some(sold_out));
        assert_eq!(session.put_into_basket(product.id, Some(&large)).await, Recorded::Logged);
        let basket = session.basket();
        assert_eq!(obstacles(&session), [Some(Obstacle::SoldOut), None]);
        assert_eq!((basket.n_pieces, basket.n_pieces_buyable), (2, 1));
        assert_eq!(basket.total_minor, u64::from(4 * product.price_minor));
        assert_eq!(basket.lines[1].variant.as_ref().and_then(|of| of.n_left(1)), Some(3));

        let lines = session.hand_over().await;
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].sku.as_ref(), lines[0].quantity), (Some(&large), 1));
        assert_eq!(lines[0].price_minor, 4 * product.price_minor);
        assert_eq!(session.buy_basket().await, 1);
        assert_eq!(obstacles(&session), [Some(Obstacle::SoldOut)], "it stays in the basket");
    });
}

#[test]
fn what_has_no_price_can_be_bought_only_where_nothing_has_one() {
    block_on(async {
        let mut shop = Shop::new(60);
        shop.products[3].price_minor = 0;
        let session = Device::new(&FakeServer::new(&shop)).open_synced().await;
        assert!(session.status().has_prices);
        let id = shop.products[3].id;
        let refused = Recorded::NotForSale(Obstacle::NotPriced);
        assert_eq!(session.put_into_basket(id, None).await, refused);
        assert!(session.basket().lines.is_empty());

        shop.products.iter_mut().for_each(|product| product.price_minor = 0);
        let bare = Device::new(&FakeServer::new(&shop)).open_synced().await;
        assert!(!bare.status().has_prices);
        assert_eq!(bare.put_into_basket(id, None).await, Recorded::Logged);
        assert_eq!(bare.buy_basket().await, 1);
    });
}

#[test]
fn what_is_delisted_is_gone_and_in_no_total() {
    block_on(async {
        let mut shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let product = shop.products.remove(9);
        session.put_into_basket(product.id, None).await;
        shop.catalogue = 2;
        server.publish(&shop);
        let later = device.open_synced().await;
        assert!(later.take_up_pending());
        assert_eq!(obstacles(&later), [Some(Obstacle::Gone)]);
        assert_eq!(later.basket().total_minor, 0);
        assert_eq!(later.buy_basket().await, 0);
    });
}

#[test]
fn a_number_can_be_typed_and_a_removed_line_comes_back_as_it_was() {
    block_on(async {
        let shop = Shop::new(60);
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let id = shop.products[5].id;
        let large = sku(id, SIZES[1].0);
        session.put_into_basket(id, Some(&large)).await;
        assert_eq!(session.set_pieces(id, Some(&large), 7).await, Some(Recorded::Logged));
        let line: BasketLine = session.basket().lines.remove(0);
        assert_eq!(line.quantity, 7);
        assert_eq!(session.set_pieces(id, Some(&large), 7).await, None);
        session.set_pieces(id, Some(&large), 4).await;
        assert_eq!(device.open().await.basket().n_pieces, 4, "after a reload");
        session.set_pieces(id, Some(&large), 0).await;
        assert!(session.basket().lines.is_empty());
        session.put_back(&line).await;
        assert_eq!(session.basket().lines, [line]);
        assert_eq!(device.open().await.basket(), session.basket());
    });
}

#[test]
fn what_was_handed_over_is_bought_and_not_the_basket_of_then() {
    block_on(async {
        let shop = Shop::new(60);
        let device = Device::new(&FakeServer::new(&shop));
        let tab = device.new_tab();
        let session = device.open_in(&tab).await;
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        let [first, taken_out, later] = [4, 5, 6].map(|i| shop.products[i].id);
        assert_eq!(session.buy_handed_over().await, 0, "nothing was handed over");
        session.put_into_basket(first, None).await;
        session.put_into_basket(taken_out, None).await;
        let lines = session.hand_over().await;
        assert_eq!(tab.n_stored.get(), 1, "the note is stored before the page may leave");
        assert_eq!(lines.iter().map(|line| line.item).collect::<Vec<_>>(), [first, taken_out]);
        session.put_into_basket(first, None).await;
        session.put_into_basket(later, None).await;
        let usual = sku(taken_out, SIZES[0].0);
        session.take_out_of_basket(taken_out, Some(&usual), None).await;

        // The checkout leads back to the shop in the same tab.
        let back = device.open_in(&tab).await;
        assert_eq!(back.buy_handed_over().await, 2);
        let history = back.history();
        let bought = history.iter().filter(|event| event.kind == EventKind::Purchase);
        let bought: Vec<_> = bought.map(|event| (event.item, event.pieces)).collect();
        assert_eq!(bought, [(first, Some(1)), (taken_out, Some(1))]);
        let left: Vec<_> =
            back.basket().lines.iter().map(|line| (line.card.id, line.quantity)).collect();
        assert_eq!(left, [(first, 1), (later, 1)], "what was put in since stays");
        assert_eq!(back.buy_handed_over().await, 0, "it is bought once");

        back.hand_over().await;
        back.delete_all().await.expect("emptied");
        assert_eq!(back.buy_handed_over().await, 0, "it is deleted with everything else");
    });
}

#[test]
fn the_last_basket_comes_back_at_todays_prices_as_far_as_it_can_be_bought() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        assert_eq!(session.last_basket(), None);
        let [out, dearer] = [&shop.products[4], &shop.products[8]];
        session.put_into_basket(out.id, Some(&sku(out.id, SIZES[0].0))).await;
        session.put_into_basket(dearer.id, None).await;
        session.set_pieces(dearer.id, Some(&sku(dearer.id, SIZES[0].0)), 3).await;
        assert_eq!(session.buy_basket().await, 2);
        device.clock.set(NOW_MS + DAY_MS);
        server.published.borrow_mut().revise(&[(dearer.id, dearer.price_minor + 50)]);
        sell(&server, out.id, out.price_minor);
        let later = device.open_synced().await;
        later.take_up_pending();
        let last = later.last_basket().expect("it was bought");
        assert_eq!(last.at_ms, NOW_MS);
        let lines: Vec<_> =
            last.lines.iter().map(|of| (of.quantity, of.price_minor, of.obstacle)).collect();
        let (is_out, price) = (Some(Obstacle::SoldOut), dearer.price_minor + 50);
        assert_eq!(lines, [(1, out.price_minor, is_out), (3, price, None)]);
        assert_eq!(later.refill_basket().await, 1);
        assert_eq!(later.basket().total_minor, u64::from(3 * price));
    });
}

#[test]
fn what_is_due_and_what_goes_with_the_basket_is_asked_about_with_its_reason() {
    block_on(async {
        let mut shop = Shop::new(300);
        // Product 16 is bought regularly, too, and must not be recommended.
        shop.never_recommended = vec![category(3), department(1)];
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let [due, restricted, unwanted] = [10, 16, 20].map(|i| shop.products[i].id);
        for day in [0, 10, 20] {
            device.clock.set(NOW_MS + day * DAY_MS);
            for id in [due, restricted, unwanted] {
                session.record(EventKind::Purchase, id).await;
            }
        }
        session.not_interested(unwanted).await;
        device.clock.set(NOW_MS + 30 * DAY_MS);
        assert_eq!(session.forgotten(), [], "there is no basket to forget something in");
        // Its related ones are 13 and 14.
        let in_basket = &shop.products[12];
        session.put_into_basket(in_basket.id, None).await;
        let asked = session.forgotten();
        let goes_with = ForgottenBecause::GoesWith { title: in_basket.title.clone() };
        let due_since = ForgottenBecause::Due { last_at_ms: NOW_MS + 20 * DAY_MS };
        let expected = [
            (due, due_since),
            (shop.products[13].id, goes_with.clone()),
            (shop.products[14].id, goes_with),
        ];
        let asked: Vec<_> = asked.into_iter().map(|of| (of.card.id, of.because)).collect();
        assert_eq!(asked, expected);
        for i in [24, 27, 36, 39, 42, 54, 57] {
            session.put_into_basket(shop.products[i].id, None).await;
        }
        assert_eq!(session.forgotten().len(), FORGOTTEN_CARDS_MAX);
        session.put_into_basket(due, None).await;
        assert!(session.forgotten().iter().all(|of| of.card.id != due), "it is in the basket");
    });
}

#[test]
fn a_place_without_a_reason_is_that_in_the_feed_of_whoever_did_not_do_it() {
    block_on(async {
        let shop = Shop::new(300);
        let server = FakeServer::new(&shop);
        let (whole, less) = (Device::new(&server), Device::new(&server));
        let (session, other) = (whole.open_synced().await, less.open_synced().await);
        assert_eq!(session.feed_places(shop.products[0].id, &[]).await, None, "not personal");
        let looked_at = [3, 40, 77, 120].map(|i| shop.products[i].id);
        let left_out = looked_at[2];
        for id in looked_at {
            whole.act(&session, EventKind::ViewItem, id).await;
            less.clock.set(vitrine_session::Clock::now_ms(&*whole.clock));
            if id != left_out {
                other.record(EventKind::ViewItem, id).await;
            }
        }
        let (now, then) = (ids(&session.feed(100).await), ids(&other.feed(100).await));
        let place =
            |feed: &[ItemId], id| feed.iter().position(|of| *of == id).map(|n| n as u32 + 1);
        let mut n_moved = 0;
        for id in &now[..12] {
            let places = session.feed_places(*id, &[left_out]).await.expect("personal");
            assert_eq!(places.now, place(&now, *id));
            let (reason, without) = places.without[0];
            assert_eq!(reason, left_out);
            // Behind a hundred the two feeds are not compared.
            let without = without.filter(|place| *place <= 100);
            assert_eq!(without, place(&then, *id));
            n_moved += usize::from(without != places.now);
        }
        assert!(n_moved > 0, "what was looked at moves something");
    });
}
