//! Arguments of what learns: `train`, `base`, `tune`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ModelName;

/// Arguments of `vitrine train` and `vitrine demo`.
#[derive(Clone, Debug, Args)]
pub struct TrainArgs {
    /// Start from what was learned on other shops: a file that `vitrine base` wrote, or
    /// `none` [default: the base that comes with Vitrine]
    #[arg(long, value_name = "FILE|none")]
    pub base: Option<PathBuf>,
    /// Sizes and rates of the run, as JSON: `{"n_steps": 3000, "n_entries": 4000000}`
    #[arg(long, value_name = "JSON")]
    pub configure: Option<String>,
    /// Seed: the same seed on the same data gives the same model
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Forget an interrupted run instead of resuming it
    #[arg(long)]
    pub restart: bool,
}

/// Arguments of `vitrine base`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  vitrine --data-dir shop-a import …
  vitrine --data-dir shop-b import …
  vitrine base --shop shop-a --shop shop-b --out base.safetensors
  vitrine --data-dir new-shop train --base base.safetensors

The last four weeks of each log are left out, as in training.")]
pub struct BaseArgs {
    /// Data folder of an imported shop; may be repeated
    #[arg(long = "shop", value_name = "DIR", required = true)]
    pub shops: Vec<PathBuf>,
    /// Where to write it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Sizes and rates of the run, as JSON, as in `vitrine train`
    #[arg(long, value_name = "JSON")]
    pub configure: Option<String>,
    /// Seed: the same seed on the same data gives the same base
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Arguments of `vitrine tune`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vitrine tune beauty --model item-knn --trials 40
  vitrine tune --data my-set --model sequence --trials 12
  vitrine tune online-retail --model ease --space my-space.json

The first trial is the defaults. A trial that is worse than most at the same pass is given
up. Each is written down when it is done: run the same command to go on, or with more
--trials to look further. The test split is not looked at.")]
pub struct TuneArgs {
    /// The data set
    #[arg(value_enum, required_unless_present = "data")]
    pub set: Option<TuneSet>,
    /// Folder of a data set, split leave-one-out
    #[arg(long, value_name = "DIR", conflicts_with = "set")]
    pub data: Option<PathBuf>,
    /// The model: item-knn, shopper-knn, ease, transition, graph, repeat or sequence
    #[arg(long, value_enum)]
    pub model: ModelName,
    /// Configurations to try
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub trials: usize,
    /// What to try, a JSON file by setting: {\"linear.ridge\": {\"log_from\": 1, \"log_to\": 500}}
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
}

/// A data set to search on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TuneSet {
    /// Amazon Beauty 2014, 5-core
    Beauty,
    /// UCI Online Retail
    OnlineRetail,
    /// The imported shop
    Journey,
}
