//! The first pass over the log: days, shoppers, baskets, prices, and which lines
//! may repeat another. Mergeable.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use vitrine_domain::calendar::day_of;

use super::batch::{LineColumns, LineView};
use super::days::Days;
use super::findings::LogPrices;
use super::hashing::{IdMap, IdSet, hash};
use super::seen::SeenTwice;
use crate::Sales;

/// Buckets that a shopper's products are counted in, for their entropy.
pub(crate) const ENTROPY_BUCKETS: usize = 64;

/// What the whole log says. Its memory grows with the number of shoppers,
/// baskets and products, not with that of lines.
#[derive(Clone, Debug, PartialEq)]
pub struct LogProfile {
    /// Lines that could be read.
    pub n_rows: u64,
    /// Lines of each day.
    pub days: Days,
    pub(crate) shoppers: IdMap<Shopper>,
    pub(crate) baskets: IdMap<Basket>,
    sales: IdMap<Sales>,
    pub(crate) seen: SeenTwice,
    /// (shopper, product) that brought something back.
    pub(crate) returning: IdSet,
}

/// What one shopper did.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shopper {
    pub n_lines: u64,
    pub n_pieces: u64,
    pub days: BTreeMap<i64, u32>,
    /// Lines by the hash of their product.
    pub buckets: Vec<u32>,
}

/// What is known of one basket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Basket {
    pub shopper: u64,
    /// Pieces of its largest line.
    pub largest: u64,
}

impl Default for LogProfile {
    fn default() -> Self {
        Self::with_sketch(SeenTwice::default())
    }
}

impl LogProfile {
    /// An empty state that looks for repeated lines with this sketch; those of
    /// parts that are merged have one size.
    pub fn with_sketch(seen: SeenTwice) -> Self {
        Self {
            n_rows: 0,
            days: Days::new(),
            shoppers: IdMap::default(),
            baskets: IdMap::default(),
            sales: IdMap::default(),
            seen,
            returning: IdSet::default(),
        }
    }

    /// Adds the lines of a batch.
    pub fn update(&mut self, batch: &RecordBatch) {
        for line in LineColumns::of(batch).rows() {
            self.n_rows += 1;
            *self.days.entry(day_of(line.at_seconds)).or_default() += 1;
            self.seen.insert(hash(&line.key()));
            let pieces = line.quantity.clamp(0, i64::from(u32::MAX)).unsigned_abs();
            let item = hash(line.sku);
            if !line.shopper.is_empty() {
                self.update_shopper(&line, item, pieces);
            }
            if line.is_purchase() && line.quantity > 0 {
                let price = line.price_minor.and_then(|price| u32::try_from(price).ok());
                let (who, price) = (hash(line.shopper), price.unwrap_or(0));
                self.sales.entry(item).or_default().observe(who, line.at_seconds, price);
            }
        }
    }

    fn update_shopper(&mut self, line: &LineView<'_>, item: u64, pieces: u64) {
        let who = hash(line.shopper);
        let shopper = self.shoppers.entry(who).or_default();
        shopper.n_lines += 1;
        shopper.n_pieces += pieces;
        *shopper.days.entry(day_of(line.at_seconds)).or_default() += 1;
        shopper.buckets.resize(ENTROPY_BUCKETS, 0);
        shopper.buckets[item as usize % ENTROPY_BUCKETS] += 1;
        if !line.basket.is_empty() {
            let basket = self.baskets.entry(hash(&(line.shopper, line.basket))).or_default();
            basket.shopper = who;
            basket.largest = basket.largest.max(pieces);
        }
        if line.quantity < 0 {
            self.returning.insert(hash(&(line.shopper, line.sku)));
        }
    }

    /// Adds what another part of the log gave.
    pub fn merge(&mut self, other: Self) {
        self.n_rows += other.n_rows;
        for (day, n) in other.days {
            *self.days.entry(day).or_default() += n;
        }
        for (who, more) in other.shoppers {
            let shopper = self.shoppers.entry(who).or_default();
            shopper.n_lines += more.n_lines;
            shopper.n_pieces += more.n_pieces;
            for (day, n) in more.days {
                *shopper.days.entry(day).or_default() += n;
            }
            shopper.buckets.resize(ENTROPY_BUCKETS, 0);
            for (bucket, n) in shopper.buckets.iter_mut().zip(more.buckets) {
                *bucket += n;
            }
        }
        for (key, more) in other.baskets {
            let basket = self.baskets.entry(key).or_default();
            basket.shopper = more.shopper;
            basket.largest = basket.largest.max(more.largest);
        }
        for (item, more) in other.sales {
            self.sales.entry(item).or_default().merge(&more);
        }
        self.seen.merge(&other.seen);
        self.returning.extend(other.returning);
    }

    /// The recent price of each product that the log gives one.
    pub fn prices(&self) -> LogPrices {
        let priced = self.sales.iter().map(|(item, sales)| (*item, sales.median_minor()));
        LogPrices(priced.filter(|(_, price)| *price > 0).collect())
    }
}
