//! Measures of what is sold, for the price of a base measure ("3.99 for 100 ml").

use std::fmt;

/// Decimal places of a measure that are kept.
const MEASURE_DECIMALS: u32 = 6;
/// One, in units of the last place that is kept.
const ONE: u64 = 10_u64.pow(MEASURE_DECIMALS);

/// A unit of `unit_pricing_measure`.
///
/// # Source
/// <https://support.google.com/merchants/answer/6324455>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedUnit {
    /// Milligram.
    Milligram,
    /// Gram.
    Gram,
    /// Kilogram.
    Kilogram,
    /// Ounce.
    Ounce,
    /// Pound.
    Pound,
    /// Millilitre.
    Millilitre,
    /// Centilitre.
    Centilitre,
    /// Litre.
    Litre,
    /// Cubic metre.
    CubicMetre,
    /// US fluid ounce.
    FluidOunce,
    /// US pint.
    Pint,
    /// US quart.
    Quart,
    /// US gallon.
    Gallon,
    /// Centimetre.
    Centimetre,
    /// Metre.
    Metre,
    /// Inch.
    Inch,
    /// Foot.
    Foot,
    /// Yard.
    Yard,
    /// Square metre.
    SquareMetre,
    /// Square foot.
    SquareFoot,
    /// Piece.
    Piece,
}

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedDimension {
    /// Weight, in milligrams.
    Weight,
    /// Volume, in microlitres.
    Volume,
    /// Length, in micrometres.
    Length,
    /// Area, in square millimetres.
    Area,
    /// Number of pieces.
    Count,
}

/// Each unit: its dimension, how many of the dimension's smallest unit it is in thousandths,
/// the symbol that is shown, and what feeds write.
type UnitRow = (FeedUnit, FeedDimension, u64, &'static str, &'static [&'static str]);

const UNITS: &[UnitRow] = {
    use FeedDimension as D;
    use FeedUnit as U;
    &[
        (U::Milligram, D::Weight, 1_000, "mg", &["mg", "milligram", "milligrams"]),
        (U::Gram, D::Weight, 1_000_000, "g", &["g", "gr", "gram", "grams", "gramm"]),
        (U::Kilogram, D::Weight, 1_000_000_000, "kg", &["kg", "kilo", "kilogram", "kilograms"]),
        (U::Ounce, D::Weight, 28_349_523, "oz", &["oz", "ounce", "ounces"]),
        (U::Pound, D::Weight, 453_592_370, "lb", &["lb", "lbs", "pound", "pounds"]),
        (U::Millilitre, D::Volume, 1_000_000, "ml", &["ml", "milliliter", "millilitre"]),
        (U::Centilitre, D::Volume, 10_000_000, "cl", &["cl", "centiliter", "centilitre"]),
        (U::Litre, D::Volume, 1_000_000_000, "l", &["l", "lt", "ltr", "liter", "litre", "liters"]),
        (U::CubicMetre, D::Volume, 1_000_000_000_000, "cbm", &["cbm", "m3", "m³"]),
        (U::FluidOunce, D::Volume, 29_573_530, "floz", &["floz", "fl oz", "fl. oz", "fl. oz."]),
        (U::Pint, D::Volume, 473_176_473, "pt", &["pt", "pint", "pints"]),
        (U::Quart, D::Volume, 946_352_946, "qt", &["qt", "quart", "quarts"]),
        (U::Gallon, D::Volume, 3_785_411_784, "gal", &["gal", "gallon", "gallons"]),
        (U::Centimetre, D::Length, 10_000_000, "cm", &["cm", "centimeter", "centimetre"]),
        (U::Metre, D::Length, 1_000_000_000, "m", &["m", "meter", "metre", "meters"]),
        (U::Inch, D::Length, 25_400_000, "in", &["in", "inch", "inches"]),
        (U::Foot, D::Length, 304_800_000, "ft", &["ft", "foot", "feet"]),
        (U::Yard, D::Length, 914_400_000, "yd", &["yd", "yard", "yards"]),
        (U::SquareMetre, D::Area, 1_000_000_000, "sqm", &["sqm", "m2", "m²"]),
        (U::SquareFoot, D::Area, 92_903_040, "sqft", &["sqft", "ft2", "ft²"]),
        (
            U::Piece,
            D::Count,
            1_000,
            "ct",
            &["ct", "count", "pc", "pcs", "piece", "pieces", "st", "stk"],
        ),
    ]
};

impl FeedUnit {
    fn row(self) -> &'static UnitRow {
        UNITS.iter().find(|(unit, ..)| *unit == self).expect("every unit has a row")
    }

    /// What it measures.
    pub fn dimension(self) -> FeedDimension {
        self.row().1
    }

    /// As the Merchant feed writes it.
    pub fn symbol(self) -> &'static str {
        self.row().3
    }
}

/// An amount of a unit: "750 ml".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FeedMeasure {
    /// How many, in millionths of the unit; at least one.
    pub amount_millionths: u64,
    /// Of what.
    pub unit: FeedUnit,
}

impl FeedMeasure {
    /// Reads "750 ml", "1.5kg", "0,75 l", "ml" (one of it); `None` for anything else: no known
    /// unit, nothing or less, more than six decimals, more than fits.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
        let (number, unit) = text.split_at(end?);
        let word = unit.trim().to_lowercase();
        let (unit, ..) = UNITS.iter().find(|(.., words)| words.contains(&word.as_str()))?;
        let amount_millionths = if number.is_empty() { ONE } else { millionths(number)? };
        (amount_millionths > 0).then_some(Self { amount_millionths, unit: *unit })
    }

    /// Price of `base` of a product of this measure, in minor units, rounded half up; `None`
    /// where the two measure different things, or the result does not fit.
    pub fn price_of(self, base: Self, price_minor: i64) -> Option<i64> {
        if self.unit.dimension() != base.unit.dimension() {
            return None;
        }
        let size = |of: Self| u128::from(of.amount_millionths) * u128::from(of.unit.row().2);
        let price = u128::try_from(price_minor).ok()?;
        let dividend = price.checked_mul(size(base))?;
        i64::try_from((dividend + size(self) / 2) / size(self)).ok()
    }
}

impl fmt::Display for FeedMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.amount_millionths / ONE, self.amount_millionths % ONE);
        let part = format!("{part:06}");
        match part.trim_end_matches('0') {
            "" => write!(f, "{whole} {}", self.unit.symbol()),
            part => write!(f, "{whole}.{part} {}", self.unit.symbol()),
        }
    }
}

/// A decimal number in millionths; a point or a comma parts the whole from its fraction.
fn millionths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || whole.is_empty() {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let n_zeros = MEASURE_DECIMALS.checked_sub(fraction.len() as u32)?;
    let part: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    whole.parse::<u64>().ok()?.checked_mul(ONE)?.checked_add(part * 10_u64.pow(n_zeros))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(text: &str) -> FeedMeasure {
        FeedMeasure::read(text).unwrap_or_else(|| panic!("{text} is a measure"))
    }

    #[test]
    fn measures_are_read_exactly_or_refused() {
        let cases = [
            ("750 ml", "750 ml"),
            ("1.5kg", "1.5 kg"),
            ("0,75 L", "0.75 l"),
            ("ct", "1 ct"),
            ("16 fl oz", "16 floz"),
            ("0.000001 mg", "0.000001 mg"),
            ("2.50 m²", "2.5 sqm"),
        ];
        for (text, shown) in cases {
            assert_eq!(measure(text).to_string(), shown);
        }
        let no_measures = ["", "750", "ml 750", "750 parsec", "0 ml", "-1 ml", "1.2.3 l", ".5 l"];
        let too_much = ["0.0000001 g", "99999999999999999999 g", "18446744073710 g"];
        for text in no_measures.into_iter().chain(too_much) {
            assert_eq!(FeedMeasure::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_price_of_a_base_measure_crosses_units_of_one_dimension() {
        let price = |of, base, minor| measure(of).price_of(measure(base), minor);
        assert_eq!(price("750 ml", "100 ml", 299), Some(40));
        assert_eq!(price("0.75 l", "1 l", 299), Some(399));
        assert_eq!(price("1 lb", "1 kg", 454), Some(1_001));
        assert_eq!(price("6 ct", "ct", 1), Some(0));
        assert_eq!(price("750 ml", "1 kg", 299), None);
        assert_eq!(price("750 ml", "1 l", -1), None);
    }
}
