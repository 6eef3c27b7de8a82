//! Days of a log: which have too little or too much.

use std::collections::BTreeMap;

use vitrine_domain::calendar::date_text;

use super::declare::Check;
use super::failures::{FailingRow, Failures};
use super::kinds::Kind;
use super::robust::median;

/// Days before and after that are looked at: the same weekday of some weeks.
const AROUND_DAYS: i64 = 42;
/// Days of a weekday that must be around before one can be unusual.
const WEEKDAYS_MIN: usize = 4;
/// A weekday with fewer lines than this is a quiet one.
const LINES_MIN: f64 = 20.0;

/// Lines of each day, by days since 1970.
pub type Days = BTreeMap<i64, u64>;

/// The days that fail `check`, first to last; days without a line in between count.
pub(crate) fn judge(check: &Check, days: &Days, remember: bool) -> Failures {
    let mut failures = Failures::remembering(remember);
    let (Some((&first, _)), Some((&last, _))) = (days.first_key_value(), days.last_key_value())
    else {
        return failures;
    };
    for day in first..=last {
        failures.n_checked += 1;
        let n = days.get(&day).copied().unwrap_or(0);
        let Some(usual) = usual(days, day, first, last) else { continue };
        let ratio = n as f64 / usual;
        let fails = match check.kind {
            Kind::Gap => ratio < check.limit,
            _ => ratio > check.limit,
        };
        if fails {
            // The first and the last day of a log are seldom whole.
            if check.kind == Kind::Gap && (day == first || day == last) {
                continue;
            }
            failures.fail(day.unsigned_abs(), || FailingRow {
                line: 0,
                reason: format!("{n} lines, {ratio:.2} times the usual {usual:.0}"),
                record: vec![("day".to_owned(), date_text(day))],
            });
        }
    }
    failures
}

/// Median of the same weekday around `day`; `None` for a weekday that is always quiet.
fn usual(days: &Days, day: i64, first: i64, last: i64) -> Option<f64> {
    let weeks = AROUND_DAYS / 7;
    let mut counts: Vec<f64> = (-weeks..=weeks)
        .filter(|&week| week != 0)
        .map(|week| day + week * 7)
        .filter(|around| (first..=last).contains(around))
        .map(|around| days.get(&around).copied().unwrap_or(0) as f64)
        .collect();
    if counts.len() < WEEKDAYS_MIN {
        return None;
    }
    Some(median(&mut counts)).filter(|&usual| usual >= LINES_MIN)
}
