//! Numbers with their units, and how they bound each other.

use crate::lexicon::{Dimension, Lexicon, Role};
use crate::text::{Token, TokenKind, number_of};

/// How far two measures of one thing may lie apart, as a share of the larger.
const SAME_SHARE: f64 = 0.02;

/// How far two forms of one number may lie apart, as a share of the larger: what computing loses.
const EQUAL_SHARE: f64 = 1e-9;

/// How a number is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityBound {
    /// This much.
    Exactly,
    /// Less than this.
    Below,
    /// This or less.
    AtMost,
    /// More than this.
    Above,
    /// This or more.
    AtLeast,
}

/// A number with what it measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// What is measured; `None` where the number has no unit that is known.
    pub dimension: Option<Dimension>,
    /// In basic units: grams, millimetres, millilitres, watts, seconds, bytes, hertz,
    /// milliampere-hours, degrees; without a unit, the number.
    pub value: f64,
    /// The other end of a range: "13 to 15 inch".
    pub value_max: f64,
    /// How it is meant.
    pub bound: QuantityBound,
}

/// A quantity with the tokens that say it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PlacedQuantity {
    pub quantity: Quantity,
    pub start: usize,
    pub end: usize,
}

impl Quantity {
    /// A number without a unit.
    pub(crate) fn plain(value: f64) -> Self {
        Self { dimension: None, value, value_max: value, bound: QuantityBound::Exactly }
    }

    /// Whether something that is as `self` says meets a condition of the same dimension; `None`
    /// where that does not follow, as where one has no unit and the other has.
    pub fn meets(&self, wanted: &Self) -> Option<bool> {
        use QuantityBound::{Above, AtLeast, AtMost, Below, Exactly};
        if self.dimension != wanted.dimension {
            return None;
        }
        let (low, high) = (self.value, self.value_max);
        let same = |a: f64, b: f64| (a - b).abs() <= SAME_SHARE * a.abs().max(b.abs());
        if wanted.value_max > wanted.value {
            let is_within = low >= wanted.value && high <= wanted.value_max;
            let is_apart = high < wanted.value || low > wanted.value_max;
            let is_plain = self.bound == Exactly && (is_within || is_apart);
            return is_plain.then_some(is_within);
        }
        let limit = wanted.value;
        match (self.bound, wanted.bound) {
            // "Fits up to 15 inch" takes what has 13.
            (AtMost | Below, Exactly) => Some(limit <= high || same(limit, high)),
            (AtLeast | Above, Exactly) => Some(limit >= low || same(limit, low)),
            (Exactly, Exactly) => {
                let is_within = low < high && (low..=high).contains(&limit);
                Some(is_within || same(low, limit) || same(high, limit))
            }
            (Exactly | AtMost | Below, Below) if high < limit => Some(true),
            (Exactly | AtMost | Below, AtMost) if high <= limit => Some(true),
            (Exactly | AtLeast | Above, Below | AtMost) if low > limit => Some(false),
            (Exactly, Below) => Some(false),
            (Exactly | AtLeast | Above, Above) if low > limit => Some(true),
            (Exactly | AtLeast | Above, AtLeast) if low >= limit => Some(true),
            (Exactly | AtMost | Below, Above | AtLeast) if high < limit => Some(false),
            (Exactly, Above) => Some(false),
            _ => None,
        }
    }

    /// Whether two quantities are the same measure, in whatever units.
    pub(crate) fn is_equal(&self, other: &Self) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= EQUAL_SHARE * a.abs().max(b.abs());
        self.dimension == other.dimension
            && self.bound == other.bound
            && near(self.value, other.value)
            && near(self.value_max, other.value_max)
    }

    /// Whether two quantities can't both be so: of one dimension, plain, and apart.
    pub fn contradicts(&self, other: &Self) -> bool {
        let are_plain =
            self.bound == QuantityBound::Exactly && other.bound == QuantityBound::Exactly;
        are_plain
            && self.dimension.is_some()
            && self.meets(other) == Some(false)
            && other.meets(self) == Some(false)
    }
}

impl Lexicon {
    /// All numbers with their units, in their order.
    pub(crate) fn quantities(&self, tokens: &[Token]) -> Vec<PlacedQuantity> {
        let mut out: Vec<PlacedQuantity> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            match self.quantity_at(tokens, at) {
                Some(found) => {
                    at = found.end;
                    out.push(found);
                }
                None => at += 1,
            }
        }
        out
    }

    fn quantity_at(&self, tokens: &[Token], at: usize) -> Option<PlacedQuantity> {
        let first = number(tokens, at)?;
        let (mut end, unit) = self.unit_after(tokens, at + 1);
        let mut unit = unit;
        let mut last = first;
        // "13-15 inch", "13 to 15 inch".
        let is_link = |token: &Token| {
            token.kind == TokenKind::Dash
                || matches!(token.whole.as_str(), "to" | "bis" | "到" | "至")
        };
        if let Some(high) =
            tokens.get(end).filter(|t| is_link(t)).and_then(|_| number(tokens, end + 1))
        {
            let (end_high, unit_high) = self.unit_after(tokens, end + 2);
            let is_range =
                high > first && (unit.is_none() || unit_high == unit) && unit_high.is_some();
            if is_range {
                (last, end, unit) = (high, end_high, unit_high);
            }
        }
        let (dimension, factor) = match unit {
            Some((dimension, factor)) => (Some(dimension), factor),
            None => (None, 1.0),
        };
        let (start, bound, end) = self.bound_around(tokens, at, end);
        let quantity =
            Quantity { dimension, value: first * factor, value_max: last * factor, bound };
        Some(PlacedQuantity { quantity, start, end })
    }

    /// The token after the unit at a token, and the unit; the token itself where there is none.
    fn unit_after(&self, tokens: &[Token], at: usize) -> (usize, Option<(Dimension, f64)>) {
        let dash = usize::from(tokens.get(at).is_some_and(|t| t.kind == TokenKind::Dash));
        match tokens.get(at) {
            Some(token) if token.kind == TokenKind::Sign && token.text == "°" => {
                return (at + 1, Some((Dimension::Temperature, 1.0)));
            }
            Some(token) if token.kind == TokenKind::Sign && token.text != "%" => {
                return (at + 1, Some((Dimension::Length, 25.4)));
            }
            _ => {}
        }
        // "2 in 1" has no inches.
        let after_number =
            |n: usize| tokens.get(at + dash + n).is_some_and(|t| t.kind == TokenKind::Number);
        let unit = self.unit_at(tokens, at + dash);
        match unit.filter(|(n, ..)| !(after_number(*n) && tokens[at + dash].text == "in")) {
            Some((n, dimension, factor)) => (at + dash + n, Some((dimension, factor))),
            None => (at, None),
        }
    }

    /// How a number between two tokens is meant, and the tokens with the words that say so.
    fn bound_around(
        &self,
        tokens: &[Token],
        start: usize,
        end: usize,
    ) -> (usize, QuantityBound, usize) {
        let bounds = [
            (Role::Below, QuantityBound::Below),
            (Role::AtMost, QuantityBound::AtMost),
            (Role::Above, QuantityBound::Above),
            (Role::AtLeast, QuantityBound::AtLeast),
        ];
        for (role, bound) in bounds {
            if let Some(n) = self.role_at(tokens, end, role) {
                // "5 kg up to 7": the words belong to what follows.
                if !tokens.get(end + n).is_some_and(|token| token.kind == TokenKind::Number) {
                    return (start, bound, end + n);
                }
            }
        }
        for n_words in (1..=4usize).rev().filter(|n| *n <= start) {
            for (role, bound) in bounds {
                if self.role_at(tokens, start - n_words, role) == Some(n_words) {
                    return (start - n_words, bound, end);
                }
            }
        }
        (start, QuantityBound::Exactly, end)
    }
}

fn number(tokens: &[Token], at: usize) -> Option<f64> {
    let token = tokens.get(at).filter(|token| token.kind == TokenKind::Number)?;
    number_of(&token.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    fn first(text: &str) -> Option<Quantity> {
        Lexicon::new().quantities(&tokens(text)).first().map(|placed| placed.quantity)
    }

    #[test]
    fn numbers_units_and_bounds_are_read() {
        use Dimension::{Length, Mass, Time, Volume};
        use QuantityBound::{AtLeast, AtMost, Below, Exactly};
        for (text, dimension, value, bound) in [
            ("1.8 kg", Some(Mass), 1_800.0, Exactly),
            ("under 2 kg", Some(Mass), 2_000.0, Below),
            ("less than 2kg", Some(Mass), 2_000.0, Below),
            ("a 13 inch laptop", Some(Length), 330.2, Exactly),
            ("13-inch", Some(Length), 330.2, Exactly),
            ("15\" screen", Some(Length), 381.0, Exactly),
            ("up to 10 hours", Some(Time), 36_000.0, AtMost),
            ("mindestens 1,5 Liter", Some(Volume), 1_500.0, AtLeast),
            ("不超过2公斤", Some(Mass), 2_000.0, AtMost),
            ("2公斤以下", Some(Mass), 2_000.0, AtMost),
            ("2 in 1", None, 2.0, Exactly),
            ("Windows 7", None, 7.0, Exactly),
        ] {
            let found = first(text).unwrap();
            assert_eq!((found.dimension, found.bound), (dimension, bound), "{text}");
            assert!((found.value - value).abs() < 1e-6, "{text}: {}", found.value);
        }
        let range = first("13 to 15 inch").unwrap();
        assert!((range.value_max - 381.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_asked_follows_from_what_is_said_or_not() {
        let meets = |said: &str, wanted: &str| first(said).unwrap().meets(&first(wanted).unwrap());
        for (said, wanted, expected) in [
            ("1.8 kg", "under 2 kg", Some(true)),
            ("4 lb", "under 2 kg", Some(true)),
            ("2.5 kg", "under 2 kg", Some(false)),
            ("up to 15 inch", "13 inch", Some(true)),
            ("up to 15 inch", "17 inch", Some(false)),
            ("13 to 15 inch", "14 inch", Some(true)),
            ("13 inch", "15 inch", Some(false)),
            ("at least 5 kg", "under 7 kg", None),
            ("1800", "under 2 kg", None),
            ("2 kg", "2 litres", None),
            ("2.54 cm", "1 inch", Some(true)),
        ] {
            assert_eq!(meets(said, wanted), expected, "{said}, {wanted}");
        }
    }

    #[test]
    fn only_plain_measures_contradict() {
        let contradicts = |a: &str, b: &str| first(a).unwrap().contradicts(&first(b).unwrap());
        assert!(contradicts("1.8 kg", "2 kg"));
        assert!(!contradicts("1 kg", "1000 g"));
        assert!(!contradicts("up to 1 kg", "2 kg"));
        assert!(!contradicts("1", "2"));
    }
}
