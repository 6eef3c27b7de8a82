//! The home page: which carousels it has, and what is never shown unasked.

use std::collections::BTreeSet;

use pollster::block_on;
use vitrine_domain::{EventKind, ItemId, Query};
use vitrine_session::{
    CAROUSEL_CARDS_MAX, Carousel, CarouselKind, Clock, FeedReason, Home, RelatedBy, Session,
};

use crate::device::{Device, NOW_MS, ids};
use crate::server::FakeServer;
use crate::shop::{Shop, category, department, set};

const DAY_MS: i64 = 86_400_000;

pub async fn home(session: &Session) -> Home {
    session.home(60, &BTreeSet::new()).await
}

pub fn card_ids(carousel: &Carousel) -> Vec<ItemId> {
    carousel.cards.iter().map(|card| card.id).collect()
}

/// The cards of the first carousel of a kind; none where there is no such carousel.
fn of_kind(home: &Home, is_kind: impl Fn(&CarouselKind) -> bool) -> Vec<ItemId> {
    home.carousels.iter().find(|carousel| is_kind(&carousel.kind)).map_or(vec![], card_ids)
}

fn buy_again(home: &Home) -> Vec<ItemId> {
    of_kind(home, |kind| *kind == CarouselKind::BuyAgain)
}

fn viewed(home: &Home) -> Vec<ItemId> {
    of_kind(home, |kind| *kind == CarouselKind::RecentlyViewed)
}

/// All cards of the page's carousels.
fn in_carousels(home: &Home) -> Vec<ItemId> {
    home.carousels.iter().flat_map(card_ids).collect()
}

#[test]
fn a_newcomer_has_no_carousel_about_themselves() {
    block_on(async {
        let shop = Shop::new(120);
        let session = Device::new(&FakeServer::new(&shop)).open_synced().await;
        let home = home(&session).await;
        assert_eq!(home.carousels, []);
        assert_eq!(home.feed.reason, Some(FeedReason::EmptyLog));
        assert_eq!(home.feed.tiles.len(), 60);
    });
}

#[test]
fn what_was_bought_twice_comes_back_when_its_time_has_come() {
    block_on(async {
        let shop = Shop::new(120);
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let [milk, once] = [4, 9].map(|i| shop.products[i].id);
        for day in [0, 10] {
            device.clock.set(NOW_MS + day * DAY_MS);
            session.record(EventKind::Purchase, milk).await;
        }
        session.record(EventKind::Purchase, once).await;
        let at = async |day: i64| {
            device.clock.set(NOW_MS + day * DAY_MS);
            buy_again(&home(&session).await)
        };
        assert_eq!(at(11).await, []);
        assert_eq!(at(19).await, [milk]);
        session.put_into_basket(milk, None).await;
        assert_eq!(at(19).await, [], "it is in the basket");
    });
}

#[test]
fn the_last_look_that_led_to_nothing_brings_what_is_like_it() {
    block_on(async {
        let shop = Shop::new(120);
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let [seed, bought, stand_in] = [0, 7, 2].map(|i| shop.products[i].id);
        device.act(&session, EventKind::ViewItem, seed).await;
        device.act(&session, EventKind::ViewItem, bought).await;
        device.act(&session, EventKind::Purchase, bought).await;
        let home = home(&session).await;
        let about = home.carousels.iter().find_map(|carousel| match &carousel.kind {
            CarouselKind::BecauseOf { looked_at } => Some((looked_at.id, card_ids(carousel))),
            _ => None,
        });
        let (looked_at, cards) = about.expect("there was such a look");
        assert_eq!(looked_at, seed, "what was bought is not asked about");
        assert!(cards.contains(&stand_in), "the shop says that it stands for the other");
        assert_eq!(cards.len(), CAROUSEL_CARDS_MAX);
        assert!(!cards.contains(&seed));
        // In the order in which the feed would have them.
        let all = session.feed(120).await;
        let score = |id: &ItemId| all.tiles.iter().find(|t| t.card.id == *id).expect("all").score;
        let scores: Vec<_> = cards.iter().map(score).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    });
}

#[test]
fn offers_hold_now_and_dates_are_of_late() {
    block_on(async {
        let mut shop = Shop::new(120);
        let id = |i: usize| shop.products[i].id;
        let now_seconds = NOW_MS / 1_000;
        let until = |i: usize| (id(i), now_seconds + if i == 13 { -1 } else { 3_600 });
        shop.offers = (10..14).map(until).collect();
        let days_ago = |(i, days): (usize, i64)| (id(i), now_seconds - days * 86_400);
        let listed = [(20, 1), (21, 2), (22, 3), (23, 40), (24, -2)];
        shop.listed_at_seconds = listed.map(days_ago).into();
        let session = Device::new(&FakeServer::new(&shop)).open_synced().await;
        let home = home(&session).await;
        let on_offer = of_kind(&home, |kind| *kind == CarouselKind::OnOffer);
        assert_eq!(set(&on_offer), set(&[id(10), id(11), id(12)]));
        let new = of_kind(&home, |kind| *kind == CarouselKind::ListedLately);
        assert_eq!(new, [id(20), id(21), id(22)], "a newcomer sees the newest first");
    });
}

#[test]
fn without_dates_what_hardly_anyone_bought_is_new_to_who_has_a_log() {
    block_on(async {
        let mut shop = Shop::new(120);
        shop.products[100..106].iter_mut().for_each(|product| product.n_buyers = 0);
        shop.products[105].price_minor = 0;
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let hardly =
            async || of_kind(&home(&session).await, |kind| *kind == CarouselKind::HardlyBought);
        assert_eq!(hardly().await, []);
        device.act(&session, EventKind::AddToCart, shop.products[100].id).await;
        device.act(&session, EventKind::RemoveFromCart, shop.products[100].id).await;
        let expected: Vec<ItemId> = shop.products[101..105].iter().map(|p| p.id).collect();
        assert_eq!(set(&hardly().await), set(&expected));
    });
}

#[test]
fn the_main_department_shows_what_most_people_buy_there() {
    block_on(async {
        let shop = Shop::new(120);
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let of = |d: usize| shop.products.iter().filter(move |p| p.department == d);
        let own: Vec<ItemId> = of(2).map(|p| p.id).take(3).collect();
        let popular = async || {
            let home = home(&session).await;
            let found = home.carousels.iter().find_map(|carousel| match &carousel.kind {
                CarouselKind::PopularIn { department } => {
                    Some((department.clone(), card_ids(carousel)))
                }
                _ => None,
            });
            (found, home)
        };
        for (n, id) in own.iter().enumerate() {
            assert!(popular().await.0.is_none(), "{n} events are of a newcomer");
            device.act(&session, EventKind::Purchase, *id).await;
        }
        let (found, home) = popular().await;
        let (name, cards) = found.expect("three events are enough");
        assert_eq!(name, department(2));
        // The most bought of the department that no earlier carousel shows.
        let is_of_it = |id: &ItemId| shop.product(*id).department == 2;
        let earlier: BTreeSet<ItemId> =
            set(&in_carousels(&home)).difference(&set(&cards)).copied().collect();
        let expected = shop.by_popularity().into_iter().filter(is_of_it);
        let expected = expected.filter(|id| !earlier.contains(id)).take(CAROUSEL_CARDS_MAX);
        assert_eq!(cards, expected.collect::<Vec<_>>());
    });
}

#[test]
fn looks_are_shown_newest_first_and_no_card_twice() {
    block_on(async {
        let mut shop = Shop::new(120);
        let id = |i: usize| shop.products[i].id;
        shop.offers = (0..30).map(|i| (id(i), NOW_MS / 1_000 + 86_400)).collect();
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        for i in [50, 51, 52, 51] {
            device.act(&session, EventKind::ViewItem, id(i)).await;
        }
        let home = home(&session).await;
        let all = in_carousels(&home);
        assert_eq!(all.len(), set(&all).len(), "no card is in two carousels");
        assert!(home.carousels.iter().all(|c| c.cards.len() <= CAROUSEL_CARDS_MAX));
        let n_viewed = viewed(&home).len();
        let earlier = &all[..all.len() - n_viewed];
        let looked: Vec<ItemId> = [51, 52, 50].map(id).into();
        let rest: Vec<ItemId> = looked.into_iter().filter(|id| !earlier.contains(id)).collect();
        assert_eq!(viewed(&home), rest);
        assert!(n_viewed > 0);
        let place = |is: fn(&CarouselKind) -> bool| home.carousels.iter().position(|c| is(&c.kind));
        let because = place(|kind| matches!(kind, CarouselKind::BecauseOf { .. }));
        let offers = place(|kind| *kind == CarouselKind::OnOffer);
        let last = place(|kind| *kind == CarouselKind::RecentlyViewed);
        assert!(because < offers && offers < last && because.is_some());
    });
}

#[test]
fn what_is_in_the_basket_or_sold_out_is_left_out_but_found() {
    block_on(async {
        let mut shop = Shop::new(120);
        let popular = shop.by_popularity();
        shop.sold_out.insert(popular[0]);
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        assert_eq!(ids(&session.feed(5).await), popular[1..6], "what is sold out is no tile");
        device.act(&session, EventKind::ViewItem, popular[2]).await;
        device.act(&session, EventKind::ViewItem, popular[1]).await;
        assert_eq!(viewed(&home(&session).await), [popular[1], popular[2]]);
        device.act(&session, EventKind::AddToCart, popular[1]).await;
        let after = home(&session).await;
        assert!(!in_carousels(&after).contains(&popular[1]));
        let feed = ids(&session.feed(120).await);
        assert!(!feed.contains(&popular[1]) && !feed.contains(&popular[0]));
        let kept = session.home(120, &BTreeSet::from([popular[1]])).await;
        assert!(ids(&kept.feed).contains(&popular[1]), "the page keeps what it has just put in");
        let query = Query { text: shop.product(popular[1]).title.clone(), ..Query::default() };
        let found = session.search(query).await.expect("the server is up");
        assert!(found.tiles.iter().any(|tile| tile.card.id == popular[1]));
    });
}

#[test]
fn what_is_not_wanted_is_gone_until_it_is_and_moves_nothing_else() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::ViewItem, shop.products[3].id).await;
        server.take_paths();
        let before = session.feed(120).await;
        let unwanted = before.tiles[2].card.id;
        session.not_interested(unwanted).await;
        session.not_interested(shop.products[3].id).await;
        let after = session.feed(120).await;
        let gone = [unwanted, shop.products[3].id];
        let score = |id: ItemId| before.tiles.iter().find(|t| t.card.id == id).expect("all").score;
        assert!(after.tiles.iter().all(|tile| !gone.contains(&tile.card.id)));
        assert_eq!(after.tiles.len(), before.tiles.len() - 2);
        assert!(after.tiles.iter().all(|tile| tile.score == score(tile.card.id)), "no score moved");
        assert_eq!(viewed(&home(&session).await), []);
        assert_eq!(session.history().len(), 1, "it is no event");
        assert_eq!(server.take_paths(), [""; 0], "nothing is sent");

        // The next visit and the list of the privacy page know it, and so does the export.
        let again = device.open().await;
        assert_eq!(ids(&again.feed(120).await), ids(&after));
        assert_eq!(again.status().n_dropped, 0);
        let listed: Vec<ItemId> = again.unwanted().into_iter().map(|of| of.card.id).collect();
        assert_eq!(set(&listed), set(&gone));
        assert!(again.export().expect("writable").contains("not_interested"));
        again.interested_again(unwanted).await;
        again.interested_again(shop.products[3].id).await;
        assert_eq!(again.feed(120).await.tiles, before.tiles);
        assert_eq!(device.open().await.unwanted(), []);
        again.not_interested(unwanted).await;
        again.delete_all().await.expect("emptied");
        assert_eq!(again.unwanted(), []);
    });
}

#[test]
fn another_tab_hears_what_is_not_wanted_and_a_pause_keeps_it_off_the_disk() {
    block_on(async {
        let shop = Shop::new(60);
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let other = crate::device::Listener::new(device.open().await);
        let id = shop.products[5].id;
        session.not_interested(id).await;
        other.catch_up().await;
        assert!(!ids(&other.session.feed(60).await).contains(&id));
        session.set_paused(true).await;
        session.interested_again(id).await;
        assert!(ids(&session.feed(60).await).contains(&id));
        assert!(!ids(&device.open().await.feed(60).await).contains(&id), "a pause writes nothing");
    });
}

/// Department 1 and category 03 are restricted; category 03 lies in department 3.
fn restricted_shop() -> Shop {
    let mut shop = Shop::new(300);
    shop.never_recommended = vec![category(3), department(1)];
    shop
}

fn is_restricted(shop: &Shop, id: ItemId) -> bool {
    let product = shop.product(id);
    product.department == 1 || product.category == 3
}

#[test]
fn one_look_never_brings_what_the_shop_keeps_from_being_recommended() {
    block_on(async {
        let mut shop = restricted_shop();
        // It is what most people buy, on offer, without a past or listed yesterday.
        for (i, product) in shop.products.iter_mut().enumerate() {
            if product.department == 1 || product.category == 3 {
                product.n_buyers = if i % 2 == 0 { 5_000 } else { 0 };
            }
        }
        let until = |p: &crate::shop::Product| (p.id, NOW_MS / 1_000 + 86_400);
        shop.offers = shop.products.iter().map(until).collect();
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let n_allowed = shop.products.iter().filter(|p| !is_restricted(&shop, p.id)).count();
        let shows_none = async |when: &str| {
            let home = session.home(300, &BTreeSet::new()).await;
            let all = ids(&home.feed).into_iter().chain(in_carousels(&home));
            assert!(all.into_iter().all(|id| !is_restricted(&shop, id)), "{when}");
            assert_eq!(home.feed.tiles.len(), n_allowed, "{when}: all others are there");
        };
        shows_none("before the first event").await;
        for product in &shop.products[..15] {
            let starts = device.open_synced().await;
            starts.delete_all().await.expect("emptied");
            session.catch_up(vitrine_session::Change::Deleted).await;
            device.act(&session, EventKind::ViewItem, product.id).await;
            shows_none(&product.title).await;
        }
        assert!(session.starters().is_empty(), "there is a log");
        session.answer_starters(&[]).await;
        session.delete_all().await.expect("emptied");
        let starters = session.starters();
        assert_eq!(starters.len(), 4, "one of each department that may be recommended");
        assert!(starters.iter().all(|card| !is_restricted(&shop, card.id)));
    });
}

#[test]
fn a_restricted_card_shows_where_the_shopper_already_is_and_when_it_is_due() {
    block_on(async {
        let mut shop = restricted_shop();
        // Nothing but restricted cards stands for or goes with the first card.
        shop.products[0].department = 0;
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let of = |id: ItemId| -> Vec<(ItemId, RelatedBy)> {
            session.related(id, 300).into_iter().map(|r| (r.card.id, r.by)).collect()
        };
        // The first lists the second (department 1) and the third.
        let [first, second, third] = [0, 1, 2].map(|i| shop.products[i].id);
        assert!(is_restricted(&shop, second) && !is_restricted(&shop, third));
        assert!(!of(first).iter().any(|(id, _)| is_restricted(&shop, *id)));
        assert!(of(first).iter().any(|(id, _)| *id == third));
        assert!(of(second).iter().any(|(id, _)| is_restricted(&shop, *id)), "as it was");

        // Bought twice on this device, it is due like anything else, and still no tile.
        for day in [0, 10] {
            device.clock.set(NOW_MS + day * DAY_MS);
            session.record(EventKind::Purchase, second).await;
        }
        device.clock.set(device.clock.now_ms() + 10 * DAY_MS);
        let home = session.home(300, &BTreeSet::new()).await;
        assert_eq!(buy_again(&home), [second]);
        assert!(!ids(&home.feed).contains(&second));
        let others = in_carousels(&home).into_iter().filter(|id| *id != second);
        assert!(others.into_iter().all(|id| !is_restricted(&shop, id)));
        let query = Query { text: shop.product(second).title.clone(), ..Query::default() };
        let found = session.search(query).await.expect("the server is up");
        assert!(found.tiles.iter().any(|tile| tile.card.id == second), "a search finds it");
    });
}

#[test]
fn the_feed_goes_on_to_the_end_of_what_can_be_bought() {
    block_on(async {
        let mut shop = Shop::new(700);
        shop.sold_out = shop.products[..10].iter().map(|p| p.id).collect();
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        device.act(&session, EventKind::ViewItem, shop.products[50].id).await;
        let all = session.feed(10_000).await;
        assert_eq!(all.n_candidates, 500);
        assert_eq!(all.tiles.len(), 690);
        assert!(!all.has_more);
        assert_eq!(set(&ids(&all)).len(), 690, "no card twice");
        // What was ranked comes first, then the rest by popularity.
        let n_ranked = all.tiles.iter().take_while(|tile| tile.score.is_some()).count();
        assert!((490..=500).contains(&n_ranked), "{n_ranked}");
        let rest = &ids(&all)[n_ranked..];
        let expected: Vec<ItemId> =
            shop.by_popularity().into_iter().filter(|id| rest.contains(id)).collect();
        assert_eq!(rest, expected);
        // Each longer feed begins like the shorter one, and says whether there is more.
        for (limit, has_more) in [(60, true), (n_ranked, true), (689, true), (690, false)] {
            let feed = session.feed(limit).await;
            assert_eq!(feed.tiles, all.tiles[..limit]);
            assert_eq!(feed.has_more, has_more, "{limit}");
        }
        session.delete_all().await.expect("emptied");
        let popular = session.feed(689).await;
        assert!(popular.has_more && !session.feed(690).await.has_more);
    });
}
