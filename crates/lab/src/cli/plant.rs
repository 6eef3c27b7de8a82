//! Arguments of `vitrine-lab plant`.

use std::path::PathBuf;

use clap::Args;
use vitrine_server::cli::{DataArgs, EncoderArgs};

/// Arguments of `vitrine-lab plant`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine-lab plant --products feed.csv --interactions orders.csv --mapping shop.toml --share 0.02
  vitrine-lab plant --products feed.csv --mapping shop.toml --share 0.1 --write planted")]
pub struct PlantArgs {
    /// Product feed
    #[arg(long, value_name = "FILE")]
    pub products: PathBuf,
    /// Order log; without one only checks of products are measured
    #[arg(long, value_name = "FILE")]
    pub interactions: Option<PathBuf>,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    pub mapping: String,
    /// Share of the clean rows that get a fault, up to 0.5
    #[arg(long, value_parser = share)]
    pub share: f64,
    /// Measure with these faults only, by the names of their checks [default: all]
    #[arg(long, value_delimiter = ',', value_name = "NAMES", conflicts_with = "write")]
    pub faults: Vec<String>,
    /// Leave out what needs the encoder: misfiled products, confirmed near-duplicates
    #[arg(long)]
    pub no_vectors: bool,
    /// Instead of measuring, write those rows without and with the faults to this folder,
    /// to be imported and compared; the log's last 28 days stay clean
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
    /// Seed of the planted faults
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if (0.0001..=0.5).contains(&share) {
        Ok(share)
    } else {
        Err("at least 0.0001 and at most 0.5".to_owned())
    }
}
