//! One database of the browser: an object store for each [`StoreName`], values as byte arrays,
//! and one for the keys that seal them.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{Array, Uint8Array};
use vitrine_session::{StorageError, StoreName};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DomException, IdbDatabase, IdbFactory, IdbObjectStore, IdbObjectStoreParameters,
    IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

use crate::globals;

const DATABASE: &str = "vitrine";
/// Raised when [`StoreName::ALL`] grows; an upgrade adds what is missing.
const VERSION: u32 = 2;
/// The store of the keys.
const KEYS: &str = "keys";

/// A value with its key.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// A text; a number in lists, whose keys are given in order and never twice.
    pub key: JsValue,
    pub bytes: Vec<u8>,
}

/// One change within a transaction.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    Put(Record),
    Remove(JsValue),
    /// To the end of a list.
    Append(Vec<u8>),
}

/// An open database. A newer version of the shop in another tab may close it;
/// then every call fails, the session says so, and a reload opens the new one.
#[derive(Debug)]
pub(crate) struct Database {
    database: IdbDatabase,
}

impl Database {
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
        store: &str,
        mode: IdbTransactionMode,
        start: impl FnOnce(&IdbObjectStore) -> Result<T, JsValue>,
    ) -> Result<T, StorageError> {
        let failed = |error: JsValue| storage_error(operation, &error);
        let transaction =
            self.database.transaction_with_str_and_mode(store, mode).map_err(failed)?;
        let object_store = transaction.object_store(store).map_err(failed)?;
        let started = start(&object_store).map_err(|error| {
            // What was begun must not take effect in part.
            let _ = transaction.abort();
            storage_error(operation, &error)
        })?;
        finished(operation, &transaction).await?;
        Ok(started)
    }

    /// The value of each key, in the keys' order; `None` where there is none.
    pub async fn get(
        &self,
        store: StoreName,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        let start = |object_store: &IdbObjectStore| {
            keys.iter().map(|key| object_store.get(&JsValue::from_str(key))).collect()
        };
        let requests: Vec<IdbRequest> =
            self.run("reading", store.name(), IdbTransactionMode::Readonly, start).await?;
        let value = |request: IdbRequest| {
            let result = request.result().map_err(|error| storage_error("reading", &error))?;
            Ok(to_vec(&result))
        };
        requests.into_iter().map(value).collect()
    }

    /// All keys of a store used by key, sorted.
    pub async fn keys(&self, store: StoreName) -> Result<Vec<String>, StorageError> {
        let start = |object_store: &IdbObjectStore| object_store.get_all_keys();
        let request =
            self.run("listing", store.name(), IdbTransactionMode::Readonly, start).await?;
        let keys = request.result().map_err(|error| storage_error("listing", &error))?;
        Ok(keys.unchecked_into::<Array>().iter().filter_map(|key| key.as_string()).collect())
    }

    /// All records of a store, in the order of their keys.
    pub async fn all(&self, store: StoreName) -> Result<Vec<Record>, StorageError> {
        let list = |object_store: &IdbObjectStore| {
            Ok([object_store.get_all_keys()?, object_store.get_all()?])
        };
        let listed = self.run("reading", store.name(), IdbTransactionMode::Readonly, list).await?;
        let [keys, values] =
            listed.map(|request| request.result().map(JsCast::unchecked_into::<Array>));
        let failed = |error: JsValue| storage_error("reading", &error);
        let (keys, values) = (keys.map_err(failed)?, values.map_err(failed)?);
        let record =
            |(key, value): (JsValue, JsValue)| Some(Record { key, bytes: to_vec(&value)? });
        Ok(keys.iter().zip(values.iter()).filter_map(record).collect())
    }

    /// Writes, all or nothing.
    pub async fn write(&self, store: StoreName, writes: &[Write]) -> Result<(), StorageError> {
        let start = |object_store: &IdbObjectStore| apply(object_store, writes);
        self.run("writing", store.name(), IdbTransactionMode::Readwrite, start).await
    }

    /// Writes, all or nothing, unless another tab has changed one of some records since they
    /// were read. Returns whether it did write.
    pub async fn write_unless_changed(
        &self,
        store: StoreName,
        read: Vec<Record>,
        writes: Vec<Write>,
    ) -> Result<bool, StorageError> {
        if read.is_empty() {
            return self.write(store, &writes).await.map(|()| true);
        }
        let is_done = Rc::new(Cell::new(Ok(false)));
        let (done, mode) = (Rc::clone(&is_done), IdbTransactionMode::Readwrite);
        // Requests are answered in order: at the last answer all others are there.
        let start = |object_store: &IdbObjectStore| {
            let requests = read
                .iter()
                .map(|record| object_store.get(&record.key))
                .collect::<Result<Vec<IdbRequest>, JsValue>>()?;
            let last = requests.last().cloned();
            let object_store = object_store.clone();
            let write = Closure::once(move || {
                let is_same = |(request, record): (&IdbRequest, &Record)| {
                    let now = request.result().ok().and_then(|value| to_vec(&value));
                    now.as_ref() == Some(&record.bytes)
                };
                if requests.iter().zip(&read).all(is_same) {
                    let written = apply(&object_store, &writes);
                    if written.is_err() {
                        // What was begun must not take effect in part.
                        let _ = object_store.transaction().abort();
                    }
                    done.set(written.map(|()| true).map_err(|e| storage_error("writing", &e)));
                }
            });
            if let Some(last) = last {
                last.set_onsuccess(Some(write.as_ref().unchecked_ref()));
            }
            Ok(write)
        };
        let finished = self.run("writing", store.name(), mode, start).await;
        let written = is_done.replace(Ok(false));
        // Why the transaction was aborted says more than that it was.
        let is_done = written?;
        finished.map(|_closure| is_done)
    }

    /// Empties a store.
    pub async fn clear(&self, store: StoreName) -> Result<(), StorageError> {
        let start = |object_store: &IdbObjectStore| object_store.clear().map(drop);
        self.run("emptying", store.name(), IdbTransactionMode::Readwrite, start).await
    }

    /// What the store of the keys has under a name; `undefined` for nothing.
    pub async fn key_record(&self, name: &str) -> Result<JsValue, StorageError> {
        let start = |object_store: &IdbObjectStore| object_store.get(&JsValue::from_str(name));
        let request = self.run("reading keys", KEYS, IdbTransactionMode::Readonly, start).await?;
        request.result().map_err(|error| storage_error("reading keys", &error))
    }

    /// Adds to the store of the keys; refused where something has that name.
    pub async fn add_key_record(&self, name: &str, value: &JsValue) -> Result<(), StorageError> {
        let start = |object_store: &IdbObjectStore| {
            object_store.add_with_key(value, &JsValue::from_str(name)).map(drop)
        };
        self.run("keeping keys", KEYS, IdbTransactionMode::Readwrite, start).await
    }
}

fn to_vec(value: &JsValue) -> Option<Vec<u8>> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}

fn apply(object_store: &IdbObjectStore, writes: &[Write]) -> Result<(), JsValue> {
    writes.iter().try_for_each(|write| match write {
        Write::Put(Record { key, bytes }) => {
            object_store.put_with_key(&Uint8Array::from(bytes.as_slice()), key).map(drop)
        }
        Write::Remove(key) => object_store.delete(key).map(drop),
        Write::Append(bytes) => object_store.add(&Uint8Array::from(bytes.as_slice())).map(drop),
    })
}

/// Whether everyone has the same in a store.
pub(crate) fn is_public(store: StoreName) -> bool {
    store == StoreName::Shards
}

/// Stores that are lists; the others are used by key.
pub(crate) fn is_list(store: StoreName) -> bool {
    matches!(store, StoreName::Events | StoreName::Ledger)
}

fn upgrade(database: &IdbDatabase) -> Result<(), JsValue> {
    let existing = database.object_store_names();
    let is_there =
        |name: &str| (0..existing.length()).any(|i| existing.item(i).is_some_and(|of| of == name));
    for store in StoreName::ALL {
        if !is_there(store.name()) {
            let parameters = IdbObjectStoreParameters::new();
            parameters.set_auto_increment(is_list(store));
            database.create_object_store_with_optional_parameters(store.name(), &parameters)?;
        }
    }
    if !is_there(KEYS) {
        database.create_object_store(KEYS)?;
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

pub(crate) fn storage_error(operation: &'static str, error: &JsValue) -> StorageError {
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
