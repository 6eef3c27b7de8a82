//! How a feed counts money.

use std::collections::HashMap;

use arrow_schema::{Schema, SchemaRef};

/// Where a batch's schema says it.
const METADATA: &str = "currency_decimals";

/// Digits after the point of the currency's major unit: 2 for euros, 0 for yen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Money {
    decimals: u32,
}

impl Money {
    pub(crate) fn with_decimals(decimals: u32) -> Self {
        Self { decimals }
    }

    /// What [`Money::written_into`] wrote; without it minor units are all there are.
    pub(crate) fn of(schema: &Schema) -> Self {
        let decimals = schema.metadata().get(METADATA).and_then(|text| text.parse().ok());
        Self::with_decimals(decimals.unwrap_or(0))
    }

    pub(crate) fn written_into(self, schema: &Schema) -> SchemaRef {
        let metadata = HashMap::from([(METADATA.to_owned(), self.decimals.to_string())]);
        schema.clone().with_metadata(metadata).into()
    }

    /// Major units.
    pub(crate) fn major(self, minor: f64) -> f64 {
        minor / 10_f64.powi(self.decimals as i32)
    }

    /// Major units as people write them.
    pub(crate) fn shown(self, minor: f64) -> String {
        format!("{:.*}", self.decimals as usize, self.major(minor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_keeps_the_decimals() {
        for decimals in [0, 2, 3] {
            let money = Money::with_decimals(decimals);
            assert_eq!(Money::of(&money.written_into(&Schema::empty())), money);
        }
    }

    #[test]
    fn yen_have_no_cents() {
        assert_eq!(Money::with_decimals(0).shown(1_980.0), "1980");
        assert_eq!(Money::with_decimals(2).shown(1_980.0), "19.80");
        assert_eq!(Money::with_decimals(3).shown(1_980.0), "1.980");
    }
}
