//! A line of an order, as it is pushed and as it is kept.

use serde::{Deserialize, Serialize};

use crate::change::identifier;
use crate::error::ChangeError;
use crate::limits;
use crate::line_log::LineLog;
use crate::log_line::{LineDigest, LogLine, Pseudonymise};
use crate::moment;
use crate::price::Price;
use crate::repetition::digest;

/// The durable log of a shop's orders. It is never compacted: training reads all of it.
pub type OrderLog = LineLog<OrderLine>;

/// A line of an order, as a shop pushes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushedOrderLine {
    /// The shop's identifier of the order. Only its pseudonym is kept.
    pub order_id: String,
    /// Which line of the order.
    pub line: u32,
    /// What was bought.
    pub sku: String,
    /// Pieces.
    pub quantity: u32,
    /// Price of a piece.
    pub price: Option<Price>,
    /// When, in seconds since 1970-01-01 UTC; text in JSON.
    #[serde(with = "moment::required")]
    pub time: i64,
    /// Who: any text that is the same for the same customer. Only its pseudonym is kept.
    pub customer: Option<String>,
}

/// A line of an order, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Pseudonym of the order.
    pub order: String,
    /// Which line of the order.
    pub line: u32,
    /// What was bought.
    pub sku: String,
    /// Pieces.
    pub quantity: u32,
    /// Price of a piece.
    pub price: Option<Price>,
    /// When, in seconds since 1970-01-01 UTC; text in JSON.
    #[serde(with = "moment::required")]
    pub time: i64,
    /// Pseudonym of the customer.
    pub shopper: Option<String>,
}

impl PushedOrderLine {
    /// Reads one line of NDJSON, or one element of an array.
    ///
    /// # Errors
    /// [`ChangeError`] says what is wrong with which field.
    pub fn from_line(line: &[u8]) -> Result<Self, ChangeError> {
        if line.len() > limits::LINE_BYTES_MAX {
            return Err(ChangeError::LineTooLong);
        }
        let line: Self = serde_json::from_slice(line).map_err(ChangeError::Json)?;
        line.validate()?;
        Ok(line)
    }

    /// Checks lengths and ranges, as [`Self::from_line`] and the log do.
    ///
    /// # Errors
    /// [`ChangeError`] with the name of the first field that is wrong.
    pub fn validate(&self) -> Result<(), ChangeError> {
        identifier("order_id", &self.order_id)?;
        identifier("sku", &self.sku)?;
        if let Some(customer) = &self.customer {
            identifier("customer", customer)?;
        }
        let max = limits::QUANTITY_MAX;
        if !(1..=max).contains(&self.quantity) {
            return Err(ChangeError::OutOfRange { field: "quantity", min: 1, max: max.into() });
        }
        // A moment without a text could not be written.
        moment::text(self.time).map(drop).ok_or(ChangeError::Missing { field: "time" })
    }
}

impl LogLine for OrderLine {
    type Pushed = PushedOrderLine;
    /// Of a line that comes twice the first stands, whatever the second says.
    type Content = ();
    const WRITER: &'static str = "order-log";
    const REMEMBERED_MAX: usize = limits::ORDER_LINES_REMEMBERED_MAX;

    fn validate(pushed: &PushedOrderLine) -> Result<(), ChangeError> {
        pushed.validate()
    }

    fn seconds(pushed: &PushedOrderLine) -> Option<i64> {
        Some(pushed.time)
    }

    fn of_pushed(pushed: PushedOrderLine, pseudonymise: &Pseudonymise) -> Self {
        Self {
            // An order and a customer of the same identifier do not get the same pseudonym.
            order: pseudonymise(&format!("order {}", pushed.order_id)),
            line: pushed.line,
            sku: pushed.sku,
            quantity: pushed.quantity,
            price: pushed.price,
            time: pushed.time,
            shopper: pushed.customer.as_deref().map(pseudonymise),
        }
    }

    fn digest(&self) -> LineDigest {
        LineDigest(digest(&[self.order.as_bytes(), &self.line.to_le_bytes()]))
    }

    fn content(&self) {}
}
