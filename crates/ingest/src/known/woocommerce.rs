//! The product CSV of WooCommerce: variable products with variations that name them.
//!
//! # Source
//! <https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema>

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use serde_json::Value;

use super::{CsvObjects, Header, first, set};
use crate::PARENT_BYTES_MAX;
use crate::error::IngestError;
use crate::html::plain_text;
use crate::input::FileEncoding;
use crate::objects::{Object, ObjectAt, ObjectSource};

/// Most attributes of a product whose columns are looked for.
const ATTRIBUTES_MAX: usize = 50;
/// Fields that a variation takes from its product where it has none of its own.
const SHARED: &[&str] = &[
    "Name",
    "description",
    "Categories",
    "Tags",
    "Images",
    "Brands",
    "Published",
    "Visibility in catalog",
];

/// Yields one object for each product that can be bought: simple products, and variations with
/// what they take from their variable product. It adds `id`, `item_group_id`, `description`,
/// `availability`, `listed`, `category_path` (the first of `Categories`), and each attribute by its name in lower case.
///
/// The file is read twice: first for the variable products, which may come after their
/// variations.
pub(crate) struct WooCommerce {
    rows: CsvObjects,
    parents: BTreeMap<String, Rc<Parent>>,
}

/// A variable product.
struct Parent {
    id: String,
    object: Object,
    has_variations: bool,
}

impl WooCommerce {
    pub(crate) fn open(path: &Path, encoding: FileEncoding) -> Result<Self, IngestError> {
        let open = || CsvObjects::open(path, b',', encoding, Header::AsWritten);
        let rows = open()?;
        let missing: Vec<String> = ["ID", "Type", "Name"]
            .into_iter()
            .filter(|name| !rows.names().iter().any(|column| column == name))
            .map(str::to_owned)
            .collect();
        if !missing.is_empty() {
            let (path, found) = (path.to_owned(), rows.names().to_vec());
            return Err(IngestError::MissingColumns { path, columns: missing, found });
        }
        let parents = parents(path, rows)?;
        Ok(Self { rows: open()?, parents })
    }

    /// The product of a row; `None` for one that is sold as its variations.
    fn product(&self, mut row: Object) -> Option<Object> {
        let kind = first(&row, "Type").to_lowercase();
        let id = id(&row);
        if kind.contains("variable") && self.parents.get(&id).is_some_and(|of| of.has_variations) {
            return None;
        }
        let description = description(&row);
        set(&mut row, "description", &description);
        let parent = self.parents.get(&parent_key(&first(&row, "Parent")));
        if let Some(parent) = parent.filter(|_| kind.contains("variation")) {
            for name in SHARED {
                if let (false, Some(value)) = (row.contains_key(*name), parent.object.get(*name)) {
                    row.insert((*name).to_owned(), value.clone());
                }
            }
            set(&mut row, "item_group_id", &parent.id);
            // What it has itself says more than all that its product comes in.
            attributes(&row.clone(), &mut row);
            attributes(&parent.object, &mut row);
        }
        set(&mut row, "id", &id);
        attributes(&row.clone(), &mut row);
        words(&mut row);
        Some(row)
    }
}

/// The variable products of a file by SKU and by `id:` with their number.
fn parents(path: &Path, mut rows: CsvObjects) -> Result<BTreeMap<String, Rc<Parent>>, IngestError> {
    let (mut variable, mut named, mut n_bytes) = (Vec::new(), BTreeSet::new(), 0_usize);
    while let Some(read) = rows.next_object() {
        let Ok(row) = read?.object else { continue };
        let kind = first(&row, "Type").to_lowercase();
        if kind.contains("variation") {
            let key = parent_key(&first(&row, "Parent"));
            n_bytes += key.len();
            named.insert(key);
        } else if kind.contains("variable") {
            let mut kept = row.clone();
            let description = description(&row);
            set(&mut kept, "description", &description);
            kept.retain(|name, _| {
                SHARED.contains(&name.as_str()) || name.starts_with("Attribute ")
            });
            n_bytes += kept.iter().map(|(name, value)| name.len() + text_len(value)).sum::<usize>();
            variable.push((number_key(&row), first(&row, "SKU"), id(&row), kept));
        }
        if n_bytes > PARENT_BYTES_MAX {
            return Err(IngestError::TooManyParents { path: path.to_owned() });
        }
    }
    let mut parents = BTreeMap::new();
    for (number, sku, id, object) in variable {
        let has_variations = named.contains(&number) || named.contains(&sku);
        let parent = Rc::new(Parent { id, object, has_variations });
        parents.insert(number, parent.clone());
        if !sku.is_empty() {
            parents.insert(sku, parent);
        }
    }
    Ok(parents)
}

fn text_len(value: &Value) -> usize {
    value.as_str().map_or(0, str::len)
}

/// The SKU, or `id:` with the number of a product that has none.
fn id(row: &Object) -> String {
    let sku = first(row, "SKU");
    if sku.is_empty() { number_key(row) } else { sku }
}

fn number_key(row: &Object) -> String {
    format!("id:{}", first(row, "ID"))
}

/// What a variation's `Parent` says: `id:44`, or an SKU.
fn parent_key(parent: &str) -> String {
    parent.replace("id: ", "id:")
}

/// The long description, or else the short one, as plain text.
fn description(row: &Object) -> String {
    let long = plain_text(&first(row, "Description").replace("\\n", "\n"));
    if !long.is_empty() {
        return long;
    }
    plain_text(&first(row, "Short description").replace("\\n", "\n"))
}

/// Adds the attributes of `from` to `row` by their names; one that it has stays.
fn attributes(from: &Object, row: &mut Object) {
    for n in 1..=ATTRIBUTES_MAX {
        let name = first(from, &format!("Attribute {n} name")).to_lowercase();
        let value = first(from, &format!("Attribute {n} value(s)"));
        let name = name.replace("colour", "color");
        if !name.is_empty() && !row.contains_key(&name) {
            set(row, &name, &value);
        }
    }
}

/// The first category, availability and whether it is listed, as every feed has them.
fn words(row: &mut Object) {
    // Commas part paths; one within a name has a backslash before it.
    let categories = first(row, "Categories").replace("\\,", "\u{0}");
    let path = categories.split(',').next().unwrap_or("").replace('\u{0}', ",");
    set(row, "category_path", &path);
    let is_in_stock = match first(row, "In stock?").to_lowercase().as_str() {
        "0" | "no" | "false" | "outofstock" => "out_of_stock",
        "backorder" | "onbackorder" => "backorder",
        _ => "in_stock",
    };
    set(row, "availability", is_in_stock);
    let is_listed = matches!(first(row, "Published").as_str(), "" | "1" | "yes" | "true" | "TRUE")
        && first(row, "Visibility in catalog") != "hidden";
    set(row, "listed", if is_listed { "true" } else { "false" });
}

impl ObjectSource for WooCommerce {
    fn next_object(&mut self) -> Option<Result<ObjectAt, IngestError>> {
        loop {
            let ObjectAt { line, object } = match self.rows.next_object()? {
                Ok(read) => read,
                Err(error) => return Some(Err(error)),
            };
            let object = match object {
                Err(bad) => Err(bad),
                Ok(row) => match self.product(row) {
                    Some(object) => Ok(object),
                    None => continue,
                },
            };
            return Some(Ok(ObjectAt { line, object }));
        }
    }
}
