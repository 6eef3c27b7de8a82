//! Prices, dates, sizes and counts in words, as the browser's locale writes them.

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use vitrine_domain::EventKind;
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

/// What the shopper did, in the past tense.
pub fn did(kind: EventKind) -> &'static str {
    match kind {
        EventKind::ViewItem => "looked at",
        EventKind::AddToCart => "added to the basket",
        EventKind::RemoveFromCart => "took out of the basket",
        EventKind::Purchase => "bought",
    }
}

/// "You bought Bananas 3×, last on 12 Oct."
///
/// The strongest thing done is said: bought, else added, else looked at.
pub fn reason(title: &str, counts: &[(EventKind, u32)], last_at_ms: i64) -> String {
    let order =
        [EventKind::Purchase, EventKind::AddToCart, EventKind::ViewItem, EventKind::RemoveFromCart];
    let strongest = order.into_iter().find_map(|kind| {
        counts.iter().find(|(k, n)| *k == kind && *n > 0).map(|(_, n)| (kind, *n))
    });
    let Some((kind, n)) = strongest else { return title.to_owned() };
    let times = if n > 1 { format!(" {n}×") } else { String::new() };
    let last = if n > 1 { ", last " } else { " " };
    match kind {
        EventKind::AddToCart | EventKind::RemoveFromCart => {
            let (verb, place) = if kind == EventKind::AddToCart {
                ("put", "into the basket")
            } else {
                ("took", "out of the basket")
            };
            format!("You {verb} {title} {place}{times}{last}{}.", day(last_at_ms))
        }
        _ => format!("You {} {title}{times}{last}{}.", did(kind), day(last_at_ms)),
    }
}
