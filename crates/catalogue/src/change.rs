//! A change of a product, as a shop pushes it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vitrine_domain::Availability;
use vitrine_domain::limits::TEXT_CHARS_MAX;

use crate::error::ChangeError;
use crate::limits;
use crate::named_prices::{self, NamedPrices};
use crate::price::{Price, SalePrice};
use crate::product::{ProductFacts, ProductTerms, RunningOffer, within};

/// One change of one product.
///
/// In JSON it is flat, with `op` to say what to do; fields that are unknown are refused by
/// their name:
///
/// ```
/// use vitrine_catalogue::{ChangeAction, ProductChange};
///
/// let line = br#"{"op": "patch", "sku": "A-7", "revision": 12, "price": "3.49 USD", "stock": null}"#;
/// let change = ProductChange::from_line(line)?;
/// let ChangeAction::Patch(patch) = &change.action else { panic!("a patch") };
/// assert_eq!(patch.stock, Some(None), "null clears, a missing field leaves");
///
/// let error = ProductChange::from_line(br#"{"op": "hide", "sku": "A-7", "why": "old"}"#);
/// assert!(error.unwrap_err().to_string().contains("why"));
/// # Ok::<(), vitrine_catalogue::ChangeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>", into = "Map<String, Value>")]
pub struct ProductChange {
    /// The shop's identifier of the product; `id` in JSON is the same.
    pub sku: String,
    /// Orders the changes of this product: a counter or a time of the shop's own. Without
    /// one the server gives the next, so that a repetition is not noticed.
    pub revision: Option<u64>,
    /// What to do.
    pub action: ChangeAction,
}

/// What a change does; each leaves alone what it does not name.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeAction {
    /// Replaces facts and terms of the product as a whole: a field that is missing is empty
    /// afterwards. Whether it is hidden and in an offer stays.
    Upsert(Box<ProductUpsert>),
    /// Replaces single terms or texts.
    Patch(ProductPatch),
    /// Keeps the product and shows it to nobody.
    Hide,
    /// Shows a hidden product again.
    Unhide,
    /// Forgets all but the revision.
    Delete,
}

/// A whole product.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductUpsert {
    /// What describes it.
    pub facts: ProductFacts,
    /// What it costs and whether it is there.
    pub terms: ProductTerms,
    /// Its prices in price lists; in those that are not named it has none.
    pub list_prices: NamedPrices,
}

/// `None` leaves the value, `Some(None)` clears it.
pub type Patched<T> = Option<Option<T>>;

/// Single terms and texts of a product.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductPatch {
    /// What its page is headed with. The product stays on its card: which one that is follows
    /// from the title of its facts. It cannot be cleared.
    pub title: Option<String>,
    /// Free text.
    pub description: Patched<String>,
    /// Price of a piece.
    pub price: Patched<Price>,
    /// A lower price with its time; both are replaced together.
    pub sale_price: Patched<SalePrice>,
    /// Its prices in price lists (`prices` in JSON); those that are not named stay.
    pub list_prices: NamedPrices,
    /// Whether it can be bought.
    pub availability: Patched<Availability>,
    /// Pieces that are there.
    pub stock: Patched<u32>,
    /// The promotion that it is in.
    pub offer: Patched<RunningOffer>,
}

impl ProductChange {
    /// Reads one line of NDJSON, or one element of an array.
    ///
    /// # Errors
    /// [`ChangeError`] says what is wrong with which field.
    pub fn from_line(line: &[u8]) -> Result<Self, ChangeError> {
        if line.len() > limits::LINE_BYTES_MAX {
            return Err(ChangeError::LineTooLong);
        }
        let fields: Map<String, Value> = serde_json::from_slice(line).map_err(ChangeError::Json)?;
        let change = Self::try_from(fields)?;
        change.validate()?;
        Ok(change)
    }

    /// Checks lengths and ranges, as [`Self::from_line`] and the log do. Reading by serde
    /// does not, so that a log can be read under tighter limits than it was written under.
    ///
    /// # Errors
    /// [`ChangeError`] with the name of the first field that is wrong.
    pub fn validate(&self) -> Result<(), ChangeError> {
        identifier("sku", &self.sku)?;
        let (min, max) = (limits::REVISION_MIN, limits::REVISION_MAX);
        if self.revision.is_some_and(|revision| !(min..=max).contains(&revision)) {
            return Err(ChangeError::OutOfRange { field: "revision", min, max });
        }
        match &self.action {
            ChangeAction::Upsert(product) => {
                named_prices::validate(&product.list_prices)?;
                product.facts.validate()
            }
            ChangeAction::Patch(patch) if *patch == ProductPatch::default() => {
                Err(ChangeError::EmptyPatch)
            }
            ChangeAction::Patch(patch) => {
                named_prices::validate(&patch.list_prices)?;
                if patch.title.as_ref().is_some_and(|title| title.trim().is_empty()) {
                    return Err(ChangeError::Missing { field: "title" });
                }
                within("title", patch.title.as_deref().unwrap_or_default(), TEXT_CHARS_MAX)?;
                let description = patch.description.as_ref().and_then(Option::as_deref);
                within("description", description.unwrap_or_default(), TEXT_CHARS_MAX)?;
                patch.offer.iter().flatten().try_for_each(RunningOffer::validate)
            }
            _ => Ok(()),
        }
    }
}

/// Checks an identifier of the shop's.
pub(crate) fn identifier(field: &'static str, text: &str) -> Result<(), ChangeError> {
    if text.is_empty() {
        return Err(ChangeError::Missing { field });
    }
    if text.chars().any(char::is_control) {
        return Err(ChangeError::ControlCharacter { field });
    }
    within(field, text, limits::IDENTIFIER_CHARS_MAX)
}

impl TryFrom<Map<String, Value>> for ProductChange {
    type Error = ChangeError;

    fn try_from(mut fields: Map<String, Value>) -> Result<Self, ChangeError> {
        let op: String = take(&mut fields, "op")?.ok_or(ChangeError::Missing { field: "op" })?;
        let (sku, id) = (take(&mut fields, "sku")?, take(&mut fields, "id")?);
        let sku = match (sku, id) {
            (Some(sku), None) | (None, Some(sku)) => sku,
            (Some(_), Some(_)) => return Err(ChangeError::SkuAndId),
            (None, None) => return Err(ChangeError::Missing { field: "sku" }),
        };
        let revision = take(&mut fields, "revision")?;
        let action = match op.as_str() {
            "upsert" => ChangeAction::Upsert(Box::new(upsert(&mut fields)?)),
            "patch" => ChangeAction::Patch(patch(&mut fields)?),
            "hide" => ChangeAction::Hide,
            "unhide" => ChangeAction::Unhide,
            "delete" => ChangeAction::Delete,
            _ => return Err(ChangeError::UnknownOp { op }),
        };
        if let Some(name) = fields.into_iter().map(|(name, _)| name).next() {
            return Err(ChangeError::UnknownField { name, op });
        }
        Ok(Self { sku, revision, action })
    }
}

/// Takes a field out; a null is none.
fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Option<T>, ChangeError> {
    Ok(take_patched(fields, name)?.flatten())
}

/// Takes a field out, telling a null from a field that is missing.
fn take_patched<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    name: &'static str,
) -> Result<Patched<T>, ChangeError> {
    let Some(value) = fields.remove(name) else { return Ok(None) };
    let wrong = |source| ChangeError::Field { field: name, source };
    serde_json::from_value(value).map(Some).map_err(wrong)
}

fn upsert(fields: &mut Map<String, Value>) -> Result<ProductUpsert, ChangeError> {
    let terms = ProductTerms {
        price: take(fields, "price")?,
        sale_price: sale_price(fields)?.flatten(),
        availability: availability(fields)?.flatten(),
        stock: take(fields, "stock")?,
    };
    let list_prices = named_prices(fields)?;
    // Names that it does not have are refused here.
    let facts = serde_json::from_value(Value::Object(std::mem::take(fields)));
    Ok(ProductUpsert { facts: facts.map_err(ChangeError::Json)?, terms, list_prices })
}

fn patch(fields: &mut Map<String, Value>) -> Result<ProductPatch, ChangeError> {
    let title = match take_patched(fields, "title")? {
        Some(None) => return Err(ChangeError::Missing { field: "title" }),
        title => title.flatten(),
    };
    Ok(ProductPatch {
        title,
        description: take_patched(fields, "description")?,
        price: take_patched(fields, "price")?,
        sale_price: sale_price(fields)?,
        list_prices: named_prices(fields)?,
        availability: availability(fields)?,
        stock: take_patched(fields, "stock")?,
        offer: take_patched(fields, "offer")?,
    })
}

fn sale_price(fields: &mut Map<String, Value>) -> Result<Patched<SalePrice>, ChangeError> {
    let price: Patched<Price> = take_patched(fields, "sale_price")?;
    let period = take(fields, "sale_price_effective_date")?;
    match price {
        Some(Some(price)) => Ok(Some(Some(SalePrice { price, period }))),
        _ if period.is_some() => Err(ChangeError::PeriodAlone),
        cleared => Ok(cleared.map(|_| None)),
    }
}

/// Prices by the keys of lists. A null in the place of the whole says nothing that could be
/// meant.
fn named_prices(fields: &mut Map<String, Value>) -> Result<NamedPrices, ChangeError> {
    match take_patched(fields, "prices")? {
        None => Ok(NamedPrices::new()),
        Some(Some(prices)) => Ok(prices),
        Some(None) => Err(ChangeError::Missing { field: "prices" }),
    }
}

/// As in a feed: what is on its way cannot be bought now.
fn availability(fields: &mut Map<String, Value>) -> Result<Patched<Availability>, ChangeError> {
    let word: Patched<String> = take_patched(fields, "availability")?;
    let known = |word: String| match word.as_str() {
        "in_stock" => Ok(Availability::InStock),
        "out_of_stock" | "preorder" | "backorder" => Ok(Availability::OutOfStock),
        _ => Err(ChangeError::UnknownAvailability { word }),
    };
    word.map(|word| word.map(known).transpose()).transpose()
}

impl From<ProductChange> for Map<String, Value> {
    fn from(change: ProductChange) -> Self {
        let (op, mut fields) = match change.action {
            ChangeAction::Upsert(product) => ("upsert", upsert_fields(&product)),
            ChangeAction::Patch(patch) => ("patch", patch_fields(&patch)),
            ChangeAction::Hide => ("hide", Map::new()),
            ChangeAction::Unhide => ("unhide", Map::new()),
            ChangeAction::Delete => ("delete", Map::new()),
        };
        fields.insert("op".into(), op.into());
        fields.insert("sku".into(), change.sku.into());
        if let Some(revision) = change.revision {
            fields.insert("revision".into(), revision.into());
        }
        fields
    }
}

fn upsert_fields(product: &ProductUpsert) -> Map<String, Value> {
    // A struct of texts and numbers is always an object.
    let mut fields = match serde_json::to_value(&product.facts) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let terms = &product.terms;
    put(&mut fields, "price", terms.price.map(Some));
    put_sale_price(&mut fields, terms.sale_price.map(Some));
    put_named_prices(&mut fields, &product.list_prices);
    put(&mut fields, "availability", terms.availability.map(Some));
    put(&mut fields, "stock", terms.stock.map(Some));
    fields
}

fn patch_fields(patch: &ProductPatch) -> Map<String, Value> {
    let mut fields = Map::new();
    put(&mut fields, "title", patch.title.as_deref().map(Some));
    put(&mut fields, "description", patch.description.as_ref().map(Option::as_deref));
    put(&mut fields, "price", patch.price);
    put_sale_price(&mut fields, patch.sale_price);
    put_named_prices(&mut fields, &patch.list_prices);
    put(&mut fields, "availability", patch.availability);
    put(&mut fields, "stock", patch.stock);
    put(&mut fields, "offer", patch.offer.clone());
    fields
}

fn put<T: Serialize>(fields: &mut Map<String, Value>, name: &str, value: Patched<T>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        fields.insert(name.into(), value);
    }
}

fn put_named_prices(fields: &mut Map<String, Value>, prices: &NamedPrices) {
    put(fields, "prices", (!prices.is_empty()).then_some(Some(prices)));
}

fn put_sale_price(fields: &mut Map<String, Value>, sale_price: Patched<SalePrice>) {
    put(fields, "sale_price", sale_price.map(|sale| sale.map(|sale| sale.price)));
    let period = sale_price.flatten().and_then(|sale| sale.period);
    put(fields, "sale_price_effective_date", period.map(Some));
}
