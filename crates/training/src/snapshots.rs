//! The catalogue as it was at a few moments of the log: training inputs are
//! made from what was known at their time, and from nothing later.

use rayon::prelude::*;

use vitrine_domain::{CODE_DIM, ListedCard, RelatedList};
use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_ranking::{Popularity, related_lists};
use vitrine_student::{ItemTable, TableBuilder, Weights};

use crate::PreparedData;

/// Moments at which the catalogue is counted.
pub const N_SNAPSHOTS: usize = 5;
/// Cuts start after this part of the log: before it there is little to count.
const WARM_UP_SHARE: f64 = 0.2;

/// What was known at a moment.
#[derive(Clone, Debug)]
pub struct LogSnapshot {
    /// The moment; everything in it happened before.
    pub at_seconds: i64,
    /// Buyers by card at that time.
    pub popularity: Popularity,
    /// The student's catalogue of that time; codes are zero.
    pub table: ItemTable,
}

/// Snapshots in order of time.
#[derive(Clone, Debug)]
pub struct Snapshots {
    list: Vec<LogSnapshot>,
    last_now_seconds: i64,
}

impl Snapshots {
    /// Counts the catalogue at evenly spaced moments, the last one four weeks
    /// before `until_seconds`.
    pub fn build(data: &PreparedData<'_>, until_seconds: i64) -> Self {
        let last = until_seconds - WINDOW_SECONDS;
        let first_entry = data.log.entries().iter().map(|entry| entry.at_seconds).min();
        let start = first_entry.unwrap_or(last).min(last);
        let first = start + ((last - start) as f64 * WARM_UP_SHARE) as i64;
        let list = (0..N_SNAPSHOTS as i64)
            .into_par_iter()
            .map(|i| {
                // The newest moment is a step before the last cut, not at it.
                let at_seconds = first + (last - first) * i / N_SNAPSHOTS as i64;
                let past = data.log.truncated(at_seconds);
                let popularity = Popularity::new(&past, at_seconds);
                let related = related_lists(&past, &data.ids);
                let table = zero_code_table(data, &popularity, &related);
                LogSnapshot { at_seconds, popularity, table }
            })
            .collect();
        Self { list, last_now_seconds: last }
    }

    /// In order of time.
    pub fn list(&self) -> &[LogSnapshot] {
        &self.list
    }

    /// First moment at which a cut may lie.
    pub fn first_now_seconds(&self) -> i64 {
        self.list[0].at_seconds
    }

    /// Last moment at which a cut may lie: its four weeks end at the horizon.
    pub fn last_now_seconds(&self) -> i64 {
        self.last_now_seconds
    }

    /// Cards by index, without what was counted at any moment: those of all tables are the
    /// same.
    pub fn cards(&self) -> &ItemTable {
        &self.list[0].table
    }

    /// The newest snapshot that is not later than a moment.
    ///
    /// # Panics
    /// When the moment is before the first snapshot.
    pub fn at(&self, now_seconds: i64) -> &LogSnapshot {
        let n = self.list.partition_point(|snapshot| snapshot.at_seconds <= now_seconds);
        &self.list[n - 1]
    }
}

fn zero_code_table(
    data: &PreparedData<'_>,
    popularity: &Popularity,
    related: &[RelatedList],
) -> ItemTable {
    let codes = vec![0; data.n_items() * CODE_DIM];
    // Nothing that is learned before the last layer reads neighbours.
    item_table(data, popularity, (related, &[]), &codes, &Weights::zeros(1.0))
}

/// The catalogue as the browser gets it: counts as published, rows in the order of the
/// items; with lists of related cards and of neighbours.
///
/// # Shapes
/// `codes` \[n_items, 64\].
pub fn item_table(
    data: &PreparedData<'_>,
    popularity: &Popularity,
    (related, neighbours): (&[RelatedList], &[RelatedList]),
    codes: &[i8],
    weights: &Weights,
) -> ItemTable {
    let published = popularity.published();
    let items = data.items.iter().zip(codes.as_chunks::<CODE_DIM>().0).enumerate();
    let cards = items.map(|(i, (item, code))| ListedCard {
        id: item.id,
        code: *code,
        department: &item.department,
        category: &item.category,
        price_minor: item.price_minor,
        n_buyers: published.n_buyers[i],
        n_buyers_recent: published.n_buyers_recent[i],
    });
    TableBuilder::new(cards)
        .related(related.to_vec())
        .neighbours(neighbours.to_vec())
        .build(weights)
}
