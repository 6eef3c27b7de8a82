//! Moments as text: ISO 8601 with an offset, in seconds since 1970-01-01 UTC inside.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serializer};

/// Reads `2026-12-01T08:00:00Z` or `2026-12-01T08:00+0100`; `None` without an offset.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    text.trim().parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// The moment in UTC; `None` beyond the year 9999.
pub(crate) fn text(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|moment| moment.to_string())
}

pub(crate) fn serialize<S: Serializer>(
    seconds: &Option<i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match seconds {
        None => serializer.serialize_none(),
        Some(seconds) => match text(*seconds) {
            Some(text) => serializer.serialize_str(&text),
            None => Err(serde::ser::Error::custom("a moment beyond the year 9999")),
        },
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let moment = seconds(&text).ok_or_else(|| {
        serde::de::Error::custom(format!("{text:?} is no moment: write it as 2026-12-01T08:00:00Z"))
    })?;
    Ok(Some(moment))
}

/// Reads and writes a moment as text, where one must be there.
pub(crate) mod required {
    use serde::{Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        seconds: &i64,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        super::serialize(&Some(*seconds), serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        let moment = super::deserialize(deserializer)?;
        moment.ok_or_else(|| serde::de::Error::custom("a moment is needed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_merchant_feeds_are_read_and_local_times_are_not() {
        let noon = Some(1_483_272_000);
        for written in
            ["2017-01-01T12:00:00Z", "2017-01-01T13:00+0100", "2017-01-01T13:00:00+01:00"]
        {
            assert_eq!(seconds(written), noon, "{written}");
        }
        for written in ["", "2017-01-01", "2017-01-01T12:00:00", "tomorrow"] {
            assert_eq!(seconds(written), None, "{written}");
        }
        assert_eq!(text(1_483_272_000).as_deref(), Some("2017-01-01T12:00:00Z"));
    }
}
