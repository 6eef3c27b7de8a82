//! Where the rows that are checked come from; read several times over.

use std::path::Path;

use anyhow::Result;
use vitrine_ingest::{
    Mapping, RawInteraction, RawProduct, RowError, open_interactions, open_products,
};
use vitrine_quality::{InteractionRow, ProductRow};

use crate::listed_row::listed_row;

/// A row, or why it cannot be read.
pub type Read<T> = Result<T, String>;
/// Called with the line and the row, one by one.
pub type Visit<'v, T> = &'v mut dyn FnMut(u64, Read<T>) -> Result<()>;

/// A feed and a log that can be read from the beginning again and again.
pub trait Rows {
    /// Digits after the point of a major unit of the currency.
    fn currency_decimals(&self) -> u32;

    /// Visits the products in order.
    ///
    /// # Errors
    /// The file cannot be read, or the visitor's.
    fn products(&self, visit: Visit<'_, ProductRow>) -> Result<()>;

    /// Whether there is a log.
    fn has_lines(&self) -> bool;

    /// Visits the lines of the log in order; none without a log.
    ///
    /// # Errors
    /// The file cannot be read, or the visitor's.
    fn lines(&self, visit: Visit<'_, InteractionRow>) -> Result<()>;
}

/// The files of a shop.
pub struct Files<'a> {
    pub products: &'a Path,
    pub interactions: Option<&'a Path>,
    pub mapping: &'a Mapping,
}

impl Rows for Files<'_> {
    fn currency_decimals(&self) -> u32 {
        self.mapping.currency_decimals
    }

    fn products(&self, visit: Visit<'_, ProductRow>) -> Result<()> {
        for row in open_products(self.products, self.mapping)? {
            let row = row?;
            let record = row.record.map(|raw| product_row(self.mapping, raw));
            visit(row.line, record.map_err(|error: RowError| error.to_string()))?;
        }
        Ok(())
    }

    fn has_lines(&self) -> bool {
        self.interactions.is_some()
    }

    fn lines(&self, visit: Visit<'_, InteractionRow>) -> Result<()> {
        let Some(path) = self.interactions else { return Ok(()) };
        for row in open_interactions(path, self.mapping)? {
            let row = row?;
            let record = row.record.map(interaction_row);
            visit(row.line, record.map_err(|error| line_problem(&error, self.mapping)))?;
        }
        Ok(())
    }
}

/// Why a line of the log cannot be read; without what stands there where that may say who
/// it was.
pub fn line_problem(error: &RowError, mapping: &Mapping) -> String {
    let of_people = mapping
        .interactions
        .iter()
        .flat_map(|columns| [Some(&columns.shopper), columns.basket.as_ref()])
        .flatten();
    // Where no column is named, the text is that of the whole row.
    let is_personal = error.column.is_empty() || of_people.into_iter().any(|c| *c == error.column);
    if is_personal { error.without_text() } else { error.to_string() }
}

/// A product of the feed as the checks take it.
pub fn product_row(mapping: &Mapping, raw: RawProduct) -> ProductRow {
    ProductRow { excluded: mapping.excludes(&raw), ..listed_row(raw) }
}

/// A line of the log as the checks take it.
pub fn interaction_row(raw: RawInteraction) -> InteractionRow {
    InteractionRow {
        shopper: raw.shopper,
        sku: raw.sku,
        basket: raw.basket,
        kind: raw.kind,
        at_seconds: raw.at_seconds,
        quantity: raw.quantity,
        price_minor: raw.price_minor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_of_a_line_names_nobody() {
        let mapping = Mapping::journey();
        let columns = mapping.interactions.clone().expect("a log");
        let error = |column: &str| RowError {
            column: column.to_owned(),
            text: "household-4711".to_owned(),
            problem: vitrine_ingest::Problem::NotUtf8,
        };
        for column in ["", &columns.shopper, columns.basket.as_ref().expect("baskets")] {
            let message = line_problem(&error(column), &mapping);
            assert!(!message.contains("4711"), "{message}");
        }
        let message = line_problem(&error(&columns.sku), &mapping);
        assert!(message.contains("4711"), "what is no one's is shown: {message}");
    }
}
