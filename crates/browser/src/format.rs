//! Prices and days in words, as the browser's locale writes them.

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use vitrine_domain::currency::minor_digits;
use wasm_bindgen::JsValue;

/// A currency's formatter, made once: it is the slow part.
struct Money {
    currency: String,
    format: Function,
}

thread_local! {
    static MONEY: RefCell<Option<Money>> = const { RefCell::new(None) };
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (key, value) in pairs {
        // A plain object takes any key.
        let _ = Reflect::set(&options, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    options
}

/// A formatter of `currency`; plain decimals when the browser does not know the code. How many
/// digits there are is the standard's word: browsers round the forint to whole ones.
fn money(currency: &str) -> Money {
    let n = minor_digits(currency).to_string();
    let n = n.as_str();
    let mut pairs = vec![("minimumFractionDigits", n), ("maximumFractionDigits", n)];
    if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic()) {
        pairs.extend([("style", "currency"), ("currency", currency)]);
    }
    let formatter = Intl::NumberFormat::new(&Array::new(), &options(&pairs));
    Money { currency: currency.to_owned(), format: formatter.format() }
}

/// A price in minor units, in the shop's currency.
pub fn price(minor: u64, currency: &str) -> String {
    MONEY.with_borrow_mut(|slot| {
        if slot.as_ref().is_none_or(|money| money.currency != currency) {
            *slot = Some(money(currency));
        }
        let Some(money) = slot else { return String::new() };
        let value = JsValue::from_f64(minor as f64 / minor_per_major(currency));
        let text = money.format.call1(&JsValue::UNDEFINED, &value);
        text.ok().and_then(|text| text.as_string()).unwrap_or_else(|| minor.to_string())
    })
}

/// How many minor units make one of the currency (100 for most, 1 for the yen).
pub fn minor_per_major(currency: &str) -> f64 {
    f64::from(10_u32.pow(minor_digits(currency)))
}

/// A day and its month: "7 January".
pub fn date(at_ms: i64) -> String {
    date_parts(at_ms, &[("day", "numeric"), ("month", "long")])
}

fn date_parts(at_ms: i64, pairs: &[(&str, &str)]) -> String {
    let formatter = Intl::DateTimeFormat::new(&Array::new(), &options(pairs));
    let date = Date::new(&JsValue::from_f64(at_ms as f64));
    let text = formatter.format().call1(&JsValue::UNDEFINED, &date);
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// A day: "today", "yesterday", "12 Oct", "12 Oct 2025".
pub fn day(at_ms: i64) -> String {
    let now = Date::new_0();
    let date = Date::new(&JsValue::from_f64(at_ms as f64));
    let midnight = |d: &Date| {
        let d = Date::new(&JsValue::from_f64(d.get_time()));
        d.set_hours(0);
        d.set_minutes(0);
        d.set_seconds(0);
        d.set_milliseconds(0);
        d.get_time()
    };
    let days = ((midnight(&now) - midnight(&date)) / 86_400_000.0).round();
    if days == 0.0 {
        return "today".to_owned();
    }
    if days == 1.0 {
        return "yesterday".to_owned();
    }
    let mut pairs = vec![("day", "numeric"), ("month", "short")];
    if now.get_full_year() != date.get_full_year() {
        pairs.push(("year", "numeric"));
    }
    format!("on {}", date_parts(at_ms, &pairs))
}

/// A day and time for the tables of the privacy page.
pub fn moment(at_ms: i64) -> String {
    date_parts(at_ms, &[("dateStyle", "short"), ("timeStyle", "medium")])
}
