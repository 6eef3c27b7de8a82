//! The reader of an interaction log.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use vitrine_domain::EventKind;

use crate::convert::{self, MoneySlot};
use crate::error::{IngestError, Problem, RowError};
use crate::mapping::{KindColumn, Mapping, OtherKinds, PriceMeans};
use crate::money;
use crate::records::{self, Field, Layout, Plan, Records, Row, Slot};
use crate::time::TimeReader;

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

/// Streams the interaction log. See [`open_interactions`].
pub struct Interactions {
    records: Box<dyn Records>,
    shopper: Slot,
    sku: Slot,
    timestamp: Slot,
    time: TimeReader,
    basket: Option<Slot>,
    quantity: Option<Slot>,
    price: Option<(MoneySlot, PriceMeans)>,
    kind: Kind,
    n_skipped: u64,
}

enum Kind {
    Constant(EventKind),
    Column { slot: Slot, values: BTreeMap<String, EventKind>, others: OtherKinds },
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
    let price =
        columns.price.as_ref().map(|price| (MoneySlot::of(&mut plan, price, mapping), price.means));
    let kind = match &columns.kind {
        KindColumn::Constant { constant } => Kind::Constant(*constant),
        KindColumn::Column { column, values, others } => {
            let (slot, values) = (plan.slot(column, true), values.clone());
            Kind::Column { slot, values, others: *others }
        }
    };
    let layout = Layout {
        format: columns.format,
        encoding: columns.encoding,
        records: columns.records.as_deref(),
    };
    Ok(Interactions {
        records: records::open(path, layout, &plan.columns)?,
        shopper,
        sku,
        timestamp,
        time: TimeReader::new(&columns.timestamp.format, &columns.timestamp.zone)?,
        basket,
        quantity,
        price,
        kind,
        n_skipped: 0,
    })
}

impl Interactions {
    /// The row that was yielded last, as it stands in the file (JSON), for the quarantine.
    pub fn original(&self) -> Value {
        self.records.original()
    }

    /// Lines passed over so far, because their kind is none that counts.
    pub fn n_skipped(&self) -> u64 {
        self.n_skipped
    }

    /// The line, or nothing where it is passed over.
    fn read(&self) -> Result<Option<RawInteraction>, RowError> {
        let Some(kind) = self.read_kind()? else { return Ok(None) };
        let records = self.records.as_ref();
        let quantity = self.read_quantity()?;
        Ok(Some(RawInteraction {
            shopper: convert::identifier(records, Some(&self.shopper))?,
            sku: convert::identifier(records, Some(&self.sku))?,
            basket: convert::identifier(records, self.basket.as_ref())?,
            kind,
            at_seconds: read_time(self.records.as_ref(), &self.timestamp, &self.time)?,
            quantity: pieces(quantity),
            price_minor: self.read_price(quantity)?,
        }))
    }

    fn read_quantity(&self) -> Result<f64, RowError> {
        let Some(slot) = &self.quantity else { return Ok(1.0) };
        convert::number(self.records.as_ref(), slot)?
            .ok_or_else(|| slot.error(&Field::Missing, Problem::Missing))
    }

    fn read_price(&self, quantity: f64) -> Result<Option<i64>, RowError> {
        let Some((slot, means)) = &self.price else { return Ok(None) };
        let amount = slot.read(self.records.as_ref())?;
        Ok(match means {
            PriceMeans::Unit => amount,
            PriceMeans::LineTotal => amount.and_then(|total| money::unit_price(total, quantity)),
        })
    }

    fn read_kind(&self) -> Result<Option<EventKind>, RowError> {
        let (slot, values, others) = match &self.kind {
            Kind::Constant(kind) => return Ok(Some(*kind)),
            Kind::Column { slot, values, others } => (slot, values, others),
        };
        let word = convert::text(self.records.as_ref(), Some(slot))?;
        match (values.get(&word).copied().or_else(|| ga4(&word)), others) {
            (None, OtherKinds::Refuse) => {
                Err(RowError::new(&slot.name, &word, Problem::UnknownValue))
            }
            (kind, _) => Ok(kind),
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
        loop {
            let record = match self.records.advance()? {
                Err(error) => return Some(Err(error)),
                Ok(Err(error)) => Err(error),
                Ok(Ok(())) => self.read(),
            };
            let record = match record {
                Ok(Some(line)) => Ok(line),
                Err(error) => Err(error),
                Ok(None) => {
                    self.n_skipped += 1;
                    continue;
                }
            };
            return Some(Ok(Row { line: self.records.line(), record }));
        }
    }
}
