//! Arguments of what measures the search.

use std::path::PathBuf;

use clap::Args;
use vitrine_server::cli::{DataArgs, EncoderArgs, SynonymsArgs};

use super::ReportArgs;

/// Arguments of `vitrine-lab search`.
#[derive(Debug, Args)]
#[command(after_help = "\
Products are drawn as often as they are bought, and each is searched for with words of its
title that at least five cards share: only the drawn product is relevant. Judged queries
are for `vitrine evaluate search`.

Example:
  vitrine-lab search --made 1000 --fit          the published catalogue")]
pub struct SearchArgs {
    /// Product feed [default: the published catalogue]
    #[arg(long, value_name = "FILE", requires = "mapping")]
    pub products: Option<PathBuf>,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME", requires = "products")]
    pub mapping: Option<String>,
    /// Queries to make
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    pub made: usize,
    /// Repair and keep out what these checks and the built-in ones find, as an import does
    #[arg(long, value_name = "FILE", requires = "products")]
    pub checks: Option<PathBuf>,
    /// Also learn the weights of the signals on these queries, 5-fold
    #[arg(long)]
    pub fit: bool,
    /// Search without synonyms, to see what they are worth
    #[arg(long, conflicts_with = "synonyms_file")]
    pub without_synonyms: bool,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
    #[command(flatten)]
    pub synonyms: SynonymsArgs,
}

/// Arguments of `vitrine-lab intent`.
#[derive(Debug, Args)]
#[command(after_help = "\
A fifth of the makers (of the brands, where the feed has no makers) is held out with all
their products; the head learns from the texts of the others.

Example:
  vitrine-lab intent --products products.parquet --mapping journey")]
pub struct IntentArgs {
    /// Product feed with categories
    #[arg(long, value_name = "FILE")]
    pub products: PathBuf,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    pub mapping: String,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

/// Arguments of `vitrine-lab typos`.
#[derive(Debug, Args)]
#[command(after_help = "\
Queries are the first words of titles, drawn with --seed; one or two edits are planted in
their words of at least four letters: a letter more, less, another (half of the time a
neighbour on the keyboard), or two swapped. Reported: how often the product is among the
first ten, and that as a share of the clean queries'.

Examples:
  vitrine-lab typos                        the published catalogue
  vitrine-lab typos --products products.jsonl --mapping chorus.toml")]
pub struct TyposArgs {
    /// Product feed [default: the published catalogue]
    #[arg(long, value_name = "FILE", requires = "mapping")]
    pub products: Option<PathBuf>,
    /// Column mapping: a TOML file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME", requires = "products")]
    pub mapping: Option<String>,
    /// Queries
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    pub n_queries: usize,
    /// Instead, list what would be corrected in the queries of a file, one a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["n_queries", "seed", "json"])]
    pub list: Option<PathBuf>,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
    #[command(flatten)]
    pub synonyms: SynonymsArgs,
}

/// Arguments of `vitrine-lab private`.
#[derive(Debug, Args)]
#[command(after_help = "\
A session like a browser's syncs the published catalogue with all that private search takes, and
answers each query; so does the server's search. Reported: how much of the server's first ten is
among the device's first hundred, NDCG@10 of both (of judgments, or of queries made as those of
`vitrine-lab search`), how long the device takes in this process, and what it fetches.

Examples:
  vitrine-lab private                             the published catalogue
  vitrine-lab private --judgments judgments.csv   query, product id, grade")]
pub struct PrivateArgs {
    /// Judged queries: CSV of query, product id and grade [default: queries are made]
    #[arg(long, value_name = "FILE")]
    pub judgments: Option<PathBuf>,
    /// Queries to make
    #[arg(long, default_value_t = 1_000, value_name = "N", conflicts_with = "judgments")]
    pub made: usize,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
    #[command(flatten)]
    pub synonyms: SynonymsArgs,
}

/// Arguments of `vitrine-lab adapters`.
#[derive(Debug, Args)]
#[command(after_help = "\
The published catalogue is encoded with and without an adapter. The adapter is fitted to the
catalogue's own texts and orders and, unless told otherwise, to the judged searches of all folds
but the one that is asked. Nothing is kept.

Examples:
  vitrine-lab adapters --judgments judgments.csv                     five fits
  vitrine-lab adapters --judgments judgments.csv --without-judgments one fit, which sees none
  vitrine-lab adapters --judgments judgments.csv --configure '{\"typos\": 0}'")]
pub struct AdaptersArgs {
    /// Judged queries: CSV of query, product id and grade
    #[arg(long, value_name = "FILE")]
    pub judgments: PathBuf,
    /// Parts that the queries are divided into
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub folds: usize,
    /// Fit to the catalogue alone
    #[arg(long)]
    pub without_judgments: bool,
    /// Sizes, rates and shares, as JSON: as of `vitrine adapt`
    #[arg(long, value_name = "JSON")]
    pub configure: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
    #[command(flatten)]
    pub synonyms: SynonymsArgs,
}

/// Arguments of `vitrine-lab graded`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each line of the file is a JSON object with `query`, `title` and `label`, 0 to 2, as in QBQTC. Four
fifths of the searches are learned from, by logistic regression over BM25 and coverage, over the
products of both vectors, and over both; the others are told.

Examples:
  vitrine-lab graded dev.jsonl.gz --weights-dir ~/.cache/vitrine/weights/multilingual-e5-small
  vitrine-lab graded dev.jsonl.gz --adapt           also with an adapter, fitted to the pairs of grade 2")]
pub struct GradedArgs {
    /// The pairs
    #[arg(value_name = "FILE")]
    pub pairs: PathBuf,
    /// Also fit an adapter to the pairs of the highest grade
    #[arg(long)]
    pub adapt: bool,
    /// Sizes and rates of the fit, as JSON: as of `vitrine adapt`
    #[arg(long, value_name = "JSON", requires = "adapt")]
    pub configure: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

/// Arguments of `vitrine-lab speed`.
#[derive(Debug, Args)]
#[command(after_help = "\
Items are the products (cards with each of their sizes) of the published catalogue, drawn
with --seed where more are asked for than it has; vectors are those of the cards with a
little noise. Queries are words of titles. Everything runs in this process, without HTTP:
reading the text, encoding it (no cache), searching. Clients are threads that ask one
query after another.

Examples:
  vitrine-lab speed --items 10000,100000
  vitrine-lab speed --http --n-queries 200")]
pub struct SpeedArgs {
    /// Numbers of items to measure with
    #[arg(long, value_delimiter = ',', default_value = "92331", value_name = "N,…")]
    pub items: Vec<usize>,
    /// Numbers of clients
    #[arg(long, value_delimiter = ',', default_value = "1,8,64", value_name = "N,…")]
    pub clients: Vec<usize>,
    /// Measure the published cards instead, also over HTTP: the server on loopback, asked
    /// by clients that keep their connections
    #[arg(long, conflicts_with = "items")]
    pub http: bool,
    /// Queries for each number of clients
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    pub n_queries: usize,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
    #[command(flatten)]
    pub synonyms: SynonymsArgs,
}
