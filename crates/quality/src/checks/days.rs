//! Days of a log: which have too little or too much.

use std::collections::BTreeMap;

use super::declare::Check;
use super::failures::{FailingRow, Failures};
use super::kinds::Kind;
use super::robust::median;

/// Seconds of a day.
pub const DAY_SECONDS: i64 = 86_400;
/// Days before and after that are looked at: the same weekday of some weeks.
const AROUND_DAYS: i64 = 42;
/// Days of a weekday that must be around before one can be unusual.
const WEEKDAYS_MIN: usize = 4;
/// A weekday with fewer lines than this is a quiet one.
const LINES_MIN: f64 = 20.0;

/// Lines of each day, by days since 1970.
pub type Days = BTreeMap<i64, u64>;

/// The day of a time.
pub(crate) fn day_of(at_seconds: i64) -> i64 {
    at_seconds.div_euclid(DAY_SECONDS)
}

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
                record: vec![("day".to_owned(), shown_day(day))],
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

/// Year, month and day of days since 1970.
///
/// # Source
/// H. Hinnant, "chrono-compatible low-level date algorithms".
fn civil(day: i64) -> (i64, i64, i64) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month, doy - (153 * mp + 2) / 5 + 1)
}

/// Days since 1970 of a year, month and day. Source as of [`civil`].
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let mp = (month + 9) % 12;
    let doy = (153 * mp + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// "2011-10-31".
pub(crate) fn shown_day(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// "2011-10-31 17:05:00".
pub(crate) fn shown_time(at_seconds: i64) -> String {
    let of_day = at_seconds.rem_euclid(DAY_SECONDS);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{} {hour:02}:{minute:02}:{second:02}", shown_day(day_of(at_seconds)))
}

/// Midnight UTC of the date that a text begins with ("2026-07-11T11:07+0100").
pub(crate) fn date_seconds(text: &str) -> Option<i64> {
    let date = text.trim().get(..10)?;
    let rest = &text.trim()[10..];
    if !rest.is_empty() && !rest.starts_with(['T', ' ', '/']) {
        return None;
    }
    let mut parts = date.split('-');
    let mut next = || parts.next()?.parse::<i64>().ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let at = days_from_civil(year, month, day);
    ((1_900..=2_200).contains(&year) && civil(at) == (year, month, day)).then_some(at * DAY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        assert_eq!(date_seconds("1970-01-02"), Some(DAY_SECONDS));
        assert_eq!(date_seconds("2011-10-31T10:00+0100"), Some(15_278 * DAY_SECONDS));
        assert_eq!(shown_time(15_278 * DAY_SECONDS + 61_500), "2011-10-31 17:05:00");
        for day in (-200_000..200_000).step_by(97) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days_from_civil(year, month, of_month), day);
        }
        for text in ["", "2011-02-30", "31.10.2011", "2011-13-01", "2011-10-3", "2011-10-310"] {
            assert_eq!(date_seconds(text), None, "{text}");
        }
    }
}
