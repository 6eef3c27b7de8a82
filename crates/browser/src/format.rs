//! Prices, days and numbers, as the browser writes them in the language in use.

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use vitrine_domain::currency::minor_digits;
use vitrine_words::session::t;
use wasm_bindgen::JsValue;

/// A currency's formatter, made once: it is the slow part.
struct Money {
    locale: String,
    currency: String,
    format: Function,
}

thread_local! {
    static MONEY: RefCell<Option<Money>> = const { RefCell::new(None) };
}

/// What `Intl` is asked for: the rules of the language in use.
fn locales() -> Array {
    Array::of1(&JsValue::from_str(&vitrine_words::locale()))
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
fn money(locale: String, currency: &str) -> Money {
    let n = minor_digits(currency).to_string();
    let mut pairs = fraction_digits(&n);
    if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic()) {
        pairs.extend([("style", "currency"), ("currency", currency)]);
    }
    let formatter = Intl::NumberFormat::new(&locales(), &options(&pairs));
    Money { locale, currency: currency.to_owned(), format: formatter.format() }
}

fn fraction_digits(n: &str) -> Vec<(&'static str, &str)> {
    vec![("minimumFractionDigits", n), ("maximumFractionDigits", n)]
}

/// A number with so many digits behind its decimal point.
pub fn decimal(value: f64, n_digits: u32) -> String {
    let n = n_digits.to_string();
    let formatter = Intl::NumberFormat::new(&locales(), &options(&fraction_digits(&n)));
    let text = formatter.format().call1(&JsValue::UNDEFINED, &JsValue::from_f64(value));
    text.ok().and_then(|text| text.as_string()).unwrap_or_else(|| value.to_string())
}

/// A price in minor units, in the shop's currency.
pub fn price(minor: u64, currency: &str) -> String {
    MONEY.with_borrow_mut(|slot| {
        let locale = vitrine_words::locale();
        if slot.as_ref().is_none_or(|of| of.currency != currency || of.locale != locale) {
            *slot = Some(money(locale, currency));
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
    let formatter = Intl::DateTimeFormat::new(&locales(), &options(pairs));
    let date = Date::new(&JsValue::from_f64(at_ms as f64));
    let text = formatter.format().call1(&JsValue::UNDEFINED, &date);
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// A day as sentences have it: "today", "yesterday", "on 12 Oct", "on 12 Oct 2025".
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
        return t!("day.today").to_owned();
    }
    if days == 1.0 {
        return t!("day.yesterday").to_owned();
    }
    let mut pairs = vec![("day", "numeric"), ("month", "short")];
    if now.get_full_year() != date.get_full_year() {
        pairs.push(("year", "numeric"));
    }
    t!("day.on", date = date_parts(at_ms, &pairs))
}

/// A day and time for the tables of the privacy page.
pub fn moment(at_ms: i64) -> String {
    date_parts(at_ms, &[("dateStyle", "short"), ("timeStyle", "medium")])
}
