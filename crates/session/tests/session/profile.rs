//! What the device has learned, in words; and the log without what the shopper deletes.

use pollster::block_on;
use vitrine_domain::{EventKind, ItemId};
use vitrine_session::{
    Clock, DeviceEvent, ProfileSubject, ProfileTrait, Session, Storage, StoreName,
};

use crate::device::{Device, Listener, NOW_MS, ids};
use crate::server::FakeServer;
use crate::shop::Shop;

const DAY_MS: i64 = 86_400_000;

/// Buys each item, all at once, on a day.
async fn buy(device: &Device, session: &Session, day: i64, items: &[ItemId]) {
    device.clock.set(NOW_MS + day * DAY_MS);
    for item in items {
        session.put_into_basket(*item, None).await;
    }
    session.buy_basket().await;
}

fn words(session: &Session) -> Vec<String> {
    session.profile().iter().map(|line| line.words(|minor| format!("{minor}"))).collect()
}

#[test]
fn the_profile_says_what_the_log_bears_out_and_no_more() {
    block_on(async {
        let mut shop = Shop::new(60);
        for (place, price_minor) in [(1, 100), (2, 200), (11, 400)] {
            shop.products[place].price_minor = price_minor;
        }
        shop.products[11].department = 2;
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let [milk, eggs, soap] = [1, 2, 11].map(|place| shop.products[place].id);
        buy(&device, &session, 0, &[milk]).await;
        buy(&device, &session, 9, &[milk]).await;
        assert_eq!(words(&session), [""; 0], "two purchases say nothing");
        buy(&device, &session, 18, &[milk, eggs]).await;
        buy(&device, &session, 27, &[milk, soap]).await;
        buy(&device, &session, 60, &[eggs]).await;
        let title = |item| session.item(item).expect("listed").title;
        let card = session.item(milk).expect("listed");
        let lines = words(&session);
        assert_eq!(lines[0], format!("You often buy {}", title(milk)), "{} twice", title(eggs));
        assert_eq!(lines[1], format!("Mostly from {}", card.department));
        assert_eq!(lines[lines.len() - 2], "About every nine days");
        assert_eq!(lines[lines.len() - 1], "Usually not over 200");

        let milk_line = &session.profile()[0].parts[0];
        assert_eq!(milk_line.subject, ProfileSubject::Card(milk));
        assert_eq!(milk_line.n_events, 8, "four times into the basket, four times bought");
        let forgotten = session.forget_about(&milk_line.subject).await.expect("writable");
        assert_eq!(forgotten, 8);
        assert!(session.history().iter().all(|event| event.item != milk));
        assert_eq!(words(&session), [""; 0], "what is left bears out nothing");
    });
}

#[test]
fn forgetting_purchases_leaves_looks_and_what_is_still_in_the_basket() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let [a, b] = [1, 2].map(|place| shop.products[place].id);
        session.record(EventKind::ViewItem, a).await;
        for day in 0..4 {
            buy(&device, &session, day * 3, &[a, b]).await;
        }
        device.clock.set(NOW_MS + 20 * DAY_MS);
        session.put_into_basket(b, None).await;
        let basket = session.basket();
        let lines = session.profile();
        let rhythm = lines.iter().find(|line| line.says == ProfileTrait::EveryDays(3));
        let part = &rhythm.expect("four purchase days").parts[0];
        assert_eq!(part.n_events, 16);
        assert_eq!(session.forget_about(&part.subject).await.expect("writable"), 16);
        let kinds: Vec<EventKind> = session.history().iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::ViewItem, EventKind::AddToCart]);
        assert_eq!(session.basket(), basket);
        assert_eq!(words(&session), [""; 0]);
    });
}

/// Everything that follows from a log.
async fn derived(device: &Device, session: &Session) -> String {
    let stored = device.disk.entries(StoreName::Events).await.expect("readable");
    let cards = device.disk.keys(StoreName::Cards).await.expect("readable");
    let home = session.home(60, &Default::default()).await;
    let scores: Vec<_> = home.feed.tiles.iter().map(|tile| tile.score).collect();
    let carousels: Vec<_> =
        home.carousels.iter().map(|of| (of.kind.clone(), of.cards.clone())).collect();
    let learning = session.status().learning;
    format!(
        "{:?} {:?} {:?} {:?} {scores:?} {carousels:?} {learning:?} {stored:?} {cards:?} {:?}",
        session.history(),
        session.basket(),
        session.profile(),
        ids(&home.feed),
        session.privacy().await.events,
    )
}

/// Does so many things on as many days; one of them may be skipped.
async fn lived(device: &Device, shop: &Shop, skipped: Option<usize>) -> Session {
    let session = device.open_synced().await;
    for i in 0..24 {
        device.clock.set(device.clock.now_ms() + DAY_MS);
        let item = shop.products[[3, 8, 20, 31][i % 4] + i / 12].id;
        if skipped != Some(i) {
            let kind = if i % 3 == 0 { EventKind::ViewItem } else { EventKind::Purchase };
            session.record(kind, item).await;
        }
    }
    session
}

#[test]
fn a_deleted_event_has_never_been() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        for deleted in [0, 4, 23] {
            let (device, other) = (Device::new(&server), Device::new(&server));
            let session = Listener::new(lived(&device, &shop, None).await).session;
            let there = Listener::new(device.open().await);
            let never = lived(&other, &shop, Some(deleted)).await;
            let expected = derived(&other, &never).await;
            assert_ne!(derived(&device, &session).await, expected, "the event counts");
            let event: DeviceEvent = session.history()[deleted].clone();
            assert!(session.forget_event(&event).await.expect("writable"));
            assert_eq!(derived(&device, &session).await, expected, "event {deleted}");
            there.catch_up().await;
            assert_eq!(derived(&device, &there.session).await, expected, "in another tab");
            assert_eq!(derived(&device, &device.open().await).await, expected, "after a reload");
            assert!(!session.forget_event(&event).await.expect("nothing to do"));
        }
    });
}

#[test]
fn what_the_storage_does_not_let_go_of_stays() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::Purchase, shop.products[1].id).await;
        device.disk.is_full.set(true);
        device.act(&session, EventKind::Purchase, shop.products[2].id).await;
        let events = session.history();
        assert!(session.forget_event(&events[0]).await.is_err());
        assert_eq!(session.history(), events);
        assert!(session.forget_event(&events[1]).await.expect("it is in memory alone"));
        assert_eq!(session.history(), events[..1]);
    });
}
