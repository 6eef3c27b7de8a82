//! Times of a log in the forms that logs have, as unix seconds.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use crate::error::KeyProblem;
use crate::records::Field;

/// Unix numbers from here on are milliseconds: as seconds, the year 5138.
const MS_FROM: i64 = 100_000_000_000;
/// Unix numbers from here on are microseconds: as milliseconds, the year 5138.
const US_FROM: i64 = 100_000_000_000_000;

const DAY_SECONDS: i64 = 86_400;

/// How to read a time column.
#[derive(Clone, Debug)]
pub(crate) struct TimeReader {
    form: Form,
    zone: TimeZone,
}

/// Form of a written time.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    Auto,
    UnixSeconds,
    UnixMs,
    UnixUs,
    Pattern(String),
}

/// Finds a time zone by name or offset.
pub(crate) fn zone(name: &str) -> Result<TimeZone, KeyProblem> {
    if name == "UTC" || name == "Z" {
        return Ok(TimeZone::UTC);
    }
    if let Some(offset) = fixed_offset(name) {
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(name).map_err(|_| KeyProblem::UnknownZone { zone: name.to_owned() })
}

/// Finds the form of a time by the word or pattern of a mapping.
pub(crate) fn form(format: &str) -> Result<Form, KeyProblem> {
    match format {
        "auto" => Ok(Form::Auto),
        "unix_seconds" => Ok(Form::UnixSeconds),
        "unix_ms" => Ok(Form::UnixMs),
        "unix_us" => Ok(Form::UnixUs),
        pattern if pattern.contains('%') => Ok(Form::Pattern(pattern.to_owned())),
        unknown => Err(KeyProblem::UnknownTimeFormat { format: unknown.to_owned() }),
    }
}

/// "+02:00", "-0530".
fn fixed_offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

impl TimeReader {
    pub(crate) fn new(format: &str, zone_name: &str) -> Result<Self, KeyProblem> {
        Ok(Self { form: form(format)?, zone: zone(zone_name)? })
    }

    /// The day of a moment where the log was written, in days since 1970-01-01.
    pub(crate) fn local_day(&self, seconds: i64) -> i64 {
        (seconds + self.offset_seconds(seconds)).div_euclid(DAY_SECONDS)
    }

    /// By how much clocks of the zone are ahead of UTC at a moment.
    fn offset_seconds(&self, seconds: i64) -> i64 {
        let offset = Timestamp::from_second(seconds).map(|at| self.zone.to_offset(at).seconds());
        i64::from(offset.unwrap_or(0))
    }

    /// Seconds since 1970-01-01 UTC; `None` when the field is not a time.
    pub(crate) fn seconds(&self, field: &Field<'_>) -> Option<i64> {
        match field {
            Field::Micros(micros, true) => Some(micros.div_euclid(1_000_000)),
            Field::Micros(micros, false) if self.zone == TimeZone::UTC => {
                Some(micros.div_euclid(1_000_000))
            }
            Field::Micros(micros, false) => {
                let wall = Timestamp::from_microsecond(*micros).ok()?;
                self.local(TimeZone::UTC.to_datetime(wall))
            }
            Field::Int(value) => self.unix(*value),
            Field::Float(value) if value.is_finite() => self.unix(value.floor() as i64),
            Field::Text(text) => self.text(text),
            _ => None,
        }
    }

    fn unix(&self, value: i64) -> Option<i64> {
        let seconds = match self.form {
            Form::UnixSeconds => value,
            Form::UnixMs => value.div_euclid(1_000),
            Form::UnixUs => value.div_euclid(1_000_000),
            Form::Auto if value.unsigned_abs() >= US_FROM as u64 => value.div_euclid(1_000_000),
            Form::Auto if value.unsigned_abs() >= MS_FROM as u64 => value.div_euclid(1_000),
            Form::Auto => value,
            Form::Pattern(_) => return None,
        };
        Timestamp::from_second(seconds).ok().map(Timestamp::as_second)
    }

    fn text(&self, text: &str) -> Option<i64> {
        match &self.form {
            Form::Pattern(pattern) => {
                let broken = jiff::fmt::strtime::parse(pattern, text).ok()?;
                match broken.to_timestamp() {
                    Ok(instant) => Some(instant.as_second()),
                    Err(_) => {
                        let date = broken.to_date().ok()?;
                        let time = broken.to_time().unwrap_or_default();
                        self.local(date.to_datetime(time))
                    }
                }
            }
            Form::UnixSeconds | Form::UnixMs | Form::UnixUs => self.unix(text.parse().ok()?),
            Form::Auto => {
                if let Ok(number) = text.parse::<i64>() {
                    return self.unix(number);
                }
                if names_offset(text) {
                    return text.parse::<Timestamp>().ok().map(Timestamp::as_second);
                }
                self.local(text.parse::<DateTime>().ok()?)
            }
        }
    }

    /// Whether a time says no more than its day: a date without hours, or a midnight, which is what
    /// dates become in tables that know times alone. `seconds` is what [`Self::seconds`] read.
    pub(crate) fn is_day_alone(&self, field: &Field<'_>, seconds: i64) -> bool {
        let is_midnight = |offset: i64| (seconds + offset).rem_euclid(DAY_SECONDS) == 0;
        let is_date = match (field, &self.form) {
            (Field::Text(text), Form::Auto) => text.parse::<i64>().is_err() && Self::is_day(text),
            (Field::Text(text), Form::Pattern(pattern)) => {
                let broken = jiff::fmt::strtime::parse(pattern, text.as_bytes());
                broken.is_ok_and(|it| it.hour().is_none() && it.to_timestamp().is_err())
            }
            _ => false,
        };
        is_date || is_midnight(0) || is_midnight(self.offset_seconds(seconds))
    }

    /// Whether a text is a day without a time.
    pub(crate) fn is_day(text: &str) -> bool {
        text.len() <= "2026-11-30".len() && text.parse::<Date>().is_ok()
    }

    fn local(&self, wall: DateTime) -> Option<i64> {
        self.zone.to_timestamp(wall).ok().map(Timestamp::as_second)
    }
}

/// Whether a written time says its own offset from UTC.
fn names_offset(text: &str) -> bool {
    text.ends_with(['Z', 'z']) || text.get(10..).is_some_and(|tail| tail.contains(['+', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, zone: &str, text: &str) -> Option<i64> {
        let reader = TimeReader::new(format, zone).expect("a known zone");
        reader.seconds(&Field::Text(text.into()))
    }

    #[test]
    fn the_usual_forms_agree() {
        let noon = Some(1_483_272_000);
        for text in [
            "2017-01-01T12:00:00Z",
            "2017-01-01T14:00:00+02:00",
            "2017-01-01 12:00:00",
            "2017-01-01T12:00:00.000",
            "1483272000",
            "1483272000000",
            "1483272000000000",
            "2017-01-01T13:00+0100",
        ] {
            assert_eq!(read("auto", "UTC", text), noon, "{text}");
        }
        assert_eq!(read("auto", "+02:00", "2017-01-01 14:00:00"), noon);
        assert_eq!(read("auto", "UTC", "2017-01-01"), Some(1_483_228_800));
        assert_eq!(read("%d/%m/%Y %H:%M", "UTC", "01/01/2017 12:00"), noon);
        assert_eq!(read("unix_ms", "UTC", "1483272000000"), noon);
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in ["", "yesterday", "2017-13-01", "2017-01-01 25:00:00", "99999999999999999999"] {
            assert_eq!(read("auto", "UTC", text), None, "{text}");
        }
        assert!(zone("Nowhere/Nowhere").is_err());
    }

    #[test]
    fn days_alone_are_told_from_moments() {
        let is_day_alone = |format: &str, zone: &str, text: &str| {
            let reader = TimeReader::new(format, zone).expect("a known zone");
            let field = Field::Text(text.into());
            reader.is_day_alone(&field, reader.seconds(&field).expect("a time"))
        };
        for (format, zone, text) in [
            ("auto", "UTC", "2026-01-02"),
            ("auto", "+05:30", "2026-01-02"),
            ("auto", "+05:30", "2026-01-02 00:00:00"),
            ("auto", "+05:30", "2026-01-02T00:00:00Z"),
            // There was no midnight on this day.
            ("auto", "America/Sao_Paulo", "2018-11-04"),
            ("%d.%m.%Y", "America/Sao_Paulo", "04.11.2018"),
            ("unix_seconds", "UTC", "1767312000"),
        ] {
            assert!(is_day_alone(format, zone, text), "{text} {zone}");
        }
        for (format, zone, text) in [
            ("auto", "UTC", "2026-01-02 05:00:00"),
            ("auto", "+05:30", "2026-01-02T05:00:00"),
            ("%d.%m.%Y %H", "UTC", "02.01.2026 07"),
            ("auto", "UTC", "1767312060"),
        ] {
            assert!(!is_day_alone(format, zone, text), "{text} {zone}");
        }
    }

    #[test]
    fn local_columns_get_the_zone_and_instants_do_not() {
        let reader = TimeReader::new("auto", "+01:00").expect("offset");
        let micros = 1_483_272_000_000_000;
        assert_eq!(reader.seconds(&Field::Micros(micros, true)), Some(1_483_272_000));
        assert_eq!(reader.seconds(&Field::Micros(micros, false)), Some(1_483_268_400));
    }
}
