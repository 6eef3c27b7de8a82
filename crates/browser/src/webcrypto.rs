//! WebCrypto, as pages and workers have it.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Crypto, SubtleCrypto};

use crate::globals;

/// The platform's source of randomness, and of the rest where that is allowed.
pub(crate) fn crypto() -> Result<Crypto, JsValue> {
    globals::property("crypto").ok_or_else(|| JsValue::from_str("this browser has no WebCrypto"))
}

/// What encrypts; missing on pages that are not served over https.
pub(crate) fn subtle() -> Result<SubtleCrypto, JsValue> {
    let subtle: JsValue = crypto()?.subtle().into();
    subtle.dyn_into().map_err(|_| JsValue::from_str("no secure connection"))
}

/// A plain object.
pub(crate) fn object(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in pairs {
        // A plain object takes any key.
        let _ = Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object
}

/// Bytes as JavaScript has them.
pub(crate) fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// The bytes of an `ArrayBuffer`.
pub(crate) fn to_vec(buffer: &JsValue) -> Vec<u8> {
    Uint8Array::new(buffer).to_vec()
}
