//! The log of changes and the catalogue that it folds to.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vitrine_durable::AppendDisk;

use crate::change::ProductChange;
use crate::commit::{Committer, Sequencer, check_size};
use crate::config::{LogConfig, NowSeconds};
use crate::error::CatalogueError;
use crate::folder;
use crate::frame::RecordBatch;
use crate::judge::{Judge, Judgement};
use crate::limits;
use crate::repetition::{Answered, AnsweredRequest, IdempotencyKey};
use crate::segments::Segments;
use crate::snapshot::{self, LoadedState, SavedState};
use crate::state::{CatalogueState, ChangeOutcome, ProductState, apply_change};

/// Changes that came together.
#[derive(Clone, Debug, Default)]
pub struct ChangeRequest {
    /// At most [`limits::CHANGES_MAX`]; applied in their order.
    pub changes: Vec<ProductChange>,
    /// Marks the request as the same as an earlier one.
    pub key: Option<IdempotencyKey>,
}

/// The answer to a request, given when all of it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeReceipt {
    /// What became of each change, in their order.
    pub outcomes: Vec<ChangeOutcome>,
    /// Whether it had been answered before, and these are the outcomes of then.
    pub is_repetition: bool,
    /// Number of a record from which on all of the request is in the log. A reader that
    /// has followed [`ChangeLog::changed_since`] up to it shows the request.
    pub number: u64,
}

/// A record of the log. Kinds are added, never renamed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeRecord {
    Change(ProductChange),
    Answered(AnsweredRequest<ChangeOutcome>),
}

/// What is durable, as readers see it.
struct Committed {
    state: CatalogueState,
    answered: Answered<ChangeOutcome>,
    /// Number of the last record.
    number: u64,
}

struct Shared {
    committed: RwLock<Committed>,
    /// The number once more, to wait for.
    newest: Mutex<u64>,
    grew: Condvar,
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, Committed> {
        self.committed.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The durable log of a shop's changes. Methods may be called from any thread; those that
/// wait for the disk say so.
pub struct ChangeLog {
    dir: PathBuf,
    disk: Arc<dyn AppendDisk>,
    shared: Arc<Shared>,
    committer: Committer<ChangeSequencer>,
    /// Numbers of the snapshots that are whole, the oldest first.
    snapshots: Mutex<Vec<u64>>,
    _lock: File,
}

impl ChangeLog {
    /// Opens the log of a folder, or makes it: reads the newest whole snapshot and the log
    /// after it, and cuts off a write that was interrupted.
    ///
    /// # Errors
    /// [`CatalogueError::InUse`], [`CatalogueError::Damaged`],
    /// [`CatalogueError::UnknownRecord`], or the disk refuses.
    pub fn open(dir: &Path, config: LogConfig, judge: Judge) -> Result<Self, CatalogueError> {
        let lock = folder::open(dir, &*config.disk)?;
        let (LoadedState { number, mut state, mut answered }, damaged) =
            snapshot::load_newest(dir)?;
        let disk = Arc::clone(&config.disk);
        let mut replay = |path: &Path, number: u64, record: &[u8]| {
            match parse(path, number, record)? {
                ChangeRecord::Change(change) => drop(state.apply(&change, number)),
                ChangeRecord::Answered(request) => answered.restore(request),
            }
            Ok(())
        };
        let segments =
            Segments::open(dir, Arc::clone(&disk), config.segment_bytes_max, number, &mut replay)?;
        let number = segments.next() - 1;
        let shared = Arc::new(Shared {
            committed: RwLock::new(Committed { state, answered, number }),
            newest: Mutex::new(number),
            grew: Condvar::new(),
        });
        let sequencer = ChangeSequencer {
            shared: Arc::clone(&shared),
            judge,
            now_seconds: config.now_seconds,
            products: HashMap::new(),
            answered: Vec::new(),
        };
        let mut snapshots = snapshot::list(dir)?;
        snapshots.retain(|number| !damaged.contains(number));
        Ok(Self {
            dir: dir.to_owned(),
            disk,
            shared,
            committer: Committer::start("catalogue-log", segments, sequencer)?,
            snapshots: Mutex::new(snapshots),
            _lock: lock,
        })
    }

    /// Decides about the changes of a request, and waits until all that is applied is
    /// durable. An error means that nothing of it is known to be; the same request may be
    /// sent again.
    ///
    /// # Errors
    /// [`CatalogueError::TooManyChanges`], [`CatalogueError::RequestTooLarge`],
    /// [`CatalogueError::KeyReused`]; [`CatalogueError::NotWritten`] with the cause when
    /// the disk refuses; [`CatalogueError::Closed`].
    pub fn submit(&self, request: ChangeRequest) -> Result<ChangeReceipt, CatalogueError> {
        self.committer.submit(request)
    }

    /// A product by the shop's identifier.
    pub fn product(&self, sku: &str) -> Option<Arc<ProductState>> {
        self.shared.read().state.get(sku).cloned()
    }

    /// Products that are known, hidden and deleted ones included.
    pub fn n_products(&self) -> usize {
        self.shared.read().state.len()
    }

    /// All products, in no particular order, and the number of the last record in them.
    pub fn products(&self) -> (u64, Vec<Arc<ProductState>>) {
        let committed = self.shared.read();
        (committed.number, committed.state.products().cloned().collect())
    }

    /// Products that changed after record `number`, each once and as it is now, the oldest
    /// change first; at most `n_max`. The number of the last one is where to go on.
    pub fn changed_since(&self, number: u64, n_max: usize) -> Vec<Arc<ProductState>> {
        self.shared.read().state.changed_since(number, n_max)
    }

    /// Number of the last durable record; 0 = none.
    pub fn number(&self) -> u64 {
        self.shared.read().number
    }

    /// Waits until there is a record after `number`, at most for `timeout`; returns the
    /// number of the last one.
    pub fn wait_past(&self, number: u64, timeout: Duration) -> u64 {
        let newest = self.shared.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shared.grew.wait_timeout_while(newest, timeout, |now| *now <= number);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Whether so much log would be read at the next opening that [`Self::compact`] is due.
    ///
    /// # Errors
    /// [`CatalogueError::Closed`].
    pub fn is_compaction_due(&self) -> Result<bool, CatalogueError> {
        let newest = self.snapshots().last().copied().unwrap_or(0);
        let n_bytes = self.committer.maintain(move |segments| segments.n_bytes_after(newest))?;
        Ok(n_bytes >= limits::UNCOVERED_BYTES_MAX)
    }

    /// Writes a snapshot and drops the log that the oldest kept one covers. Changes go on
    /// meanwhile; a second call waits for the first.
    ///
    /// # Errors
    /// The disk refuses, or [`CatalogueError::Closed`]; the log is as it was.
    pub fn compact(&self) -> Result<(), CatalogueError> {
        let mut snapshots = self.snapshots();
        let saved = {
            let committed = self.shared.read();
            SavedState {
                number: committed.number,
                products: committed.state.products().cloned().collect(),
                answered: committed.answered.iter().cloned().collect(),
            }
        };
        if snapshots.last().copied().unwrap_or(0) == saved.number {
            return Ok(());
        }
        snapshot::write(&self.dir, &*self.disk, &saved)?;
        snapshots.push(saved.number);
        let n_over = snapshots.len().saturating_sub(limits::SNAPSHOTS_KEPT);
        snapshots.drain(..n_over);
        for number in snapshot::list(&self.dir)? {
            if !snapshots.contains(&number) {
                snapshot::remove(&self.dir, &*self.disk, number)?;
            }
        }
        match snapshots.first().copied() {
            Some(oldest) if snapshots.len() == limits::SNAPSHOTS_KEPT => {
                self.committer.maintain(move |segments| segments.drop_covered(oldest))?
            }
            _ => Ok(()),
        }
    }

    fn snapshots(&self) -> std::sync::MutexGuard<'_, Vec<u64>> {
        self.snapshots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse(path: &Path, number: u64, record: &[u8]) -> Result<ChangeRecord, CatalogueError> {
    serde_json::from_slice(record).map_err(|source| CatalogueError::UnknownRecord {
        path: path.to_owned(),
        number,
        source,
    })
}

/// Decides about changes on the writer's thread.
struct ChangeSequencer {
    shared: Arc<Shared>,
    judge: Judge,
    now_seconds: NowSeconds,
    /// Products as the batch leaves them.
    products: Touched,
    /// Requests of the batch.
    answered: Vec<AnsweredRequest<ChangeOutcome>>,
}

type Touched = HashMap<Arc<str>, Arc<ProductState>>;

impl ChangeSequencer {
    /// The outcomes of a request that came before, also in this batch.
    fn repeated(
        &self,
        key: &IdempotencyKey,
        committed: &Committed,
        now_seconds: i64,
    ) -> Result<Option<Vec<ChangeOutcome>>, CatalogueError> {
        match AnsweredRequest::find(&self.answered, key)? {
            None => committed.answered.find(key, now_seconds),
            found => Ok(found),
        }
    }

    /// Decides about one change; `touched` is what the request has changed so far.
    fn decide(
        &self,
        mut change: ProductChange,
        committed: &Committed,
        touched: &mut Touched,
        batch: &mut RecordBatch,
    ) -> Result<ChangeOutcome, CatalogueError> {
        if let Err(error) = change.validate() {
            return Ok(ChangeOutcome::Invalid(error.to_string()));
        }
        let before = touched
            .get(&*change.sku)
            .or_else(|| self.products.get(&*change.sku))
            .or_else(|| committed.state.get(&change.sku))
            .map(Arc::as_ref);
        let (after, outcome) = apply_change(before, &change);
        let Some(after) = after else { return Ok(outcome) };
        let n_products = committed.state.len() + self.products.len() + touched.len();
        if before.is_none() && n_products >= limits::PRODUCTS_MAX {
            let reason = format!("there are {} products already", limits::PRODUCTS_MAX);
            return Ok(ChangeOutcome::Invalid(reason));
        }
        match (self.judge)(&change, before) {
            Judgement::Accept => {}
            Judgement::Quarantine(reason) => return Ok(ChangeOutcome::Quarantined(reason)),
            Judgement::Refuse(reason) => return Ok(ChangeOutcome::Invalid(reason)),
        }
        change.revision.get_or_insert(after.revision());
        let number = batch.push(&ChangeRecord::Change(change))?;
        touched.insert(Arc::clone(&after.sku), Arc::new(ProductState { number, ..after }));
        Ok(outcome)
    }
}

impl Sequencer for ChangeSequencer {
    type Request = ChangeRequest;
    type Receipt = ChangeReceipt;

    fn stage(
        &mut self,
        request: ChangeRequest,
        batch: &mut RecordBatch,
    ) -> Result<ChangeReceipt, CatalogueError> {
        if request.changes.len() > limits::CHANGES_MAX {
            return Err(CatalogueError::TooManyChanges);
        }
        let shared = Arc::clone(&self.shared);
        let committed = shared.read();
        let now_seconds = (self.now_seconds)();
        if let Some(key) = &request.key
            && let Some(outcomes) = self.repeated(key, &committed, now_seconds)?
        {
            return Ok(ChangeReceipt { outcomes, is_repetition: true, number: batch.last() });
        }
        let (mark, mut touched) = (batch.mark(), Touched::new());
        let mut outcomes = Vec::with_capacity(request.changes.len());
        for change in request.changes {
            outcomes.push(self.decide(change, &committed, &mut touched, batch)?);
            check_size(batch, mark)?;
        }
        if let Some(key) = request.key {
            let answered = AnsweredRequest::new(key, now_seconds, &outcomes);
            batch.push(&ChangeRecord::Answered(answered.clone()))?;
            self.answered.push(answered);
        }
        self.products.extend(touched);
        Ok(ChangeReceipt { outcomes, is_repetition: false, number: batch.last() })
    }

    fn publish(&mut self, number: u64) {
        let now_seconds = (self.now_seconds)();
        {
            let committed = self.shared.committed.write();
            let mut committed = committed.unwrap_or_else(PoisonError::into_inner);
            self.products.drain().for_each(|(_, product)| committed.state.put(product));
            for request in self.answered.drain(..) {
                committed.answered.remember(request, now_seconds);
            }
            committed.number = number;
        }
        *self.shared.newest.lock().unwrap_or_else(PoisonError::into_inner) = number;
        self.shared.grew.notify_all();
    }

    fn discard(&mut self) {
        self.products.clear();
        self.answered.clear();
    }
}
