//! Completeness and validity of single fields, after the Merchant product feed.

use vitrine_domain::calendar::{DAY_SECONDS, date_seconds};
use vitrine_domain::gtin::is_gtin;

use super::batch::ProductView;
use super::declare::Field;
use super::text::{is_link, is_picture_path};

/// How far ahead an availability date is believed, in seconds.
const AHEAD_SECONDS_MAX: i64 = 366 * DAY_SECONDS;

/// What is wrong with a field that has a value; `None` when nothing is.
///
/// # Source
/// Google Merchant Center, product data specification: lengths and forms.
pub(crate) fn invalid(row: &ProductView<'_>, field: Field, now_seconds: i64) -> Option<String> {
    if field == Field::Price {
        let price = row.price_minor()?;
        return (price <= 0).then(|| format!("the price is {}", row.money().shown(price as f64)));
    }
    let text = row.text(field);
    if text.is_empty() {
        return None;
    }
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Some("has control characters".to_owned());
    }
    let chars_max = match field {
        Field::Sku => 50,
        Field::Title => 150,
        Field::Description => 5_000,
        Field::Category | Field::Department => 750,
        Field::Brand | Field::Manufacturer => 70,
        Field::Size => 100,
        _ => 2_000,
    };
    let n_chars = text.chars().count();
    if n_chars > chars_max {
        return Some(format!("has {n_chars} characters, more than {chars_max}"));
    }
    let fault = match field {
        Field::Sku if text.contains(char::is_whitespace) => "has blanks",
        Field::Gtin if !is_gtin(text.trim()) => "is no GTIN",
        Field::Link if !is_link(text) => "is no web address",
        Field::ImageLink if !is_link(text) && !is_picture_path(text) => {
            "is neither a web address nor a path of a picture"
        }
        Field::AvailabilityDate => match date_seconds(text) {
            None => "is no date",
            Some(at) if at > now_seconds.saturating_add(AHEAD_SECONDS_MAX) => "is far ahead",
            Some(_) => return None,
        },
        Field::ExpirationDate => match date_seconds(text) {
            None => "is no date",
            Some(at) if at < now_seconds => "has passed",
            Some(_) => return None,
        },
        _ => return None,
    };
    Some(format!("“{text}” {fault}"))
}
