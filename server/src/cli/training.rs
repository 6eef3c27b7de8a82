//! Arguments of what learns: `train`, `base`.

use std::path::PathBuf;

use clap::Args;

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
