//! Writes the clean part of a shop's files, and the same with faults, so that what
//! faults and repairs do to search and ranking can be measured.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_domain::{Availability, EventKind};
use vitrine_quality::checks::Checks;
use vitrine_quality::{InteractionRow, ProductRow};

use super::faults::{Numbered, PRODUCT_FAULTS, Planter};
use super::line_faults::LINE_FAULTS;
use super::measure::{Planting, clean};

/// The end of the log stays clean: it is what a trained model is asked for.
const CLEAN_DAYS: i64 = 28;

/// Reads what [`write`] writes.
const MAPPING: &str = "\
[products]
sku = \"sku\"
title = \"title\"
description = \"description\"
attributes = [\"attributes\"]
department = \"department\"
category = \"category\"
brand = \"brand\"
manufacturer = \"manufacturer\"
size = \"size\"
price = { column = \"price_minor\", unit = \"minor\" }
availability = \"availability\"
gtin = \"gtin\"
availability_date = \"availability_date\"
expiration_date = \"expiration_date\"

[interactions]
shopper = \"shopper\"
sku = \"sku\"
basket = \"basket\"
timestamp = { column = \"at_seconds\", format = \"unix_seconds\" }
quantity = \"quantity\"
price = { column = \"price_minor\", unit = \"minor\" }
kind = { column = \"kind\" }
";

#[derive(Serialize)]
struct WrittenProduct<'a> {
    sku: &'a str,
    title: &'a str,
    description: &'a str,
    attributes: &'a str,
    department: &'a str,
    category: &'a str,
    brand: &'a str,
    manufacturer: &'a str,
    size: &'a str,
    price_minor: Option<i64>,
    availability: Availability,
    gtin: &'a str,
    availability_date: &'a str,
    expiration_date: &'a str,
}

#[derive(Serialize)]
struct WrittenLine<'a> {
    shopper: &'a str,
    sku: &'a str,
    basket: &'a str,
    at_seconds: i64,
    quantity: i64,
    price_minor: Option<i64>,
    kind: EventKind,
}

/// Writes `clean/` and `dirty/` (products.jsonl and, with a log, interactions.csv), the
/// mapping that reads them, no-checks.toml, which turns every check off, and
/// all-repairs.toml, which turns every repair on.
///
/// # Errors
/// The files cannot be read or written, or nothing clean is left.
pub fn write(p: &Planting<'_>, currency: &str, folder: &Path) -> Result<()> {
    let (rows, hopeless) = clean(p)?;
    ensure!(!rows.products.is_empty(), "no product is without faults: nothing to plant in");
    write_part(&folder.join("clean"), &rows.products, &rows.lines)?;
    let last_seconds = rows.lines.iter().map(|(_, row)| row.at_seconds).max().unwrap_or(0);
    let cut = last_seconds - CLEAN_DAYS * DAY_SECONDS;
    let last = rows.products.iter().map(|(line, _)| *line);
    let last = last.chain(rows.lines.iter().map(|(line, _)| *line)).max().unwrap_or(0);
    let mut products = rows.products;
    let (late, mut lines): (Vec<_>, Vec<_>) =
        rows.lines.into_iter().partition(|(_, row)| row.at_seconds >= cut);
    let mut planter = Planter::new(p.seed, p.share, last);
    let mut n_planted = 0;
    for fault in PRODUCT_FAULTS.into_iter().filter(|fault| !hopeless.contains(*fault)) {
        n_planted += planter.products(fault, &mut products).len();
    }
    if !lines.is_empty() {
        for fault in LINE_FAULTS.into_iter().filter(|fault| !hopeless.contains(*fault)) {
            n_planted += planter.lines(fault, &mut lines).len();
        }
    }
    lines.extend(late);
    write_part(&folder.join("dirty"), &products, &lines)?;
    let decimals = p.rows.currency_decimals();
    let head = format!(
        "name = \"planted\"\ncurrency = \"{currency}\"\ncurrency_decimals = {decimals}\n\n"
    );
    write_text(&folder.join("mapping.toml"), &format!("{head}{MAPPING}"))?;
    write_text(&folder.join("no-checks.toml"), &turned_off(Checks::built_in_text()))?;
    let text = all_repaired(Checks::built_in_text());
    write_text(&folder.join("all-repairs.toml"), &text)?;
    tracing::info!(faults = n_planted, "written to {}", folder.display());
    Ok(())
}

/// The same declarations, none of which runs.
fn turned_off(checks: &str) -> String {
    let enabled = |line: &&str| !line.starts_with("enabled");
    let lines = checks.lines().filter(enabled).map(|line| match line {
        "[[check]]" => "[[check]]\nenabled = false\n".to_owned(),
        line => format!("{line}\n"),
    });
    lines.collect()
}

/// Checks whose repair is not for everyone, so that it is off by default.
const REPAIRED_ON_DEMAND: [&str; 4] = ["truncated", "boilerplate", "near_duplicate", "misfiled"];

/// The same declarations, with every repair.
fn all_repaired(checks: &str) -> String {
    let mut text = String::new();
    for line in checks.lines() {
        text.push_str(line);
        text.push('\n');
        let name = line.strip_prefix("name = \"").and_then(|rest| rest.strip_suffix('"'));
        if name.is_some_and(|name| REPAIRED_ON_DEMAND.contains(&name)) {
            text.push_str("repair = \"fix\"\n");
        }
    }
    text
}

fn write_part(
    folder: &Path,
    products: &[Numbered<ProductRow>],
    lines: &[Numbered<InteractionRow>],
) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let path = folder.join("products.jsonl");
    let context = || format!("writing {}", path.display());
    let mut out = BufWriter::new(File::create(&path).with_context(context)?);
    for (_, row) in products {
        let ProductRow { product, merchant, price_minor, .. } = row;
        let written = WrittenProduct {
            sku: &product.sku,
            title: &product.title,
            description: &product.description,
            attributes: &product.attributes,
            department: &product.department,
            category: &product.category,
            brand: &product.brand,
            manufacturer: &product.manufacturer,
            size: &product.size,
            price_minor: *price_minor,
            availability: product.availability,
            gtin: &merchant.gtin,
            availability_date: &merchant.availability_date,
            expiration_date: &merchant.expiration_date,
        };
        serde_json::to_writer(&mut out, &written).with_context(context)?;
        out.write_all(b"\n").with_context(context)?;
    }
    out.flush().with_context(context)?;
    if lines.is_empty() {
        return Ok(());
    }
    let path = folder.join("interactions.csv");
    let context = || format!("writing {}", path.display());
    let mut out = csv::Writer::from_path(&path).with_context(context)?;
    for (_, row) in lines {
        let written = WrittenLine {
            shopper: &row.shopper,
            sku: &row.sku,
            basket: &row.basket,
            at_seconds: row.at_seconds,
            quantity: row.quantity,
            price_minor: row.price_minor,
            kind: row.kind,
        };
        out.serialize(written).with_context(context)?;
    }
    out.flush().with_context(context)
}

fn write_text(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_check_is_left_on() {
        let text = turned_off(Checks::built_in_text());
        let checks = Checks::with_own("no-checks.toml", &text);
        assert!(checks.faults.is_empty(), "{:?}", checks.faults);
        for subject in [
            vitrine_quality::checks::Subject::Products,
            vitrine_quality::checks::Subject::Interactions,
            vitrine_quality::checks::Subject::Drift,
        ] {
            assert_eq!(checks.on(subject).len(), 0, "{subject:?}");
        }
    }

    #[test]
    fn every_repair_is_on() {
        let text = all_repaired(Checks::built_in_text());
        let checks = Checks::with_own("all-repairs.toml", &text);
        assert!(checks.faults.is_empty(), "{:?}", checks.faults);
        let products = checks.on(vitrine_quality::checks::Subject::Products);
        let is_fixed = |name: &str| {
            let check = products.iter().find(|check| check.name == name);
            check.is_some_and(|check| check.repair == vitrine_quality::checks::Repair::Fix)
        };
        assert!(REPAIRED_ON_DEMAND.into_iter().all(is_fixed));
    }

    #[test]
    fn the_mapping_reads_what_is_written() {
        let text = format!("name = \"planted\"\ncurrency = \"EUR\"\n{MAPPING}");
        assert!(vitrine_ingest::Mapping::from_toml(&text).is_ok());
    }
}
