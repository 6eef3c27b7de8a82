//! Arguments of what compares models: `compare`, `tune`, `prequential`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use vitrine_server::cli::{DataArgs, EncoderArgs};

use super::ReportArgs;

/// The data set that models are compared on.
#[derive(Clone, Debug, Args)]
pub struct SetArgs {
    /// The data set
    #[arg(value_enum, required_unless_present = "data")]
    pub set: Option<SetName>,
    /// Folder of a data set of sequences, split leave-one-out
    #[arg(long, value_name = "DIR", conflicts_with = "set")]
    pub data: Option<PathBuf>,
}

/// A named data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SetName {
    /// Amazon Beauty 2014, 5-core: leave-one-out
    Beauty,
    /// UCI Online Retail: the last month tests, the month before validates
    OnlineRetail,
    /// The imported shop: the last four weeks test, the four before validate
    #[value(alias = "journey")]
    Imported,
}

/// How a data set is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// The last item of each sequence tests, the last but one validates
    LeaveOneOut,
}

/// What models are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SplitName {
    /// For choosing
    Validation,
    /// For reporting
    Test,
}

/// What made-up sessions are filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FillerName {
    /// Any items, each as likely
    Random,
    /// Items as they sell
    Bandwagon,
}

/// A model to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ModelName {
    /// What was taken most often
    PopRec,
    /// PopRec counted over everything, the answers too: a leak, here only because the
    /// published figure of PopRec has it
    PopRecLeaking,
    /// What was taken most often in the last window
    RecentPop,
    /// What this shopper took most often
    Frequency,
    /// The same, newer baskets more
    FadedFrequency,
    /// What the shoppers with the most similar history took
    ShopperKnn,
    /// Personal frequency beside that of the nearest shoppers
    TifuKnn,
    /// How likely each item of a history is bought again, by frequency, recency, regularity
    Repeat,
    /// Linear model of counts, lists and personal statistics
    Features,
    /// Co-occurrence with what was taken, faded
    ItemKnn,
    /// Nearest text vectors
    Titles,
    /// ItemKNN + 0.1 × titles
    ItemKnnTitles,
    /// What shoppers of the same taste took: factors of who took what
    PureSvd,
    /// Linear autoencoder in closed form, with texts as side information
    Ease,
    /// What follows what, by the same closed form
    Transition,
    /// EASE over the nearest neighbours of each item alone
    LocalEase,
    /// Rows learned and smoothed over shoppers and names (LightGCN), near what was taken
    Graph,
    /// Text vectors, smoothed over shoppers and names; nothing is learned
    Smoothed,
    /// Texts under a projection learned from what was taken next
    Projection,
    /// Sequence transformer over texts and learned residuals
    Sequence,
    /// Fusion of those that make sense for the set, weighed on validation (and, where time
    /// splits, on up to three windows before it)
    Teacher,
    /// The teacher distilled into what a browser runs, over the path a browser takes;
    /// leave-one-out only
    Student,
}

/// Arguments of `vitrine-lab compare`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine-lab compare beauty                   all models on a public data set
  vitrine-lab compare beauty --models item-knn,ease --split validation
  vitrine-lab compare beauty --models teacher,student
  vitrine-lab compare imported --json          the imported shop, by time
  vitrine-lab compare --data my-set --out report

A data set of sequences is a folder with sequences.txt[.gz], a line a user:
`user item item …`, oldest first; and, optionally, items.jsonl[.gz] with id, title,
description, brand, categories. Named sets are looked for in the folder that
VITRINE_EVAL_DATA names, else in ../shared/data.

Models are fitted anew on the training part of the set; all items are ranked for every
case, and ties count against the model.")]
pub struct CompareArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// How to split the data set in --data
    #[arg(long, requires = "data", conflicts_with = "set", value_enum)]
    pub protocol: Option<Protocol>,
    /// Models to compare [default: all but the student]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    pub models: Vec<ModelName>,
    /// Which held-out part to ask for
    #[arg(long, value_enum, default_value = "test")]
    pub split: SplitName,
    /// Sizes, weights and rates that differ from the default:
    /// '{"sequence": {"width": 64}, "linear": {"ridge": 50}, "student": {"buyers_min": 1}}'
    #[arg(long, value_name = "JSON")]
    pub configure: Option<String>,
    /// Parts that the teacher goes without
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    pub without: Vec<ModelName>,
    /// Also fuse without each part of the teacher in turn, or without some: --ablate=graph
    #[arg(
        long,
        value_enum,
        num_args = 0..,
        require_equals = true,
        value_delimiter = ',',
        value_name = "NAMES"
    )]
    pub ablate: Option<Vec<ModelName>>,
    /// Also draw cold-start curves: NDCG@10 when 0 to 20 events of a shopper are known
    #[arg(long, conflicts_with = "poison")]
    pub curves: bool,
    /// Fit every model a second time with so many made-up sessions that push ten items, as
    /// a part of the real ones (0.05), and report what that changes
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub poison: Option<f64>,
    /// What made-up sessions are filled with [default: random]
    #[arg(long, value_enum, requires = "poison")]
    pub attack: Option<FillerName>,
    /// Print JSON instead of tables
    #[arg(long)]
    pub json: bool,
    /// Also write report.json and report.md to this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Seed of the bootstrap intervals, and of what is learned
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

/// Arguments of `vitrine-lab prequential`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine-lab prequential --split validation
  vitrine-lab prequential --configure '{\"baskets_before\": 10}'")]
pub struct PrequentialArgs {
    /// Which window to replay
    #[arg(long, value_enum, default_value = "test")]
    pub split: SplitName,
    /// Layers that learn side by side, and how many baskets they learn from before the window
    #[arg(long, value_name = "JSON")]
    pub configure: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub data: DataArgs,
}

/// Arguments of `vitrine-lab tune`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine-lab tune beauty --model item-knn --trials 40
  vitrine-lab tune --data my-set --model sequence --trials 12
  vitrine-lab tune online-retail --model ease --space my-space.json

The first trial is the defaults. A trial that is worse than most at the same pass is given
up. Each is written down when it is done: run the same command to go on, or with more
--trials to look further. The test split is not looked at.")]
pub struct TuneArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// The model: item-knn, shopper-knn, tifu-knn, ease, transition, graph, repeat or sequence
    #[arg(long, value_enum)]
    pub model: ModelName,
    /// Configurations to try
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub trials: usize,
    /// What to try, a JSON file by setting: {"linear.ridge": {"log_from": 1, "log_to": 500}}
    #[arg(long, value_name = "FILE")]
    pub space: Option<PathBuf>,
    /// Seed of the search and of the models
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Forget earlier trials
    #[arg(long)]
    pub restart: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub encoder: EncoderArgs,
}

/// A part of a whole: above 0, at most 1.
fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if share > 0.0 && share <= 1.0 { Ok(share) } else { Err("above 0 and at most 1".to_owned()) }
}
