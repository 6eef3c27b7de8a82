//! Storage and clock without a platform: for tests, for private windows, and
//! for personas that are tried out and forgotten.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use vitrine_domain::Event;

use crate::log::{DeviceEvent, encode_entry};
use crate::{Clock, Durability, Storage, StorageError, StoreName, StoreUsage};

/// Everything in memory, gone with the value.
#[derive(Debug, Default)]
pub struct MemoryStorage {
    keyed: RefCell<BTreeMap<(StoreName, String), Vec<u8>>>,
    appended: RefCell<BTreeMap<StoreName, Vec<Vec<u8>>>>,
    reason: String,
}

impl MemoryStorage {
    /// An empty store. `reason` is shown as why nothing is kept.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ..Self::default() }
    }

    /// A store with a log already in it, as a composed persona has.
    ///
    /// # Errors
    /// When an event cannot be written as JSON.
    pub fn with_log(reason: impl Into<String>, events: &[Event]) -> Result<Self, StorageError> {
        let storage = Self::new(reason);
        let encoded = events.iter().map(|event| encode_entry(&DeviceEvent::from(*event)));
        let entries = encoded.collect::<Result<Vec<_>, _>>()?;
        storage.appended.borrow_mut().insert(StoreName::Events, entries);
        Ok(storage)
    }
}

#[async_trait(?Send)]
impl Storage for MemoryStorage {
    async fn get(
        &self,
        store: StoreName,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        let keyed = self.keyed.borrow();
        Ok(keys.iter().map(|key| keyed.get(&(store, key.clone())).cloned()).collect())
    }

    async fn put(&self, store: StoreName, key: &str, value: &[u8]) -> Result<(), StorageError> {
        self.keyed.borrow_mut().insert((store, key.to_owned()), value.to_vec());
        Ok(())
    }

    async fn remove(&self, store: StoreName, keys: &[String]) -> Result<(), StorageError> {
        let mut keyed = self.keyed.borrow_mut();
        for key in keys {
            keyed.remove(&(store, key.clone()));
        }
        Ok(())
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<String>, StorageError> {
        let keyed = self.keyed.borrow();
        Ok(keyed.keys().filter(|(s, _)| *s == store).map(|(_, key)| key.clone()).collect())
    }

    async fn append(&self, store: StoreName, values: &[Vec<u8>]) -> Result<(), StorageError> {
        self.appended.borrow_mut().entry(store).or_default().extend_from_slice(values);
        Ok(())
    }

    async fn entries(&self, store: StoreName) -> Result<Vec<Vec<u8>>, StorageError> {
        Ok(self.appended.borrow().get(&store).cloned().unwrap_or_default())
    }

    async fn exchange(
        &self,
        store: StoreName,
        removed: &[Vec<u8>],
        added: &[Vec<u8>],
    ) -> Result<(), StorageError> {
        let mut appended = self.appended.borrow_mut();
        let values = appended.entry(store).or_default();
        let mut removed: Vec<&Vec<u8>> = removed.iter().collect();
        values.retain(|value| match removed.iter().position(|other| *other == value) {
            Some(place) => {
                removed.swap_remove(place);
                false
            }
            None => true,
        });
        values.extend_from_slice(added);
        Ok(())
    }

    async fn clear(&self, store: StoreName) -> Result<(), StorageError> {
        self.keyed.borrow_mut().retain(|(s, _), _| *s != store);
        self.appended.borrow_mut().remove(&store);
        Ok(())
    }

    async fn usage(&self) -> Result<Vec<StoreUsage>, StorageError> {
        let (keyed, appended) = (self.keyed.borrow(), self.appended.borrow());
        let usage = |store: StoreName| {
            let by_key = keyed.iter().filter(|((s, _), _)| *s == store).map(|(_, v)| v.len());
            let listed = appended.get(&store).into_iter().flatten().map(Vec::len);
            let sizes: Vec<usize> = by_key.chain(listed).collect();
            StoreUsage {
                store,
                n_entries: sizes.len() as u64,
                bytes: sizes.iter().sum::<usize>() as u64,
            }
        };
        Ok(StoreName::ALL.into_iter().map(usage).collect())
    }

    fn durability(&self) -> Durability {
        Durability::Volatile { reason: self.reason.clone() }
    }
}

/// A clock that stands at a given time until it is moved; its monotonic part
/// counts calls, so that a duration is never negative.
#[derive(Debug)]
pub struct FixedClock {
    now_ms: Cell<i64>,
    n_calls: Cell<u32>,
}

impl FixedClock {
    /// Stands at `now_ms`, milliseconds since 1970-01-01 UTC.
    pub fn new(now_ms: i64) -> Self {
        Self { now_ms: Cell::new(now_ms), n_calls: Cell::new(0) }
    }

    /// Moves to another time.
    pub fn set(&self, now_ms: i64) {
        self.now_ms.set(now_ms);
    }
}

impl Clock for FixedClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }

    fn monotonic_ms(&self) -> f64 {
        self.n_calls.set(self.n_calls.get() + 1);
        f64::from(self.n_calls.get())
    }
}

/// A wall clock set to another time that goes on at the pace of the real one.
pub(crate) struct PersonaClock {
    real: Rc<dyn Clock>,
    offset_ms: i64,
}

impl PersonaClock {
    /// Shows `now_ms` now.
    pub fn new(real: Rc<dyn Clock>, now_ms: i64) -> Self {
        let offset_ms = now_ms.saturating_sub(real.now_ms());
        Self { real, offset_ms }
    }
}

impl Clock for PersonaClock {
    fn now_ms(&self) -> i64 {
        self.real.now_ms().saturating_add(self.offset_ms)
    }

    fn monotonic_ms(&self) -> f64 {
        self.real.monotonic_ms()
    }

    fn turn(&self) -> LocalBoxFuture<'_, ()> {
        self.real.turn()
    }
}
