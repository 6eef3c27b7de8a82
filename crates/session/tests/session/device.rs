//! A device: storage that outlives a tab, and can be full; tabs that hear each other.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use async_trait::async_trait;
use vitrine_domain::{EventKind, ItemId};
use vitrine_session::{
    Adapters, Change, Durability, Feed, FixedClock, Heard, LoneTab, MemoryStorage, Session,
    Settings, Storage, StorageError, StoreName, StoreUsage, Tab, Transport,
};

use crate::server::{FakeServer, Yield};

/// 2024-01-01.
pub const NOW_MS: i64 = 1_704_067_200_000;

/// Storage that several tabs open one after the other.
#[derive(Default)]
pub struct Disk {
    inner: MemoryStorage,
    pub is_full: Cell<bool>,
    /// What is about the shopper cannot be read now.
    pub is_unreadable: Cell<bool>,
    /// Values that are there and that no key opens.
    pub n_unopened: Cell<u64>,
    pub n_events: Cell<u32>,
}

impl Disk {
    fn check(&self) -> Result<(), StorageError> {
        if self.is_full.get() { Err(StorageError::QuotaExceeded) } else { Ok(()) }
    }

    fn check_readable(&self, store: StoreName) -> Result<(), StorageError> {
        if self.is_unreadable.get() && store != StoreName::Shards {
            let reason = "the keys are not at hand".to_owned();
            return Err(StorageError::Failed { operation: "decrypting", reason });
        }
        Ok(())
    }
}

#[async_trait(?Send)]
impl Storage for Disk {
    async fn get(
        &self,
        store: StoreName,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        self.check_readable(store)?;
        self.inner.get(store, keys).await
    }

    async fn put(&self, store: StoreName, key: &str, value: &[u8]) -> Result<(), StorageError> {
        self.check()?;
        self.inner.put(store, key, value).await
    }

    async fn remove(&self, store: StoreName, keys: &[String]) -> Result<(), StorageError> {
        self.inner.remove(store, keys).await
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<String>, StorageError> {
        self.inner.keys(store).await
    }

    async fn append(&self, store: StoreName, values: &[Vec<u8>]) -> Result<(), StorageError> {
        self.check()?;
        if store == StoreName::Events {
            self.n_events.set(self.n_events.get() + values.len() as u32);
        }
        self.inner.append(store, values).await
    }

    async fn entries(&self, store: StoreName) -> Result<Vec<Vec<u8>>, StorageError> {
        self.check_readable(store)?;
        self.inner.entries(store).await
    }

    fn n_unopened(&self) -> u64 {
        self.n_unopened.get()
    }

    async fn exchange(
        &self,
        store: StoreName,
        removed: &[Vec<u8>],
        added: &[Vec<u8>],
    ) -> Result<(), StorageError> {
        self.check()?;
        self.inner.exchange(store, removed, added).await
    }

    async fn clear(&self, store: StoreName) -> Result<(), StorageError> {
        self.inner.clear(store).await
    }

    async fn usage(&self) -> Result<Vec<StoreUsage>, StorageError> {
        self.inner.usage().await
    }

    fn durability(&self) -> Durability {
        Durability::Persistent
    }
}

/// What all tabs of a device hear.
#[derive(Default)]
pub struct Bus {
    listeners: RefCell<Vec<(usize, Heard)>>,
    n_tabs: Cell<usize>,
}

/// A tab, with what is kept in it over reloads.
pub struct BusTab {
    bus: Rc<Bus>,
    number: usize,
    texts: LoneTab,
    /// How many texts are certain to outlive the page.
    pub n_stored: Cell<usize>,
}

#[async_trait(?Send)]
impl Tab for BusTab {
    fn tell(&self, change: Change) {
        for (number, heard) in self.bus.listeners.borrow().iter() {
            if *number != self.number {
                heard(change);
            }
        }
    }

    fn listen(&self, heard: Heard) {
        let mut listeners = self.bus.listeners.borrow_mut();
        listeners.retain(|(number, _)| *number != self.number);
        listeners.push((self.number, heard));
    }

    fn kept(&self, key: &str) -> Option<String> {
        self.texts.kept(key)
    }

    fn keep(&self, key: &str, text: &str) -> bool {
        self.texts.keep(key, text)
    }

    async fn keep_stored(&self, key: &str, text: &str) -> bool {
        let is_kept = self.keep(key, text);
        Yield(false).await;
        self.n_stored.set(self.n_stored.get() + 1);
        is_kept
    }

    fn forget(&self, key: &str) {
        self.texts.forget(key);
    }
}

/// A session that notes what other tabs tell, and catches up when it is told to.
pub struct Listener {
    pub session: Session,
    told: Rc<RefCell<Vec<Change>>>,
}

impl Listener {
    pub fn new(session: Session) -> Self {
        let told = Rc::new(RefCell::new(Vec::new()));
        let notes = Rc::clone(&told);
        session.listen(Rc::new(move |change| notes.borrow_mut().push(change)));
        Self { session, told }
    }

    /// Catches up with everything it was told; what that was.
    pub async fn catch_up(&self) -> Vec<Change> {
        let told = self.told.take();
        for change in &told {
            self.session.catch_up(*change).await;
        }
        told
    }
}

/// One shopper's device and the server it talks to.
pub struct Device {
    pub disk: Rc<Disk>,
    pub clock: Rc<FixedClock>,
    pub transport: Rc<dyn Transport>,
    pub bus: Rc<Bus>,
}

impl Device {
    pub fn new(server: &Rc<FakeServer>) -> Self {
        let transport: Rc<dyn Transport> = Rc::clone(server) as Rc<dyn Transport>;
        let (disk, bus) = (Rc::default(), Rc::default());
        Self { disk, clock: Rc::new(FixedClock::new(NOW_MS)), transport, bus }
    }

    /// A tab in which nothing is open yet.
    pub fn new_tab(&self) -> Rc<BusTab> {
        let number = self.bus.n_tabs.get();
        self.bus.n_tabs.set(number + 1);
        let (bus, texts) = (Rc::clone(&self.bus), LoneTab::default());
        Rc::new(BusTab { bus, number, texts, n_stored: Cell::new(0) })
    }

    /// Opens the shop in a new tab.
    pub async fn open(&self) -> Session {
        self.open_in(&self.new_tab()).await
    }

    /// Opens the shop in a tab, as a reload does.
    pub async fn open_in(&self, tab: &Rc<BusTab>) -> Session {
        let adapters = Adapters {
            transport: Rc::clone(&self.transport),
            storage: Rc::clone(&self.disk) as Rc<dyn Storage>,
            clock: Rc::clone(&self.clock) as Rc<dyn vitrine_session::Clock>,
            tab: Rc::clone(tab) as Rc<dyn Tab>,
        };
        Session::open(adapters, Settings::default()).await.expect("a session opens")
    }

    /// Opens a new tab and syncs everything.
    pub async fn open_synced(&self) -> Session {
        let session = self.open().await;
        session.sync_head().await.expect("the server is up");
        session.sync_rest(|_| {}).await.expect("the server is up");
        session
    }

    /// Logs one event a minute later.
    pub async fn act(&self, session: &Session, kind: EventKind, item: ItemId) {
        use vitrine_session::Clock;
        self.clock.set(self.clock.now_ms() + 60_000);
        session.record(kind, item).await;
    }
}

pub fn ids(feed: &Feed) -> Vec<ItemId> {
    feed.tiles.iter().map(|tile| tile.card.id).collect()
}
