//! The session itself: what it holds, how it opens, what it says about itself.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use futures_util::future::join3;
use futures_util::lock::Mutex;
use vitrine_domain::{Event, ItemId, Positives};

use crate::ledger::Request;
use crate::log::{KeptCard, Log};
use crate::memory::PersonaClock;
use crate::pair::Pair;
use crate::personal::Personal;
use crate::rank::DeviceSlot;
use crate::sync::Incoming;
use crate::{
    Adapters, Backend, BackendChoice, GpuState, LEDGER_ENTRIES_MAX, Ledger, LedgerEntry,
    MemoryStorage, Network, SessionError, Settings, Status, Storage, StorageError, Store,
};

/// Key of the settings in [`Store::Meta`].
pub(crate) const META_SETTINGS: &str = "settings";
/// Key of the manifest in [`Store::Meta`].
pub(crate) const META_MANIFEST: &str = "manifest";

/// One shopper on one device. Cheap to clone; clones are the same session.
///
/// All methods take `&self`; calls may overlap. Nothing is borrowed across an
/// await, so a page can read while a sync is under way.
#[derive(Clone)]
pub struct Session {
    pub(crate) inner: Rc<Inner>,
}

pub(crate) struct Inner {
    pub adapters: Adapters,
    pub ledger: Ledger,
    pub state: RefCell<State>,
    /// Held by whoever syncs, so that two syncs do not fetch the same shard.
    pub sync_lock: Mutex<()>,
    /// Held by whoever writes to the log, so that memory and storage agree on the order.
    pub log_lock: Mutex<()>,
    /// Shared with personas: a second GPU device would cost as much again.
    pub device: Rc<Mutex<DeviceSlot>>,
}

#[derive(Default)]
pub(crate) struct State {
    pub settings: Settings,
    /// The pair in use.
    pub active: Option<Rc<Pair>>,
    /// A newer, complete pair.
    pub pending: Option<Rc<Pair>>,
    /// Shards of a manifest that is not wholly on the device yet.
    pub incoming: Option<Incoming>,
    pub log: Log,
    /// Derived from log and active pair; `None` without a model.
    pub personal: Option<Personal>,
    /// Cards of the last search reply, for items that are not synced.
    pub found: BTreeMap<ItemId, KeptCard>,
    pub network: Network,
    pub sync_error: Option<String>,
    pub storage_error: Option<StorageError>,
    pub n_dropped: u32,
    pub backend: Backend,
    pub gpu: GpuState,
    pub backend_reason: String,
    pub ranking_ms: Option<f64>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("status", &self.status()).finish_non_exhaustive()
    }
}

impl Session {
    /// Loads what the device has: log, settings, and the last complete (or
    /// begun) pair. Sends nothing; works offline.
    ///
    /// `defaults` count until the shopper has chosen settings. Stored bytes that
    /// are damaged are dropped and counted in [`Status::n_dropped`]; a store
    /// that cannot be read shows in [`Status::storage_error`], and the session
    /// starts empty.
    ///
    /// # Errors
    /// None at present; the result leaves room for adapters that cannot start.
    pub async fn open(adapters: Adapters, defaults: Settings) -> Result<Self, SessionError> {
        Ok(Self::open_on(Rc::default(), adapters, defaults).await)
    }

    async fn open_on(
        device: Rc<Mutex<DeviceSlot>>,
        adapters: Adapters,
        defaults: Settings,
    ) -> Self {
        let storage = Rc::clone(&adapters.storage);
        let meta_keys = [META_SETTINGS.to_owned(), META_MANIFEST.to_owned()];
        let (meta, events, requests) = join3(
            storage.get(Store::Meta, &meta_keys),
            storage.entries(Store::Events),
            storage.entries(Store::Ledger),
        )
        .await;
        let mut state = State { settings: defaults, ..State::default() };
        let mut meta = state.take(meta);
        meta.resize(2, None);
        let stored_manifest = meta.pop().flatten();
        if let Some(settings) = meta.pop().flatten() {
            match serde_json::from_slice(&settings) {
                Ok(settings) => state.settings = settings,
                Err(_) => state.n_dropped += 1,
            }
        }
        let events = state.take(events);
        state.n_dropped += state.log.load(&events);
        let mut requests = state.take(requests);
        trim_ledger(&*storage, &mut requests).await;
        let ledger = Ledger::new(
            Rc::clone(&adapters.transport),
            Rc::clone(&adapters.clock),
            requests_of(&requests),
        );
        let inner = Inner {
            adapters,
            ledger,
            state: RefCell::new(state),
            sync_lock: Mutex::new(()),
            log_lock: Mutex::new(()),
            device,
        };
        let session = Self { inner: Rc::new(inner) };
        session.load_kept().await;
        if let Some(bytes) = stored_manifest {
            session.load_pair(&bytes).await;
        }
        session
    }

    /// Reads the kept cards of logged items.
    async fn load_kept(&self) {
        let keys: Vec<String> = {
            let state = self.inner.state.borrow();
            state.log.items().iter().map(ItemId::to_string).collect()
        };
        if keys.is_empty() {
            return;
        }
        let values = self.inner.adapters.storage.get(Store::Cards, &keys).await;
        let mut state = self.inner.state.borrow_mut();
        for value in state.take(values).into_iter().flatten() {
            match serde_json::from_slice::<KeptCard>(&value) {
                Ok(kept) => {
                    state.log.kept.insert(kept.card.id, kept);
                }
                Err(_) => state.n_dropped += 1,
            }
        }
    }

    /// Another shopper with the same pair: an in-memory log made of `events`
    /// (oldest first), and a time of its own, so that a persona from an old
    /// order log can be tried at the time it lived. Nothing it does is kept.
    ///
    /// It stays at this session's pair; make a new one after
    /// [`Session::take_up_pending`].
    ///
    /// # Errors
    /// When an event cannot be written as JSON.
    pub async fn persona(
        &self,
        events: Vec<Event>,
        now_ms: Option<i64>,
    ) -> Result<Self, SessionError> {
        let storage = MemoryStorage::with_log("a persona, tried and forgotten", &events)?;
        let clock = Rc::clone(&self.inner.adapters.clock);
        let adapters = Adapters {
            transport: Rc::clone(&self.inner.adapters.transport),
            storage: Rc::new(storage),
            clock: match now_ms {
                Some(now_ms) => Rc::new(PersonaClock::new(clock, now_ms)),
                None => clock,
            },
        };
        let (settings, active) = {
            let state = self.inner.state.borrow();
            (state.settings, state.active.clone())
        };
        let defaults = Settings { paused: false, ..settings };
        let persona = Self::open_on(Rc::clone(&self.inner.device), adapters, defaults).await;
        if let Some(pair) = active {
            persona.activate(pair);
        }
        Ok(persona)
    }

    /// Puts a pair in use and derives the personal state anew.
    pub(crate) fn activate(&self, pair: Rc<Pair>) {
        let mut state = self.inner.state.borrow_mut();
        state.personal = Personal::rebuild(&pair, &state.log, state.settings.learns);
        state.active = Some(pair);
    }

    /// Takes up a newer pair, if one is wholly on the device. Call it at a
    /// navigation. Returns whether anything changed.
    pub fn take_up_pending(&self) -> bool {
        let pending = self.inner.state.borrow_mut().pending.take();
        let changed = pending.is_some();
        if let Some(pair) = pending {
            self.activate(pair);
        }
        changed
    }

    /// The state of everything, at once.
    pub fn status(&self) -> Status {
        let state = self.inner.state.borrow();
        let active = state.active.as_deref();
        let manifest = active.map(|pair| &pair.manifest);
        Status {
            shop: manifest.map_or_else(String::new, |m| m.shop.clone()),
            currency: manifest.map_or_else(String::new, |m| m.currency.clone()),
            positives: manifest.map_or_else(Positives::default, |m| m.catalogue.positives),
            network: state.network,
            pinned: active.map(Pair::versions),
            pending: state.pending.as_deref().map(Pair::versions),
            n_items_synced: active.map_or(0, |pair| pair.catalogue.n_items()),
            n_items: manifest.map_or(0, |m| m.catalogue.n_items),
            n_events: state.log.events.len(),
            model_ready: active.is_some_and(Pair::has_model),
            backend: state.backend,
            gpu: state.gpu.clone(),
            backend_reason: state.backend_reason.clone(),
            ranking_ms: state.ranking_ms,
            settings: state.settings,
            learning: state.personal.as_ref().and_then(|p| Some(p.learner.as_ref()?.status())),
            durability: self.inner.adapters.storage.durability(),
            storage_error: state.storage_error.clone(),
            n_dropped: state.n_dropped,
            sync_error: state.sync_error.clone(),
        }
    }

    /// Pauses or resumes recording. Takes effect at once; kept on the device.
    pub async fn set_paused(&self, paused: bool) {
        self.inner.state.borrow_mut().settings.paused = paused;
        self.store_settings().await;
    }

    /// Chooses where ranking runs. Takes effect at the next ranking; kept on
    /// the device.
    pub async fn set_backend(&self, choice: BackendChoice) {
        self.inner.state.borrow_mut().settings.backend = choice;
        self.store_settings().await;
        self.choose_backend().await;
    }

    /// Whether the device learns from what the shopper buys. Takes effect at once: what
    /// was learned is dropped, or learned anew from the log; kept on the device.
    pub async fn set_learning(&self, learns: bool) {
        self.inner.state.borrow_mut().settings.learns = learns;
        if let Some(pair) = self.active() {
            self.activate(pair);
        }
        self.store_settings().await;
    }

    async fn store_settings(&self) {
        let settings = self.inner.state.borrow().settings;
        if let Ok(bytes) = serde_json::to_vec(&settings) {
            let put = self.inner.adapters.storage.put(Store::Meta, META_SETTINGS, &bytes).await;
            self.note_write(&put);
        }
    }

    /// Remembers whether the last write worked.
    pub(crate) fn note_write(&self, result: &Result<(), StorageError>) {
        self.inner.state.borrow_mut().storage_error = result.as_ref().err().cloned();
    }

    /// Sends a request through the ledger and returns the body of a good answer.
    pub(crate) async fn send(&self, request: &Request) -> Result<Vec<u8>, SessionError> {
        let (answer, entry) = self.inner.ledger.send(request).await?;
        let reached = entry.status.is_some();
        self.inner.state.borrow_mut().network =
            if reached { Network::Online } else { Network::Offline };
        let line = serde_json::to_vec(&entry)?;
        let appended = self.inner.adapters.storage.append(Store::Ledger, &[line]).await;
        if appended.is_err() {
            self.note_write(&appended);
        }
        let answer = answer?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        let problem = serde_json::from_slice(&answer.body).ok().map(Box::new);
        Err(SessionError::Status { path: entry.path, status: answer.status, problem })
    }
}

impl State {
    /// The value of a read, or its default with the failure noted.
    pub fn take<T: Default>(&mut self, read: Result<T, StorageError>) -> T {
        read.unwrap_or_else(|error| {
            self.storage_error = Some(error);
            T::default()
        })
    }
}

/// Drops the oldest stored requests once there are twice as many as are shown.
async fn trim_ledger(storage: &dyn Storage, entries: &mut Vec<Vec<u8>>) {
    let surplus = entries.len().saturating_sub(LEDGER_ENTRIES_MAX);
    entries.drain(..surplus);
    if surplus > LEDGER_ENTRIES_MAX && storage.clear(Store::Ledger).await.is_ok() {
        // What cannot be written back is still shown in this tab.
        let _ = storage.append(Store::Ledger, entries).await;
    }
}

fn requests_of(entries: &[Vec<u8>]) -> Vec<LedgerEntry> {
    entries.iter().filter_map(|entry| serde_json::from_slice(entry).ok()).collect()
}
