//! What an earlier release wrote in plain text is sealed, once. What is sealed stays as it is, also
//! where the keys do not open it: it may be the keys that cannot be used now.

use vitrine_session::{StorageError, StoreName};
use wasm_bindgen::JsValue;

use crate::indexed_db::{Database, Record, Write, is_list, is_public};
use crate::sealed_record::{SealedRecord, groups};
use crate::sealing_keys::{Place, SealingKeys};

/// Kept beside the keys, so that it goes with them: there is nothing left to take over.
const DONE: &str = "all-sealed";
/// How often a store is tried anew because another tab was faster.
const TRIES_MAX: usize = 8;

/// Seals what is plain. Another tab may do the same: a store is changed in one transaction, and
/// only while it is as it was read.
pub(crate) async fn take_over(database: &Database, keys: &SealingKeys) -> Result<(), StorageError> {
    if !database.key_record(DONE).await?.is_undefined() {
        return Ok(());
    }
    for store in StoreName::ALL.into_iter().filter(|store| !is_public(*store)) {
        let mut tries = 0..TRIES_MAX;
        loop {
            if tries.next().is_none() {
                let reason = "other tabs kept changing it: reload this page".to_owned();
                return Err(StorageError::Failed { operation: "encrypting", reason });
            }
            let all = database.all(store).await?;
            let (read, writes) = if is_list(store) {
                list(keys, store, all).await?
            } else {
                by_key(keys, store, all).await?
            };
            if database.write_unless_changed(store, read, writes).await? {
                break;
            }
        }
    }
    // Refused where another tab was faster.
    let added = database.add_key_record(DONE, &JsValue::TRUE).await;
    if database.key_record(DONE).await?.is_undefined() { added } else { Ok(()) }
}

type Planned = (Vec<Record>, Vec<Write>);

/// Records of a list, each run of plain neighbours as few sealed ones in its place.
async fn list(
    keys: &SealingKeys,
    store: StoreName,
    all: Vec<Record>,
) -> Result<Planned, StorageError> {
    let (mut read, mut writes) = (Vec::new(), Vec::new());
    let place = Place::new(store, "");
    let is_plain = |record: &Record| SealedRecord::read(&record.bytes).is_none();
    for run in all.chunk_by(|a, b| is_plain(a) && is_plain(b)) {
        if !is_plain(&run[0]) {
            continue;
        }
        for group in groups(run.iter().map(|record| record.bytes.len())) {
            let group = &run[group];
            let values: Vec<&Vec<u8>> = group.iter().map(|record| &record.bytes).collect();
            let bytes = keys.seal(place, &values).await?;
            writes.push(Write::Put(Record { key: group[0].key.clone(), bytes }));
            writes.extend(group[1..].iter().map(|record| Write::Remove(record.key.clone())));
        }
        read.extend_from_slice(run);
    }
    Ok((read, writes))
}

/// Records used by key, each under the name of its key.
async fn by_key(
    keys: &SealingKeys,
    store: StoreName,
    all: Vec<Record>,
) -> Result<Planned, StorageError> {
    let (mut read, mut writes) = (Vec::new(), Vec::new());
    for record in all {
        let Some(key) = record.key.as_string() else { continue };
        if SealedRecord::read(&record.bytes).is_some() {
            continue;
        }
        writes.push(Write::Put(keys.seal_keyed(store, &key, &record.bytes).await?));
        writes.push(Write::Remove(record.key.clone()));
        read.push(record);
    }
    Ok((read, writes))
}
