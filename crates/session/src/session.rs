//! The session itself: what it holds, how it opens, what it says about itself.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::rc::{Rc, Weak};

use futures_util::future::join3;
use futures_util::lock::Mutex;
use vitrine_assistant::{Dialogue, Lexicon};
use vitrine_domain::pace::Pace;
use vitrine_domain::{ContentHash, Event, ItemId};

use crate::device::DeviceSlot;
use crate::eye::Eye;
use crate::finder::Finder;
use crate::ledger::Request;
use crate::log::KeptCard;
use crate::memory::PersonaClock;
use crate::pace::Stretches;
use crate::pair::Pair;
use crate::personal::Personal;
use crate::photos::Photos;
use crate::replies::Replies;
use crate::state::State;
use crate::{
    Adapters, BackendChoice, Change, LEDGER_ENTRIES_MAX, Ledger, LedgerEntry, LoneTab,
    MemoryStorage, Network, SessionError, Settings, Status, Storage, StorageError, StoreName,
};

/// Key of the settings in [`StoreName::Meta`].
pub(crate) const META_SETTINGS: &str = "settings";
/// Key of the manifest in [`StoreName::Meta`].
pub(crate) const META_MANIFEST: &str = "manifest";

/// Times that a log is replayed in pieces while it changes, before it is replayed at once.
const REPLAYS_MAX: usize = 3;

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
    pub pace: Stretches,
    /// What the server answered to the last searches.
    pub replies: Replies,
    pub state: RefCell<State>,
    /// What answered the last search on the device, and the pair that it was made for.
    pub finder: RefCell<Option<(Weak<Pair>, Rc<Finder>)>>,
    /// Held by whoever makes it.
    pub finder_lock: Mutex<()>,
    /// The words by which questions about products are read, made when the first is asked.
    pub lexicon: OnceCell<Lexicon>,
    /// The conversation of this tab.
    pub dialogue: RefCell<Dialogue>,
    /// How many conversations were ended before it.
    pub n_conversations_ended: Cell<u64>,
    /// What the candidates found last do not say of themselves where it was asked.
    pub doubts: RefCell<BTreeMap<ItemId, Vec<String>>>,
    /// What looks at pictures, read when the first is searched with.
    pub eye: RefCell<Option<Rc<Eye>>>,
    /// Shards of revisions that this tab has fetched.
    pub fetched: RefCell<HashSet<ContentHash>>,
    /// Held by whoever syncs, so that two syncs do not fetch the same shard.
    pub sync_lock: Mutex<()>,
    /// Held by whoever writes to the log, so that memory and storage agree on the order.
    pub log_lock: Mutex<()>,
    /// Shared with personas: a second GPU device would cost as much again.
    pub device: Rc<Mutex<DeviceSlot>>,
    /// Shared with personas: pictures are the same for all.
    pub photos: Rc<RefCell<Photos>>,
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
        Ok(Self::open_on(Rc::default(), Rc::default(), adapters, defaults).await)
    }

    async fn open_on(
        device: Rc<Mutex<DeviceSlot>>,
        photos: Rc<RefCell<Photos>>,
        adapters: Adapters,
        defaults: Settings,
    ) -> Self {
        let storage = Rc::clone(&adapters.storage);
        let meta_keys = [META_SETTINGS.to_owned(), META_MANIFEST.to_owned()];
        let (meta, events, requests) = join3(
            storage.get(StoreName::Meta, &meta_keys),
            storage.entries(StoreName::Events),
            storage.entries(StoreName::Ledger),
        )
        .await;
        let mut state = State { settings: defaults, ..State::default() };
        // A no that cannot be read now is no yes.
        state.settings.paused |= meta.is_err();
        state.settings.private_search |= meta.is_err();
        state.settings.language_model &= meta.is_ok();
        let mut meta = state.health.take(meta);
        meta.resize(2, None);
        let stored_manifest = meta.pop().flatten();
        if let Some(settings) = meta.pop().flatten() {
            match serde_json::from_slice(&settings) {
                Ok(settings) => state.settings = settings,
                Err(_) => {
                    state.settings.private_search = true;
                    state.settings.language_model = false;
                    state.health.n_dropped += 1;
                }
            }
        }
        let events = state.health.take(events);
        let n_dropped = state.log.load(&events);
        state.health.n_dropped += n_dropped;
        let mut requests = state.health.take(requests);
        trim_ledger(&*storage, &mut requests).await;
        let ledger = Ledger::new(
            Rc::clone(&adapters.transport),
            Rc::clone(&adapters.clock),
            requests_of(&requests),
        );
        let inner = Inner {
            replies: Replies::of(Rc::clone(&adapters.tab)),
            pace: Stretches::new(Rc::clone(&adapters.clock)),
            adapters,
            ledger,
            state: RefCell::new(state),
            finder: RefCell::default(),
            finder_lock: Mutex::new(()),
            lexicon: OnceCell::new(),
            dialogue: RefCell::default(),
            n_conversations_ended: Cell::new(0),
            doubts: RefCell::default(),
            eye: RefCell::default(),
            fetched: RefCell::default(),
            sync_lock: Mutex::new(()),
            log_lock: Mutex::new(()),
            device,
            photos,
        };
        let session = Self { inner: Rc::new(inner) };
        session.take_up_kept_basket();
        session.load_kept().await;
        session.read_searches().await;
        session.read_sponsored().await;
        if let Some(bytes) = stored_manifest {
            session.load_pair(&bytes).await;
        }
        session
    }

    /// Reads the kept cards of logged items that are not in memory.
    pub(crate) async fn load_kept(&self) {
        let keys: Vec<String> = {
            let state = self.inner.state.borrow();
            let is_missing = |item: &&ItemId| !state.log.kept.contains_key(item);
            state.log.items_kept().iter().filter(is_missing).map(ItemId::to_string).collect()
        };
        if keys.is_empty() {
            return;
        }
        let values = self.inner.adapters.storage.get(StoreName::Cards, &keys).await;
        let mut state = self.inner.state.borrow_mut();
        let values = state.health.take(values);
        for value in values.into_iter().flatten() {
            match serde_json::from_slice::<KeptCard>(&value) {
                Ok(kept) => {
                    state.log.kept.insert(kept.card.id, kept);
                }
                Err(_) => state.health.n_dropped += 1,
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
            tab: Rc::new(LoneTab::default()),
            clock: match now_ms {
                Some(now_ms) => Rc::new(PersonaClock::new(clock, now_ms)),
                None => clock,
            },
        };
        let (settings, active, rules_tried) = {
            let state = self.inner.state.borrow();
            let rules_tried = state.rules_tried.clone();
            (state.settings.clone(), state.pairs.active().cloned(), rules_tried)
        };
        // A persona asks nobody: the shopper's word is not for what is tried out.
        let defaults = Settings { paused: false, consent: None, language_model: false, ..settings };
        let (device, photos) = (Rc::clone(&self.inner.device), Rc::clone(&self.inner.photos));
        let persona = Self::open_on(device, photos, adapters, defaults).await;
        persona.inner.state.borrow_mut().rules_tried = rules_tried;
        if let Some(pair) = active {
            persona.activate(pair);
        }
        Ok(persona)
    }

    /// The pace of long work.
    pub(crate) fn pace(&self) -> &dyn Pace {
        &self.inner.pace
    }

    /// Puts a pair in use and derives the personal state anew.
    pub(crate) fn activate(&self, pair: Rc<Pair>) {
        self.inner.state.borrow_mut().activate(pair);
    }

    /// Puts a pair in use once the personal state is derived for it, in pieces. The one in use
    /// stays until then.
    pub(crate) async fn activate_paced(&self, pair: Rc<Pair>) {
        let Some(model) = &pair.model else { return self.activate(pair) };
        let in_use = || self.active().map(|pair| pair.versions());
        let before = in_use();
        for _ in 0..REPLAYS_MAX {
            let past = self.inner.state.borrow().past(model);
            let personal = Personal::of(model, &past, self.pace()).await;
            if in_use() != before {
                // A navigation has taken up another, which stays until the next one.
                return self.inner.state.borrow_mut().pairs.set_pending(pair);
            }
            let mut state = self.inner.state.borrow_mut();
            if state.past(model) == past {
                return state.take(Rc::clone(&pair), Some(personal));
            }
        }
        // Whoever does so much meanwhile waits for once.
        self.activate(pair);
    }

    /// Derives the personal state anew from the log.
    pub(crate) fn derive_anew(&self) {
        if let Some(pair) = self.active() {
            self.activate(pair);
        }
    }

    /// The pair in use.
    pub(crate) fn active(&self) -> Option<Rc<Pair>> {
        self.inner.state.borrow().pairs.active().cloned()
    }

    /// Takes up a newer pair, if one is wholly on the device. Call it at a
    /// navigation. Returns whether anything changed.
    pub fn take_up_pending(&self) -> bool {
        let pending = self.inner.state.borrow_mut().pairs.take_pending();
        let changed = pending.is_some();
        if let Some(pair) = pending {
            self.activate(pair);
        }
        changed
    }

    /// The state of everything, at once.
    pub fn status(&self) -> Status {
        let storage = &self.inner.adapters.storage;
        let mut status = self.inner.state.borrow().status(storage.durability());
        status.n_dropped += storage.n_unopened();
        status
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
        self.derive_anew();
        self.store_settings().await;
    }

    /// Whether searches are answered on the device alone, without a request. Takes effect at once;
    /// kept on the device. The next sync fetches what understanding a search takes, or drops
    /// it: till then searches go by words. Call [`Session::sync_head`] and
    /// [`Session::sync_rest`] after it.
    pub async fn set_private(&self, is_private: bool) {
        self.inner.state.borrow_mut().settings.private_search = is_private;
        self.store_settings().await;
    }

    /// Makes the index that private searches need, in pieces, so that none waits for it. Call it
    /// after a sync.
    pub async fn prepare_search(&self) {
        if let Some(pair) = self.active().filter(|_| self.is_private()) {
            self.finder(&pair).await;
        }
    }

    /// Whether searches are answered on the device alone.
    pub(crate) fn is_private(&self) -> bool {
        self.inner.state.borrow().settings.private_search
    }

    pub(crate) async fn store_settings(&self) {
        let settings = self.inner.state.borrow().settings.clone();
        if let Ok(bytes) = serde_json::to_vec(&settings) {
            let put = self.inner.adapters.storage.put(StoreName::Meta, META_SETTINGS, &bytes).await;
            self.note_write(&put);
            self.inner.adapters.tab.tell(Change::Settings);
        }
    }

    /// Remembers whether the last write worked.
    pub(crate) fn note_write(&self, result: &Result<(), StorageError>) {
        self.inner.state.borrow_mut().health.storage_error = result.as_ref().err().cloned();
    }

    /// Sends a request through the ledger and returns the body of a good answer.
    pub(crate) async fn send(&self, request: &Request) -> Result<Vec<u8>, SessionError> {
        let (answer, entry) = self.inner.ledger.send(request).await?;
        let reached = entry.status.is_some();
        self.inner.state.borrow_mut().health.network =
            if reached { Network::Online } else { Network::Offline };
        if self.inner.state.borrow().has_consent() {
            let line = serde_json::to_vec(&entry)?;
            let appended = self.inner.adapters.storage.append(StoreName::Ledger, &[line]).await;
            if appended.is_err() {
                self.note_write(&appended);
            }
        }
        let answer = answer?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        let problem = serde_json::from_slice(&answer.body).ok().map(Box::new);
        Err(SessionError::Status { path: entry.path, status: answer.status, problem })
    }
}

/// Drops the oldest stored requests once there are twice as many as are shown.
async fn trim_ledger(storage: &dyn Storage, entries: &mut Vec<Vec<u8>>) {
    let surplus = entries.len().saturating_sub(LEDGER_ENTRIES_MAX);
    let oldest: Vec<Vec<u8>> = entries.drain(..surplus).collect();
    if surplus > LEDGER_ENTRIES_MAX {
        // What cannot be dropped now is at the next visit.
        let _ = storage.exchange(StoreName::Ledger, &oldest, &[]).await;
    }
}

fn requests_of(entries: &[Vec<u8>]) -> Vec<LedgerEntry> {
    entries.iter().filter_map(|entry| serde_json::from_slice(entry).ok()).collect()
}
