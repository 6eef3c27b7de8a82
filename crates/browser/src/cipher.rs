//! The browser's own cryptography (WebCrypto) for files that leave the device.

use async_trait::async_trait;
use js_sys::{Array, Object, Reflect, Uint8Array};
use vitrine_session::{FileCipher, SealTerms, TransferError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

use crate::globals;
use crate::indexed_db::describe;

/// PBKDF2 and AES-GCM of WebCrypto. Browsers have it on pages served over https alone.
pub struct BrowserCipher;

fn failed(error: JsValue) -> TransferError {
    TransferError::Platform(describe(&error))
}

fn crypto() -> Result<Crypto, TransferError> {
    globals::property("crypto").ok_or(TransferError::Platform("no cryptography".to_owned()))
}

/// The part that is missing on pages that are not served over https.
fn subtle() -> Result<SubtleCrypto, TransferError> {
    let subtle: JsValue = crypto()?.subtle().into();
    let missing = || TransferError::Platform("no secure connection".to_owned());
    subtle.dyn_into().map_err(|_| missing())
}

fn object(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in pairs {
        // A plain object takes any key.
        let _ = Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// The key that a passphrase stands for; it cannot be read out again.
async fn key(subtle: &SubtleCrypto, terms: &SealTerms<'_>) -> Result<CryptoKey, TransferError> {
    let usages = Array::of1(&"deriveKey".into());
    let passphrase = Uint8Array::from(terms.passphrase.as_bytes());
    let raw =
        subtle.import_key_with_str("raw", &passphrase, "PBKDF2", false, &usages).map_err(failed)?;
    let raw: CryptoKey = JsFuture::from(raw).await.map_err(failed)?.unchecked_into();
    let derivation = object(&[
        ("name", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("salt", bytes(terms.salt)),
        ("iterations", terms.rounds.into()),
    ]);
    let kind = object(&[("name", "AES-GCM".into()), ("length", 256.into())]);
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    let derived = subtle
        .derive_key_with_object_and_object(&derivation, &raw, &kind, false, &usages)
        .map_err(failed)?;
    Ok(JsFuture::from(derived).await.map_err(failed)?.unchecked_into())
}

fn algorithm(terms: &SealTerms<'_>) -> Object {
    object(&[
        ("name", "AES-GCM".into()),
        ("iv", bytes(terms.nonce)),
        ("additionalData", bytes(terms.header)),
    ])
}

fn to_vec(buffer: &JsValue) -> Vec<u8> {
    Uint8Array::new(buffer).to_vec()
}

#[async_trait(?Send)]
impl FileCipher for BrowserCipher {
    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), TransferError> {
        crypto()?.get_random_values_with_u8_array(bytes).map(drop).map_err(failed)
    }

    async fn seal(&self, terms: SealTerms<'_>, plain: &[u8]) -> Result<Vec<u8>, TransferError> {
        let subtle = subtle()?;
        let key = key(&subtle, &terms).await?;
        let plain = Uint8Array::from(plain);
        let sealed = subtle
            .encrypt_with_object_and_buffer_source(&algorithm(&terms), &key, &plain)
            .map_err(failed)?;
        Ok(to_vec(&JsFuture::from(sealed).await.map_err(failed)?))
    }

    async fn open(&self, terms: SealTerms<'_>, sealed: &[u8]) -> Result<Vec<u8>, TransferError> {
        let subtle = subtle()?;
        let key = key(&subtle, &terms).await?;
        let sealed = Uint8Array::from(sealed);
        let opened = subtle
            .decrypt_with_object_and_buffer_source(&algorithm(&terms), &key, &sealed)
            .map_err(failed)?;
        // The only failure once a key was derived is a tag that does not fit.
        let plain = JsFuture::from(opened).await.map_err(|_| TransferError::WrongPassphrase)?;
        Ok(to_vec(&plain))
    }
}
