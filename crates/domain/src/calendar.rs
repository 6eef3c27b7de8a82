//! Days and their dates, all in UTC.

/// Seconds of a day.
pub const DAY_SECONDS: i64 = 86_400;

/// The day of a moment: seconds since 1970-01-01 as days since then.
pub fn day_of(at_seconds: i64) -> i64 {
    at_seconds.div_euclid(DAY_SECONDS)
}

/// Days since 1970-01-01 as a date of ISO 8601: "2011-10-31".
pub fn date_text(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Seconds since 1970-01-01 as date and time: "2011-10-31 17:05:00".
pub fn time_text(at_seconds: i64) -> String {
    let of_day = at_seconds.rem_euclid(DAY_SECONDS);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{} {hour:02}:{minute:02}:{second:02}", date_text(day_of(at_seconds)))
}

/// Midnight of the date that a text begins with ("2026-07-11T11:07+0100"), in seconds since
/// 1970-01-01; `None` when it begins with none of the years 1900 to 2200.
pub fn date_seconds(text: &str) -> Option<i64> {
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

/// Year, month and day of days since 1970-01-01.
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

/// Days since 1970-01-01 of a year, month and day. Source as of [`civil`].
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let mp = (month + 9) % 12;
    let doy = (153 * mp + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        assert_eq!(date_seconds("1970-01-02"), Some(DAY_SECONDS));
        assert_eq!(date_seconds("2011-10-31T10:00+0100"), Some(15_278 * DAY_SECONDS));
        assert_eq!(time_text(15_278 * DAY_SECONDS + 61_500), "2011-10-31 17:05:00");
        for day in (-200_000..200_000).step_by(97) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days_from_civil(year, month, of_month), day);
        }
        for text in ["", "2011-02-30", "31.10.2011", "2011-13-01", "2011-10-3", "2011-10-310"] {
            assert_eq!(date_seconds(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let moments = [0, 951_782_400, 951_868_799, 1_709_251_200, -1];
        let dates = moments.map(|at_seconds| date_text(day_of(at_seconds)));
        assert_eq!(dates, ["1970-01-01", "2000-02-29", "2000-02-29", "2024-03-01", "1969-12-31"]);
    }
}
