//! Windows as a shop's clock shows them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::window::RuleWindow;

/// A time by the clocks of one place.
///
/// Where clocks are put forward, a time that they skip is moved later by what they skip. Where
/// they are put back, so that a time comes twice, a start is the first of both and an end the
/// second: a window is never shorter than it looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalWindow {
    /// Its first moment; `None` = since ever.
    pub start: Option<DateTime>,
    /// The moment after its last; `None` = until further notice.
    pub end: Option<DateTime>,
    /// Of which place: a name of the IANA database, such as "Europe/Berlin".
    pub time_zone: String,
}

/// No time zone of the database has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is called \"{name}\"")]
pub struct UnknownTimeZone {
    /// The name.
    pub name: String,
}

impl Default for LocalWindow {
    /// Always.
    fn default() -> Self {
        Self { start: None, end: None, time_zone: "UTC".to_owned() }
    }
}

impl LocalWindow {
    /// The same in seconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// When there is no such time zone.
    pub fn resolve(&self) -> Result<RuleWindow, UnknownTimeZone> {
        let zone = self.zone()?;
        // Each is asked of a date that jiff can place; what lies beyond is open.
        let start = self.start.and_then(|at| zone.to_ambiguous_zoned(at).compatible().ok());
        let end = self.end.and_then(|at| zone.to_ambiguous_zoned(at).later().ok());
        Ok(RuleWindow {
            start_seconds: start.map(|at| at.timestamp().as_second()),
            end_seconds: end.map(|at| at.timestamp().as_second()),
        })
    }

    fn zone(&self) -> Result<TimeZone, UnknownTimeZone> {
        if self.time_zone == "UTC" {
            return Ok(TimeZone::UTC);
        }
        let unknown = |_| UnknownTimeZone { name: self.time_zone.clone() };
        TimeZone::get(&self.time_zone).map_err(unknown)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn resolved(start: DateTime, end: DateTime, zone: &str) -> RuleWindow {
        let (start, end) = (Some(start), Some(end));
        LocalWindow { start, end, time_zone: zone.to_owned() }.resolve().unwrap()
    }

    fn utc(at: DateTime) -> Option<i64> {
        Some(at.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second())
    }

    #[test]
    fn a_time_that_clocks_skip_is_moved_later() {
        // On 29 March 2026, 02:00 to 03:00 is skipped in Berlin.
        let at = date(2026, 3, 29).at(2, 30, 0, 0);
        let window = resolved(at, at, "Europe/Berlin");
        let later = utc(date(2026, 3, 29).at(1, 30, 0, 0));
        assert_eq!((window.start_seconds, window.end_seconds), (later, later));
    }

    #[test]
    fn of_a_time_that_comes_twice_a_start_is_the_first_and_an_end_the_second() {
        // On 1 November 2026, 01:00 to 02:00 comes twice in New York.
        let at = date(2026, 11, 1).at(1, 30, 0, 0);
        let window = resolved(at, at, "America/New_York");
        assert_eq!(window.start_seconds, utc(date(2026, 11, 1).at(5, 30, 0, 0)));
        assert_eq!(window.end_seconds, utc(date(2026, 11, 1).at(6, 30, 0, 0)));
        assert!(!window.is_empty());
    }

    #[test]
    fn days_of_a_change_have_23_and_25_hours() {
        let hours = |month, day| {
            let start = date(2026, month, day);
            let end = start.tomorrow().unwrap();
            let window = resolved(start.at(0, 0, 0, 0), end.at(0, 0, 0, 0), "Europe/Berlin");
            (window.end_seconds.unwrap() - window.start_seconds.unwrap()) / 3_600
        };
        assert_eq!([hours(3, 29), hours(3, 30), hours(10, 25)], [23, 24, 25]);
    }

    #[test]
    fn a_zone_that_there_is_not_is_an_error() {
        let window = LocalWindow { time_zone: "Mars/Olympus".into(), ..LocalWindow::default() };
        assert_eq!(
            window.resolve().unwrap_err().to_string(),
            "no time zone is called \"Mars/Olympus\""
        );
        assert_eq!(LocalWindow::default().resolve(), Ok(RuleWindow::default()));
    }
}
