//! The browser's own cryptography (WebCrypto) for files that leave the device.

use async_trait::async_trait;
use js_sys::{Array, Object, Uint8Array};
use vitrine_session::{FileCipher, SealTerms, TransferError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use crate::indexed_db::describe;
use crate::webcrypto::{bytes, crypto, object, subtle, to_vec};

/// PBKDF2 and AES-GCM of WebCrypto. Browsers have it on pages served over https alone.
pub struct BrowserCipher;

fn failed(error: JsValue) -> TransferError {
    TransferError::Platform(describe(&error))
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

#[async_trait(?Send)]
impl FileCipher for BrowserCipher {
    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), TransferError> {
        crypto().map_err(failed)?.get_random_values_with_u8_array(bytes).map(drop).map_err(failed)
    }

    async fn seal(&self, terms: SealTerms<'_>, plain: &[u8]) -> Result<Vec<u8>, TransferError> {
        let subtle = subtle().map_err(failed)?;
        let key = key(&subtle, &terms).await?;
        let plain = Uint8Array::from(plain);
        let sealed = subtle
            .encrypt_with_object_and_buffer_source(&algorithm(&terms), &key, &plain)
            .map_err(failed)?;
        Ok(to_vec(&JsFuture::from(sealed).await.map_err(failed)?))
    }

    async fn open(&self, terms: SealTerms<'_>, sealed: &[u8]) -> Result<Vec<u8>, TransferError> {
        let subtle = subtle().map_err(failed)?;
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
