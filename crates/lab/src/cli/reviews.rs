//! Arguments of `vitrine-lab reviews`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use vitrine_server::cli::{DataArgs, EncoderArgs};

use super::ReportArgs;

/// Data sets of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReviewsData {
    /// Women's E-Commerce Clothing Reviews: stars, recommended or not
    Clothing,
    /// ChineseNlpCorpus online_shopping_10_cats: good or bad
    Chinese,
}

/// Arguments of `vitrine-lab reviews`.
#[derive(Debug, Args)]
#[command(after_help = "\
Models are fitted to all folds but one and asked about it. Folds of clothing are by garment, of
Chinese reviews stratified by category and label. Intervals draw whole products.

Examples:
  vitrine-lab reviews reviews.csv.gz --data clothing
  vitrine-lab reviews reviews.csv.gz --data chinese --weights-dir ~/.cache/vitrine/weights/multilingual-e5-small
  vitrine-lab reviews reviews.csv.gz --data clothing --aspects clothing_aspects.tsv
  vitrine-lab reviews reviews.csv.gz --data clothing --plant 0.01")]
pub struct ReviewsArgs {
    /// The reviews: CSV, packed or not
    #[arg(value_name = "FILE")]
    pub reviews: PathBuf,
    /// What they are
    #[arg(long, value_enum, value_name = "NAME")]
    pub data: ReviewsData,
    /// Parts that the reviews are divided into
    #[arg(long, default_value_t = 5, value_parser = folds, value_name = "N")]
    pub folds: usize,
    /// Measure n-grams alone
    #[arg(long)]
    pub no_vectors: bool,
    /// Instead, hold aspects against labelled sentences: row, start, end and labels with tabs between
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plant", "no_vectors"])]
    pub aspects: Option<PathBuf>,
    /// Instead, plant each fault into this share of the reviews, and count which are found
    #[arg(long, value_name = "SHARE", value_parser = share, conflicts_with = "no_vectors")]
    pub plant: Option<f64>,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data_dir: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

fn folds(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (2..=20).contains(&n) => Ok(n),
        _ => Err("2 to 20".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if share > 0.0 && share <= 0.03 => Ok(share),
        _ => Err("above 0, at most 0.03".to_owned()),
    }
}
