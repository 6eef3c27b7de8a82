//! From the fields of a record to typed values, or the reason why not.

use vitrine_domain::Availability;

use crate::error::{Problem, RowError};
use crate::mapping::{Mapping, PriceColumn, PriceUnit};
use crate::money::{self, Amount};
use crate::records::{Field, Plan, Records, Slot};
use crate::words::bare;

/// Stands between the values of a text column that has several.
const VALUES_SEPARATOR: &str = ", ";
/// The currency of a shop without prices: ISO 4217's code for none.
pub(crate) const NO_CURRENCY: &str = "XXX";

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
        Field::Many(values) => {
            let values: Vec<String> = values.iter().map(shown).collect();
            values.join(VALUES_SEPARATOR)
        }
    }
}

/// Text of an optional column; empty when it is not mapped or missing. Several values are
/// joined.
pub(crate) fn text(records: &dyn Records, slot: Option<&Slot>) -> Result<String, RowError> {
    match slot {
        Some(slot) => Ok(texts(records, slot)?.join(VALUES_SEPARATOR)),
        None => Ok(String::new()),
    }
}

/// The values of a column as texts.
pub(crate) fn texts(records: &dyn Records, slot: &Slot) -> Result<Vec<String>, RowError> {
    match records.field(slot.idx) {
        Field::Missing => Ok(Vec::new()),
        Field::Many(values) => values.into_iter().map(|value| text_of(value, slot)).collect(),
        one => Ok(vec![text_of(one, slot)?]),
    }
}

fn text_of(field: Field<'_>, slot: &Slot) -> Result<String, RowError> {
    match field {
        Field::Text(text) => Ok(text.into_owned()),
        Field::Int(value) => Ok(value.to_string()),
        Field::Float(value) => Ok(value.to_string()),
        Field::NotUtf8(_) => Err(slot.error(&field, Problem::NotUtf8)),
        Field::Micros(micros, _) => Ok(jiff::Timestamp::from_microsecond(micros)
            .map_or_else(|_| micros.to_string(), |time| time.to_string())),
        Field::Missing | Field::Nested(_) | Field::Many(_) => {
            Err(slot.error(&field, Problem::Nested))
        }
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

/// A column of money, and how it is read.
pub(crate) struct MoneySlot {
    slot: Slot,
    currency: Option<Slot>,
    /// ISO 4217 code of the shop.
    expected: String,
    decimals: u32,
    decimal_comma: bool,
}

impl MoneySlot {
    /// A column of standard prices.
    pub(crate) fn of(plan: &mut Plan, price: &PriceColumn, mapping: &Mapping) -> Self {
        Self::in_currency(plan, price, (&mapping.currency, mapping.currency_decimals))
    }

    /// A column of prices in a currency with so many decimals.
    pub(crate) fn in_currency(
        plan: &mut Plan,
        price: &PriceColumn,
        (currency, decimals): (&str, u32),
    ) -> Self {
        Self {
            slot: plan.slot(&price.column, false),
            currency: plan.optional(price.currency.as_ref()),
            expected: currency.to_owned(),
            decimals: match price.unit {
                PriceUnit::Major => decimals,
                PriceUnit::Minor => 0,
            },
            decimal_comma: price.decimal_comma,
        }
    }

    /// An amount in minor units; `None` when missing.
    ///
    /// # Errors
    /// What is there is no amount, or one in another currency than the shop's.
    pub(crate) fn read(&self, records: &dyn Records) -> Result<Option<i64>, RowError> {
        let field = records.field(self.slot.idx);
        let mut written = None;
        let minor = match &field {
            Field::Missing => return Ok(None),
            Field::Text(text) => {
                let amount = Amount::of(text);
                written = amount.currency.map(str::to_owned);
                amount.minor(self.decimals, self.decimal_comma)
            }
            Field::Int(value) => value.checked_mul(10_i64.pow(self.decimals)),
            Field::Float(value) => money::minor_from_f64(*value, self.decimals),
            _ => None,
        };
        let minor = minor.ok_or_else(|| self.slot.error(&field, Problem::NotAPrice))?;
        if written.is_none() && self.currency.is_some() {
            written = Some(text(records, self.currency.as_ref())?);
        }
        match written.filter(|code| !code.is_empty()) {
            Some(found)
                if !found.eq_ignore_ascii_case(&self.expected) && self.expected != NO_CURRENCY =>
            {
                let expected = self.expected.clone();
                Err(self.slot.error(&field, Problem::OtherCurrency { found, expected }))
            }
            _ => Ok(Some(minor)),
        }
    }
}

/// Addresses of a column: its values, each of which may be several that commas, bars or blanks
/// part from one another.
pub(crate) fn addresses(records: &dyn Records, slot: &Slot) -> Result<Vec<String>, RowError> {
    let mut found: Vec<String> = Vec::new();
    for text in texts(records, slot)? {
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = next_address(rest).unwrap_or(rest.len());
            let address = rest[..end].trim_matches(is_separator);
            if !address.is_empty() && !found.iter().any(|known| known == address) {
                found.push(address.to_owned());
            }
            rest = &rest[end..];
        }
    }
    Ok(found)
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | '|' | ';') || c.is_whitespace()
}

/// Where the next address begins after a separator; a comma may be part of an address.
fn next_address(text: &str) -> Option<usize> {
    let separators = text.char_indices().filter(|(_, c)| is_separator(*c));
    separators.map(|(at, c)| at + c.len_utf8()).find(|&at| {
        let begins = |start: &str| {
            text.get(at..at + start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
        };
        begins("https://") || begins("http://") || begins("//")
    })
}

/// A yes-or-no column; `None` when missing.
pub(crate) fn yes(records: &dyn Records, slot: &Slot) -> Result<Option<bool>, RowError> {
    let word = text(records, Some(slot))?;
    match bare(&word).as_str() {
        "" => Ok(None),
        "true" | "yes" | "1" | "active" | "published" | "publish" | "visible" | "enabled" => {
            Ok(Some(true))
        }
        "false" | "no" | "0" | "draft" | "archived" | "hidden" | "disabled" | "private" => {
            Ok(Some(false))
        }
        _ => Err(RowError::new(&slot.name, &word, Problem::UnknownValue)),
    }
}

/// A whole number of things; `None` when missing.
pub(crate) fn count(records: &dyn Records, slot: &Slot) -> Result<Option<u32>, RowError> {
    let bad = || slot.error(&records.field(slot.idx), Problem::NotACount);
    let Some(value) = number(records, slot).map_err(|_| bad())? else { return Ok(None) };
    if value.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&value) {
        return Err(bad());
    }
    Ok(Some(value as u32))
}

/// Merchant feed, schema.org and plain yes-or-no words; in stock when missing.
pub(crate) fn availability(
    records: &dyn Records,
    slot: Option<&Slot>,
) -> Result<Availability, RowError> {
    let Some(slot) = slot else { return Ok(Availability::InStock) };
    let word = text(records, Some(slot))?;
    match bare(&word).as_str() {
        "" | "instock" | "limitedavailability" | "onlineonly" | "true" | "yes" | "1" => {
            Ok(Availability::InStock)
        }
        "outofstock" | "soldout" | "discontinued" | "preorder" | "presale" | "backorder"
        | "false" | "no" | "0" => Ok(Availability::OutOfStock),
        _ => Err(RowError::new(&slot.name, &word, Problem::UnknownValue)),
    }
}
