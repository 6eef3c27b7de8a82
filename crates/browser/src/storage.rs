//! The device's storage: IndexedDB, in which all but the public catalogue is sealed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use async_trait::async_trait;
use vitrine_session::{Durability, Storage, StorageError, StoreName, StoreUsage};
use wasm_bindgen::JsValue;

use crate::indexed_db::{Database, Record, Write, is_list, is_public};
use crate::sealed_record::{RECORDS_MAX, groups, n_values, without};
use crate::sealing_keys::{Place, SealingKeys};
use crate::takeover::take_over;
use crate::turns::{Turn, Turns};

/// How often a change is tried anew because another tab was faster.
const TRIES_MAX: usize = 8;

/// IndexedDB. Shards lie in it as they came, being the same for everyone. All else tells
/// something of the shopper and is sealed, with keys that do not leave this browser: what is
/// copied from the database is of no use elsewhere. A script of this page can use the keys.
#[derive(Debug)]
pub struct IndexedDbStorage {
    database: Database,
    keys: Rc<SealingKeys>,
    turns: BTreeMap<StoreName, Turns>,
    /// How many values could not be opened, by the name of their record; empty for a list.
    unopened: RefCell<BTreeMap<(StoreName, String), u64>>,
}

/// The records of a list, with the values of those that could be opened.
struct OpenedList {
    records: Vec<Record>,
    values: Vec<Option<Vec<Vec<u8>>>>,
}

impl IndexedDbStorage {
    /// Opens the database and its keys, and seals what an earlier release wrote in plain text.
    ///
    /// # Errors
    /// When the browser has no IndexedDB, refuses it here (private windows), cannot encrypt
    /// (pages that are not served over https), or a tab with an older version does not let go
    /// of the database. What is in it stays as it was.
    pub async fn open() -> Result<Self, StorageError> {
        let database = Database::open().await?;
        let keys = SealingKeys::of(&database).await?;
        take_over(&database, &keys).await?;
        let turns = StoreName::ALL.map(|store| (store, Turns::default())).into();
        Ok(Self { database, keys: Rc::new(keys), turns, unopened: RefCell::default() })
    }

    /// The keys, for what a tab keeps.
    pub(crate) fn sealing_keys(&self) -> Rc<SealingKeys> {
        Rc::clone(&self.keys)
    }

    async fn turn(&self, store: StoreName) -> Option<Turn> {
        match self.turns.get(&store) {
            Some(turns) => Some(turns.take().await),
            None => None,
        }
    }

    /// What keys are called in the database.
    async fn names(&self, store: StoreName, keys: &[String]) -> Result<Vec<String>, StorageError> {
        if is_public(store) { Ok(keys.to_vec()) } else { self.keys.names(store, keys).await }
    }

    async fn opened(&self, store: StoreName) -> Result<OpenedList, StorageError> {
        let records = self.database.all(store).await?;
        let sealed = records.iter().map(|record| (Place::new(store, ""), record.bytes.as_slice()));
        let values = self.keys.open(sealed).await?;
        let unopened = records.iter().zip(&values).filter(|(_, values)| values.is_none());
        let n_unopened = unopened.map(|(record, _)| n_values(&record.bytes)).sum();
        self.note_unopened(store, "", n_unopened);
        Ok(OpenedList { records, values })
    }

    fn note_unopened(&self, store: StoreName, name: &str, n_values: u64) {
        let (mut unopened, record) = (self.unopened.borrow_mut(), (store, name.to_owned()));
        match n_values {
            0 => unopened.remove(&record),
            n => unopened.insert(record, n),
        };
    }

    /// Values as records of a list.
    async fn sealed(
        &self,
        store: StoreName,
        values: &[Vec<u8>],
    ) -> Result<Vec<Vec<u8>>, StorageError> {
        let mut sealed = Vec::new();
        for group in groups(values.iter().map(Vec::len)) {
            sealed.push(self.keys.seal(Place::new(store, ""), &values[group]).await?);
        }
        Ok(sealed)
    }

    /// Makes few records of many, so that the next visit opens them sooner. Each lies where its
    /// first value lay. What another tab has changed meanwhile stays as it is.
    async fn pack(&self, store: StoreName, list: &OpenedList) -> Result<(), StorageError> {
        let mut writes = Vec::new();
        for group in groups(list.records.iter().map(|record| record.bytes.len())) {
            let values: Option<Vec<_>> = list.values[group.clone()].iter().cloned().collect();
            let (Some(values), true) = (values, group.len() > 1) else { continue };
            let bytes = self.keys.seal(Place::new(store, ""), &values.concat()).await?;
            let key = list.records[group.start].key.clone();
            writes.push(Write::Put(Record { key, bytes }));
            let others = &list.records[group.start + 1..group.end];
            writes.extend(others.iter().map(|record| Write::Remove(record.key.clone())));
        }
        self.database.write_unless_changed(store, list.records.clone(), writes).await.map(drop)
    }
}

#[async_trait(?Send)]
impl Storage for IndexedDbStorage {
    async fn get(
        &self,
        store: StoreName,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        let _turn = self.turn(store).await;
        let names = self.names(store, keys).await?;
        let values = self.database.get(store, &names).await?;
        if is_public(store) {
            return Ok(values);
        }
        let sealed = names
            .iter()
            .zip(&values)
            .map(|(name, value)| (Place::new(store, name), value.as_deref().unwrap_or_default()));
        let opened = self.keys.open(sealed).await?;
        for (name, (value, opened)) in names.iter().zip(values.iter().zip(&opened)) {
            self.note_unopened(store, name, (value.is_some() && opened.is_none()).into());
        }
        Ok(opened.into_iter().map(|values| values?.pop()).collect())
    }

    async fn put(&self, store: StoreName, key: &str, value: &[u8]) -> Result<(), StorageError> {
        let _turn = self.turn(store).await;
        let record = match is_public(store) {
            true => Record { key: JsValue::from_str(key), bytes: value.to_vec() },
            false => self.keys.seal_keyed(store, key, value).await?,
        };
        self.database.write(store, &[Write::Put(record)]).await
    }

    async fn remove(&self, store: StoreName, keys: &[String]) -> Result<(), StorageError> {
        let _turn = self.turn(store).await;
        let names = self.names(store, keys).await?;
        let writes: Vec<Write> =
            names.iter().map(|name| Write::Remove(JsValue::from_str(name))).collect();
        self.database.write(store, &writes).await
    }

    async fn keys(&self, store: StoreName) -> Result<Vec<String>, StorageError> {
        let _turn = self.turn(store).await;
        if is_public(store) {
            return self.database.keys(store).await;
        }
        let records = self.database.all(store).await?;
        let names: Vec<String> =
            records.iter().map(|record| record.key.as_string().unwrap_or_default()).collect();
        let sealed = names.iter().zip(&records);
        let sealed = sealed.map(|(name, record)| (Place::new(store, name), &record.bytes[..]));
        let opened = self.keys.open(sealed).await?;
        let key = |values: Vec<Vec<u8>>| String::from_utf8(values.into_iter().next()?).ok();
        let mut keys: Vec<String> = opened.into_iter().flatten().filter_map(key).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    async fn append(&self, store: StoreName, values: &[Vec<u8>]) -> Result<(), StorageError> {
        let _turn = self.turn(store).await;
        let sealed = self.sealed(store, values).await?;
        let writes: Vec<Write> = sealed.into_iter().map(Write::Append).collect();
        self.database.write(store, &writes).await
    }

    async fn entries(&self, store: StoreName) -> Result<Vec<Vec<u8>>, StorageError> {
        let _turn = self.turn(store).await;
        let list = self.opened(store).await?;
        if list.records.len() > RECORDS_MAX {
            // Nothing is lost by a failure: the next visit tries again.
            let _ = self.pack(store, &list).await;
        }
        Ok(list.values.into_iter().flatten().flatten().collect())
    }

    async fn exchange(
        &self,
        store: StoreName,
        removed: &[Vec<u8>],
        added: &[Vec<u8>],
    ) -> Result<(), StorageError> {
        let _turn = self.turn(store).await;
        for _ in 0..TRIES_MAX {
            let mut list = self.opened(store).await?;
            let values = list.values.iter().map(|values| values.as_deref().unwrap_or_default());
            let (mut read, mut writes) = (Vec::new(), Vec::new());
            for (place, staying) in without(values, removed) {
                let record = &mut list.records[place];
                let key = record.key.clone();
                writes.push(match staying.is_empty() {
                    true => Write::Remove(key),
                    false => {
                        let bytes = self.keys.seal(Place::new(store, ""), &staying).await?;
                        Write::Put(Record { key, bytes })
                    }
                });
                read.push(record.clone());
            }
            writes.extend(self.sealed(store, added).await?.into_iter().map(Write::Append));
            if self.database.write_unless_changed(store, read, writes).await? {
                return Ok(());
            }
        }
        let reason = "other tabs kept changing it: try again".to_owned();
        Err(StorageError::Failed { operation: "rewriting", reason })
    }

    async fn clear(&self, store: StoreName) -> Result<(), StorageError> {
        let _turn = self.turn(store).await;
        self.database.clear(store).await?;
        self.unopened.borrow_mut().retain(|(of, _), _| *of != store);
        Ok(())
    }

    fn n_unopened(&self) -> u64 {
        self.unopened.borrow().values().sum()
    }

    async fn usage(&self) -> Result<Vec<StoreUsage>, StorageError> {
        let mut usage = Vec::with_capacity(StoreName::ALL.len());
        for store in StoreName::ALL {
            let records = self.database.all(store).await?;
            usage.push(StoreUsage {
                store,
                n_entries: match is_list(store) {
                    true => records.iter().map(|record| n_values(&record.bytes)).sum(),
                    false => records.len() as u64,
                },
                bytes: records.iter().map(|record| record.bytes.len() as u64).sum(),
            });
        }
        Ok(usage)
    }

    fn durability(&self) -> Durability {
        Durability::Persistent
    }
}
