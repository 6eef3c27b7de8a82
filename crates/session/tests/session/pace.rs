//! Work in pieces: the same results, whatever is done between two of them.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, join};
use pollster::block_on;
use vitrine_domain::{EventKind, ItemId};
use vitrine_session::{Adapters, Clock, FixedClock, LoneTab, Session, Settings, Storage};

use crate::device::{Device, NOW_MS, ids};
use crate::server::{FakeServer, Yield};
use crate::shop::Shop;

/// A clock by which each piece of work has taken long enough.
struct BusyClock {
    wall: FixedClock,
    elapsed_ms: Cell<f64>,
    n_turns: Cell<u32>,
}

impl BusyClock {
    fn new() -> Self {
        let wall = FixedClock::new(NOW_MS);
        Self { wall, elapsed_ms: Cell::new(0.0), n_turns: Cell::new(0) }
    }
}

impl Clock for BusyClock {
    fn now_ms(&self) -> i64 {
        self.wall.now_ms()
    }

    fn monotonic_ms(&self) -> f64 {
        self.elapsed_ms.set(self.elapsed_ms.get() + 1_000.0);
        self.elapsed_ms.get()
    }

    fn turn(&self) -> LocalBoxFuture<'_, ()> {
        self.n_turns.set(self.n_turns.get() + 1);
        Box::pin(Yield::default())
    }
}

async fn open_busy(device: &Device) -> (Session, Rc<BusyClock>) {
    let clock = Rc::new(BusyClock::new());
    let adapters = Adapters {
        transport: Rc::clone(&device.transport),
        storage: Rc::clone(&device.disk) as Rc<dyn Storage>,
        clock: Rc::clone(&clock) as Rc<dyn Clock>,
        tab: Rc::new(LoneTab::default()),
    };
    (Session::open(adapters, Settings::default()).await.expect("a session opens"), clock)
}

/// A purchase every three hours, each a basket of its own that the device learns from.
async fn buy(session: &Session, clock: &BusyClock, items: &[ItemId]) {
    for item in items {
        clock.wall.set(clock.now_ms() + 3 * 3_600_000);
        session.record(EventKind::Purchase, *item).await;
    }
}

#[test]
fn in_pieces_everything_is_as_it_is_at_once() {
    block_on(async {
        let shop = Shop::new(1_500);
        let items: Vec<ItemId> = shop.products.iter().map(|product| product.id).collect();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let (busy, clock) = open_busy(&device).await;
        busy.sync_head().await.expect("served");
        busy.sync_rest(|_| {}).await.expect("served");
        // Merging, interning, prices and the table go by stretches of 512 cards and less.
        assert!(clock.n_turns.get() > 40, "{} turns", clock.n_turns.get());
        buy(&busy, &clock, &items[..30]).await;
        let before = clock.n_turns.get();
        busy.prepare_suggestions().await;
        assert!(clock.n_turns.get() > before + 20);

        device.clock.set(clock.now_ms());
        let calm = device.open().await;
        assert!(busy.can_suggest() && !calm.can_suggest());
        for text in ["mil", "number 77", "br"] {
            assert_eq!(busy.suggest(text, 8), calm.suggest(text, 8));
        }
        let nothing = BTreeSet::new();
        let (here, there) = (busy.home(60, &nothing).await, calm.home(60, &nothing).await);
        assert_eq!(here.carousels, there.carousels);
        assert_eq!(here.feed.tiles, there.feed.tiles);
        let asked = ids(&here.feed)[3];
        let reasons = calm.why(asked);
        assert_eq!(busy.why_paced(asked).await, reasons);
        let reasons: Vec<ItemId> = reasons.into_iter().map(|reason| reason.card.id).collect();
        let places = calm.feed_places(asked, &reasons).await;
        assert_eq!(busy.feed_places(asked, &reasons).await, places);
    });
}

/// A catalogue that is put together while the shopper buys is taken up with all that was
/// bought.
#[test]
fn what_is_done_meanwhile_is_not_forgotten() {
    block_on(async {
        let shop = Shop::new(200);
        let items: Vec<ItemId> = shop.products.iter().map(|product| product.id).collect();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let (session, clock) = open_busy(&device).await;
        session.sync_head().await.expect("served");
        buy(&session, &clock, &items[..10]).await;
        let is_synced = Cell::new(false);
        let sync = async {
            session.sync_rest(|_| {}).await.expect("served");
            is_synced.set(true);
        };
        let shopper = async {
            let mut n_bought = 0;
            for item in items[10..].iter().cycle() {
                if is_synced.get() {
                    break;
                }
                buy(&session, &clock, &[*item]).await;
                n_bought += 1;
                for _ in 0..8 {
                    Yield::default().await;
                }
            }
            n_bought
        };
        let ((), n_bought) = join(sync, shopper).await;
        assert!(n_bought > 4, "{n_bought} purchases came between");
        assert!(session.status().is_complete);

        device.clock.set(clock.now_ms());
        let fresh = device.open().await;
        assert_eq!(fresh.status().n_events, 10 + n_bought);
        assert_eq!(fresh.status().learning, session.status().learning);
        assert_eq!(fresh.feed(80).await.tiles, session.feed(80).await.tiles);
    });
}

/// A conversation that is ended while a turn is under way stays ended.
#[test]
fn a_turn_of_a_conversation_that_was_ended_meanwhile_is_dropped() {
    block_on(async {
        let shop = Shop::new(200);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let (session, _) = open_busy(&device).await;
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        let end = async { session.end_conversation() };
        let (turn, ()) = join(session.converse("milk"), end).await;
        assert_eq!(turn, None);
        assert!(session.conversation_wishes().is_empty());
        assert!(session.converse("bread").await.is_some(), "the next one goes on");
    });
}
