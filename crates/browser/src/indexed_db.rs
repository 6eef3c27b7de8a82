//! The device's storage through IndexedDB: one database, one object store for
//! each [`StoreName`], values as byte arrays.

use std::cell::Cell;
use std::rc::Rc;

use async_trait::async_trait;
use futures_channel::oneshot;
use js_sys::{Array, Uint8Array};
use vitrine_session::{Durability, Storage, StorageError, StoreName, StoreUsage};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DomException, IdbDatabase, IdbFactory, IdbObjectStore, IdbObjectStoreParameters,
    IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

use crate::globals;

const DATABASE: &str = "vitrine";
/// Raised when [`StoreName::ALL`] grows; an upgrade adds what is missing.
const VERSION: u32 = 1;

/// An open database. A newer version of the shop in another tab may close it;
/// then every call fails, the session says so, and a reload opens the new one.
#[derive(Debug)]
pub struct IndexedDbStorage {
    database: IdbDatabase,
}

impl IndexedDbStorage {
    /// Opens the database, creating or upgrading it.
    ///
    /// # Errors
    /// When the browser has no IndexedDB, refuses it here (private windows), or
    /// a tab with an older version does not let go of it.
    pub async fn open() -> Result<Self, StorageError> {
        let failed = |error: JsValue| storage_error("opening", &error);
        let factory: IdbFactory = globals::property("indexedDB")
            .ok_or_else(|| failed(JsValue::from_str("this browser has no IndexedDB")))?;
        let request = factory.open_with_u32(DATABASE, VERSION).map_err(failed)?;
        opened(&request).await?;
        let database: IdbDatabase = request.result().map_err(failed)?.unchecked_into();
        let closing = database.clone();
        let let_go = Closure::<dyn FnMut()>::new(move || closing.close());
        database.set_onversionchange(Some(let_go.as_ref().unchecked_ref()));
        // Lives as long as the tab does.
        let_go.forget();
        Ok(Self { database })
    }

    /// Runs one transaction on one store. `start` makes its requests; their
    /// results are there when this returns.
    async fn run<T>(
        &self,
        operation: &'static str,
        store: StoreName,
        mode: IdbTransactionMode,
        start: impl FnOnce(&IdbObjectStore) -> Result<T, JsValue>,
    ) -> Result<T, StorageError> {
        let failed = |error: JsValue| storage_error(operation, &error);
        let transaction =
            self.database.transaction_with_str_and_mode(store.name(), mode).map_err(failed)?;
        let object_store = transaction.object_store(store.name()).map_err(failed)?;
        let started = start(&object_store).map_err(|error| {
            // What was begun must not take effect in part.
            let _ = transaction.abort();
            storage_error(operation, &error)
        })?;
        finished(operation, &transaction).await?;
        Ok(started)
    }

    async fn read(
        &self,
        operation: &'static str,
        store: StoreName,
        start: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<Array, StorageError> {
        let request = self.run(operation, store, IdbTransactionMode::Readonly, start).await?;
        let result = request.result().map_err(|error| storage_error(operation, &error))?;
        Ok(result.unchecked_into())
    }
}

#[async_trait(?Send)]
impl Storage for IndexedDbStorage {
    async fn get(
        &self,
        store: StoreName,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        let start = |object_store: &IdbObjectStore| {
            keys.iter().map(|key| object_store.get(&JsValue::from_str(key))).collect()
        };
        let requests: Vec<IdbRequest> =
            self.run("reading", store, IdbTransactionMode::Readonly, start).await?;
        let value = |request: IdbRequest| {
            let result = request.result().map_err(|error| storage_error("reading", &error))?;
            Ok(result.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec))
        };
        requests.into_iter().map(value).collect()
    }

    async fn put(&self, store: StoreName, key: &str, value: &[u8]) -> Result<(), StorageError> {
        let start = |object_store: &IdbObjectStore| {
            let value = Uint8Array::from(value);
            object_store.put_with_key(&value, &JsValue::from_str(key)).map(drop)
        };
        self.run("writing", store, IdbTransactionMode::Readwrite, start).await
    }

    async fn remove(&self, store: StoreName, keys: &[String]) -> Result<(), StorageError> {
        let start = |object_store: &IdbObjectStore| {
            keys.iter().try_for_each(|key| object_store.delete(&JsValue::from_str(key)).map(drop))
        };
        self.run("removing", store, IdbTransactionMode::Readwrite, start).await
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<String>, StorageError> {
        let keys = self.read("listing", store, IdbObjectStore::get_all_keys).await?;
        Ok(keys.iter().filter_map(|key| key.as_string()).collect())
    }

    async fn append(&self, store: StoreName, values: &[Vec<u8>]) -> Result<(), StorageError> {
        let start = |object_store: &IdbObjectStore| {
            let mut values = values.iter();
            values.try_for_each(|v| object_store.add(&Uint8Array::from(v.as_slice())).map(drop))
        };
        self.run("appending", store, IdbTransactionMode::Readwrite, start).await
    }

    async fn entries(&self, store: StoreName) -> Result<Vec<Vec<u8>>, StorageError> {
        let values = self.read("reading", store, IdbObjectStore::get_all).await?;
        Ok(values
            .iter()
            .filter_map(|v| v.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec))
            .collect())
    }

    async fn exchange(
        &self,
        store: StoreName,
        removed: &[Vec<u8>],
        added: &[Vec<u8>],
    ) -> Result<(), StorageError> {
        let list = |object_store: &IdbObjectStore| {
            Ok([object_store.get_all_keys()?, object_store.get_all()?])
        };
        let listed = self.run("reading", store, IdbTransactionMode::Readonly, list).await?;
        let [keys, values] =
            listed.map(|request| request.result().map(JsCast::unchecked_into::<Array>));
        let failed = |error: JsValue| storage_error("reading", &error);
        let (keys, values) = (keys.map_err(failed)?, values.map_err(failed)?);
        // Values are never changed and keys never given twice, so that these keys still name
        // the same values in the next transaction.
        let mut removed: Vec<&Vec<u8>> = removed.iter().collect();
        let mut going = Vec::with_capacity(removed.len());
        for (key, value) in keys.iter().zip(values.iter()) {
            let Some(value) = value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec) else {
                continue;
            };
            if let Some(place) = removed.iter().position(|other| **other == value) {
                removed.swap_remove(place);
                going.push(key);
            }
        }
        let start = |object_store: &IdbObjectStore| {
            going.iter().try_for_each(|key| object_store.delete(key).map(drop))?;
            let mut added = added.iter();
            added.try_for_each(|v| object_store.add(&Uint8Array::from(v.as_slice())).map(drop))
        };
        self.run("rewriting", store, IdbTransactionMode::Readwrite, start).await
    }

    async fn clear(&self, store: StoreName) -> Result<(), StorageError> {
        let start = |object_store: &IdbObjectStore| object_store.clear().map(drop);
        self.run("emptying", store, IdbTransactionMode::Readwrite, start).await
    }

    async fn usage(&self) -> Result<Vec<StoreUsage>, StorageError> {
        let mut usage = Vec::with_capacity(StoreName::ALL.len());
        for store in StoreName::ALL {
            let values = self.read("measuring", store, IdbObjectStore::get_all).await?;
            let size =
                |value: JsValue| value.dyn_ref::<Uint8Array>().map_or(0, |v| u64::from(v.length()));
            let bytes = values.iter().map(size).sum();
            usage.push(StoreUsage { store, n_entries: u64::from(values.length()), bytes });
        }
        Ok(usage)
    }

    fn durability(&self) -> Durability {
        Durability::Persistent
    }
}

/// Stores that are lists; the others are used by key.
fn is_list(store: StoreName) -> bool {
    matches!(store, StoreName::Events | StoreName::Ledger)
}

fn upgrade(database: &IdbDatabase) -> Result<(), JsValue> {
    let existing = database.object_store_names();
    for store in StoreName::ALL {
        let is_there = (0..existing.length())
            .any(|i| existing.item(i).is_some_and(|name| name == store.name()));
        if !is_there {
            let parameters = IdbObjectStoreParameters::new();
            parameters.set_auto_increment(is_list(store));
            database.create_object_store_with_optional_parameters(store.name(), &parameters)?;
        }
    }
    Ok(())
}

type Outcome = Result<(), StorageError>;

/// A handler that reports an outcome; whichever of several fires first counts.
type Sender = Rc<Cell<Option<oneshot::Sender<Outcome>>>>;

fn reporter(sender: &Sender, outcome: impl Fn() -> Outcome + 'static) -> Closure<dyn FnMut()> {
    let sender = Rc::clone(sender);
    Closure::new(move || {
        if let Some(sender) = sender.take() {
            // The receiver is gone when nobody waits any more.
            let _ = sender.send(outcome());
        }
    })
}

/// Waits for a database to open.
async fn opened(request: &IdbOpenDbRequest) -> Outcome {
    /// Takes the handlers off before they are dropped, awaited or not.
    struct Handlers<'a>(&'a IdbOpenDbRequest);
    impl Drop for Handlers<'_> {
        fn drop(&mut self) {
            self.0.set_onupgradeneeded(None);
            self.0.set_onsuccess(None);
            self.0.set_onerror(None);
            self.0.set_onblocked(None);
        }
    }
    let (sender, receiver) = oneshot::channel();
    let sender: Sender = Rc::new(Cell::new(Some(sender)));
    let upgrading = request.clone();
    let on_upgrade = Closure::<dyn FnMut()>::new(move || {
        let database = upgrading.result().map(JsCast::unchecked_into::<IdbDatabase>);
        if database.and_then(|database| upgrade(&database)).is_err() {
            // The transaction aborts, and the open request fails with its error.
            if let Some(transaction) = upgrading.transaction() {
                let _ = transaction.abort();
            }
        }
    });
    let on_success = reporter(&sender, || Ok(()));
    let failing = request.clone();
    let on_error = reporter(&sender, move || Err(exception("opening", failing.error().ok())));
    let on_blocked = reporter(&sender, || {
        let reason = "another tab holds an older version open".to_owned();
        Err(StorageError::Failed { operation: "opening", reason })
    });
    let _handlers = Handlers(request);
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    request.set_onsuccess(Some(on_success.as_ref().unchecked_ref()));
    request.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    request.set_onblocked(Some(on_blocked.as_ref().unchecked_ref()));
    receiver.await.unwrap_or_else(|_| Err(abandoned("opening")))
}

/// Waits until a transaction is complete or aborted. A failed request that
/// nobody catches aborts its transaction, so these two are all that can happen.
async fn finished(operation: &'static str, transaction: &IdbTransaction) -> Outcome {
    /// Takes the handlers off before they are dropped, awaited or not.
    struct Handlers<'a>(&'a IdbTransaction);
    impl Drop for Handlers<'_> {
        fn drop(&mut self) {
            self.0.set_oncomplete(None);
            self.0.set_onabort(None);
        }
    }
    let (sender, receiver) = oneshot::channel();
    let sender: Sender = Rc::new(Cell::new(Some(sender)));
    let on_complete = reporter(&sender, || Ok(()));
    let aborted = transaction.clone();
    let on_abort = reporter(&sender, move || Err(exception(operation, Some(aborted.error()))));
    let _handlers = Handlers(transaction);
    transaction.set_oncomplete(Some(on_complete.as_ref().unchecked_ref()));
    transaction.set_onabort(Some(on_abort.as_ref().unchecked_ref()));
    receiver.await.unwrap_or_else(|_| Err(abandoned(operation)))
}

fn abandoned(operation: &'static str) -> StorageError {
    StorageError::Failed { operation, reason: "the browser never answered".to_owned() }
}

fn exception(operation: &'static str, error: Option<Option<DomException>>) -> StorageError {
    match error.flatten() {
        Some(error) => storage_error(operation, &error.into()),
        None => StorageError::Failed { operation, reason: "aborted".to_owned() },
    }
}

fn storage_error(operation: &'static str, error: &JsValue) -> StorageError {
    let is_quota = error
        .dyn_ref::<DomException>()
        .is_some_and(|exception| exception.name() == "QuotaExceededError");
    if is_quota {
        return StorageError::QuotaExceeded;
    }
    StorageError::Failed { operation, reason: describe(error) }
}

/// A JavaScript error in words.
pub(crate) fn describe(error: &JsValue) -> String {
    if let Some(exception) = error.dyn_ref::<DomException>() {
        return format!("{}: {}", exception.name(), exception.message());
    }
    if let Some(error) = error.dyn_ref::<js_sys::Error>() {
        return String::from(error.message());
    }
    error.as_string().unwrap_or_else(|| "unknown error".to_owned())
}
