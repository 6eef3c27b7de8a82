//! The two readers: products and interactions.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use vitrine_domain::{ATTRIBUTE_SEPARATOR, Availability, EventKind, limits};

use crate::convert::{self, Slot};
use crate::error::{IngestError, Problem, RowError};
use crate::mapping::{KindColumn, Mapping, PriceColumn, PriceMeans, ProductField};
use crate::money;
use crate::records::{self, Column, Field, Records};
use crate::time::TimeReader;

/// A row with where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<T> {
    /// 1-based line of the file; the row for Parquet.
    pub line: u64,
    /// The record, or why it cannot be read.
    pub record: Result<T, RowError>,
}

/// A product as the feed has it, not yet checked. What is missing is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawProduct {
    /// The shop's identifier.
    pub sku: String,
    /// Title or product type.
    pub title: String,
    /// Free text.
    pub description: String,
    /// Values of the attribute columns that have one, joined; what goes beyond
    /// [`limits::TEXT_CHARS_MAX`] is left out, a value at a time.
    pub attributes: String,
    /// Top level of the category path.
    pub department: String,
    /// Second level of the category path.
    pub category: String,
    /// Brand.
    pub brand: String,
    /// Maker.
    pub manufacturer: String,
    /// Package size.
    pub size: String,
    /// Price of a piece in minor units; may be nonsense, even negative.
    pub price_minor: Option<i64>,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Global trade item number.
    pub gtin: String,
    /// Address of its page.
    pub link: String,
    /// Address of its picture.
    pub image_link: String,
    /// When it can be bought, as the feed writes it.
    pub availability_date: String,
    /// When it stops being listed, as the feed writes it.
    pub expiration_date: String,
}

/// A line of the log as it is, not yet checked. What is missing is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct RawInteraction {
    /// Who, by the shop's identifier.
    pub shopper: String,
    /// Which product.
    pub sku: String,
    /// Which order or basket.
    pub basket: String,
    /// What was done.
    pub kind: EventKind,
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// Pieces; may be nonsense, even negative.
    pub quantity: i64,
    /// Price of a piece in minor units; may be nonsense.
    pub price_minor: Option<i64>,
}

/// Columns that a reader is asked for, each once.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) columns: Vec<Column>,
}

impl Plan {
    pub(crate) fn slot(&mut self, name: &str, required: bool) -> Slot {
        let idx = match self.columns.iter().position(|column| column.name == name) {
            Some(idx) => idx,
            None => {
                self.columns.push(Column { name: name.to_owned(), required });
                self.columns.len() - 1
            }
        };
        self.columns[idx].required |= required;
        Slot { idx, name: name.to_owned() }
    }

    fn optional(&mut self, name: Option<&String>) -> Option<Slot> {
        name.map(|name| self.slot(name, false))
    }

    fn price(&mut self, price: Option<&PriceColumn>) -> Option<(Slot, PriceColumn)> {
        price.map(|price| (self.slot(&price.column, false), price.clone()))
    }
}

/// Streams the product feed. See [`open_products`].
pub struct Products {
    records: Box<dyn Records>,
    sku: Slot,
    texts: ProductTexts,
    price: Option<(Slot, PriceColumn)>,
    availability: Option<Slot>,
    values: BTreeMap<ProductField, BTreeMap<String, String>>,
    decimals: u32,
}

struct ProductTexts {
    title: Option<Slot>,
    description: Option<Slot>,
    attributes: Vec<Slot>,
    department: Option<Slot>,
    category: Option<Slot>,
    brand: Option<Slot>,
    manufacturer: Option<Slot>,
    size: Option<Slot>,
    gtin: Option<Slot>,
    link: Option<Slot>,
    image_link: Option<Slot>,
    availability_date: Option<Slot>,
    expiration_date: Option<Slot>,
}

/// Opens a product feed.
///
/// # Errors
/// When the file is missing, of unknown format, damaged or lacks a mapped
/// column. Bad rows are not errors: they are yielded as such.
pub fn open_products(path: &Path, mapping: &Mapping) -> Result<Products, IngestError> {
    let columns = &mapping.products;
    let mut plan = Plan::default();
    let sku = plan.slot(&columns.sku, true);
    let texts = ProductTexts {
        title: plan.optional(columns.title.as_ref()),
        description: plan.optional(columns.description.as_ref()),
        attributes: columns.attributes.iter().map(|name| plan.slot(name, false)).collect(),
        department: plan.optional(columns.department.as_ref()),
        category: plan.optional(columns.category.as_ref()),
        brand: plan.optional(columns.brand.as_ref()),
        manufacturer: plan.optional(columns.manufacturer.as_ref()),
        size: plan.optional(columns.size.as_ref()),
        gtin: plan.optional(columns.gtin.as_ref()),
        link: plan.optional(columns.link.as_ref()),
        image_link: plan.optional(columns.image_link.as_ref()),
        availability_date: plan.optional(columns.availability_date.as_ref()),
        expiration_date: plan.optional(columns.expiration_date.as_ref()),
    };
    let price = plan.price(columns.price.as_ref());
    let availability = plan.optional(columns.availability.as_ref());
    Ok(Products {
        records: records::open(path, columns.format, &plan.columns)?,
        sku,
        texts,
        price,
        availability,
        values: columns.values.clone(),
        decimals: mapping.currency_decimals,
    })
}

impl Products {
    /// The row that was yielded last, as it stands in the file (JSON), for the quarantine.
    pub fn original(&self) -> Value {
        self.records.original()
    }

    fn read(&self) -> Result<RawProduct, RowError> {
        let records = self.records.as_ref();
        let text = |slot: &Option<Slot>| convert::text(records, slot.as_ref());
        let replaced = |slot: &Option<Slot>, field: ProductField| {
            let value = text(slot)?;
            let shown = self.values.get(&field).and_then(|values| values.get(&value));
            Ok(shown.cloned().unwrap_or(value))
        };
        let price_minor = match &self.price {
            Some((slot, price)) => convert::amount(records, slot, price.unit, self.decimals)?,
            None => None,
        };
        Ok(RawProduct {
            sku: convert::identifier(records, Some(&self.sku))?,
            title: replaced(&self.texts.title, ProductField::Title)?,
            description: text(&self.texts.description)?,
            attributes: self.attributes()?,
            department: replaced(&self.texts.department, ProductField::Department)?,
            category: replaced(&self.texts.category, ProductField::Category)?,
            brand: replaced(&self.texts.brand, ProductField::Brand)?,
            manufacturer: text(&self.texts.manufacturer)?,
            size: text(&self.texts.size)?,
            price_minor,
            availability: convert::availability(records, self.availability.as_ref())?,
            gtin: text(&self.texts.gtin)?,
            link: text(&self.texts.link)?,
            image_link: text(&self.texts.image_link)?,
            availability_date: text(&self.texts.availability_date)?,
            expiration_date: text(&self.texts.expiration_date)?,
        })
    }
}

impl Products {
    fn attributes(&self) -> Result<String, RowError> {
        let (mut joined, mut n_chars) = (String::new(), 0);
        for slot in &self.texts.attributes {
            let value = convert::text(self.records.as_ref(), Some(slot))?;
            n_chars += value.chars().count() + ATTRIBUTE_SEPARATOR.chars().count();
            if value.is_empty() || n_chars > limits::TEXT_CHARS_MAX {
                continue;
            }
            if !joined.is_empty() {
                joined.push_str(ATTRIBUTE_SEPARATOR);
            }
            joined.push_str(&value);
        }
        Ok(joined)
    }
}

impl Iterator for Products {
    type Item = Result<Row<RawProduct>, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let advanced = self.records.advance()?;
        Some(advanced.map(|record| Row {
            line: self.records.line(),
            record: record.and_then(|()| self.read()),
        }))
    }
}

/// Streams the interaction log. See [`open_interactions`].
pub struct Interactions {
    records: Box<dyn Records>,
    shopper: Slot,
    sku: Slot,
    timestamp: Slot,
    time: TimeReader,
    basket: Option<Slot>,
    quantity: Option<Slot>,
    price: Option<(Slot, PriceColumn)>,
    kind: Kind,
    decimals: u32,
}

enum Kind {
    Constant(EventKind),
    Column(Slot, BTreeMap<String, EventKind>),
}

/// Opens an interaction log.
///
/// # Errors
/// When the mapping describes no log, or the file is missing, of unknown
/// format, damaged or lacks a mapped column. Bad rows are yielded as such.
pub fn open_interactions(path: &Path, mapping: &Mapping) -> Result<Interactions, IngestError> {
    let columns = mapping.interactions.as_ref().ok_or_else(|| IngestError::NoTable {
        mapping: mapping.name.clone(),
        table: "interactions",
    })?;
    let mut plan = Plan::default();
    let shopper = plan.slot(&columns.shopper, true);
    let sku = plan.slot(&columns.sku, true);
    let timestamp = plan.slot(&columns.timestamp.column, true);
    let basket = plan.optional(columns.basket.as_ref());
    let quantity = plan.optional(columns.quantity.as_ref());
    let price = plan.price(columns.price.as_ref());
    let kind = match &columns.kind {
        KindColumn::Constant { constant } => Kind::Constant(*constant),
        KindColumn::Column { column, values } => {
            Kind::Column(plan.slot(column, true), values.clone())
        }
    };
    Ok(Interactions {
        records: records::open(path, columns.format, &plan.columns)?,
        shopper,
        sku,
        timestamp,
        time: TimeReader::new(&columns.timestamp.format, &columns.timestamp.zone)?,
        basket,
        quantity,
        price,
        kind,
        decimals: mapping.currency_decimals,
    })
}

impl Interactions {
    /// The row that was yielded last, as it stands in the file (JSON), for the quarantine.
    pub fn original(&self) -> Value {
        self.records.original()
    }

    fn read(&self) -> Result<RawInteraction, RowError> {
        let records = self.records.as_ref();
        let quantity = self.read_quantity()?;
        Ok(RawInteraction {
            shopper: convert::identifier(records, Some(&self.shopper))?,
            sku: convert::identifier(records, Some(&self.sku))?,
            basket: convert::identifier(records, self.basket.as_ref())?,
            kind: self.read_kind()?,
            at_seconds: read_time(self.records.as_ref(), &self.timestamp, &self.time)?,
            quantity: pieces(quantity),
            price_minor: self.read_price(quantity)?,
        })
    }

    fn read_quantity(&self) -> Result<f64, RowError> {
        let Some(slot) = &self.quantity else { return Ok(1.0) };
        convert::number(self.records.as_ref(), slot)?
            .ok_or_else(|| slot.error(&Field::Missing, Problem::Missing))
    }

    fn read_price(&self, quantity: f64) -> Result<Option<i64>, RowError> {
        let Some((slot, price)) = &self.price else { return Ok(None) };
        let amount = convert::amount(self.records.as_ref(), slot, price.unit, self.decimals)?;
        Ok(match price.means {
            PriceMeans::Unit => amount,
            PriceMeans::LineTotal => amount.and_then(|total| money::unit_price(total, quantity)),
        })
    }

    fn read_kind(&self) -> Result<EventKind, RowError> {
        match &self.kind {
            Kind::Constant(kind) => Ok(*kind),
            Kind::Column(slot, values) => {
                let word = convert::text(self.records.as_ref(), Some(slot))?;
                values
                    .get(&word)
                    .copied()
                    .or_else(|| ga4(&word))
                    .ok_or_else(|| RowError::new(&slot.name, &word, Problem::UnknownValue))
            }
        }
    }
}

/// A moment in seconds since 1970-01-01 UTC.
pub(crate) fn read_time(
    records: &dyn Records,
    slot: &Slot,
    time: &TimeReader,
) -> Result<i64, RowError> {
    let field = records.field(slot.idx);
    time.seconds(&field).ok_or_else(|| {
        let problem = match field {
            Field::Missing => Problem::Missing,
            Field::NotUtf8(_) => Problem::NotUtf8,
            _ => Problem::NotATime,
        };
        slot.error(&field, problem)
    })
}

/// The GA4 names of the events that are understood.
fn ga4(word: &str) -> Option<EventKind> {
    match word {
        "view_item" => Some(EventKind::ViewItem),
        "add_to_cart" => Some(EventKind::AddToCart),
        "remove_from_cart" => Some(EventKind::RemoveFromCart),
        "purchase" => Some(EventKind::Purchase),
        _ => None,
    }
}

/// A weighed or counted quantity in pieces: what is positive is at least one.
fn pieces(quantity: f64) -> i64 {
    let rounded = quantity.round() as i64;
    match quantity {
        q if q > 0.0 => rounded.max(1),
        q if q < 0.0 => rounded.min(-1),
        _ => 0,
    }
}

impl Iterator for Interactions {
    type Item = Result<Row<RawInteraction>, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let advanced = self.records.advance()?;
        Some(advanced.map(|record| Row {
            line: self.records.line(),
            record: record.and_then(|()| self.read()),
        }))
    }
}
