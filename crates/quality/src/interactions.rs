//! The pass over the interaction log: checks, renumbering, prices and sales.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use vitrine_domain::{EventKind, Interaction, ShopperId};

use crate::buyers::BuyerPairs;
use crate::cards::Catalogue;
use crate::products::checked_price;
use crate::{FUTURE_SECONDS_MAX, Reason, Rejection, Sales, Unreadable};

/// A line of the log as read, before checks.
#[derive(Clone, Debug, PartialEq)]
pub struct InteractionRow {
    /// Who, by the shop's identifier.
    pub shopper: String,
    /// Which product.
    pub sku: String,
    /// Which order or basket; empty when the log has none: each line is its own.
    pub basket: String,
    /// What was done.
    pub kind: EventKind,
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// Pieces, as given.
    pub quantity: i64,
    /// Price of a piece in minor units, as given.
    pub price_minor: Option<i64>,
}

/// What a log says of each product, `[n_products]` both; the default is no log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSales {
    /// What its buyers paid.
    pub prices: Vec<Sales>,
    /// How many distinct shoppers bought it.
    pub n_buyers: Vec<u32>,
}

/// Checks lines one by one and yields them renumbered.
///
/// Nothing of a line stays but numbers: the memory is 16 bytes for each basket
/// and shopper, at most 16 for each product that a shopper bought, and a fixed state
/// for each product. Shoppers and baskets are told
/// apart by a 64-bit hash of the shop's identifier, which itself is not kept;
/// at ten million baskets the probability that any two are taken for one is about
/// 3 in a million.
pub struct InteractionPass<'c> {
    catalogue: &'c Catalogue,
    sales: Vec<Sales>,
    buyers: BuyerPairs,
    shoppers: HashMap<u64, u32>,
    baskets: HashMap<u64, u32>,
    n_baskets: u32,
    future_from_seconds: i64,
}

impl<'c> InteractionPass<'c> {
    /// A pass over `catalogue`; times later than `now_seconds` (and a day) are rejected.
    pub fn new(catalogue: &'c Catalogue, now_seconds: i64) -> Self {
        Self {
            catalogue,
            sales: vec![Sales::default(); catalogue.n_products()],
            buyers: BuyerPairs::default(),
            shoppers: HashMap::new(),
            baskets: HashMap::new(),
            n_baskets: 0,
            future_from_seconds: now_seconds.saturating_add(FUTURE_SECONDS_MAX),
        }
    }

    /// Checks a line. The interaction is the caller's to keep, write or pass
    /// on; lines come in the order of the log, which need not be that of time.
    ///
    /// # Errors
    /// The reason for which the line belongs into quarantine.
    pub fn push(
        &mut self,
        row: Result<InteractionRow, Unreadable>,
    ) -> Result<Interaction, Rejection> {
        let row = row?;
        let product = self.product(&row.sku)?;
        if row.shopper.is_empty() {
            return Err(Rejection::new(Reason::EmptyId, "the line has no shopper"));
        }
        let quantity = checked_quantity(row.quantity)?;
        let price_minor = checked_price(row.price_minor)?.unwrap_or(0);
        if row.at_seconds > self.future_from_seconds {
            let message = format!("{} seconds since 1970 is in the future", row.at_seconds);
            return Err(Rejection::new(Reason::FutureTime, message));
        }
        let shopper = renumber(&mut self.shoppers, hash(&row.shopper));
        if row.kind == EventKind::Purchase {
            self.sales[product as usize].observe(shopper.into(), row.at_seconds, price_minor);
            self.buyers.push(product, shopper);
        }
        Ok(Interaction {
            shopper: ShopperId(shopper),
            item: self.catalogue.item_of_product(product),
            kind: row.kind,
            at_seconds: row.at_seconds,
            basket: self.basket(&row),
            quantity,
            price_minor,
        })
    }

    /// Distinct shoppers so far.
    pub fn n_shoppers(&self) -> usize {
        self.shoppers.len()
    }

    /// Distinct baskets so far.
    pub fn n_baskets(&self) -> usize {
        self.n_baskets as usize
    }

    /// What was seen of each product's sales, for [`Catalogue::finish`].
    pub fn into_sales(self) -> LogSales {
        LogSales { n_buyers: self.buyers.counts(self.sales.len()), prices: self.sales }
    }

    fn product(&self, sku: &str) -> Result<u32, Rejection> {
        if sku.is_empty() {
            return Err(Rejection::new(Reason::EmptyId, "the line has no sku"));
        }
        self.catalogue.kept(sku)
    }

    fn basket(&mut self, row: &InteractionRow) -> u32 {
        let next = self.n_baskets;
        let number = if row.basket.is_empty() {
            next
        } else {
            *self.baskets.entry(hash(&(&row.shopper, &row.basket))).or_insert(next)
        };
        if number == next {
            self.n_baskets = self.n_baskets.saturating_add(1);
        }
        number
    }
}

fn checked_quantity(quantity: i64) -> Result<u32, Rejection> {
    let reason = match u32::try_from(quantity) {
        Ok(0) => Reason::ZeroQuantity,
        Ok(quantity) => return Ok(quantity),
        Err(_) if quantity < 0 => Reason::NegativeQuantity,
        Err(_) => Reason::OutOfRange,
    };
    Err(Rejection::new(reason, format!("the quantity is {quantity}")))
}

/// The number of `key`, counted from 0 in the order of first sight.
fn renumber(numbers: &mut HashMap<u64, u32>, key: u64) -> u32 {
    let next = numbers.len() as u32;
    *numbers.entry(key).or_insert(next)
}

/// The hash only tells identifiers apart; numbers do not depend on its value.
fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
