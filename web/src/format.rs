//! Prices, dates, sizes and counts in words, as the browser's locale writes them.

use js_sys::{Array, Intl, Object};
use wasm_bindgen::JsValue;

pub use vitrine_browser::format::{date, day, minor_per_major, moment, price};
pub use vitrine_session::did;

/// A size in B, kB or MB.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        _ => format!("{:.1} MB", n as f64 / 1e6),
    }
}

/// Milliseconds with the digits that mean something.
pub fn milliseconds(ms: f64) -> String {
    if ms < 10.0 { format!("{ms:.2} ms") } else { format!("{ms:.0} ms") }
}

/// A whole number with its thousands apart.
pub fn number(n: u64) -> String {
    let formatter = Intl::NumberFormat::new(&Array::new(), &Object::new()).format();
    let text = formatter.call1(&JsValue::UNDEFINED, &JsValue::from_f64(n as f64));
    text.ok().and_then(|text| text.as_string()).unwrap_or_else(|| n.to_string())
}

/// "1 item", "2 items".
pub fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// "1st", "2nd", "3rd", "11th", "22nd".
pub fn ordinal(n: u32) -> String {
    let suffix = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

/// With a capital first letter.
pub fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The parts that are not empty, with dots between.
pub fn joined(parts: [&str; 2]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}
