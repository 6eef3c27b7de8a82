//! From the text of a mapping to the mapping, or to everything that is wrong with it.

use std::collections::BTreeMap;

use vitrine_domain::EventKind;
use vitrine_domain::currency::minor_digits;

use super::keys::Keys;
use super::{
    CampaignColumns, InteractionColumns, KindColumn, Mapping, OfferColumns, PriceColumn,
    ProductColumns, TimestampColumn,
};
use crate::error::{KeyProblem, MappingProblem};
use crate::{CURRENCY_DECIMALS_MAX, time};

/// Reads a mapping.
///
/// # Errors
/// All problems, in the order of their lines.
pub(super) fn mapping(text: &str) -> Result<Mapping, Vec<MappingProblem>> {
    let mut problems = Vec::new();
    let mut keys = Keys::of_document(text, &mut problems);
    let name = keys.required("name");
    let currency = currency(&mut keys);
    let mapping = Mapping {
        name,
        currency_decimals: currency_decimals(&mut keys, &currency),
        currency,
        products: keys.required_table("products", products).unwrap_or_default(),
        interactions: keys.table("interactions", interactions),
        offers: keys.table("offers", offers),
        campaigns: keys.table("campaigns", campaigns),
    };
    keys.finish();
    problems.sort_by_key(|problem| problem.line);
    // After an error of the syntax, what follows from it is not worth telling.
    let is_syntax = |of: &MappingProblem| matches!(of.problem, KeyProblem::Syntax { .. });
    if problems.iter().any(is_syntax) {
        problems.retain(is_syntax);
    }
    if problems.is_empty() { Ok(mapping) } else { Err(problems) }
}

fn currency(keys: &mut Keys<'_, '_>) -> String {
    let at = keys.place("currency");
    let n_before = keys.n_problems();
    let code: String = keys.required("currency");
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_code && keys.n_problems() == n_before {
        keys.refuse("currency", at, KeyProblem::Currency { code: code.clone() });
    }
    code
}

fn currency_decimals(keys: &mut Keys<'_, '_>, currency: &str) -> u32 {
    let at = keys.place("currency_decimals");
    let usual = i64::from(minor_digits(currency));
    let decimals = keys.optional("currency_decimals").unwrap_or(usual);
    if !(0..=i64::from(CURRENCY_DECIMALS_MAX)).contains(&decimals) {
        keys.refuse("currency_decimals", at, KeyProblem::CurrencyDecimals { decimals });
    }
    u32::try_from(decimals).unwrap_or_default()
}

fn products(keys: &mut Keys<'_, '_>) -> ProductColumns {
    ProductColumns {
        format: keys.optional("format"),
        sku: keys.required("sku"),
        title: keys.optional("title"),
        description: keys.optional("description"),
        attributes: keys.optional("attributes").unwrap_or_default(),
        department: keys.optional("department"),
        category: keys.optional("category"),
        brand: keys.optional("brand"),
        manufacturer: keys.optional("manufacturer"),
        size: keys.optional("size"),
        price: keys.table("price", price),
        availability: keys.optional("availability"),
        gtin: keys.optional("gtin"),
        link: keys.optional("link"),
        image_link: keys.optional("image_link"),
        availability_date: keys.optional("availability_date"),
        expiration_date: keys.optional("expiration_date"),
        values: keys.optional("values").unwrap_or_default(),
        exclude: keys.optional("exclude").unwrap_or_default(),
    }
}

fn interactions(keys: &mut Keys<'_, '_>) -> InteractionColumns {
    InteractionColumns {
        format: keys.optional("format"),
        shopper: keys.required("shopper"),
        sku: keys.required("sku"),
        timestamp: keys.required_table("timestamp", timestamp).unwrap_or_default(),
        basket: keys.optional("basket"),
        quantity: keys.optional("quantity"),
        price: keys.table("price", price),
        kind: keys.required_table("kind", kind).unwrap_or_default(),
    }
}

fn offers(keys: &mut Keys<'_, '_>) -> OfferColumns {
    OfferColumns {
        format: keys.optional("format"),
        sku: keys.required("sku"),
        campaign: keys.required("campaign"),
        label: keys.optional("label").unwrap_or_else(|| "Offer".to_owned()),
    }
}

fn campaigns(keys: &mut Keys<'_, '_>) -> CampaignColumns {
    CampaignColumns {
        format: keys.optional("format"),
        id: keys.required("id"),
        starts: keys.required_table("starts", timestamp).unwrap_or_default(),
        ends: keys.required_table("ends", timestamp).unwrap_or_default(),
    }
}

fn price(keys: &mut Keys<'_, '_>) -> PriceColumn {
    PriceColumn {
        column: keys.required("column"),
        unit: keys.optional("unit").unwrap_or_default(),
        means: keys.optional("means").unwrap_or_default(),
    }
}

fn timestamp(keys: &mut Keys<'_, '_>) -> TimestampColumn {
    let (format_at, zone_at) = (keys.place("format"), keys.place("zone"));
    let column = keys.required("column");
    let TimestampColumn { format, zone, .. } = TimestampColumn::default();
    let format: String = keys.optional("format").unwrap_or(format);
    let zone: String = keys.optional("zone").unwrap_or(zone);
    if let Err(problem) = time::form(&format) {
        keys.refuse("format", format_at, problem);
    }
    if let Err(problem) = time::zone(&zone) {
        keys.refuse("zone", zone_at, problem);
    }
    TimestampColumn { column, format, zone }
}

fn kind(keys: &mut Keys<'_, '_>) -> KindColumn {
    let n_before = keys.n_problems();
    let constant: Option<EventKind> = keys.optional("constant");
    let column: Option<String> = keys.optional("column");
    let values: Option<BTreeMap<String, EventKind>> = keys.optional("values");
    match (constant, column) {
        (Some(constant), None) if values.is_none() => KindColumn::Constant { constant },
        (None, Some(column)) => KindColumn::Column { column, values: values.unwrap_or_default() },
        _ => {
            if keys.n_problems() == n_before {
                keys.refuse_table(KeyProblem::Kind);
            }
            KindColumn::default()
        }
    }
}
