//! The keys of this browser, with which all that is kept about the shopper is sealed. They can
//! be used here and not read out: what a script copies elsewhere cannot be opened there.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use vitrine_session::{StorageError, StoreName};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

use crate::indexed_db::{Database, Record, storage_error};
use crate::sealed_record::{NONCE_LEN, SealedRecord, header, pack, unpack};
use crate::webcrypto::{bytes, crypto, object, subtle, to_vec};

/// Name of the pair of keys in its store.
const PAIR: &str = "pair";
const SEAL: &str = "seal";
const NAMES: &str = "names";
/// Bits of the key that seals.
const KEY_BITS: u32 = 256;
/// Bytes of a key's name in the database: too many for two keys to share one.
const NAME_BYTES: usize = 16;

/// What a record is bound to beside its key: where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Name of the store.
    pub store: &'a str,
    /// Its name there; empty in a list, whose keys are given by the database afterwards.
    pub name: &'a str,
}

impl<'a> Place<'a> {
    pub fn new(store: StoreName, name: &'a str) -> Self {
        Self { store: store.name(), name }
    }

    fn label(self, header: &[u8]) -> Vec<u8> {
        [header, self.store.as_bytes(), &[0], self.name.as_bytes()].concat()
    }
}

/// A key that seals (AES-GCM, 256 bits) and one that names (HMAC-SHA-256), neither extractable.
#[derive(Clone, Debug)]
pub(crate) struct SealingKeys {
    crypto: Crypto,
    subtle: SubtleCrypto,
    seal: CryptoKey,
    names: CryptoKey,
}

fn failed(error: JsValue) -> StorageError {
    storage_error("encrypting", &error)
}

impl SealingKeys {
    /// The keys that the database has; of several tabs that make some at once, those of the
    /// first.
    pub async fn of(database: &Database) -> Result<Self, StorageError> {
        let (crypto, subtle) = (crypto().map_err(failed)?, subtle().map_err(failed)?);
        let mut pair = database.key_record(PAIR).await?;
        if pair.is_undefined() {
            let made = make_pair(&subtle).await.map_err(failed)?;
            // Refused where another tab was faster.
            let added = database.add_key_record(PAIR, &made).await;
            pair = database.key_record(PAIR).await?;
            if pair.is_undefined() {
                added?;
            }
        }
        let part = |name: &str| -> Result<CryptoKey, StorageError> {
            let part = Reflect::get(&pair, &name.into()).map_err(failed)?;
            part.dyn_into().map_err(|_| failed(JsValue::from_str("this browser kept no keys")))
        };
        Ok(Self { crypto, subtle, seal: part(SEAL)?, names: part(NAMES)? })
    }

    /// Values as one record.
    pub async fn seal(
        &self,
        place: Place<'_>,
        values: &[impl AsRef<[u8]>],
    ) -> Result<Vec<u8>, StorageError> {
        let mut nonce = [0; NONCE_LEN];
        self.crypto.get_random_values_with_u8_array(&mut nonce).map_err(failed)?;
        let header = header(values.len());
        let plain = Uint8Array::from(pack(values).as_slice());
        let sealed = self
            .subtle
            .encrypt_with_object_and_buffer_source(
                &algorithm(&nonce, &place.label(&header)),
                &self.seal,
                &plain,
            )
            .map_err(failed)?;
        let sealed = to_vec(&JsFuture::from(sealed).await.map_err(failed)?);
        Ok(SealedRecord { header: &header, nonce: &nonce, sealed: &sealed }.write())
    }

    /// A key and its value as a record under the name of the key.
    pub async fn seal_keyed(
        &self,
        store: StoreName,
        key: &str,
        value: &[u8],
    ) -> Result<Record, StorageError> {
        let name = self.names(store, &[key]).await?.concat();
        let bytes = self.seal(Place::new(store, &name), &[key.as_bytes(), value]).await?;
        Ok(Record { key: JsValue::from_str(&name), bytes })
    }

    /// The values of each record, all at once; `None` for what these keys did not seal there.
    ///
    /// # Errors
    /// When the keys open nothing now: then nothing is known of the records.
    pub async fn open(
        &self,
        records: impl IntoIterator<Item = (Place<'_>, &[u8])>,
    ) -> Result<Vec<Option<Vec<Vec<u8>>>>, StorageError> {
        let promises = Array::new();
        let mut n_sealed = 0;
        for (place, bytes) in records {
            let opening = SealedRecord::read(bytes).map(|record| {
                n_sealed += 1;
                self.subtle.decrypt_with_object_and_buffer_source(
                    &algorithm(record.nonce, &place.label(record.header)),
                    &self.seal,
                    &Uint8Array::from(record.sealed),
                )
            });
            promises.push(&opening.transpose().map_err(failed)?.into());
        }
        let opened = settled(&promises).await?;
        if opened.iter().flatten().count() < n_sealed {
            self.try_keys().await?;
        }
        Ok(opened.into_iter().map(|plain| unpack(&to_vec(&plain?))).collect())
    }

    /// Fails where the keys cannot open what they have just sealed.
    async fn try_keys(&self) -> Result<(), StorageError> {
        let place = Place { store: "", name: "" };
        let sealed = self.seal(place, &[b"probe"]).await?;
        let Some(SealedRecord { header, nonce, sealed }) = SealedRecord::read(&sealed) else {
            return Ok(());
        };
        let opening = self.subtle.decrypt_with_object_and_buffer_source(
            &algorithm(nonce, &place.label(header)),
            &self.seal,
            &Uint8Array::from(sealed),
        );
        JsFuture::from(opening.map_err(failed)?).await.map(drop).map_err(failed)
    }

    /// What keys are called in the database, so that they tell nothing there.
    pub async fn names(
        &self,
        store: StoreName,
        keys: &[impl AsRef<str>],
    ) -> Result<Vec<String>, StorageError> {
        let promises = Array::new();
        for key in keys {
            let label = Place::new(store, key.as_ref()).label(&[]);
            let label = Uint8Array::from(label.as_slice());
            let naming = self.subtle.sign_with_str_and_buffer_source("HMAC", &self.names, &label);
            promises.push(&naming.map_err(failed)?.into());
        }
        let named = settled(&promises).await?;
        let name = |code: Option<JsValue>| {
            let code = code.ok_or_else(|| failed(JsValue::from_str("a key has no name")))?;
            Ok(to_vec(&code)[..NAME_BYTES].iter().map(|byte| format!("{byte:02x}")).collect())
        };
        named.into_iter().map(name).collect()
    }
}

async fn make_pair(subtle: &SubtleCrypto) -> Result<JsValue, JsValue> {
    let make = async |kind: Object, usages: Array| {
        JsFuture::from(subtle.generate_key_with_object(&kind, false, &usages)?).await
    };
    let seal = object(&[("name", "AES-GCM".into()), ("length", KEY_BITS.into())]);
    let names = object(&[("name", "HMAC".into()), ("hash", "SHA-256".into())]);
    let seal = make(seal, Array::of2(&"encrypt".into(), &"decrypt".into())).await?;
    let names = make(names, Array::of1(&"sign".into())).await?;
    Ok(object(&[(SEAL, seal), (NAMES, names)]).into())
}

fn algorithm(nonce: &[u8], label: &[u8]) -> Object {
    object(&[("name", "AES-GCM".into()), ("iv", bytes(nonce)), ("additionalData", bytes(label))])
}

/// What each promise was kept with; `None` for one that was broken, or for none.
async fn settled(promises: &Array) -> Result<Vec<Option<JsValue>>, StorageError> {
    let settled = JsFuture::from(Promise::all_settled(promises)).await.map_err(failed)?;
    let value = |outcome: JsValue| {
        let value = Reflect::get(&outcome, &"value".into()).ok();
        value.filter(|value| !value.is_undefined() && !value.is_null())
    };
    Ok(settled.unchecked_into::<Array>().iter().map(value).collect())
}
