//! Arguments of `vitrine evaluate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{DataArgs, EncoderArgs, RelevanceArgs, SynonymsArgs};

/// Arguments of `vitrine evaluate`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  vitrine evaluate                             the report of the published model
  vitrine evaluate --json --out report
  vitrine evaluate search --help               the search, on judged queries

Models are compared on data sets by `vitrine-lab compare`."
)]
pub struct EvaluateArgs {
    #[command(subcommand)]
    pub what: Option<EvaluateWhat>,
    /// Print JSON instead of tables
    #[arg(long)]
    pub json: bool,
    /// Seed of the bootstrap intervals
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Also write report.json and report.txt to this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataArgs,
}

/// What to measure besides the published model.
#[derive(Debug, Subcommand)]
pub enum EvaluateWhat {
    /// The search, on a product feed and a file of judged queries
    Search(EvaluateSearchArgs),
}

/// Arguments of `vitrine evaluate search`.
#[derive(Debug, Args)]
#[command(after_help = "\
The judgments are a CSV file with a header line and the columns query, product id and
grade (0 = irrelevant, higher is better, at most 10), in this order. A card's grade is
the best of its products'. Reported: NDCG@10 with unjudged products as irrelevant, NDCG@10
of the judged products alone, and the share of the first ten that is judged, each with its
95 % bootstrap interval over queries, and the paired difference to the plain hybrid.

Examples:
  vitrine evaluate search --judgments judgments.csv      the published catalogue
  vitrine evaluate search --products products.jsonl --mapping shop.toml \\
      --judgments judgments.csv --fit")]
pub struct EvaluateSearchArgs {
    /// Product feed [default: the published catalogue]
    #[arg(long, value_name = "FILE", requires = "mapping")]
    pub products: Option<PathBuf>,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME", requires = "products")]
    pub mapping: Option<String>,
    /// Judged queries: query, product id, grade
    #[arg(long, value_name = "FILE")]
    pub judgments: PathBuf,
    /// Repair and keep out what these checks and the built-in ones find, as an import does
    #[arg(long, value_name = "FILE", requires = "products")]
    pub checks: Option<PathBuf>,
    /// Also learn the weights of the signals on these judgments, 5-fold by query, and write
    /// what all of them teach to a file that `--relevance-file` reads
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "relevance.toml")]
    pub fit: Option<PathBuf>,
    /// Search without synonyms, to see what they are worth
    #[arg(long, conflicts_with = "synonyms_file")]
    pub without_synonyms: bool,
    /// Print JSON instead of tables
    #[arg(long)]
    pub json: bool,
    /// Seed of the folds and of the bootstrap intervals
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
    #[command(flatten)]
    pub synonyms: SynonymsArgs,
    #[command(flatten)]
    pub relevance: RelevanceArgs,
}
