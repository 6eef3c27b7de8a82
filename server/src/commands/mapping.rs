//! `vitrine mapping init`: a mapping for a feed that somebody has.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use vitrine_ingest::{Mapping, MappingProposal, RawProduct, open_products, propose_mapping};

use crate::cli::{MappingArgs, MappingInitArgs, MappingWhat};

/// Rows that are shown as they would be read.
const ROWS_SHOWN: usize = 10;
/// Width of a column of that table, in characters.
const CELL_CHARS: usize = 28;

/// Runs the command.
///
/// # Errors
/// The feed cannot be read, or the mapping not be written.
pub fn run(args: &MappingArgs) -> Result<ExitCode> {
    let MappingWhat::Init(args) = &args.what;
    init(args)
}

fn init(args: &MappingInitArgs) -> Result<ExitCode> {
    let proposal = proposal(args)?;
    let said = &proposal.products;
    eprintln!("{} is {}: format {}", args.feed.display(), said.kind.name(), said.format.name());
    for note in &proposal.notes {
        eprintln!("note: {note}");
    }
    match &args.out {
        Some(path) => {
            write_new(path, &proposal.toml)?;
            eprintln!("wrote {}", path.display());
        }
        None => crate::print(&proposal.toml),
    }
    match Mapping::from_toml(&proposal.toml) {
        Ok(mapping) => eprint!("{}", table(&args.feed, &mapping)?),
        // A key that a person has to fill in.
        Err(error) => eprintln!("{error}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The mapping that is proposed for a feed.
fn proposal(args: &MappingInitArgs) -> Result<MappingProposal> {
    let stem = args.feed.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = args.name.clone().or(stem).unwrap_or_else(|| "shop".to_owned());
    let log = args.interactions.as_deref();
    Ok(propose_mapping(&name, &args.feed, log)?)
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).with_context(|| {
            format!("writing {}; an existing file is not overwritten", path.display())
        })?;
    file.write_all(text.as_bytes()).with_context(|| format!("writing {}", path.display()))
}

/// The first rows of a feed as they would be read.
fn table(feed: &Path, mapping: &Mapping) -> Result<String> {
    let mut text = format!("\nThe first {ROWS_SHOWN} rows as they would be read:\n");
    let head = ["line", "sku", "title", "price", "category", "picture"].map(str::to_owned);
    text.push_str(&line(&head));
    for row in open_products(feed, mapping)?.take(ROWS_SHOWN) {
        let row = row?;
        let at = row.line.to_string();
        match row.record {
            Ok(product) => text.push_str(&line(&cells(at, &product, mapping))),
            Err(error) => text.push_str(&format!("{at:<6}  {error}\n")),
        }
    }
    Ok(text)
}

fn cells(at: String, product: &RawProduct, mapping: &Mapping) -> [String; 6] {
    let levels = [&product.department, &product.category];
    let levels: Vec<&str> =
        levels.into_iter().map(String::as_str).filter(|level| !level.is_empty()).collect();
    let amount = |minor: i64| {
        let major = minor as f64 / 10_f64.powi(mapping.currency_decimals as i32);
        format!("{major:.*} {}", mapping.currency_decimals as usize, mapping.currency)
    };
    let sku = product.sku.clone();
    let price = product.price_minor.map(amount).unwrap_or_default();
    [at, sku, product.title.clone(), price, levels.join(" > "), product.image_link.clone()]
}

fn line(cells: &[String; 6]) -> String {
    let widths = [6, 16, CELL_CHARS, 12, CELL_CHARS, CELL_CHARS];
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cut: String =
            cell.chars().take(width).map(|c| if c.is_control() { ' ' } else { c }).collect();
        line.push_str(&format!("{cut:<width$}  "));
    }
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(feed: &Path, out: Option<&Path>) -> MappingInitArgs {
        let out = out.map(Path::to_owned);
        MappingInitArgs { feed: feed.to_owned(), interactions: None, name: None, out }
    }

    #[test]
    fn a_mapping_is_written_once_and_shows_its_rows() {
        let folder = tempfile::tempdir().expect("a folder");
        let feed = folder.path().join("shop.csv");
        std::fs::write(
            &feed,
            "id,title,price,category\n1,Tea,1.50 EUR,Drinks\n2,Pot,9.90 EUR,Table\n",
        )
        .expect("written");
        let out = folder.path().join("shop.toml");
        init(&args(&feed, Some(&out))).expect("written");
        let text = std::fs::read_to_string(&out).expect("written");
        let mapping = Mapping::from_toml(&text).expect("a mapping");
        assert_eq!((mapping.name.as_str(), mapping.currency.as_str()), ("shop", "EUR"));
        let error = init(&args(&feed, Some(&out))).expect_err("it is there");
        assert!(error.to_string().contains("not overwritten"), "{error}");
        let shown = table(&feed, &mapping).expect("readable");
        assert!(shown.contains("1.50 EUR") && shown.contains("Drinks"), "{shown}");
        assert_eq!(shown.lines().count(), 5, "{shown}");
    }
}
