//! What is learned on the device is made of the log, and goes with it.

use pollster::block_on;
use vitrine_domain::EventKind;
use vitrine_session::Session;

use crate::device::{Device, ids};
use crate::server::FakeServer;
use crate::shop::Shop;

/// Buys the same few things again and again, which a random student does not expect.
async fn buy(device: &Device, session: &Session, shop: &Shop, n: usize) {
    for i in 0..n {
        device.act(session, EventKind::ViewItem, shop.products[40 + i % 9].id).await;
        device.act(session, EventKind::Purchase, shop.products[i % 4].id).await;
    }
}

#[test]
fn what_grew_with_the_log_is_what_the_log_teaches() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        assert_eq!(session.status().learning.map(|of| of.n_events), Some(0), "it learns at once");
        buy(&device, &session, &shop, 60).await;
        let learned = session.status().learning.expect("it learns");
        assert!((1..=60).contains(&learned.n_events), "{learned:?}");
        let read = device.open().await;
        assert_eq!(read.status().learning, Some(learned), "the choice is kept on the device");
        assert_eq!(read.feed(120).await.tiles, session.feed(120).await.tiles);
        session.set_learning(false).await;
        let frozen = session.feed(120).await;
        session.set_learning(true).await;
        assert_eq!(session.status().learning, Some(learned), "learned anew from the log");
        if learned.speaks {
            assert_ne!(ids(&session.feed(120).await), ids(&frozen));
        }
        session.delete_all().await.expect("emptied");
        assert_eq!(session.status().learning.map(|of| (of.n_events, of.speaks)), Some((0, false)));
    });
}

#[test]
fn a_layer_that_is_off_changes_nothing() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let (first, second) = (Device::new(&server), Device::new(&server));
        let (off, on) = (first.open_synced().await, second.open_synced().await);
        off.set_learning(false).await;
        buy(&first, &off, &shop, 30).await;
        buy(&second, &on, &shop, 30).await;
        on.set_learning(false).await;
        assert_eq!(on.feed(120).await.tiles, off.feed(120).await.tiles);
        assert_eq!(on.status().learning, None);
    });
}
