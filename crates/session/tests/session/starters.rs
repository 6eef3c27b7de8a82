//! A newcomer's choice: what is offered, and what follows from it.

use std::collections::BTreeSet;

use pollster::block_on;
use vitrine_domain::{EventKind, ItemId};
use vitrine_session::{CAROUSEL_CARDS_MAX, CarouselKind, Clock, FeedReason, Home, Session};
use vitrine_student::candidates::{CHOICE_BONUS, choice_factor};

use crate::device::{Device, NOW_MS, ids};
use crate::home::{card_ids, home};
use crate::server::FakeServer;
use crate::shop::{Shop, set};

#[test]
fn a_newcomer_chooses_once_from_eight_departments_and_nothing_is_sent() {
    block_on(async {
        let mut shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        server.take_paths();
        let starters = session.starters();
        // The shop has five departments: the most bought card of each, the most bought first.
        let mut seen = BTreeSet::new();
        let first_of_department = |id: &ItemId| seen.insert(shop.product(*id).department);
        let expected: Vec<ItemId> =
            shop.by_popularity().into_iter().filter(first_of_department).collect();
        assert_eq!(starters.iter().map(|card| card.id).collect::<Vec<_>>(), expected);
        session.answer_starters(&[]).await;
        assert_eq!(session.starters(), []);
        assert_eq!(device.open().await.starters(), [], "kept on the device");
        assert_eq!(server.take_paths(), [""; 0]);

        // A shop of three departments has too little to choose from.
        shop.products.iter_mut().for_each(|product| product.department %= 3);
        let session = Device::new(&FakeServer::new(&shop)).open_synced().await;
        assert_eq!(session.starters(), []);
    });
}

#[test]
fn a_choice_is_no_event_and_brings_its_categories_forward_until_there_is_one() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let starters: Vec<ItemId> = session.starters().iter().map(|card| card.id).collect();
        let (first, last) = (starters[1], starters[2]);
        let before = session.feed(120).await;
        server.take_paths();
        session.answer_starters(&[first]).await;
        device.clock.set(device.clock.now_ms() + 1);
        session.answer_starters(&[last]).await;
        assert_eq!(session.history(), [], "it is no event");
        assert_eq!(server.take_paths(), [""; 0], "nothing is sent");

        // A card of a chosen category counts for more buyers than it has.
        let categories = [first, last].map(|id| shop.product(id).category);
        let is_chosen = |id: &ItemId| categories.contains(&shop.product(*id).category);
        let n_counted = |id: &ItemId| {
            let factor = if is_chosen(id) { choice_factor(CHOICE_BONUS, 2) } else { 1.0 };
            f64::from(shop.product(*id).n_buyers) * factor
        };
        let mut expected = shop.by_popularity();
        expected.sort_by(|a, b| {
            n_counted(b).total_cmp(&n_counted(a)).then(is_chosen(b).cmp(&is_chosen(a)))
        });
        let feed = session.feed(120).await;
        assert_eq!(feed.reason, Some(FeedReason::EmptyLog));
        assert_eq!(ids(&feed), expected);
        assert_ne!(ids(&feed), ids(&before));
        assert!(session.status().has_choice);

        let because = |home: &Home| {
            home.carousels.iter().find_map(|carousel| match &carousel.kind {
                CarouselKind::BecauseOfChoice { chosen } => Some((chosen.id, card_ids(carousel))),
                _ => None,
            })
        };
        let (chosen, cards) = because(&home(&session).await).expect("a carousel of the choice");
        assert_eq!((chosen, cards.len()), (last, CAROUSEL_CARDS_MAX));
        assert!(!cards.contains(&last));

        // An event is ranked by, the choice is not; the carousel stays.
        let plain = Device::new(&server);
        let other = plain.open_synced().await;
        for (device, session) in [(&device, &session), (&plain, &other)] {
            device.clock.set(NOW_MS);
            device.act(session, EventKind::ViewItem, shop.products[7].id).await;
        }
        assert_eq!(session.feed(120).await.tiles, other.feed(120).await.tiles);
        assert!(!session.status().has_choice);
        assert_eq!(because(&home(&session).await).map(|(chosen, _)| chosen), Some(last));
        assert_eq!(because(&home(&other).await), None);
    });
}

#[test]
fn a_choice_is_listed_exported_taken_back_and_deleted() {
    block_on(async {
        let shop = Shop::new(120);
        let device = Device::new(&FakeServer::new(&shop));
        let session = device.open_synced().await;
        let starters: Vec<ItemId> = session.starters().iter().map(|card| card.id).collect();
        let popular = ids(&session.feed(120).await);
        session.answer_starters(&starters[..2]).await;
        let again = device.open().await;
        let listed = |session: &Session| -> BTreeSet<ItemId> {
            session.chosen().iter().map(|of| of.card.id).collect()
        };
        assert_eq!(listed(&again), set(&starters[..2]));
        assert!(again.export().expect("writable").contains("\"chosen\""));
        again.choose_no_more(starters[0]).await;
        assert_eq!(listed(&again), set(&starters[1..2]));
        again.choose_no_more(starters[1]).await;
        assert_eq!(ids(&again.feed(120).await), popular);
        assert_eq!(device.open().await.chosen(), []);

        again.answer_starters(&starters[..1]).await;
        assert_ne!(ids(&again.feed(120).await), popular);
        again.require_consent();
        again.set_consent(false).await;
        assert_eq!(ids(&again.feed(120).await), popular, "a no ends its use");
        again.set_consent(true).await;
        again.delete_all().await.expect("emptied");
        assert_eq!((again.chosen(), ids(&again.feed(120).await)), (Vec::new(), popular));
        assert_eq!(device.open().await.chosen(), []);
    });
}
