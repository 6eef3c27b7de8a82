//! Events of Google Analytics 4 as BigQuery exports them: one event a line, its items within.
//!
//! # Source
//! <https://support.google.com/analytics/answer/7029846>

use std::collections::VecDeque;

use serde_json::Value;

use crate::error::IngestError;
use crate::objects::{Object, ObjectAt, ObjectSource};

/// Most items of one event; GA4 allows 200.
const ITEMS_MAX: usize = 1_000;
/// Value of an identifier that GA4 does not have.
const NOT_SET: &str = "(not set)";

/// Yields one object for each item of an event: `event_name`, `event_timestamp`,
/// `user_pseudo_id`, `user_id`, `shopper` (the first of the two that is set), `transaction_id`,
/// and the item's own fields as `item.item_id`, `item.price` … (`item.quantity` is 1 where there is none) Events without items, such as
/// `session_start`, yield nothing.
pub(crate) struct Ga4Events {
    events: Box<dyn ObjectSource>,
    ready: VecDeque<ObjectAt>,
}

impl Ga4Events {
    pub(crate) fn new(events: Box<dyn ObjectSource>) -> Self {
        Self { events, ready: VecDeque::new() }
    }
}

fn exploded(line: u64, mut event: Object) -> Vec<ObjectAt> {
    let Some(Value::Array(items)) = event.remove("items") else { return Vec::new() };
    let mut shared = Object::new();
    for name in ["event_name", "event_timestamp", "user_pseudo_id", "user_id"] {
        if let Some(value) = event.get(name).filter(|value| is_set(value)) {
            shared.insert(name.to_owned(), value.clone());
        }
    }
    let shopper = shared.get("user_pseudo_id").or(shared.get("user_id")).cloned();
    let order = event.get("ecommerce").map_or(&Value::Null, |of| &of["transaction_id"]);
    let order = [order, param(&event, "transaction_id")];
    let order = order.into_iter().find(|value| is_set(value)).cloned();
    let currency = Some(param(&event, "currency")).filter(|value| is_set(value)).cloned();
    let named = [("shopper", shopper), ("transaction_id", order), ("currency", currency)];
    for (name, value) in named {
        if let Some(value) = value {
            shared.insert(name.to_owned(), value);
        }
    }
    let with_item = |mut item: Value| {
        let mut object = shared.clone();
        if let Some(item) =
            item.as_object_mut().filter(|item| !item.get("quantity").is_some_and(is_set))
        {
            item.insert("quantity".to_owned(), Value::from(1));
        }
        object.insert("item".to_owned(), item);
        ObjectAt { line, object: Ok(object) }
    };
    items.into_iter().take(ITEMS_MAX).map(with_item).collect()
}

fn is_set(value: &Value) -> bool {
    !value.is_null() && value.as_str().is_none_or(|text| !text.is_empty() && text != NOT_SET)
}

/// The value of a parameter of an event; null where it has none.
fn param<'e>(event: &'e Object, name: &str) -> &'e Value {
    let params = event.get("event_params").and_then(Value::as_array);
    let param = params.into_iter().flatten().find(|param| param["key"] == name);
    param.map_or(&Value::Null, |param| &param["value"]["string_value"])
}

impl ObjectSource for Ga4Events {
    fn next_object(&mut self) -> Option<Result<ObjectAt, IngestError>> {
        while self.ready.is_empty() {
            match self.events.next_object()? {
                Ok(ObjectAt { line, object: Ok(event) }) => {
                    self.ready.extend(exploded(line, event))
                }
                other => return Some(other),
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
