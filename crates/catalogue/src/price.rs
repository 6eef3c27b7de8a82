//! Prices as text with their currency: `3.49 USD`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vitrine_domain::currency::{amount_text, minor_digits};

use crate::moment;

/// An amount of money, exact in the minor unit of its currency.
///
/// In JSON it is text with the code of the currency behind, as in Google Merchant feeds
/// (`"3.49 USD"`): a number could be taken for cents or for dollars, a price 100 times too
/// high or too low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Price {
    /// In minor units (cents).
    pub minor: u32,
    currency: [u8; 3],
}

/// Why a text is no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// It is not an amount, a space and a code.
    #[error("{text:?} is no price: write it as \"3.49 USD\"")]
    Form {
        /// What was given.
        text: String,
    },
    /// The currency has fewer digits.
    #[error("{text:?} has more than the {digits} decimals of its currency")]
    Decimals {
        /// What was given.
        text: String,
        /// Decimals of the currency.
        digits: u32,
    },
    /// More than 2³² − 1 minor units.
    #[error("{text:?} is too high a price")]
    TooHigh {
        /// What was given.
        text: String,
    },
}

impl Price {
    /// An amount in minor units of a currency by its ISO 4217 code.
    ///
    /// # Errors
    /// [`PriceError::Form`] when the code is not three capital letters.
    pub fn new(minor: u32, currency: &str) -> Result<Self, PriceError> {
        match currency.as_bytes().try_into() {
            Ok(code) if currency.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                Ok(Self { minor, currency: code })
            }
            _ => Err(PriceError::Form { text: format!("{minor} {currency}") }),
        }
    }

    /// The ISO 4217 code of the currency.
    pub fn currency(&self) -> &str {
        // Capital letters, checked where it is made.
        str::from_utf8(&self.currency).unwrap_or_default()
    }
}

impl FromStr for Price {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        let form = || PriceError::Form { text: text.to_owned() };
        let too_high = || PriceError::TooHigh { text: text.to_owned() };
        let (amount, currency) = text.split_once(' ').ok_or_else(form)?;
        let price = Self::new(0, currency).map_err(|_| form())?;
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return Err(form());
        }
        let digits = minor_digits(currency);
        let (kept, rest) = fraction.split_at(fraction.len().min(digits as usize));
        if rest.bytes().any(|byte| byte != b'0') {
            return Err(PriceError::Decimals { text: text.to_owned(), digits });
        }
        let width = digits as usize;
        let minor = format!("{whole}{kept:0<width$}").parse().map_err(|_| too_high())?;
        Ok(Self { minor, ..price })
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", amount_text(self.minor.into(), self.currency()), self.currency())
    }
}

impl TryFrom<String> for Price {
    type Error = PriceError;

    fn try_from(text: String) -> Result<Self, PriceError> {
        text.parse()
    }
}

impl From<Price> for String {
    fn from(price: Price) -> Self {
        price.to_string()
    }
}

/// A lower price, perhaps for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalePrice {
    /// What a piece costs meanwhile.
    pub price: Price,
    /// When it holds; `None` = until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<SalePeriod>,
}

/// A time with a beginning and an end, `start/end` in JSON
/// (`sale_price_effective_date` of Google Merchant).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SalePeriod {
    /// Its first moment, in seconds since 1970-01-01 UTC.
    pub starts_seconds: i64,
    /// The first moment after it.
    pub ends_seconds: i64,
}

/// A text that is no period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no period: write it as 2026-12-01T08:00:00Z/2026-12-05T20:00:00Z, the end last"
)]
pub struct PeriodError {
    /// What was given.
    pub text: String,
}

impl TryFrom<String> for SalePeriod {
    type Error = PeriodError;

    fn try_from(text: String) -> Result<Self, PeriodError> {
        let ends = text.split_once('/');
        let read = ends.and_then(|(start, end)| {
            let period = Self {
                starts_seconds: moment::seconds(start)?,
                ends_seconds: moment::seconds(end)?,
            };
            (period.starts_seconds < period.ends_seconds).then_some(period)
        });
        read.ok_or(PeriodError { text })
    }
}

impl From<SalePeriod> for String {
    fn from(period: SalePeriod) -> Self {
        // Only what was read from text, or lies within the years that have a text, is kept.
        let [start, end] = [period.starts_seconds, period.ends_seconds]
            .map(|seconds| moment::text(seconds).unwrap_or_default());
        format!("{start}/{end}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact_in_the_currency_s_own_unit() {
        for (text, minor, written) in [
            ("3.49 USD", 349, "3.49 USD"),
            ("3 EUR", 300, "3.00 EUR"),
            ("0.5 EUR", 50, "0.50 EUR"),
            ("3.4900 USD", 349, "3.49 USD"),
            ("1200 JPY", 1_200, "1200 JPY"),
            ("1.234 KWD", 1_234, "1.234 KWD"),
        ] {
            let price: Price = text.parse().unwrap();
            assert_eq!((price.minor, price.to_string().as_str()), (minor, written));
        }
    }

    #[test]
    fn what_is_no_price_says_how_to_write_one() {
        for text in ["", "3.49", "3,49 EUR", "-1 EUR", "3.49USD", "3.49 usd", "x EUR", ". EUR"] {
            assert!(matches!(text.parse::<Price>(), Err(PriceError::Form { .. })), "{text}");
        }
        let decimals = "3.495 USD".parse::<Price>().unwrap_err();
        assert_eq!(decimals, PriceError::Decimals { text: "3.495 USD".into(), digits: 2 });
        assert!(matches!("1.5 JPY".parse::<Price>(), Err(PriceError::Decimals { digits: 0, .. })));
        assert!(matches!("42949672.96 USD".parse::<Price>(), Err(PriceError::TooHigh { .. })));
    }

    #[test]
    fn a_period_ends_after_it_starts() {
        let text = "2016-02-24T11:07+0100/2016-02-29T23:07+0100".to_owned();
        let period = SalePeriod::try_from(text).unwrap();
        assert_eq!(String::from(period), "2016-02-24T10:07:00Z/2016-02-29T22:07:00Z");
        for text in ["", "2016-02-24T11:07Z", "2016-02-24T11:07Z/2016-02-24T11:07Z"] {
            assert!(SalePeriod::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
