//! UCI Online Retail as an order log: one gzipped CSV a month.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde::Deserialize;
use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};
use vitrine_evaluation::protocol::{Window, Windows};
use vitrine_evaluation::sequences;

/// A stock code of a product begins with as many digits; the others are postage,
/// fees, samples and corrections.
const CODE_DIGITS: usize = 5;

/// The log.
pub struct Orders {
    /// One a line that was kept; item ids are indices.
    pub lines: Vec<Interaction>,
    /// Text by item.
    pub descriptions: Vec<String>,
    /// The last two calendar months.
    pub windows: Windows,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    invoice_no: String,
    stock_code: String,
    description: String,
    quantity: i64,
    invoice_date: String,
    #[serde(rename = "CustomerID")]
    customer_id: String,
}

/// Reads all months of a folder. Left out, and counted in the log: cancellations,
/// lines without a customer, and what is no product.
///
/// # Errors
/// A file cannot be read, or a line is not of the set's format.
pub fn read(folder: &Path) -> Result<Orders> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".csv.gz"))
        .collect();
    paths.sort();
    ensure!(!paths.is_empty(), "{} has no month of the set (*.csv.gz)", folder.display());
    let mut reading = Reading::default();
    for path in &paths {
        let mut csv = csv::Reader::from_reader(sequences::open(path)?);
        for row in csv.deserialize() {
            reading.push(&row.with_context(|| path.display().to_string())?)?;
        }
    }
    let Reading { lines, descriptions, n_left_out, last, .. } = reading;
    tracing::info!(lines = lines.len(), n_left_out, items = descriptions.len(), "orders read");
    let last = last.context("no line of the set was kept")?;
    Ok(Orders { lines, descriptions, windows: windows(last.date())? })
}

#[derive(Default)]
struct Reading {
    items: HashMap<String, u64>,
    baskets: HashMap<String, u32>,
    lines: Vec<Interaction>,
    descriptions: Vec<String>,
    n_left_out: usize,
    last: Option<DateTime>,
}

impl Reading {
    fn push(&mut self, row: &Row) -> Result<()> {
        let is_product = row.stock_code.chars().take_while(char::is_ascii_digit).count();
        let Ok(customer) = row.customer_id.trim().parse::<f64>() else {
            self.n_left_out += 1;
            return Ok(());
        };
        if row.invoice_no.starts_with('C') || row.quantity <= 0 || is_product < CODE_DIGITS {
            self.n_left_out += 1;
            return Ok(());
        }
        let at: DateTime = row
            .invoice_date
            .parse()
            .with_context(|| format!("invoice {}: {:?}", row.invoice_no, row.invoice_date))?;
        self.last = self.last.max(Some(at));
        let next = self.items.len() as u64;
        let item = *self.items.entry(row.stock_code.clone()).or_insert(next);
        if item == next {
            self.descriptions.push(row.description.trim().to_lowercase());
        }
        let n_baskets = self.baskets.len() as u32;
        self.lines.push(Interaction {
            shopper: ShopperId(customer as u32),
            item: ItemId(item),
            kind: EventKind::Purchase,
            at_seconds: seconds(at)?,
            basket: *self.baskets.entry(row.invoice_no.clone()).or_insert(n_baskets),
            quantity: 1,
            price_minor: 0,
        });
        Ok(())
    }
}

fn seconds(at: DateTime) -> Result<i64> {
    Ok(Offset::UTC.to_timestamp(at).context("a date of the set")?.as_second())
}

/// The calendar month of the last order tests, the month before it validates.
fn windows(last: Date) -> Result<Windows> {
    let start = |months_back: i64| -> Result<i64> {
        let month = last.first_of_month().checked_sub(months_back.months())?;
        seconds(month.to_datetime(jiff::civil::Time::midnight()))
    };
    let (validation, test, end) = (start(1)?, start(0)?, start(-1)?);
    Ok(Windows {
        validation: Window { start_seconds: validation, end_seconds: test },
        test: Window { start_seconds: test, end_seconds: end },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        let windows = windows("2011-10-31".parse().expect("a date")).expect("in range");
        // 2011-09-01, 2011-10-01 and 2011-11-01, UTC.
        assert_eq!(windows.validation.start_seconds, 1_314_835_200);
        assert_eq!(windows.test.start_seconds, 1_317_427_200);
        assert_eq!(windows.test.end_seconds, 1_320_105_600);
    }

    #[test]
    fn only_products_that_a_known_customer_bought_are_kept() {
        let row = |invoice: &str, code: &str, quantity, customer: &str| Row {
            invoice_no: invoice.to_owned(),
            stock_code: code.to_owned(),
            description: " SOAP ".to_owned(),
            quantity,
            invoice_date: "2011-01-04 10:00:00".to_owned(),
            customer_id: customer.to_owned(),
        };
        let mut reading = Reading::default();
        for row in [
            row("1", "22386A", 2, "13313"),
            row("1", "POST", 1, "13313"),
            row("C2", "22386A", -2, "13313"),
            row("3", "22386A", 1, ""),
        ] {
            reading.push(&row).expect("of the format");
        }
        assert_eq!((reading.lines.len(), reading.n_left_out), (1, 3));
        assert_eq!(reading.descriptions, ["soap"]);
        assert_eq!(reading.lines[0].at_seconds, 1_294_135_200);
    }
}
