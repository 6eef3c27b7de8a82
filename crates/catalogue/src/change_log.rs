//! The log of changes and the catalogue that it folds to.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vitrine_durable::AppendDisk;

use crate::change_sequencer::{
    ChangeReceipt, ChangeRecord, ChangeRequest, ChangeSequencer, Committed, Shared,
};
use crate::commit::Committer;
use crate::config::LogConfig;
use crate::error::CatalogueError;
use crate::folder;
use crate::judge::Judge;
use crate::limits;
use crate::segments::Segments;
use crate::snapshot::{self, LoadedState, SavedState};
use crate::state::{CatalogueState, ProductState};

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
        let shared = Arc::new(Shared::new(Committed { state, answered, number }));
        let sequencer = ChangeSequencer::new(Arc::clone(&shared), judge, config.now_seconds);
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

    /// Products that changed after record `number`, as [`Self::changed_since`] has them, and the
    /// number of the last durable record: of one moment, so that nothing lies between the two.
    pub fn changes_since(&self, number: u64, n_max: usize) -> (u64, Vec<Arc<ProductState>>) {
        let committed = self.shared.read();
        (committed.number, committed.state.changed_since(number, n_max))
    }

    /// Number of the last durable record; 0 = none.
    pub fn number(&self) -> u64 {
        self.shared.read().number
    }

    /// Waits until there is a record after `number`, at most for `timeout`; returns the
    /// number of the last one.
    pub fn wait_past(&self, number: u64, timeout: Duration) -> u64 {
        self.shared.wait_past(number, timeout)
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

    fn snapshots(&self) -> MutexGuard<'_, Vec<u64>> {
        self.snapshots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Applies what a record says of a product.
pub(crate) fn apply_record(
    state: &mut CatalogueState,
    path: &Path,
    number: u64,
    record: &[u8],
) -> Result<(), CatalogueError> {
    if let ChangeRecord::Change(change) = parse(path, number, record)? {
        state.apply(&change, number);
    }
    Ok(())
}

fn parse(path: &Path, number: u64, record: &[u8]) -> Result<ChangeRecord, CatalogueError> {
    serde_json::from_slice(record).map_err(|source| CatalogueError::UnknownRecord {
        path: path.to_owned(),
        number,
        source,
    })
}
