//! The reader of a product feed.

mod read;
mod sale;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use vitrine_domain::Availability;

pub use sale::SaleInterval;

use crate::convert::MoneySlot;
use crate::error::{IngestError, RowError};
use crate::mapping::{Mapping, ProductColumns, ProductField};
use crate::measure::FeedMeasure;
use crate::records::{self, Layout, Plan, Records, Row, Slot};
use crate::time::TimeReader;
use crate::words::{FeedAgeGroup, FeedCondition, FeedGender};
use sale::SaleReader;

/// A product as the feed has it, not yet checked. What is missing is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawProduct {
    /// The shop's identifier.
    pub sku: String,
    /// What products that are variants of one another have in common.
    pub item_group_id: String,
    /// Title or product type.
    pub title: String,
    /// Free text; cut at [`limits::TEXT_CHARS_MAX`](vitrine_domain::limits::TEXT_CHARS_MAX).
    pub description: String,
    /// Values of the attribute columns that have one, joined; what goes beyond
    /// [`limits::TEXT_CHARS_MAX`](vitrine_domain::limits::TEXT_CHARS_MAX) is left out, a value at
    /// a time.
    pub attributes: String,
    /// Top level of the category path.
    pub department: String,
    /// Second level of the category path, or the last of one that is in one column.
    pub category: String,
    /// Brand.
    pub brand: String,
    /// Maker.
    pub manufacturer: String,
    /// Package size.
    pub size: String,
    /// Price of a piece in minor units; may be nonsense, even negative.
    pub price_minor: Option<i64>,
    /// Price of a piece during the sale, in minor units; may be nonsense. Without
    /// `sale_interval` the sale is on now. `None` where the feed gives dates that cannot be
    /// read, so that no sale lasts for ever by mistake.
    pub sale_price_minor: Option<i64>,
    /// Prices in the mapping's price lists, by ascending list; those that the feed does not
    /// price are left out.
    pub list_prices: Vec<FeedListPrice>,
    /// When the sale is.
    pub sale_interval: Option<SaleInterval>,
    /// How much is in a piece.
    pub unit_pricing_measure: Option<FeedMeasure>,
    /// Of how much the price is told.
    pub unit_pricing_base_measure: Option<FeedMeasure>,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Pieces in stock.
    pub stock: Option<u32>,
    /// Global trade item number.
    pub gtin: String,
    /// Address of its page.
    pub link: String,
    /// Address of its picture.
    pub image_link: String,
    /// Addresses of further pictures, at most [`crate::IMAGES_MAX`], none twice.
    pub additional_image_links: Vec<String>,
    /// When it can be bought, as the feed writes it.
    pub availability_date: String,
    /// When it stops being listed, as the feed writes it.
    pub expiration_date: String,
    /// Condition.
    pub condition: Option<FeedCondition>,
    /// Age of those whom it is for.
    pub age_group: Option<FeedAgeGroup>,
    /// Gender of those whom it is for.
    pub gender: Option<FeedGender>,
    /// Colour.
    pub color: String,
    /// Material.
    pub material: String,
    /// Pattern.
    pub pattern: String,
    /// Mean rating, 1 to 5; a feed's 0 means that nobody rated it.
    pub rating: Option<f64>,
    /// How many rated it.
    pub rating_count: Option<u32>,
    /// When it was first listed, in seconds since 1970-01-01 UTC.
    pub published_at_seconds: Option<i64>,
    /// The feed says that the shop does not list it: a draft, archived, hidden.
    pub is_unlisted: bool,
    /// Values that could not be read, of fields without which a product can be shown: those
    /// fields are empty.
    pub problems: Vec<RowError>,
}

/// Price of a product in a price list of the mapping, not yet checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedListPrice {
    /// Place of the list in [`Mapping::price_lists`].
    pub list: u8,
    /// Price of a piece in minor units of the list's currency; may be nonsense.
    pub price_minor: i64,
    /// Price of a piece during the product's sale, likewise.
    pub sale_price_minor: Option<i64>,
}

/// Streams the product feed. See [`open_products`].
pub struct Products {
    records: Box<dyn Records>,
    slots: ProductSlots,
    values: BTreeMap<ProductField, BTreeMap<String, String>>,
}

/// Where each field of a product is.
struct ProductSlots {
    sku: Slot,
    item_group_id: Option<Slot>,
    title: Option<Slot>,
    description: Option<Slot>,
    attributes: Vec<Slot>,
    department: Option<Slot>,
    category: Option<Slot>,
    category_path: Option<(Slot, String)>,
    brand: Option<Slot>,
    manufacturer: Option<Slot>,
    size: Option<Slot>,
    price: Option<MoneySlot>,
    sale_price: Option<MoneySlot>,
    price_lists: Vec<(MoneySlot, Option<MoneySlot>)>,
    sale: Option<SaleReader>,
    unit_pricing_measure: Option<Slot>,
    unit_pricing_base_measure: Option<Slot>,
    availability: Option<Slot>,
    stock: Option<Slot>,
    gtin: Option<Slot>,
    link: Option<Slot>,
    image_link: Option<Slot>,
    additional_image_links: Vec<Slot>,
    availability_date: Option<Slot>,
    expiration_date: Option<Slot>,
    condition: Option<Slot>,
    age_group: Option<Slot>,
    gender: Option<Slot>,
    color: Option<Slot>,
    material: Option<Slot>,
    pattern: Option<Slot>,
    rating: Option<Slot>,
    rating_count: Option<Slot>,
    published_at: Option<(Slot, TimeReader)>,
    listed: Option<Slot>,
}

impl ProductSlots {
    fn of(
        plan: &mut Plan,
        columns: &ProductColumns,
        mapping: &Mapping,
    ) -> Result<Self, IngestError> {
        let all = |plan: &mut Plan, names: &[String]| -> Vec<Slot> {
            names.iter().map(|name| plan.slot(name, false)).collect()
        };
        let published_at = match &columns.published_at {
            Some(of) => {
                Some((plan.slot(&of.column, false), TimeReader::new(&of.format, &of.zone)?))
            }
            None => None,
        };
        let sale = match &columns.sale_price_effective_date {
            Some(of) => Some(SaleReader::of(plan, of)?),
            None => None,
        };
        let price_lists = mapping.price_lists.iter().map(|list| {
            let currency = (list.info.currency.as_str(), list.currency_decimals);
            let price = MoneySlot::in_currency(plan, &list.price, currency);
            let sale = list.sale_price.as_ref();
            (price, sale.map(|of| MoneySlot::in_currency(plan, of, currency)))
        });
        let price_lists = price_lists.collect();
        Ok(Self {
            sku: plan.slot(&columns.sku, true),
            price_lists,
            item_group_id: plan.optional(columns.item_group_id.as_ref()),
            title: plan.optional(columns.title.as_ref()),
            description: plan.optional(columns.description.as_ref()),
            attributes: all(plan, &columns.attributes),
            department: plan.optional(columns.department.as_ref()),
            category: plan.optional(columns.category.as_ref()),
            category_path: (columns.category_path.as_ref())
                .map(|path| (plan.slot(&path.column, false), path.separator.clone())),
            brand: plan.optional(columns.brand.as_ref()),
            manufacturer: plan.optional(columns.manufacturer.as_ref()),
            size: plan.optional(columns.size.as_ref()),
            price: columns.price.as_ref().map(|of| MoneySlot::of(plan, of, mapping)),
            sale_price: columns.sale_price.as_ref().map(|of| MoneySlot::of(plan, of, mapping)),
            sale,
            unit_pricing_measure: plan.optional(columns.unit_pricing_measure.as_ref()),
            unit_pricing_base_measure: plan.optional(columns.unit_pricing_base_measure.as_ref()),
            availability: plan.optional(columns.availability.as_ref()),
            stock: plan.optional(columns.stock.as_ref()),
            gtin: plan.optional(columns.gtin.as_ref()),
            link: plan.optional(columns.link.as_ref()),
            image_link: plan.optional(columns.image_link.as_ref()),
            additional_image_links: all(plan, &columns.additional_image_links),
            availability_date: plan.optional(columns.availability_date.as_ref()),
            expiration_date: plan.optional(columns.expiration_date.as_ref()),
            condition: plan.optional(columns.condition.as_ref()),
            age_group: plan.optional(columns.age_group.as_ref()),
            gender: plan.optional(columns.gender.as_ref()),
            color: plan.optional(columns.color.as_ref()),
            material: plan.optional(columns.material.as_ref()),
            pattern: plan.optional(columns.pattern.as_ref()),
            rating: plan.optional(columns.rating.as_ref()),
            rating_count: plan.optional(columns.rating_count.as_ref()),
            published_at,
            listed: plan.optional(columns.listed.as_ref()),
        })
    }
}

/// Opens a product feed.
///
/// # Errors
/// When the file is missing, of unknown format, damaged or lacks a mapped
/// column. Bad rows are not errors: they are yielded as such.
pub fn open_products(path: &Path, mapping: &Mapping) -> Result<Products, IngestError> {
    let columns = &mapping.products;
    let mut plan = Plan::default();
    let slots = ProductSlots::of(&mut plan, columns, mapping)?;
    let layout = Layout {
        format: columns.format,
        encoding: columns.encoding,
        records: columns.records.as_deref(),
    };
    let records = records::open(path, layout, &plan.columns)?;
    Ok(Products { records, slots, values: columns.values.clone() })
}

impl Products {
    /// The row that was yielded last, as it stands in the file (JSON), for the quarantine.
    pub fn original(&self) -> Value {
        self.records.original()
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
