//! Plural categories of CLDR, as the platform knows them.

use crate::catalogue::filled;
use crate::common;

/// The category of a number of things in the language in use: what the browser says. Where there
/// is none, as in tests, English rules hold.
pub(crate) fn category(n: u64) -> &'static str {
    of(n, "cardinal").unwrap_or(if n == 1 { "one" } else { "other" })
}

/// A place in an order: "1st", "2nd", "3rd", "11th", "22nd".
pub fn ordinal(n: u32) -> String {
    const PLACE: usize = crate::place(common::KEYS, "ordinal", true);
    let form = common::CATALOGUE.form(PLACE, ordinal_category(n.into()));
    filled(form, &[("n", &n)])
}

/// The category of a place in an order, likewise.
fn ordinal_category(n: u64) -> &'static str {
    let english = match (n % 10, n % 100) {
        (_, 11..=13) => "other",
        (1, _) => "one",
        (2, _) => "two",
        (3, _) => "few",
        _ => "other",
    };
    of(n, "ordinal").unwrap_or(english)
}

#[cfg(target_arch = "wasm32")]
fn of(n: u64, kind: &'static str) -> Option<&'static str> {
    use js_sys::{Array, Intl, Object, Reflect};
    use wasm_bindgen::JsValue;

    let options = Object::new();
    // A plain object takes any key.
    let _ = Reflect::set(&options, &JsValue::from_str("type"), &JsValue::from_str(kind));
    let tags = Array::of1(&JsValue::from_str(crate::current().tag));
    let said = Intl::PluralRules::new(&tags, &options).select(n as f64).as_string()?;
    crate::categories::CATEGORIES.into_iter().find(|category| *category == said)
}

#[cfg(not(target_arch = "wasm32"))]
fn of(_: u64, _: &'static str) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_browser_numbers_are_counted_as_in_english() {
        assert_eq!([0, 1, 2].map(category), ["other", "one", "other"]);
        let places = [1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 111].map(ordinal_category);
        let expected = ["one", "two", "few", "other", "other", "other", "other", "one", "two"];
        assert_eq!(places[..9], expected);
        assert_eq!(places[9..], ["few", "other"]);
        assert_eq!([1, 2, 3, 11, 22].map(ordinal), ["1st", "2nd", "3rd", "11th", "22nd"]);
    }
}
