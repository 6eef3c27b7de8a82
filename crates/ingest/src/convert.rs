//! From the fields of a record to typed values, or the reason why not.

use vitrine_domain::Availability;

use crate::error::{Problem, RowError};
use crate::mapping::PriceUnit;
use crate::money;
use crate::records::{Field, Records};

/// A column of the mapping: its slot in the reader and its name for messages.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub idx: usize,
    pub name: String,
}

impl Slot {
    pub(crate) fn error(&self, field: &Field<'_>, problem: Problem) -> RowError {
        RowError::new(&self.name, &shown(field), problem)
    }
}

/// From here on not every whole number has a floating-point number of its own: 2^53.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

fn shown(field: &Field<'_>) -> String {
    match field {
        Field::Missing => String::new(),
        Field::Text(text) => text.clone().into_owned(),
        Field::NotUtf8(text) | Field::Nested(text) => text.clone(),
        Field::Int(value) => value.to_string(),
        Field::Float(value) => value.to_string(),
        Field::Micros(micros, _) => micros.to_string(),
    }
}

/// Text of an optional column; empty when it is not mapped or missing.
pub(crate) fn text(records: &dyn Records, slot: Option<&Slot>) -> Result<String, RowError> {
    let Some(slot) = slot else { return Ok(String::new()) };
    match records.field(slot.idx) {
        Field::Missing => Ok(String::new()),
        Field::Text(text) => Ok(text.into_owned()),
        Field::Int(value) => Ok(value.to_string()),
        Field::Float(value) => Ok(value.to_string()),
        field @ Field::NotUtf8(_) => Err(slot.error(&field, Problem::NotUtf8)),
        field @ Field::Nested(_) => Err(slot.error(&field, Problem::Nested)),
        Field::Micros(micros, _) => Ok(jiff::Timestamp::from_microsecond(micros)
            .map_or_else(|_| micros.to_string(), |time| time.to_string())),
    }
}

/// Text that tells things apart: as [`text`], but a number must be exact, or two of them
/// would look alike.
pub(crate) fn identifier(records: &dyn Records, slot: Option<&Slot>) -> Result<String, RowError> {
    let field = slot.map(|slot| (slot, records.field(slot.idx)));
    match field {
        Some((slot, field @ Field::Float(value))) if value.abs() >= EXACT_MAX => {
            Err(slot.error(&field, Problem::Inexact))
        }
        _ => text(records, slot),
    }
}

/// A number; `None` when missing.
pub(crate) fn number(records: &dyn Records, slot: &Slot) -> Result<Option<f64>, RowError> {
    let field = records.field(slot.idx);
    let value = match &field {
        Field::Missing => return Ok(None),
        Field::Int(value) => *value as f64,
        Field::Float(value) => *value,
        Field::Text(text) => text.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    };
    if value.is_finite() {
        return Ok(Some(value));
    }
    let problem =
        if matches!(field, Field::NotUtf8(_)) { Problem::NotUtf8 } else { Problem::NotANumber };
    Err(slot.error(&field, problem))
}

/// An amount in minor units; `None` when missing.
pub(crate) fn amount(
    records: &dyn Records,
    slot: &Slot,
    unit: PriceUnit,
    decimals: u32,
) -> Result<Option<i64>, RowError> {
    let decimals = match unit {
        PriceUnit::Major => decimals,
        PriceUnit::Minor => 0,
    };
    let field = records.field(slot.idx);
    let minor = match &field {
        Field::Missing => return Ok(None),
        Field::Text(text) => money::minor_from_text(text, decimals),
        Field::Int(value) => value.checked_mul(10_i64.pow(decimals)),
        Field::Float(value) => money::minor_from_f64(*value, decimals),
        _ => None,
    };
    minor.map(Some).ok_or_else(|| slot.error(&field, Problem::NotAPrice))
}

/// Merchant feed, schema.org and plain yes-or-no words; in stock when missing.
pub(crate) fn availability(
    records: &dyn Records,
    slot: Option<&Slot>,
) -> Result<Availability, RowError> {
    let Some(slot) = slot else { return Ok(Availability::InStock) };
    let word = text(records, Some(slot))?;
    let bare = word.rsplit('/').next().unwrap_or("");
    let plain: String =
        bare.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_lowercase();
    match plain.as_str() {
        "" | "instock" | "limitedavailability" | "onlineonly" | "true" | "yes" | "1" => {
            Ok(Availability::InStock)
        }
        "outofstock" | "soldout" | "discontinued" | "preorder" | "presale" | "backorder"
        | "false" | "no" | "0" => Ok(Availability::OutOfStock),
        _ => Err(RowError::new(&slot.name, &word, Problem::UnknownValue)),
    }
}
