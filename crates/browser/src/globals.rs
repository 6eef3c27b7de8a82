//! What a page's window and a worker's global scope have in common. The session runs in
//! either, so nothing here asks for a window.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

/// A property of the global scope, taken to be of the type that the platform documents;
/// `None` where this scope has none, or reading it is refused.
pub(crate) fn property<T: JsCast>(name: &str) -> Option<T> {
    let value = Reflect::get(&js_sys::global(), &JsValue::from_str(name)).ok()?;
    (!value.is_null() && !value.is_undefined()).then(|| value.unchecked_into())
}
