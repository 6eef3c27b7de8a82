//! Non-interference: what is sent tells nothing of what the shopper did.

use std::rc::Rc;

use async_trait::async_trait;
use pollster::block_on;
use vitrine_domain::{EventKind, Query};
use vitrine_session::{
    LEDGER_ENTRIES_MAX, Response, Session, Storage, StoreName, Transport, TransportError,
};

use crate::device::{Device, Disk};
use crate::server::FakeServer;
use crate::shop::Shop;

type Requests = Vec<(String, String, String)>;

/// A visit with two searches, a publish between them, and `behave` in between.
async fn visit(server: &Rc<FakeServer>, device: &Device, shopper: Shopper) -> Requests {
    let mut shop = Shop::new(80);
    server.publish(&shop);
    let mut session = device.open().await;
    session.sync_head().await.expect("served");
    shopper.behave(device, &session, &shop, 1).await;
    session.sync_rest(|_| {}).await.expect("served");
    let text = |text: &str| Query { text: text.into(), ..Query::default() };
    session.search(text("milk")).await.expect("served");
    if shopper == Shopper::Busy {
        // Opens the product page again in a new tab: nothing but the log tells.
        session = device.open().await;
    }
    shopper.behave(device, &session, &shop, 2).await;
    shop.catalogue = 2;
    shop.products.truncate(70);
    server.publish(&shop);
    session.sync_head().await.expect("served");
    session.sync_rest(|_| {}).await.expect("served");
    session.take_up_pending();
    shopper.behave(device, &session, &shop, 3).await;
    session.search(text("tea")).await.expect("served");
    if shopper == Shopper::Busy {
        session.delete_all().await.expect("emptied");
        session.feed(20).await;
    }
    server.requests.take()
}

#[derive(Clone, Copy, PartialEq)]
enum Shopper {
    Idle,
    Busy,
}

impl Shopper {
    /// Looks at feed, pages and reasons; the busy one also clicks and buys.
    async fn behave(self, device: &Device, session: &Session, shop: &Shop, part: usize) {
        session.feed(20).await;
        if self == Self::Idle {
            session.item(shop.products[0].id);
            return;
        }
        for i in 0..10 {
            let item = shop.products[(part * 13 + i * 5) % 70].id;
            device.act(session, EventKind::ViewItem, item).await;
            session.item(item);
            session.related(item, 8);
            session.why(item);
            let kind = if i % 2 == 0 { EventKind::AddToCart } else { EventKind::Purchase };
            device.act(session, kind, item).await;
            session.feed(20).await;
            session.basket();
            session.note_search(&format!("milk {part} {i}")).await;
            session.near(&Query { text: "mlik".into(), ..Query::default() }, None);
        }
        for text in session.recent_searches("milk").iter().skip(2) {
            session.forget_search(text).await;
        }
        session.set_paused(part == 2).await;
        session.privacy().await;
        session.export().expect("writable");
    }
}

/// A transport that tells the server how much is in the log.
struct Leak {
    server: Rc<FakeServer>,
    disk: Rc<Disk>,
}

#[async_trait(?Send)]
impl Transport for Leak {
    async fn get(&self, path: &str) -> Result<Response, TransportError> {
        self.server.get(path).await
    }

    async fn post_json(&self, path: &str, body: &str) -> Result<Response, TransportError> {
        let answer = self.server.post_json(path, body).await;
        let mut requests = self.server.requests.borrow_mut();
        let (_, _, sent) = requests.last_mut().expect("just sent");
        sent.push_str(&format!("&n={}", self.disk.n_events.get()));
        answer
    }
}

fn requests_of(shopper: Shopper, leaking: bool) -> Requests {
    block_on(async {
        let server = FakeServer::new(&Shop::new(80));
        let mut device = Device::new(&server);
        if leaking {
            let leak = Leak { server: Rc::clone(&server), disk: Rc::clone(&device.disk) };
            device.transport = Rc::new(leak);
        }
        visit(&server, &device, shopper).await
    })
}

#[test]
fn shoppers_who_search_alike_send_alike_whatever_else_they_do() {
    let idle = requests_of(Shopper::Idle, false);
    let n_searches = idle.iter().filter(|(method, _, _)| method == "POST").count();
    assert!(n_searches == 2 && idle.len() > 10, "the visits are worth comparing");
    assert_eq!(idle, requests_of(Shopper::Busy, false));
}

#[test]
fn the_comparison_sees_a_leak() {
    assert_ne!(requests_of(Shopper::Idle, true), requests_of(Shopper::Busy, true));
}

#[test]
fn recording_looking_and_explaining_send_nothing() {
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        server.requests.take();
        Shopper::Busy.behave(&device, &session, &shop, 1).await;
        assert_eq!(server.requests.take(), []);
    });
}

#[test]
fn the_ledger_has_every_request_and_outlives_the_tab() {
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let query = Query { text: "secret wish".into(), ..Query::default() };
        session.search(query).await.expect("served");
        let sent: Vec<_> = server
            .requests
            .take()
            .into_iter()
            .map(|(m, path, body)| (m, path, body.len() as u64))
            .collect();
        let entry = |e: vitrine_session::LedgerEntry| (e.method, e.path, e.bytes_sent);
        let ledger: Vec<_> = session.ledger().into_iter().map(entry).collect();
        assert_eq!(ledger, sent);
        let shown = session.ledger().pop().expect("the search");
        assert!(shown.body.expect("as sent").contains("secret wish"));

        let again = device.open().await;
        assert_eq!(again.ledger().into_iter().map(entry).collect::<Vec<_>>(), sent);
        let searched = again.ledger().pop().expect("the search");
        assert_eq!(searched.body, None, "what was searched is not stored");
        assert_eq!(searched.status, Some(200));
    });
}

#[test]
fn the_stored_ledger_does_not_grow_without_bound() {
    block_on(async {
        let server = FakeServer::new(&Shop::new(40));
        let device = Device::new(&server);
        device.open_synced().await;
        let stored = device.disk.entries(StoreName::Ledger).await.expect("readable");
        let many = vec![stored[0].clone(); 2 * LEDGER_ENTRIES_MAX];
        device.disk.append(StoreName::Ledger, &many).await.expect("writable");
        let session = device.open().await;
        assert_eq!(session.ledger().len(), LEDGER_ENTRIES_MAX);
        let stored = device.disk.entries(StoreName::Ledger).await.expect("readable");
        assert_eq!(stored.len(), LEDGER_ENTRIES_MAX);
    });
}

#[test]
fn the_shopper_sees_takes_and_deletes_everything() {
    block_on(async {
        let shop = Shop::new(80);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        Shopper::Busy.behave(&device, &session, &shop, 1).await;
        let summary = session.privacy().await;
        assert_eq!(summary.events[0], (EventKind::ViewItem, 10));
        assert_eq!(summary.n_items_logged, 10);
        assert!(summary.n_requests > 5 && summary.bytes_sent_and_received.1 > 1_000);
        let exported: serde_json::Value =
            serde_json::from_str(&session.export().expect("writable")).expect("JSON");
        assert_eq!(exported["events"].as_array().expect("a list").len(), 20);
        assert_eq!(exported["events"][0]["item"], shop.products[13].id.to_string());

        session.delete_all().await.expect("emptied");
        let summary = session.privacy().await;
        assert!(summary.events.iter().all(|(_, n)| *n == 0));
        assert_eq!((summary.n_requests, summary.first_and_last_at_ms), (0, None));
        for usage in summary.stores {
            let is_public = matches!(usage.store, StoreName::Shards | StoreName::Meta);
            assert_eq!(usage.n_entries > 0, is_public, "{:?}", usage.store);
        }
        assert!(session.history().is_empty() && session.basket().lines.is_empty());
    });
}
