//! From the text of a mapping to the mapping, or to everything that is wrong with it.

use std::collections::BTreeMap;

use vitrine_domain::EventKind;
use vitrine_domain::currency::minor_digits;
use vitrine_domain::limits::NEVER_RECOMMENDED_MAX;

use super::keys::Keys;
use super::price_lists::price_lists;
use super::{
    CampaignColumns, InteractionColumns, KindColumn, Mapping, OfferColumns, PathColumn,
    PriceColumn, ProductColumns, RATING_BEST, RATING_BEST_MAX, Recommend, ReviewColumns,
    SaleDatesColumn, TimestampColumn, builtin,
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
        tax_included: keys.optional("tax_included"),
        price_lists: price_lists(&mut keys),
        products: keys.required_table("products", products).unwrap_or_default(),
        interactions: keys.table("interactions", interactions),
        offers: keys.table("offers", offers),
        campaigns: keys.table("campaigns", campaigns),
        reviews: keys.table("reviews", reviews),
        recommend: keys.table("recommend", recommend).unwrap_or_default(),
    };
    keys.finish();
    problems.sort_by_key(|problem| problem.line);
    // After an error of the syntax, what follows from it is not worth telling.
    let is_syntax = |of: &MappingProblem| matches!(of.problem, KeyProblem::Syntax { .. });
    if problems.iter().any(is_syntax) {
        problems.retain(is_syntax);
    }
    if problems.is_empty() { Ok(mapping.with_own_decimals()) } else { Err(problems) }
}

pub(super) fn currency(keys: &mut Keys<'_, '_>) -> String {
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

fn recommend(keys: &mut Keys<'_, '_>) -> Recommend {
    let at = keys.place("never");
    let never: Vec<String> = keys.optional("never").unwrap_or_default();
    if never.len() > NEVER_RECOMMENDED_MAX {
        let message = format!("{} names: {NEVER_RECOMMENDED_MAX} are possible", never.len());
        keys.refuse("never", at, KeyProblem::Value { message });
    }
    Recommend { never }
}

/// Columns of the product feed; those of its format where the mapping names none.
fn products(keys: &mut Keys<'_, '_>) -> ProductColumns {
    let format = keys.optional("format");
    let known = format.and_then(builtin::products).unwrap_or_default();
    ProductColumns { format, ..product_columns(keys, known) }
}

/// A column; that of the format where the mapping does not name one, none where it names "".
fn column(keys: &mut Keys<'_, '_>, key: &'static str, known: Option<String>) -> Option<String> {
    keys.optional(key).or(known).filter(|name| !name.is_empty())
}

/// All columns of a product; `known` stands for what is not said.
pub(super) fn product_columns(keys: &mut Keys<'_, '_>, known: ProductColumns) -> ProductColumns {
    ProductColumns {
        format: None,
        encoding: keys.optional("encoding").unwrap_or(known.encoding),
        records: column(keys, "records", known.records),
        sku: if known.sku.is_empty() {
            keys.required("sku")
        } else {
            keys.optional("sku").unwrap_or(known.sku)
        },
        item_group_id: column(keys, "item_group_id", known.item_group_id),
        title: column(keys, "title", known.title),
        description: column(keys, "description", known.description),
        link: column(keys, "link", known.link),
        image_link: column(keys, "image_link", known.image_link),
        additional_image_links: keys
            .optional("additional_image_links")
            .unwrap_or(known.additional_image_links),
        attributes: keys.optional("attributes").unwrap_or(known.attributes),
        department: column(keys, "department", known.department),
        category: column(keys, "category", known.category),
        category_path: keys.table("category_path", path).or(known.category_path),
        brand: column(keys, "brand", known.brand),
        manufacturer: column(keys, "manufacturer", known.manufacturer),
        size: column(keys, "size", known.size),
        price: keys.table("price", price).or(known.price),
        sale_price: keys.table("sale_price", price).or(known.sale_price),
        sale_price_effective_date: keys
            .table("sale_price_effective_date", sale_dates)
            .or(known.sale_price_effective_date),
        unit_pricing_measure: column(keys, "unit_pricing_measure", known.unit_pricing_measure),
        unit_pricing_base_measure: column(
            keys,
            "unit_pricing_base_measure",
            known.unit_pricing_base_measure,
        ),
        availability: column(keys, "availability", known.availability),
        availability_date: column(keys, "availability_date", known.availability_date),
        expiration_date: column(keys, "expiration_date", known.expiration_date),
        stock: column(keys, "stock", known.stock),
        gtin: column(keys, "gtin", known.gtin),
        condition: column(keys, "condition", known.condition),
        age_group: column(keys, "age_group", known.age_group),
        gender: column(keys, "gender", known.gender),
        color: column(keys, "color", known.color),
        material: column(keys, "material", known.material),
        pattern: column(keys, "pattern", known.pattern),
        rating: column(keys, "rating", known.rating),
        rating_count: column(keys, "rating_count", known.rating_count),
        published_at: keys.table("published_at", timestamp).or(known.published_at),
        listed: column(keys, "listed", known.listed),
        values: keys.optional("values").unwrap_or(known.values),
        exclude: keys.optional("exclude").unwrap_or(known.exclude),
    }
}

fn path(keys: &mut Keys<'_, '_>) -> PathColumn {
    PathColumn {
        column: keys.required("column"),
        separator: keys.optional("separator").unwrap_or_else(|| PathColumn::SEPARATOR.to_owned()),
    }
}

fn sale_dates(keys: &mut Keys<'_, '_>) -> SaleDatesColumn {
    let zone_at = keys.place("zone");
    let dates = SaleDatesColumn {
        column: keys.optional("column"),
        starts: keys.optional("starts"),
        ends: keys.optional("ends"),
        zone: keys.optional("zone").unwrap_or_else(|| TimestampColumn::default().zone),
    };
    if let Err(problem) = time::zone(&dates.zone) {
        keys.refuse("zone", zone_at, problem);
    }
    dates
}

/// Columns of the log; those of its format where the mapping names none.
fn interactions(keys: &mut Keys<'_, '_>) -> InteractionColumns {
    let format = keys.optional("format");
    let known = format.and_then(builtin::interactions);
    InteractionColumns { format, ..interaction_columns(keys, known) }
}

/// All columns of a log; `known` stands for what is not said.
pub(super) fn interaction_columns(
    keys: &mut Keys<'_, '_>,
    known: Option<InteractionColumns>,
) -> InteractionColumns {
    let Some(known) = known else {
        return InteractionColumns {
            format: None,
            encoding: keys.optional("encoding").unwrap_or_default(),
            records: keys.optional("records"),
            shopper: keys.required("shopper"),
            sku: keys.required("sku"),
            timestamp: keys.required_table("timestamp", timestamp).unwrap_or_default(),
            basket: keys.optional("basket"),
            quantity: keys.optional("quantity"),
            price: keys.table("price", price),
            kind: keys.required_table("kind", kind).unwrap_or_default(),
        };
    };
    InteractionColumns {
        format: None,
        encoding: keys.optional("encoding").unwrap_or(known.encoding),
        records: column(keys, "records", known.records),
        shopper: keys.optional("shopper").unwrap_or(known.shopper),
        sku: keys.optional("sku").unwrap_or(known.sku),
        timestamp: keys.table("timestamp", timestamp).unwrap_or(known.timestamp),
        basket: column(keys, "basket", known.basket),
        quantity: column(keys, "quantity", known.quantity),
        price: keys.table("price", price).or(known.price),
        kind: keys.table("kind", kind).unwrap_or(known.kind),
    }
}

fn offers(keys: &mut Keys<'_, '_>) -> OfferColumns {
    OfferColumns {
        format: keys.optional("format"),
        sku: keys.required("sku"),
        campaign: keys.required("campaign"),
        label: keys.optional("label").unwrap_or_else(|| "Offer".to_owned()),
        price_off: keys.table("price_off", price),
        percent_off: keys.optional("percent_off"),
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

fn reviews(keys: &mut Keys<'_, '_>) -> ReviewColumns {
    let best_at = keys.place("rating_best");
    let columns = ReviewColumns {
        format: keys.optional("format"),
        encoding: keys.optional("encoding").unwrap_or_default(),
        records: keys.optional("records"),
        sku: keys.required("sku"),
        rating: keys.required("rating"),
        rating_best: keys.optional("rating_best").unwrap_or(RATING_BEST),
        title: keys.optional("title"),
        text: keys.optional("text"),
        helpful: keys.optional("helpful"),
        written: keys.table("written", timestamp),
        verified: keys.optional("verified"),
        author: keys.optional("author"),
    };
    if !(columns.rating_best > 1.0 && columns.rating_best <= RATING_BEST_MAX) {
        keys.refuse("rating_best", best_at, KeyProblem::RatingBest);
    }
    columns
}

pub(super) fn price(keys: &mut Keys<'_, '_>) -> PriceColumn {
    PriceColumn {
        column: keys.required("column"),
        unit: keys.optional("unit").unwrap_or_default(),
        means: keys.optional("means").unwrap_or_default(),
        currency: keys.optional("currency"),
        decimal_comma: keys.optional("decimal_comma").unwrap_or_default(),
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
    let others = keys.optional("others");
    match (constant, column) {
        (Some(constant), None) if values.is_none() && others.is_none() => {
            KindColumn::Constant { constant }
        }
        (None, Some(column)) => KindColumn::Column {
            column,
            values: values.unwrap_or_default(),
            others: others.unwrap_or_default(),
        },
        _ => {
            if keys.n_problems() == n_before {
                keys.refuse_table(KeyProblem::Kind);
            }
            KindColumn::default()
        }
    }
}
