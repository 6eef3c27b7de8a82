//! JSON: one object a line, a list of them, or a list within an object.

mod lines;
mod pages;
mod scan;

use serde_json::Value;

pub(crate) use lines::JsonLines;
pub(crate) use pages::scripts;
pub(crate) use scan::JsonScan;

use crate::JSON_DEPTH_MAX;
use crate::error::Problem;
use crate::objects::{NoObject, Object};

/// The value that `bytes` is, or why it is none.
pub(crate) fn value(bytes: &[u8]) -> Result<Value, NoObject> {
    let problem = if std::str::from_utf8(bytes).is_err() {
        Problem::NotUtf8
    } else if depth(bytes) > JSON_DEPTH_MAX {
        Problem::TooDeep
    } else {
        match serde_json::from_slice(bytes) {
            Ok(value) => return Ok(value),
            Err(_) => Problem::NotJson,
        }
    };
    Err(NoObject::new(&String::from_utf8_lossy(bytes), problem))
}

/// The object that `bytes` is, or why it is none.
pub(crate) fn object(bytes: &[u8]) -> Result<Object, NoObject> {
    match value(bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(NoObject::new(&String::from_utf8_lossy(bytes), Problem::NotJson)),
    }
}

/// How deep brackets are nested, not counting those within strings.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for &byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
