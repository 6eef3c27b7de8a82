//! The formats that shop systems write, read as objects with the names their columns have.

mod csv_objects;
mod ga4;
mod merchant_xml;
mod schema_org;
mod shopify;
mod woocommerce;

pub(crate) use csv_objects::{CsvObjects, Header};
pub(crate) use ga4::Ga4Events;
pub(crate) use merchant_xml::MerchantXml;
pub(crate) use schema_org::SchemaOrg;
pub(crate) use shopify::Shopify;
pub(crate) use woocommerce::WooCommerce;

use serde_json::Value;

use crate::objects::{Object, texts_at};

/// The first text at `name`; empty where there is none.
fn first(object: &Object, name: &str) -> String {
    texts_at(object, name).into_iter().next().unwrap_or_default()
}

/// Sets `name` to a text that is not blank.
fn set(object: &mut Object, name: &str, text: &str) {
    if !text.trim().is_empty() {
        object.insert(name.to_owned(), Value::String(text.trim().to_owned()));
    }
}

/// Sets `name` to several texts.
fn set_all(object: &mut Object, name: &str, texts: Vec<String>) {
    if !texts.is_empty() {
        object.insert(name.to_owned(), texts.into_iter().map(Value::String).collect());
    }
}
