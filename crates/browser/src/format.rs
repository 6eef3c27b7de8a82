//! Prices and days in words, as the browser's locale writes them.

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

/// A currency's formatter, made once: it is the slow part.
struct Money {
    currency: String,
    format: Function,
    minor_per_major: f64,
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

/// A formatter of `currency`; plain decimals when the browser does not know the code.
fn money(currency: &str) -> Money {
    let known = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic());
    let options = if known {
        options(&[("style", "currency"), ("currency", currency)])
    } else {
        options(&[("minimumFractionDigits", "2"), ("maximumFractionDigits", "2")])
    };
    let formatter = Intl::NumberFormat::new(&Array::new(), &options);
    let digits = Reflect::get(&formatter.resolved_options(), &"maximumFractionDigits".into());
    let digits = digits.ok().and_then(|value| value.as_f64()).unwrap_or(2.0);
    Money {
        currency: currency.to_owned(),
        format: formatter.format(),
        minor_per_major: 10f64.powf(digits),
    }
}

/// A price in minor units, in the shop's currency.
pub fn price(minor: u64, currency: &str) -> String {
    MONEY.with_borrow_mut(|slot| {
        if slot.as_ref().is_none_or(|money| money.currency != currency) {
            *slot = Some(money(currency));
        }
        let Some(money) = slot else { return String::new() };
        let value = JsValue::from_f64(minor as f64 / money.minor_per_major);
        let text = money.format.call1(&JsValue::UNDEFINED, &value);
        text.ok().and_then(|text| text.as_string()).unwrap_or_else(|| minor.to_string())
    })
}

/// How many minor units make one of the currency (100 for most, 1 for the yen).
pub fn minor_per_major(currency: &str) -> f64 {
    // Formatting once leaves the right formatter in the slot.
    let _ = price(0, currency);
    MONEY.with_borrow(|slot| slot.as_ref().map_or(100.0, |money| money.minor_per_major))
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
