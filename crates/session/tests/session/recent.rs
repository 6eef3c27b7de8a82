//! The last searches: kept on the device alone, and gone when the shopper says so.

use pollster::block_on;
use vitrine_domain::{EventKind, Query};
use vitrine_session::{Change, RECENT_SEARCHES_MAX, Storage as _, StoreName};

use crate::device::{Device, Listener};
use crate::server::FakeServer;
use crate::shop::Shop;

#[test]
fn the_last_searches_are_kept_newest_first_and_never_sent() {
    block_on(async {
        let server = FakeServer::new(&Shop::new(60));
        let device = Device::new(&server);
        let session = device.open_synced().await;
        server.take_paths();
        for text in ["milk", "  tea ", "", "MILK", &"x".repeat(501)] {
            session.note_search(text).await;
        }
        assert_eq!(session.recent_searches(""), ["MILK", "tea"]);
        assert_eq!(session.recent_searches("Te"), ["tea"]);
        assert_eq!(session.recent_searches("ilk"), [] as [&str; 0], "only beginnings");
        assert_eq!(device.open().await.recent_searches(""), ["MILK", "tea"], "after a reload");
        for n in 0..2 * RECENT_SEARCHES_MAX {
            session.note_search(&format!("tea {n}")).await;
        }
        let all = session.recent_searches("");
        assert_eq!(all.len(), RECENT_SEARCHES_MAX);
        assert_eq!(all[0], format!("tea {}", 2 * RECENT_SEARCHES_MAX - 1));
        assert!(server.take_paths().is_empty(), "nothing of it is sent");
        session.search(Query { text: "soap".into(), ..Query::default() }).await.expect("served");
        let (_, _, body) = server.requests.take().pop().expect("one request");
        assert!(!body.contains("tea"), "{body}");
    });
}

#[test]
fn a_search_is_forgotten_alone_or_with_everything_in_all_tabs() {
    block_on(async {
        let server = FakeServer::new(&Shop::new(60));
        let device = Device::new(&server);
        let here = Listener::new(device.open_synced().await);
        let there = Listener::new(device.open().await);
        here.session.note_search("milk").await;
        assert_eq!(there.catch_up().await, [Change::Settings]);
        there.session.note_search("tea").await;
        here.session.note_search("soap").await;
        assert_eq!(here.session.recent_searches(""), ["soap", "tea", "milk"]);
        here.session.forget_search("tea").await;
        there.catch_up().await;
        assert_eq!(there.session.recent_searches(""), ["soap", "milk"]);
        assert_eq!(here.session.privacy().await.n_searches, 2);
        assert!(here.session.export().expect("written").contains("soap"));

        here.session.delete_all().await.expect("emptied");
        there.catch_up().await;
        for tab in [&here.session, &there.session, &device.open().await] {
            assert!(tab.recent_searches("").is_empty());
        }
        assert!(!here.session.export().expect("written").contains("soap"));
        here.session.note_search("bread").await;
        assert_eq!(here.session.recent_searches(""), ["bread"], "nothing comes back");
    });
}

#[test]
fn nothing_is_kept_while_recording_is_paused_or_by_a_persona() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        session.note_search("milk").await;
        session.set_paused(true).await;
        session.note_search("tea").await;
        assert_eq!(session.recent_searches(""), ["milk"]);
        session.set_paused(false).await;
        let persona = session.persona(Vec::new(), None).await.expect("made");
        persona.note_search("soap").await;
        assert_eq!(session.recent_searches(""), ["milk"]);
        assert_eq!(device.open().await.recent_searches(""), ["milk"]);
        // They order nothing: a log with a search is an empty log.
        device.act(&session, EventKind::ViewItem, shop.products[0].id).await;
        assert_eq!(session.status().n_events, 1);
    });
}

#[test]
fn a_tab_that_has_not_heard_yet_writes_no_deleted_search_back() {
    block_on(async {
        let server = FakeServer::new(&Shop::new(60));
        let device = Device::new(&server);
        let here = Listener::new(device.open_synced().await);
        let there = Listener::new(device.open().await);
        here.session.note_search("soap").await;
        there.catch_up().await;
        here.session.delete_all().await.expect("emptied");
        // It has not caught up.
        there.session.note_search("bread").await;
        assert_eq!(there.session.recent_searches(""), ["bread"]);
        assert_eq!(device.open().await.recent_searches(""), ["bread"]);

        // Here the other tab has read before the deletion and writes after it.
        there.session.note_search("milk").await;
        here.catch_up().await;
        let stored = device.disk.get(StoreName::Meta, &["recent-searches".to_owned()]).await;
        let stored = stored.expect("readable").remove(0).expect("stored");
        here.session.delete_all().await.expect("emptied");
        device.disk.put(StoreName::Meta, "recent-searches", &stored).await.expect("written");
        there.catch_up().await;
        for tab in [&here.session, &there.session, &device.open().await] {
            assert_eq!(tab.recent_searches(""), [] as [&str; 0]);
        }
    });
}
