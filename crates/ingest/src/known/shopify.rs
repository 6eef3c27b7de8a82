//! The product CSV of Shopify: a row for each variant and picture, of which only the first
//! row of a product has its texts.
//!
//! # Source
//! <https://help.shopify.com/en/manual/products/import-export/using-csv>

use std::collections::VecDeque;
use std::path::Path;

use serde_json::Value;

use super::{CsvObjects, Header, first, set, set_all};
use crate::error::IngestError;
use crate::html::plain_text;
use crate::input::FileEncoding;
use crate::objects::{Object, ObjectAt, ObjectSource};

/// Most rows of one product; the rows after them begin a product of the same handle.
pub(crate) const GROUP_ROWS_MAX: usize = 4_096;
/// Options that a product can have.
const OPTIONS: [u32; 3] = [1, 2, 3];
/// The only option of a product without options.
const NO_OPTION: &str = "Default Title";
/// Fields that variants of a product have in common.
const SHARED: &[&str] = &[
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Status",
    "Option1 Name",
    "Option2 Name",
    "Option3 Name",
    "Google Shopping / Gender",
    "Google Shopping / Age Group",
    "Google Shopping / Condition",
];

/// Yields one object for each variant: its row's fields, what the product has in common, and
/// `id`, `description`, `price`, `sale_price`, `availability`, `listed`, `image_link`,
/// `additional_image_link`, `unit_pricing_measure`, `unit_pricing_base_measure`, and each
/// option by its name in lower case (`color`, `size`).
pub(crate) struct Shopify {
    rows: CsvObjects,
    /// Read, of the next product.
    next_row: Option<(u64, Object)>,
    ready: VecDeque<ObjectAt>,
    done: bool,
}

impl Shopify {
    pub(crate) fn open(path: &Path, encoding: FileEncoding) -> Result<Self, IngestError> {
        let rows = CsvObjects::open(path, b',', encoding, Header::AsWritten)?;
        let missing: Vec<String> = ["Handle", "Title"]
            .into_iter()
            .filter(|name| !rows.names().iter().any(|column| column == name))
            .map(str::to_owned)
            .collect();
        if !missing.is_empty() {
            let (path, found) = (path.to_owned(), rows.names().to_vec());
            return Err(IngestError::MissingColumns { path, columns: missing, found });
        }
        Ok(Self { rows, next_row: None, ready: VecDeque::new(), done: false })
    }

    /// Reads the rows of one product, and makes its variants ready.
    fn read_product(&mut self) -> Result<(), IngestError> {
        let mut rows: Vec<(u64, Object)> = self.next_row.take().into_iter().collect();
        while rows.len() < GROUP_ROWS_MAX {
            let Some(read) = self.rows.next_object() else {
                self.done = true;
                break;
            };
            let ObjectAt { line, object } = read?;
            match object {
                Err(bad) => self.ready.push_back(ObjectAt { line, object: Err(bad) }),
                Ok(row) => {
                    let is_same =
                        |(_, of): &(u64, Object)| first(of, "Handle") == first(&row, "Handle");
                    if !rows.first().is_none_or(is_same) {
                        self.next_row = Some((line, row));
                        break;
                    }
                    rows.push((line, row));
                }
            }
        }
        self.ready.extend(variants(rows));
        Ok(())
    }
}

/// The variants of a product.
fn variants(rows: Vec<(u64, Object)>) -> Vec<ObjectAt> {
    let Some((_, product)) = rows.first().cloned() else { return Vec::new() };
    let pictures: Vec<String> = rows
        .iter()
        .map(|(_, row)| first(row, "Image Src"))
        .filter(|address| !address.is_empty())
        .collect();
    let is_variant = |row: &Object| {
        ["Variant SKU", "Variant Price", "Option1 Value"].iter().any(|name| row.contains_key(*name))
    };
    let n_variants = rows.iter().filter(|(_, row)| is_variant(row)).count();
    let rows = rows.into_iter().enumerate();
    // A product of which no row is a variant is its own.
    rows.filter(|(idx, (_, row))| is_variant(row) || (n_variants == 0 && *idx == 0))
        .map(|(_, (line, row))| {
            let object = variant(&product, row, &pictures, n_variants > 1);
            ObjectAt { line, object: Ok(object) }
        })
        .collect()
}

fn variant(product: &Object, mut row: Object, pictures: &[String], has_others: bool) -> Object {
    for name in SHARED {
        if let (false, Some(value)) = (row.contains_key(*name), product.get(*name)) {
            row.insert((*name).to_owned(), value.clone());
        }
    }
    let handle = first(&row, "Handle");
    let options: Vec<(String, String)> = OPTIONS
        .into_iter()
        .map(|n| {
            (first(&row, &format!("Option{n} Name")), first(&row, &format!("Option{n} Value")))
        })
        .filter(|(_, value)| !value.is_empty() && value != NO_OPTION)
        .collect();
    let values: Vec<&str> = options.iter().map(|(_, value)| value.as_str()).collect();
    let own =
        if values.is_empty() { handle.clone() } else { format!("{handle}/{}", values.join("/")) };
    let sku = first(&row, "Variant SKU");
    set(&mut row, "id", if sku.is_empty() { &own } else { sku.trim_start_matches('\'') });
    if has_others {
        set(&mut row, "item_group_id", &handle);
    }
    for (name, value) in &options {
        // "Colour" and "Color" are one.
        let name = name.to_lowercase().replace("colour", "color");
        if !row.contains_key(&name) {
            set(&mut row, &name, value);
        }
    }
    let description = plain_text(&first(&row, "Body (HTML)"));
    set(&mut row, "description", &description);
    prices(&mut row);
    stock(&mut row);
    images(&mut row, pictures);
    for name in ["Total Measure", "Base Measure"] {
        let (amount, unit) = (format!("Unit Price {name}"), format!("Unit Price {name} Unit"));
        let measure = format!("{} {}", first(&row, &amount), first(&row, &unit));
        if measure.trim().contains(' ') {
            let to = format!("unit_pricing_{}", name.to_lowercase().replace(' ', "_"));
            set(&mut row, &to.replace("total_measure", "measure"), &measure);
        }
    }
    row
}

/// The price to compare with is the price before the sale, where it is the higher one.
fn prices(row: &mut Object) {
    let (price, before) = (first(row, "Variant Price"), first(row, "Variant Compare At Price"));
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    if number(&before) > number(&price) {
        set(row, "price", &before);
        set(row, "sale_price", &price);
    } else {
        set(row, "price", &price);
    }
}

/// A variant whose stock is counted cannot be bought when there is none, unless it can be
/// ordered nevertheless. Drafts and archived products are not listed.
fn stock(row: &mut Object) {
    let is_counted = !first(row, "Variant Inventory Tracker").is_empty();
    let n: i64 = first(row, "Variant Inventory Qty").parse().unwrap_or(i64::MAX);
    let is_sold = is_counted && n <= 0 && first(row, "Variant Inventory Policy") == "deny";
    set(row, "availability", if is_sold { "out_of_stock" } else { "in_stock" });
    if is_counted && n != i64::MAX {
        row.insert("stock".to_owned(), Value::from(n.max(0)));
    }
    let (published, status) = (first(row, "Published"), first(row, "Status"));
    let is_hidden = published.eq_ignore_ascii_case("false")
        || status.eq_ignore_ascii_case("draft")
        || status.eq_ignore_ascii_case("archived");
    set(row, "listed", if is_hidden { "false" } else { "true" });
}

fn images(row: &mut Object, pictures: &[String]) {
    let own = first(row, "Variant Image");
    let main = if own.is_empty() { pictures.first().cloned().unwrap_or_default() } else { own };
    let others = pictures.iter().filter(|address| **address != main).cloned().collect();
    set(row, "image_link", &main);
    set_all(row, "additional_image_link", others);
}

impl ObjectSource for Shopify {
    fn next_object(&mut self) -> Option<Result<ObjectAt, IngestError>> {
        while self.ready.is_empty() && (!self.done || self.next_row.is_some()) {
            if let Err(error) = self.read_product() {
                self.done = true;
                self.next_row = None;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
