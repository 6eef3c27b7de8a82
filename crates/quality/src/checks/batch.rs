//! Rows as Arrow record batches: what the checks stream over.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::{
    BooleanBuilder, Int64Builder, StringBuilder, UInt8Builder, UInt64Builder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt8Type, UInt64Type};
use arrow_array::{
    Array, BooleanArray, Int64Array, RecordBatch, StringArray, UInt8Array, UInt64Array,
};
use arrow_schema::{DataType, Schema, SchemaRef};
use vitrine_domain::calendar::{date_text, day_of};
use vitrine_domain::{Availability, EventKind};

use super::declare::Field;
use super::money::Money;
use super::predicate::RowValue;
use crate::{InteractionRow, ProductRow};

/// Rows of one batch.
pub const BATCH_ROWS: usize = 4_096;

/// Texts of a product, in the order of their columns.
const PRODUCT_TEXTS: [(Field, &str); 13] = [
    (Field::Sku, "sku"),
    (Field::Title, "title"),
    (Field::Description, "description"),
    (Field::Department, "department"),
    (Field::Category, "category"),
    (Field::Brand, "brand"),
    (Field::Manufacturer, "manufacturer"),
    (Field::Size, "size"),
    (Field::Gtin, "gtin"),
    (Field::Link, "link"),
    (Field::ImageLink, "image_link"),
    (Field::AvailabilityDate, "availability_date"),
    (Field::ExpirationDate, "expiration_date"),
];

static PRODUCTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let line = arrow_schema::Field::new("line", DataType::UInt64, false);
    let texts =
        PRODUCT_TEXTS.map(|(_, name)| arrow_schema::Field::new(name, DataType::Utf8, false));
    let price = arrow_schema::Field::new("price_minor", DataType::Int64, true);
    let stock = arrow_schema::Field::new("in_stock", DataType::Boolean, false);
    let fields: Vec<_> = [line].into_iter().chain(texts).chain([price, stock]).collect();
    Arc::new(Schema::new(fields))
});

static LINES: LazyLock<SchemaRef> = LazyLock::new(|| {
    let field = |name, data_type| arrow_schema::Field::new(name, data_type, false);
    Arc::new(Schema::new(vec![
        field("line", DataType::UInt64),
        field("shopper", DataType::Utf8),
        field("sku", DataType::Utf8),
        field("basket", DataType::Utf8),
        field("kind", DataType::UInt8),
        field("at_seconds", DataType::Int64),
        field("quantity", DataType::Int64),
        arrow_schema::Field::new("price_minor", DataType::Int64, true),
    ]))
});

/// Collects product rows into batches.
pub struct ProductBatcher {
    schema: SchemaRef,
    line: UInt64Builder,
    texts: [StringBuilder; PRODUCT_TEXTS.len()],
    price_minor: Int64Builder,
    in_stock: BooleanBuilder,
    n_rows: usize,
}

impl ProductBatcher {
    /// Without rows yet; prices have so many digits after the point of a major unit.
    pub fn new(currency_decimals: u32) -> Self {
        Self {
            schema: Money::with_decimals(currency_decimals).written_into(&PRODUCTS),
            line: UInt64Builder::new(),
            texts: Default::default(),
            price_minor: Int64Builder::new(),
            in_stock: BooleanBuilder::new(),
            n_rows: 0,
        }
    }

    /// Adds the row of `line`.
    pub fn push(&mut self, line: u64, row: &ProductRow) {
        let ProductRow { product, merchant, .. } = row;
        self.line.append_value(line);
        let texts = [
            &product.sku,
            &product.title,
            &product.description,
            &product.department,
            &product.category,
            &product.brand,
            &product.manufacturer,
            &product.size,
            &merchant.gtin,
            &merchant.link,
            &merchant.image_link,
            &merchant.availability_date,
            &merchant.expiration_date,
        ];
        for (builder, text) in self.texts.iter_mut().zip(texts) {
            builder.append_value(text);
        }
        self.price_minor.append_option(row.price_minor);
        self.in_stock.append_value(product.availability == Availability::InStock);
        self.n_rows += 1;
    }

    /// Whether the batch is due.
    pub fn is_full(&self) -> bool {
        self.n_rows >= BATCH_ROWS
    }

    /// The rows so far; the batcher is empty again.
    pub fn take(&mut self) -> RecordBatch {
        self.n_rows = 0;
        let mut columns: Vec<Arc<dyn Array>> = vec![Arc::new(self.line.finish())];
        columns.extend(self.texts.iter_mut().map(|text| Arc::new(text.finish()) as _));
        columns.push(Arc::new(self.price_minor.finish()));
        columns.push(Arc::new(self.in_stock.finish()));
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .expect("every row has every column of the schema")
    }
}

/// Collects lines of the log into batches.
pub struct LineBatcher {
    schema: SchemaRef,
    line: UInt64Builder,
    shopper: StringBuilder,
    sku: StringBuilder,
    basket: StringBuilder,
    kind: UInt8Builder,
    at_seconds: Int64Builder,
    quantity: Int64Builder,
    price_minor: Int64Builder,
    n_rows: usize,
}

impl LineBatcher {
    /// Without rows yet; prices have so many digits after the point of a major unit.
    pub fn new(currency_decimals: u32) -> Self {
        Self {
            schema: Money::with_decimals(currency_decimals).written_into(&LINES),
            line: UInt64Builder::new(),
            shopper: StringBuilder::new(),
            sku: StringBuilder::new(),
            basket: StringBuilder::new(),
            kind: UInt8Builder::new(),
            at_seconds: Int64Builder::new(),
            quantity: Int64Builder::new(),
            price_minor: Int64Builder::new(),
            n_rows: 0,
        }
    }

    /// Adds the row of `line`.
    pub fn push(&mut self, line: u64, row: &InteractionRow) {
        self.line.append_value(line);
        self.shopper.append_value(&row.shopper);
        self.sku.append_value(&row.sku);
        self.basket.append_value(&row.basket);
        self.kind.append_value(row.kind as u8);
        self.at_seconds.append_value(row.at_seconds);
        self.quantity.append_value(row.quantity);
        self.price_minor.append_option(row.price_minor);
        self.n_rows += 1;
    }

    /// Whether the batch is due.
    pub fn is_full(&self) -> bool {
        self.n_rows >= BATCH_ROWS
    }

    /// The rows so far; the batcher is empty again.
    pub fn take(&mut self) -> RecordBatch {
        self.n_rows = 0;
        let columns: Vec<Arc<dyn Array>> = vec![
            Arc::new(self.line.finish()),
            Arc::new(self.shopper.finish()),
            Arc::new(self.sku.finish()),
            Arc::new(self.basket.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.at_seconds.finish()),
            Arc::new(self.quantity.finish()),
            Arc::new(self.price_minor.finish()),
        ];
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .expect("every row has every column of the schema")
    }
}

/// The columns of a batch of products.
pub(crate) struct ProductColumns<'a> {
    money: Money,
    line: &'a UInt64Array,
    texts: [&'a StringArray; PRODUCT_TEXTS.len()],
    price_minor: &'a Int64Array,
    in_stock: &'a BooleanArray,
}

impl<'a> ProductColumns<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> Self {
        Self {
            money: Money::of(batch.schema_ref()),
            line: batch.column(0).as_primitive::<UInt64Type>(),
            texts: std::array::from_fn(|idx| batch.column(1 + idx).as_string()),
            price_minor: batch.column(1 + PRODUCT_TEXTS.len()).as_primitive::<Int64Type>(),
            in_stock: batch.column(2 + PRODUCT_TEXTS.len()).as_boolean(),
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = ProductView<'_>> {
        (0..self.line.len()).map(|idx| ProductView { columns: self, idx })
    }
}

/// One row of a batch of products.
#[derive(Clone, Copy)]
pub(crate) struct ProductView<'a> {
    columns: &'a ProductColumns<'a>,
    idx: usize,
}

impl<'a> ProductView<'a> {
    pub(crate) fn line(&self) -> u64 {
        self.columns.line.value(self.idx)
    }

    /// A text field; empty for the price.
    pub(crate) fn text(&self, field: Field) -> &'a str {
        let column = PRODUCT_TEXTS.iter().position(|(known, _)| *known == field);
        column.map_or("", |column| self.columns.texts[column].value(self.idx))
    }

    pub(crate) fn price_minor(&self) -> Option<i64> {
        let prices = self.columns.price_minor;
        prices.is_valid(self.idx).then(|| prices.value(self.idx))
    }

    pub(crate) fn in_stock(&self) -> bool {
        self.columns.in_stock.value(self.idx)
    }

    pub(crate) fn money(&self) -> Money {
        self.columns.money
    }

    /// A field by its name in a predicate.
    pub(crate) fn value(&self, name: &str) -> RowValue<'a> {
        match name {
            "price" => RowValue::Float(major(self.money(), self.price_minor())),
            "in_stock" => RowValue::Bool(self.in_stock()),
            _ => {
                let known = PRODUCT_TEXTS.iter().find(|(_, text)| *text == name);
                RowValue::Text(known.map_or("", |(field, _)| self.text(*field)))
            }
        }
    }

    /// The row's non-empty fields, for reports.
    pub(crate) fn record(&self) -> Vec<(String, String)> {
        let texts = PRODUCT_TEXTS
            .iter()
            .map(|(field, name)| ((*name).to_owned(), shortened(self.text(*field))));
        let price =
            self.price_minor().map(|price| ("price".to_owned(), self.money().shown(price as f64)));
        texts.chain(price).filter(|(_, text)| !text.is_empty()).collect()
    }
}

/// The columns of a batch of the log.
pub(crate) struct LineColumns<'a> {
    money: Money,
    line: &'a UInt64Array,
    shopper: &'a StringArray,
    sku: &'a StringArray,
    basket: &'a StringArray,
    kind: &'a UInt8Array,
    at_seconds: &'a Int64Array,
    quantity: &'a Int64Array,
    price_minor: &'a Int64Array,
}

impl<'a> LineColumns<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> Self {
        Self {
            money: Money::of(batch.schema_ref()),
            line: batch.column(0).as_primitive::<UInt64Type>(),
            shopper: batch.column(1).as_string(),
            sku: batch.column(2).as_string(),
            basket: batch.column(3).as_string(),
            kind: batch.column(4).as_primitive::<UInt8Type>(),
            at_seconds: batch.column(5).as_primitive::<Int64Type>(),
            quantity: batch.column(6).as_primitive::<Int64Type>(),
            price_minor: batch.column(7).as_primitive::<Int64Type>(),
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = LineView<'_>> {
        (0..self.line.len()).map(|idx| LineView {
            money: self.money,
            line: self.line.value(idx),
            shopper: self.shopper.value(idx),
            sku: self.sku.value(idx),
            basket: self.basket.value(idx),
            kind: self.kind.value(idx),
            at_seconds: self.at_seconds.value(idx),
            quantity: self.quantity.value(idx),
            price_minor: self.price_minor.is_valid(idx).then(|| self.price_minor.value(idx)),
        })
    }
}

/// One line of the log.
#[derive(Clone, Copy)]
pub(crate) struct LineView<'a> {
    money: Money,
    pub line: u64,
    pub shopper: &'a str,
    pub sku: &'a str,
    pub basket: &'a str,
    kind: u8,
    pub at_seconds: i64,
    pub quantity: i64,
    pub price_minor: Option<i64>,
}

impl<'a> LineView<'a> {
    pub(crate) fn is_purchase(&self) -> bool {
        self.kind == EventKind::Purchase as u8
    }

    /// All fields, for telling lines apart.
    pub(crate) fn key(&self) -> impl std::hash::Hash + use<'a> {
        let words = (self.shopper, self.sku, self.basket);
        (words, self.kind, self.at_seconds, self.quantity, self.price_minor)
    }

    pub(crate) fn value(&self, name: &str) -> RowValue<'a> {
        match name {
            "shopper" => RowValue::Text(self.shopper),
            "sku" => RowValue::Text(self.sku),
            "basket" => RowValue::Text(self.basket),
            "kind" => RowValue::Text(kind_name(self.kind)),
            "at_seconds" => RowValue::Int(self.at_seconds),
            "quantity" => RowValue::Int(self.quantity),
            _ => RowValue::Float(major(self.money, self.price_minor)),
        }
    }

    /// What a report shows of a line: enough to see the fault, nothing of who it was.
    pub(crate) fn record(&self) -> Vec<(String, String)> {
        let price = self.price_minor.map(|price| self.money.shown(price as f64));
        let texts = [
            ("sku", shortened(self.sku)),
            ("kind", kind_name(self.kind).to_owned()),
            ("day", date_text(day_of(self.at_seconds))),
            ("quantity", self.quantity.to_string()),
            ("price", price.unwrap_or_default()),
        ];
        let named = texts.into_iter().filter(|(_, text)| !text.is_empty());
        named.map(|(name, text)| (name.to_owned(), text)).collect()
    }
}

fn kind_name(kind: u8) -> &'static str {
    match kind {
        0 => "view_item",
        1 => "add_to_cart",
        2 => "remove_from_cart",
        _ => "purchase",
    }
}

/// Major units; not a number when there is no price, so that comparisons with it
/// are false.
fn major(money: Money, price_minor: Option<i64>) -> f64 {
    price_minor.map_or(f64::NAN, |price| money.major(price as f64))
}

/// Longest text of a sample, in characters.
const SAMPLE_CHARS_MAX: usize = 160;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SAMPLE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
