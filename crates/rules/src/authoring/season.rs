//! Times of the year that shops plan for: a first proposal of when a rule holds, which people
//! change as they like. All are days of the calendar of a place, from midnight to midnight.

use std::ops::RangeInclusive;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use serde::{Deserialize, Serialize};

use super::local_time::LocalWindow;

/// Years of which times are known.
pub const SEASON_YEARS: RangeInclusive<i16> = 1_900..=2_199;
/// Years of which the Chinese New Year is known.
pub const CHINESE_NEW_YEAR_YEARS: RangeInclusive<i16> = 2_020..=2_050;

/// First days of the years of the Chinese calendar, one of each of
/// [`CHINESE_NEW_YEAR_YEARS`].
///
/// # Source
/// Hong Kong Observatory, "Gregorian-Lunar Calendar Conversion Table".
const CHINESE_NEW_YEARS: [(i16, i8, i8); 31] = [
    (2020, 1, 25),
    (2021, 2, 12),
    (2022, 2, 1),
    (2023, 1, 22),
    (2024, 2, 10),
    (2025, 1, 29),
    (2026, 2, 17),
    (2027, 2, 6),
    (2028, 1, 26),
    (2029, 2, 13),
    (2030, 2, 3),
    (2031, 1, 23),
    (2032, 2, 11),
    (2033, 1, 31),
    (2034, 2, 19),
    (2035, 2, 8),
    (2036, 1, 28),
    (2037, 2, 15),
    (2038, 2, 4),
    (2039, 1, 24),
    (2040, 2, 12),
    (2041, 2, 1),
    (2042, 1, 22),
    (2043, 2, 10),
    (2044, 1, 30),
    (2045, 2, 17),
    (2046, 2, 6),
    (2047, 1, 26),
    (2048, 2, 14),
    (2049, 2, 2),
    (2050, 1, 23),
];

/// A time of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Season {
    /// Four days before 1 January to its end.
    NewYear,
    /// A week before 14 February to its end.
    ValentinesDay,
    /// Two weeks before the first day of the Chinese calendar to the end of its 15th.
    ChineseNewYear,
    /// Two weeks before Easter Sunday (of the western churches) to the end of Easter Monday.
    Easter,
    /// Two weeks before 31 October to its end.
    Halloween,
    /// 11 November.
    SinglesDay,
    /// The day after the fourth Thursday of November.
    BlackFriday,
    /// The Monday after that.
    CyberMonday,
    /// 1 December to the end of 26 December.
    Christmas,
    /// March to May: seasons are those of the meteorologists, on the northern half.
    Spring,
    /// June to August.
    Summer,
    /// September to November.
    Autumn,
    /// December to the end of February of the next year.
    Winter,
}

/// A year of which a time is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{season:?} is known from {first} to {last}, not in {year}")]
pub struct SeasonError {
    /// Which time.
    pub season: Season,
    /// The year that was asked for.
    pub year: i16,
    /// The first that is known.
    pub first: i16,
    /// The last.
    pub last: i16,
}

impl Season {
    /// All of them, in the order of the year.
    pub const ALL: [Self; 13] = [
        Self::NewYear,
        Self::ChineseNewYear,
        Self::ValentinesDay,
        Self::Spring,
        Self::Easter,
        Self::Summer,
        Self::Autumn,
        Self::Halloween,
        Self::SinglesDay,
        Self::BlackFriday,
        Self::CyberMonday,
        Self::Christmas,
        Self::Winter,
    ];

    /// When it is in a year, by the clocks of a place (a name of the IANA database).
    ///
    /// # Errors
    /// When it is not known of the year.
    pub fn window(self, year: i16, time_zone: &str) -> Result<LocalWindow, SeasonError> {
        let (first, last) = self.days(year)?;
        let midnight = |day: Date| Some(day.at(0, 0, 0, 0));
        Ok(LocalWindow {
            start: midnight(first),
            end: midnight(last.saturating_add(1.day())),
            time_zone: time_zone.to_owned(),
        })
    }

    /// Its first and its last day in a year.
    ///
    /// # Errors
    /// When it is not known of the year.
    pub fn days(self, year: i16) -> Result<(Date, Date), SeasonError> {
        let years = match self {
            Self::ChineseNewYear => CHINESE_NEW_YEAR_YEARS,
            _ => SEASON_YEARS,
        };
        if !years.contains(&year) {
            let (first, last) = (*years.start(), *years.end());
            return Err(SeasonError { season: self, year, first, last });
        }
        let on = |month, day| date(year, month, day);
        let before = |day: Date, n: i64| day.saturating_sub(n.days());
        let after = |day: Date, n: i64| day.saturating_add(n.days());
        Ok(match self {
            Self::NewYear => (before(on(1, 1), 4), on(1, 1)),
            Self::ValentinesDay => (on(2, 7), on(2, 14)),
            Self::ChineseNewYear => {
                let (of, month, day) =
                    CHINESE_NEW_YEARS[usize::from(year.abs_diff(*years.start()))];
                (before(date(of, month, day), 14), after(date(of, month, day), 14))
            }
            Self::Easter => (before(easter_sunday(year), 14), after(easter_sunday(year), 1)),
            Self::Halloween => (on(10, 17), on(10, 31)),
            Self::SinglesDay => (on(11, 11), on(11, 11)),
            Self::BlackFriday => (black_friday(year), black_friday(year)),
            Self::CyberMonday => (after(black_friday(year), 3), after(black_friday(year), 3)),
            Self::Christmas => (on(12, 1), on(12, 26)),
            Self::Spring => (on(3, 1), on(5, 31)),
            Self::Summer => (on(6, 1), on(8, 31)),
            Self::Autumn => (on(9, 1), on(11, 30)),
            Self::Winter => (on(12, 1), before(date(year + 1, 3, 1), 1)),
        })
    }
}

/// The day after the fourth Thursday of November.
fn black_friday(year: i16) -> Date {
    let first = date(year, 11, 1);
    let days_to_thursday = first.weekday().until(Weekday::Thursday);
    first.saturating_add(i64::from(days_to_thursday + 21 + 1).days())
}

/// Easter Sunday of the Gregorian calendar.
///
/// # Source
/// The anonymous algorithm of J. Meeus, "Astronomical Algorithms", chapter 8.
fn easter_sunday(year: i16) -> Date {
    let year_number = i32::from(year);
    let (century, of_century) = (year_number / 100, year_number % 100);
    let golden = year_number % 19;
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let month_and_day = epact + weekday - 7 * late + 114;
    date(year, (month_and_day / 31) as i8, (month_and_day % 31 + 1) as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_days_are_those_of_the_calendar() {
        let easters = [
            (1961, 4, 2),
            (2000, 4, 23),
            (2008, 3, 23),
            (2011, 4, 24),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2038, 4, 25),
            (2076, 4, 19),
        ];
        for (year, month, day) in easters {
            assert_eq!(easter_sunday(year), date(year, month, day));
        }
        assert!(
            SEASON_YEARS.into_iter().all(|year| easter_sunday(year).weekday() == Weekday::Sunday)
        );
        for (year, day) in [(2023, 24), (2024, 29), (2025, 28), (2026, 27), (2029, 23)] {
            assert_eq!(black_friday(year), date(year, 11, day));
        }
        let monday = Season::CyberMonday.days(2024).unwrap().0;
        assert_eq!(monday, date(2024, 12, 2));
    }

    #[test]
    fn the_chinese_new_year_is_a_new_moon_and_refused_where_it_is_not_known() {
        // Each is a whole number of months after the first, within a day.
        let month_days = 29.530_588;
        let first = date(2020, 1, 25);
        assert!(CHINESE_NEW_YEAR_YEARS.eq(CHINESE_NEW_YEARS.iter().map(|(year, ..)| *year)));
        for (year, month, day) in CHINESE_NEW_YEARS {
            let at = date(year, month, day);
            let days = f64::from(first.until(at).unwrap().get_days());
            let months = days / month_days;
            assert!((months - months.round()).abs() * month_days < 1.5, "{at}");
            assert!((date(year, 1, 21)..=date(year, 2, 20)).contains(&at), "{at}");
        }
        let refused = Season::ChineseNewYear.days(2051).unwrap_err();
        assert_eq!(refused.to_string(), "ChineseNewYear is known from 2020 to 2050, not in 2051");
        assert!(Season::ChineseNewYear.days(2019).is_err() && Season::Easter.days(2019).is_ok());
        assert!(Season::Easter.days(1899).is_err() && Season::Winter.days(2200).is_err());
    }

    #[test]
    fn a_window_ends_with_its_last_day() {
        let window = Season::SinglesDay.window(2026, "Asia/Shanghai").unwrap();
        assert_eq!(window.start, Some(date(2026, 11, 11).at(0, 0, 0, 0)));
        assert_eq!(window.end, Some(date(2026, 11, 12).at(0, 0, 0, 0)));
        let winter = Season::Winter.days(2027).unwrap();
        assert_eq!(winter, (date(2027, 12, 1), date(2028, 2, 29)));
        let new_year = Season::NewYear.days(2026).unwrap();
        assert_eq!(new_year, (date(2025, 12, 28), date(2026, 1, 1)));
        for season in Season::ALL {
            let window = season.window(2026, "Europe/Berlin").unwrap().resolve().unwrap();
            assert!(!window.is_empty(), "{season:?}");
        }
    }
}
