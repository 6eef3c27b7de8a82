//! When a sale is.

use vitrine_domain::calendar::DAY_SECONDS;

use crate::convert;
use crate::error::{KeyProblem, Problem, RowError};
use crate::mapping::SaleDatesColumn;
use crate::records::{Field, Plan, Records, Slot};
use crate::time::TimeReader;

/// A sale: from its first moment until it is over. One of the two is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaleInterval {
    /// Its first moment, in seconds since 1970-01-01 UTC; it has begun when absent.
    pub starts_seconds: Option<i64>,
    /// When it is over, in seconds since 1970-01-01 UTC; it has no end when absent.
    pub ends_seconds: Option<i64>,
}

impl SaleInterval {
    /// Whether the sale is on at a moment.
    pub fn includes(&self, at_seconds: i64) -> bool {
        self.starts_seconds.is_none_or(|starts| starts <= at_seconds)
            && self.ends_seconds.is_none_or(|ends| at_seconds < ends)
    }
}

/// Columns that say when a sale is.
pub(super) struct SaleReader {
    interval: Option<Slot>,
    starts: Option<Slot>,
    ends: Option<Slot>,
    time: TimeReader,
}

impl SaleReader {
    pub(super) fn of(plan: &mut Plan, columns: &SaleDatesColumn) -> Result<Self, KeyProblem> {
        Ok(Self {
            interval: plan.optional(columns.column.as_ref()),
            starts: plan.optional(columns.starts.as_ref()),
            ends: plan.optional(columns.ends.as_ref()),
            time: TimeReader::new("auto", &columns.zone)?,
        })
    }

    /// When the sale is; `None` when the feed does not say.
    ///
    /// # Errors
    /// What the feed says is no time, no interval, or one that ends before it begins.
    pub(super) fn read(&self, records: &dyn Records) -> Result<Option<SaleInterval>, RowError> {
        if let Some(slot) = &self.interval {
            let text = convert::text(records, Some(slot))?;
            if !text.is_empty() {
                let interval = self.interval(&text);
                let bad = || RowError::new(&slot.name, &text, Problem::NotAnInterval);
                return interval.map(Some).ok_or_else(bad);
            }
        }
        let starts = self.moment(records, self.starts.as_ref(), false)?;
        let ends = self.moment(records, self.ends.as_ref(), true)?;
        if starts.is_none() && ends.is_none() {
            return Ok(None);
        }
        let interval = SaleInterval { starts_seconds: starts, ends_seconds: ends };
        match (starts, ends, &self.ends) {
            (Some(starts), Some(ends), Some(slot)) if ends <= starts => {
                let text = convert::text(records, Some(slot))?;
                Err(RowError::new(&slot.name, &text, Problem::NotAnInterval))
            }
            _ => Ok(Some(interval)),
        }
    }

    fn interval(&self, text: &str) -> Option<SaleInterval> {
        let (starts, ends) = text.split_once('/')?;
        let starts = self.seconds(starts, false)?;
        let ends = self.seconds(ends, true)?;
        let (starts_seconds, ends_seconds) = (Some(starts), Some(ends));
        (starts < ends).then_some(SaleInterval { starts_seconds, ends_seconds })
    }

    fn seconds(&self, text: &str, is_end: bool) -> Option<i64> {
        let text = text.trim();
        let whole_day = if is_end && TimeReader::is_day(text) { DAY_SECONDS } else { 0 };
        Some(self.time.seconds(&Field::Text(text.into()))? + whole_day)
    }

    fn moment(
        &self,
        records: &dyn Records,
        slot: Option<&Slot>,
        is_end: bool,
    ) -> Result<Option<i64>, RowError> {
        let Some(slot) = slot else { return Ok(None) };
        let text = convert::text(records, Some(slot))?;
        if text.is_empty() {
            return Ok(None);
        }
        let bad = || RowError::new(&slot.name, &text, Problem::NotATime);
        self.seconds(&text, is_end).map(Some).ok_or_else(bad)
    }
}
